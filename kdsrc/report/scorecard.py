"""The verdicts on all claims in one picture: a bar for each part of the paper, divided by verdict."""

from collections import Counter

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from kdsrc.claims.framework import LIVE, VERDICTS, Judged
from kdsrc.report import plots

__all__ = ["counts", "picture"]

COLORS = dict(zip(VERDICTS, (plots.GREEN, plots.BLUE, plots.OCHRE, plots.GREY, plots.VERMILION, "none"), strict=True))
GROUPS = {
    LIVE: "theory",
    **{f"figure{number}": f"Figure {number}" for number in range(1, 7)},
    "horizon": "long horizon",
    "causes": "causes",
    "width": "width",
    "digits": "digits",
}


def counts(judged: Judged) -> dict[str, Counter]:
    """How many claims have which verdict, by group in the order of `GROUPS`; judged as from `kdsrc.claims.verdicts`.

    Examples
    --------
    >>> counts([])
    {}
    """
    found: dict[str, Counter] = {group: Counter() for group in GROUPS.values()}
    for claim, verdict in judged:
        found[GROUPS[claim.record]][verdict.verdict] += 1
    return {group: verdicts for group, verdicts in found.items() if verdicts}


def picture(judged: Judged, *, ax: Axes | None = None) -> Axes:
    """One bar a group; lengths and labels are numbers of claims. Returns the axes.

    Examples
    --------
    >>> from kdsrc.claims import verdicts
    >>> picture(verdicts(page="lemmas")).get_xlabel()
    'claims'
    """
    rows = counts(judged)
    with plots.context():
        ax = ax if ax is not None else plt.subplots(figsize=(7.0, 1.2 + 0.34 * len(rows)))[1]
        for name in VERDICTS:
            lengths = [row[name] for row in rows.values()]
            starts = [sum(row[before] for before in VERDICTS[: VERDICTS.index(name)]) for row in rows.values()]
            if any(lengths):
                bars = ax.barh(
                    list(rows),
                    lengths,
                    left=starts,
                    color=COLORS[name],
                    edgecolor=plots.INK,
                    linewidth=0.8,
                    label=name,
                    height=0.72,
                )
                ax.bar_label(
                    bars,
                    [str(length) if length else "" for length in lengths],
                    label_type="center",
                    color=plots.INK if COLORS[name] == "none" else "white",
                    fontsize=9,
                )
        ax.invert_yaxis()
        ax.grid(False)
        ax.set(xlabel="claims")
        ax.legend(loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=3, fontsize=9)
        return ax
