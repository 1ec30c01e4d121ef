"""What a figure shows, as plain numbers and words: artists with their places, sizes and colours, in order of drawing.

Arrays of more than `FEW` numbers are told by their count, ends, mean and spread. Pictures themselves would not do: two
versions of Matplotlib or of its fonts give other pixels.
"""

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

FEW = 12


def figure(drawn):
    """All of a figure."""
    drawn.draw_without_rendering()
    return {
        "inches": _numbers(drawn.get_size_inches()),
        "texts": [_text(one) for one in drawn.texts],
        "legends": [_legend(one) for one in drawn.legends],
        "axes": [_axes(one) for one in drawn.axes],
    }


def differences(found, golden, at=""):
    """Where two descriptions differ: numbers by more than a ten thousandth, places, which fonts decide, by more."""
    if isinstance(golden, dict) and isinstance(found, dict) and golden.keys() == found.keys():
        return [one for key in golden for one in differences(found[key], golden[key], f"{at}.{key}")]
    if isinstance(golden, list) and isinstance(found, list) and len(golden) == len(found):
        pairs = enumerate(zip(found, golden, strict=True))
        return [one for number, pair in pairs for one in differences(*pair, f"{at}[{number}]")]
    if isinstance(golden, float) and isinstance(found, float):
        near = 0.02 if ".bounds" in at else 5e-3 if ".place" in at else 1e-9
        return [] if np.isclose(found, golden, rtol=1e-4, atol=near) else [f"{at}: {found}, it was {golden}"]
    return [] if found == golden else [f"{at}: {found}, it was {golden}"]


def _numbers(values):
    values = np.ravel(np.ma.filled(np.ma.asarray(values, dtype=float), np.nan))
    if len(values) > FEW:
        values = np.array([len(values), values[0], values[-1], values.mean(), values.std()])
    return [float(f"{value:.5g}") for value in values]


def _colors(colors):
    found = [to_hex(color, keep_alpha=True) for color in colors]
    return sorted(set(found)) if len(found) > FEW else found


def _axes(ax):
    if not ax.axison:
        return {"things": [_thing(one) for one in _things(ax)], "limits": _numbers([*ax.get_xlim(), *ax.get_ylim()])}
    sides = {"x": ax.xaxis, "y": ax.yaxis}
    return {
        "bounds": _numbers(ax.get_position().bounds),
        "limits": _numbers([*ax.get_xlim(), *ax.get_ylim()]),
        "scales": [ax.get_xscale(), ax.get_yscale()],
        "title": _text(ax.title if ax.get_title() else ax._left_title),
        "grid": [_grid(side) for side in sides.values()],
        "spines": [name for name, spine in ax.spines.items() if spine.get_visible()],
        "sides": {name: _side(side) for name, side in sides.items()},
        "legend": _legend(ax.get_legend()) if ax.get_legend() else None,
        "things": [_thing(one) for one in _things(ax)],
    }


def _grid(side):
    return [
        [float(line.get_linewidth()), to_hex(line.get_color())]
        for line in side.get_gridlines()[:1]
        if line.get_visible()
    ]


def _things(ax):
    return [*ax.lines, *ax.patches, *ax.collections, *ax.images, *ax.texts]


def _side(side):
    low, high = sorted(side.get_view_interval())
    major = [tick for tick in side.get_major_ticks() if low <= tick.get_loc() <= high]
    return {
        "label": _text(side.label) | {"place": []},  # the layout puts it there
        "ticks": _numbers([tick.get_loc() for tick in major]),
        "minor": int(sum(low <= tick.get_loc() <= high for tick in side.get_minor_ticks())),
        "length": _numbers([tick.tick1line.get_markersize() for tick in major[:1]]),
        "told": [tick.label1.get_text() for tick in major if tick.label1.get_visible()],
    }


def _thing(one):
    kind = type(one).__name__
    told = {"kind": kind, "zorder": float(one.get_zorder()), "alpha": one.get_alpha()}
    if hasattr(one, "get_xydata"):
        return told | _line(one)
    if hasattr(one, "get_offsets"):
        return told | _collection(one)
    if hasattr(one, "get_text"):
        return told | _text(one)
    if hasattr(one, "get_array"):
        limits = [*one.get_clim(), *one.get_extent()]
        return told | {"values": _numbers(one.get_array()), "limits": _numbers(limits), "map": one.get_cmap().name}
    return told | _patch(one)


def _line(one):
    return {
        "x": _numbers(one.get_xdata()),
        "y": _numbers(one.get_ydata()),
        "color": to_hex(one.get_color()),
        "width": float(one.get_linewidth()),
        "dashes": _numbers([number for part in one._dash_pattern for number in np.atleast_1d(part or 0.0)]),
        "marker": [str(one.get_marker()), float(one.get_markersize())],
        "caps": one.get_solid_capstyle(),
        "label": one.get_label() if not one.get_label().startswith("_child") else "",
    }


def _collection(one):
    return {
        "at": _numbers(one.get_offsets()),
        "paths": [_numbers(path.vertices) for path in one.get_paths()[:FEW]],
        "sizes": _numbers(one.get_sizes()) if hasattr(one, "get_sizes") else [],
        "fill": _colors(one.get_facecolor()),
        "edge": _colors(one.get_edgecolor()),
        "width": _numbers(one.get_linewidth()),
    }


def _patch(one):
    if isinstance(one, Rectangle):
        shape = _numbers([*one.get_xy(), one.get_width(), one.get_height()])
    else:
        shape = _numbers(one.get_path().vertices)
    return {
        "shape": shape,
        "fill": to_hex(one.get_facecolor(), keep_alpha=True),
        "edge": to_hex(one.get_edgecolor(), keep_alpha=True),
        "width": float(one.get_linewidth()),
        "dashes": str(one.get_linestyle()),
        "hatch": one.get_hatch(),
        "label": str(one.get_label()),
    }


def _text(one):
    told = {
        "text": one.get_text(),
        "place": _numbers(one.get_position()),
        "size": float(f"{one.get_fontsize():.5g}"),
        "color": to_hex(one.get_color()),
        "aligned": [one.get_ha(), one.get_va()],
    }
    if not told["text"] and not hasattr(one, "xy"):
        return {"text": ""}
    told["spacing"] = 1.2 if one._linespacing == "normal" else float(one._linespacing)  # as older versions have it
    told["outline"] = [float(effect._gc["linewidth"]) for effect in one.get_path_effects()]
    box = one.get_bbox_patch()
    told["box"] = box and _patch(box) | {"shape": [], "pad": float(box.get_boxstyle().pad)}  # letters decide its shape
    if hasattr(one, "xy"):
        told["place of what is named"] = _numbers(one.xy)
        told["clip"] = one.get_annotation_clip()
        arrow = one.arrow_patch
        told["arrow"] = arrow and {
            "color": to_hex(arrow.get_edgecolor()),
            "width": float(arrow.get_linewidth()),
            "style": [type(arrow.get_arrowstyle()).__name__, str(arrow.get_linestyle())],
            "shrinks": [float(arrow.shrinkA), float(arrow.shrinkB)],
        }
    return told


def _legend(one):
    return {
        "texts": [[text.get_text(), text.get_fontsize()] for text in one.get_texts()],
        "columns": one._ncols,
        "frame": one.get_frame_on(),
        "spaces": _numbers([one.handlelength, one.handletextpad, one.columnspacing]),
        "where": str(one._loc),
        "handles": [_handle(handle) for handle in one.legend_handles],
    }


def _handle(handle):
    if hasattr(handle, "get_xydata"):
        return {"color": to_hex(handle.get_color()), "width": float(handle.get_linewidth())}
    return {"fill": to_hex(handle.get_facecolor(), keep_alpha=True), "hatch": handle.get_hatch()}
