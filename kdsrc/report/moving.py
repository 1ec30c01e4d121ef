"""Figures that a reader moves: numbers in the page for its script, before a still picture for print.

Each function returns the numbers as a `Moving`. A cell that ends with it puts them into the page, and the next one
draws the still picture, with caption and alt text: ``_ = it.still()``. The scripts in book/_moving put the moving one
in its place. Formulas: Eq. (3–4) for the outputs in time, Theorem 1 for where they end.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from kdsrc.dynamics.regime import KernelRegime
from kdsrc.networks import TwoLayerNetwork
from kdsrc.report import plots
from kdsrc.typing import Features, Labels, Points

__all__ = ["Moving", "arms", "modes", "penalty"]

_SEEN = 1e-4  # shares below it are rounding or invisible


@dataclass(frozen=True)
class Moving:
    """The numbers of a moving figure; `kind` names the script that draws them.

    Examples
    --------
    >>> Moving("modes", {})
    a moving figure of modes
    """

    kind: str
    data: Mapping

    def _repr_html_(self) -> str:
        text = json.dumps(self.data, ensure_ascii=False, separators=(", ", ": ")).replace("</", "<\\/")
        script = f'<script type="application/json">{text}</script>'
        return f'<div class="moving" data-moving="{self.kind}" hidden>{script}</div>'

    def __repr__(self) -> str:
        return f"a moving figure of {self.kind}"

    def still(self) -> Any:
        """Draw the picture that stands where nothing moves; returns its matplotlib axes."""
        return _STILL[self.kind](self.data)


def penalty(
    network: TwoLayerNetwork,
    x: Points,
    y: Labels,
    knowledge: Features,
    penalties: Iterable[float],
    *,
    still: float,
    images: Sequence[int] = (0, 1, 2, 3),
) -> Moving:
    """Poles by their share, f(t) and final error of a student, for each penalty, `still` to begin with.

    Parameters
    ----------
    network : TwoLayerNetwork
        The student at its start, m units; small, since all modes are computed.
    x, y, knowledge : (n, d), (n,), (n, m) arrays
    penalties : (P,) array
        Ascending, positive; `still` is one of them.
    images : sequence of int
        Samples whose outputs are drawn.

    Notes
    -----
    A pole's share is ‖α_j v^j‖ over the sum of these norms; the final error is the mean squared residual of f(∞).

    Examples
    --------
    >>> penalty(network, x, y, knowledge, [0.1, 1.0], still=1.0)
    a moving figure of penalty
    """
    penalties = np.asarray(penalties, dtype=float)
    if not np.any(np.isclose(penalties, still)):
        raise ValueError(
            f"moving.penalty: still={still}; expected one of the penalties, {penalties.min():g} to {penalties.max():g}"
        )
    times, images = np.geomspace(0.03, 3000, 46), list(images)
    frames = [
        _frame(KernelRegime(network, x, y, penalty=value, knowledge=knowledge), times, images) for value in penalties
    ]
    data = {
        "penalties": _short(penalties),
        "still": int(np.argmin(np.abs(penalties - still))),
        "times": _short(times),
        "labels": _short(np.asarray(y)[images]),
        **{key: [frame[key] for frame in frames] for key in frames[0]},
    }
    return Moving("penalty", data)


def _frame(regime, times, images):
    poles, amplitudes = regime.modes()
    norms = np.linalg.norm(amplitudes, axis=1)
    shares = norms / norms.sum()
    shown = shares > _SEEN
    return {
        "poles": _short(poles[shown]),
        "shares": _short(shares[shown], 2),
        "outputs": _short(regime.output(times)[:, images].T, 3),
        "error": _short(np.mean((regime.limit() - regime.y) ** 2)),
    }


def _still_penalty(data):
    number = data["still"]
    layout = [["top", "top"], ["left", "right"]]
    top, left, right = plots.mosaic(layout, size=(6.0, 4.6), height_ratios=(2, 3))[1].values()
    poles, shares = np.array(data["poles"][number]), np.array(data["shares"][number])
    top.scatter(poles, np.zeros_like(poles), s=900 * shares, color=plots.GREEN, alpha=0.55, linewidth=0)
    top.set(xscale="log", yticks=[], xlabel="pole (rate of decay)", title="poles, by their share", xlim=(1e-5, 200))
    top.grid(False, axis="y")
    for label, curve in zip(data["labels"], data["outputs"][number], strict=True):
        left.plot(data["times"], curve, color=plots.BLUE if label > 0 else plots.VERMILION)
    left.set(xscale="log", xlabel="time", title="f(t) on four images", ylim=(-1.6, 1.6))
    right.plot(data["penalties"], data["error"], color=plots.PURPLE)
    right.plot(data["penalties"][number], data["error"][number], "o", color=plots.PURPLE, markersize=8)
    right.set(xscale="log", xlabel="penalty λ", title="error that stays", ylim=(-0.03, 1.03))
    right.minorticks_off()
    return top, left, right


def modes(x: Labels, y: Labels, kernel: Float[np.ndarray, "n n"], *, shown: int = 8) -> Moving:
    r"""The flow f(t) = Σ_j (1 − e^{−h_j t}) ⟨u_j, y⟩ u_j of a frozen kernel over a line, with its modes decaying.

    Parameters
    ----------
    x, y : (n,) arrays
        Places on the line, ascending, and targets.
    kernel : (n, n) array
        H, symmetric: h_j its eigenvalues in descending order, u_j its eigenvectors.
    shown : int
        How many of the modes with the largest |⟨u_j, y⟩| have a bar of their own.

    Examples
    --------
    >>> modes(np.arange(3.0), np.ones(3), np.diag([3.0, 2.0, 1.0]))
    a moving figure of modes
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    rates, vectors = np.linalg.eigh(kernel)
    rates, vectors = rates[::-1], vectors[:, ::-1]
    parts = vectors * (vectors.T @ y)  # column j: what mode j has to learn; free of the sign of u_j
    largest = np.sort(np.argsort(-np.linalg.norm(parts, axis=0), kind="stable")[:shown])
    times = np.geomspace(0.03, 300, 61)
    decays = np.exp(-np.multiply.outer(times, rates))
    rest = np.delete(np.arange(len(rates)), largest)
    data = {
        "x": _short(x),
        "y": _short(y),
        "times": _short(times),
        "still": 30,
        "rates": _short(rates[largest]),
        "numbers": (largest + 1).tolist(),
        "parts": _short(parts[:, largest].T, 3, floor=1e-3),
        "rest": _short((1 - decays[:, rest]) @ parts[:, rest].T, 3, floor=1e-3),
    }
    return Moving("modes", data)


def _still_modes(data):
    _, (upper, lower) = plots.figure(2, 1, size=(6.0, 6.0))
    upper.plot(data["x"], data["y"], "o", color=plots.GREY, markersize=3.5, label="_targets")
    for number, color in zip((12, data["still"], 48), plots.shades(3), strict=True):
        learnt = 1 - np.exp(-np.array(data["rates"]) * data["times"][number])
        curve = learnt @ np.array(data["parts"]) + data["rest"][number]
        upper.plot(data["x"], curve, color=color, label=f"t = {data['times'][number]:.2g}")
    upper.set(xlabel="x", title="targets, and what is learnt by time t")
    upper.legend()
    left_over = np.exp(-np.array(data["rates"]) * data["times"][data["still"]])
    lower.barh([f"mode {number}" for number in data["numbers"]], left_over, color=plots.BLUE)
    lower.invert_yaxis()
    lower.grid(False, axis="y")
    lower.set(xlim=(0, 1), title=f"share still to learn at t = {data['times'][data['still']]:.2g}")
    return upper, lower


def arms(
    record: Any, names: Iterable[str], *, main: Iterable[str], later: Iterable[str] = (), points: int = 60
) -> Moving:
    """Curves of a record: a switch for each arm, training or test loss, the teacher's iterations counted or not.

    Parameters
    ----------
    record : Record
    names, main : iterables of str
        All arms that can be switched on, and those that are on at first.
    later : iterable of str
        Arms that begin where a teacher has ended: counted, they start at the record's number of iterations.
    points : int
        Most points a curve keeps.

    Examples
    --------
    >>> from kdsrc import records
    >>> arms(records.load("figure1"), ["teacher", "student_alone"], main=["teacher"])
    a moving figure of arms
    """
    names, main, later = list(names), list(main), set(later)
    if unknown := (set(main) | later) - set(names):
        raise ValueError(f"moving.arms: {sorted(unknown)} in main or later; expected some of the names {names}")
    rows = []
    for name in names:
        look, curve = plots.style(name), record.curves[name]
        steps = np.asarray(curve["iterations"])
        keep = np.unique(np.linspace(0, len(steps) - 1, min(points, len(steps))).round().astype(int))
        losses = {
            metric: _short(np.percentile(np.atleast_2d(curve[metric])[:, keep], (0, 50, 100), axis=0), 3)
            for metric in ("train_loss", "test_loss")
        }
        row = {"name": name, "label": look.label, "color": look.color, "dash": _dash(look.dash), "on": name in main}
        rows.append(row | {"later": name in later, "iterations": steps[keep].tolist()} | losses)
    return Moving("arms", {"arms": rows, "offset": int(record.settings["iterations"])})


def _still_arms(data):
    curves = {arm["name"]: arm for arm in data["arms"] if arm["on"]}
    _, axes = plots.figure(2, 1, size=(6.0, 6.4))
    for ax, metric in zip(axes, ("train_loss", "test_loss"), strict=True):
        plots.curves(curves, metric, ax=ax)
    return axes


_STILL = {"penalty": _still_penalty, "modes": _still_modes, "arms": _still_arms}


def _dash(dash) -> str:
    return "" if dash == "-" else " ".join(f"{3 * length:g}" for length in dash[1])


def _short(values, digits: int = 4, floor: float = 0.0):
    """Numbers, lists for arrays, to so many significant digits: what machines agree on; 0 below the floor."""
    values = np.asarray(values, dtype=float)
    short = [float(f"{value:.{digits}g}") if abs(value) > floor else 0.0 for value in values.ravel()]
    return np.array(short).reshape(values.shape).tolist()
