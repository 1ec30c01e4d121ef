"""The verdicts on all claims in one picture: a bar for each part of the paper, divided by verdict.

Claims of the paper and questions of the book's own stand in panels of their own.
"""

from collections import Counter
from typing import Any

from matplotlib.patheffects import withStroke

from kdsrc.claims import BOOK, LIVE, PAPER, VERDICTS, words
from kdsrc.claims.framework import Judged
from kdsrc.report import plots

__all__ = ["counts", "picture"]

# filled, or hatched where the sign is clear and the size small; the legend has the words
LOOKS = {
    words.HOLDS: (plots.GREEN, ""),
    words.HOLDS_SMALL: (plots.GREEN, "////"),
    words.REPAIRED: (plots.BLUE, ""),
    words.CONDITIONAL: (plots.OCHRE, ""),
    words.NO_EFFECT: (plots.GREY, ""),
    words.UNDECIDED: (plots.GREY, "...."),
    words.OPPOSITE_SMALL: (plots.VERMILION, "////"),
    words.OPPOSITE: (plots.VERMILION, ""),
    words.REFUTED: (plots.PURPLE, ""),
    words.PENDING: (plots.INK, "none"),
}
GROUPS = {
    LIVE: "The theory",
    **{f"figure{number}": f"Figure {number}" for number in range(1, 7)},
    "width": "Several widths",
    "practice": "A teacher’s outputs",
    "modes": "Amplitudes",
    "horizon": "Trained to the end",
    "causes": "Causes crossed",
    "digits": "Handwritten 3 and 8",
    "pairs": "All pairs of digits",
    "regime": "Where the regime begins",
}
PANELS = {PAPER: "claims of the paper", BOOK: "questions of the book’s own"}


def counts(judged: Judged, origin: str | None = None) -> dict[str, Counter]:
    """How many claims have which verdict, by group in the order of `GROUPS`.

    Parameters
    ----------
    judged : list of (Claim, Verdict)
        From `kdsrc.claims.verdicts`.
    origin : {'paper', 'book'}, optional
        Whose claims are counted; all unless given.

    Examples
    --------
    >>> counts([])
    {}
    """
    found: dict[str, Counter] = {group: Counter() for group in GROUPS.values()}
    for claim, verdict in judged:
        if origin in (None, claim.origin):
            found[GROUPS[claim.record]][verdict.verdict] += 1
    return {group: verdicts for group, verdicts in found.items() if verdicts}


def picture(judged: Judged) -> Any:
    """Two panels, `PANELS`; one bar a group, lengths and labels are numbers of claims. Returns the axes.

    Examples
    --------
    >>> len(picture([]))
    2
    """
    rows = {origin: counts(judged, origin) for origin in PANELS}
    sizes = [max(len(found), 1) for found in rows.values()]
    size = (5.6, 1.8 + 0.3 * sum(sizes))
    figure, axes = plots.figure(2, 1, size=size, sharex=True, height_ratios=sizes)
    for ax, (origin, found) in zip(axes, rows.items(), strict=True):
        _bars(ax, found)
        ax.set_title(f"{sum(sum(row.values()) for row in found.values())} {PANELS[origin]}")
    axes[1].set(xlabel="number")
    known = {handle.get_label(): handle for ax in axes for handle in ax.containers}
    names = [name for name in VERDICTS if name in known]
    tight = {"handlelength": 1.2, "handletextpad": 0.5, "columnspacing": 1.0}
    figure.legend([known[name] for name in names], names, loc="outside upper center", ncols=3, **tight)
    return axes


def _bars(ax, rows):
    for place, name in enumerate(VERDICTS):
        lengths = [row[name] for row in rows.values()]
        starts = [sum(row[before] for before in VERDICTS[:place]) for row in rows.values()]
        if not any(lengths):
            continue
        color, hatch = LOOKS[name]
        filled = not hatch
        bars = ax.barh(
            list(rows),
            lengths,
            left=starts,
            facecolor=color if filled else plots.PAPER,
            edgecolor=plots.INK if filled else color,
            hatch="" if hatch == "none" else hatch,
            linewidth=0.8,
            label=name,
            height=0.72,
        )
        least = 1 if filled else 2  # a number would hide the stripes or dots of a part of one claim
        told = [str(length) if length >= least else "" for length in lengths]
        for text in ax.bar_label(bars, told, label_type="center"):
            text.set_color(plots.PAPER if filled else plots.INK)
            if not filled:  # an outline and no box: the rest of the stripes or dots stays
                text.set_path_effects([withStroke(linewidth=2.8, foreground=plots.PAPER)])
    ax.invert_yaxis()
    ax.grid(False)
