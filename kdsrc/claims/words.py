"""The words of verdicts, as pure functions of an effect, its 95 % interval and a smallest effect of interest s.

A comparison claims that an effect lies on one side of zero, its direction. With zero outside the interval the sign is
clear, and the size decides between two words; with zero inside, the interval's ends do:

=====================  ================================================================
*holds*                zero beyond the interval, on the claimed side, and |effect| ≥ s
*holds, but small*     the same, and |effect| < s
*no effect*            zero inside, and both ends within ±s
*undecided*            zero inside, and an end beyond ±s
*opposite, small*      zero beyond the interval, on the other side, and |effect| < s
*opposite*             the same, and |effect| ≥ s
=====================  ================================================================

A statement without a direction (a formula, a proportion, a bound) has no opposite side: what contradicts it makes it
*refuted*. *holds with a repair*: false as printed, true when mended. *only under a condition*: true in most of the
cases that the paper leaves open, or under an assumption; the verdict says which.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

__all__ = ["VERDICTS", "combined", "condition", "decide", "slug", "within"]

HOLDS = "holds"
HOLDS_SMALL = "holds, but small"
REPAIRED = "holds with a repair"
CONDITIONAL = "only under a condition"
NO_EFFECT = "no effect"
UNDECIDED = "undecided"
OPPOSITE_SMALL = "opposite, small"
OPPOSITE = "opposite"
REFUTED = "refuted"
PENDING = "not yet run"
VERDICTS = (HOLDS, HOLDS_SMALL, REPAIRED, CONDITIONAL, NO_EFFECT, UNDECIDED, OPPOSITE_SMALL, OPPOSITE, REFUTED, PENDING)

IN_FAVOUR, AGAINST = (HOLDS, HOLDS_SMALL), (OPPOSITE, OPPOSITE_SMALL)
_LISTED = 4  # so many exceptions are named one by one


def decide(effect: float, interval: tuple[float, float], *, direction: int, smallest: float) -> str:
    """The word for one comparison.

    Parameters
    ----------
    effect : float
    interval : (float, float)
        Its ends; infinite where nothing is known of the spread.
    direction : {-1, 1}
        Whether the effect is claimed to be below or above zero.
    smallest : float
        Smallest effect of interest s > 0, in the effect's unit.

    Returns
    -------
    str
        *undecided* for an effect that is not a number.

    Raises
    ------
    ValueError
        For another direction, s ≤ 0, or an effect outside its interval.

    Examples
    --------
    >>> decide(-4.4, (-5.6, -3.2), direction=-1, smallest=5.0)
    'holds, but small'
    """
    if direction not in (-1, 1) or not smallest > 0.0:
        raise ValueError(f"decide: direction={direction}, smallest={smallest}; expected -1 or 1, and a positive size")
    if np.isnan(effect):
        return UNDECIDED
    low, high = sorted((direction * interval[0], direction * interval[1]))
    if not low <= direction * effect <= high:
        raise ValueError(f"decide: effect {effect} with interval {interval}; expected one that holds the effect")
    large = abs(effect) >= smallest
    if low > 0.0:
        return HOLDS if large else HOLDS_SMALL
    if high < 0.0:
        return OPPOSITE if large else OPPOSITE_SMALL
    return NO_EFFECT if -smallest <= low and high <= smallest else UNDECIDED


def combined(words: Sequence[str]) -> str:
    """The word for a claim that several comparisons have to bear out.

    All clear on the claimed side: *holds*, if most of them reach s, else *holds, but small*. Most of them clear there:
    *only under a condition*. Most clear on the other side: *opposite* or *opposite, small*, by what most of those are.
    None clear and most without effect: *no effect*. Otherwise *undecided*. Most is more than half.

    Raises
    ------
    ValueError
        Without words, or for one that `decide` does not give.

    Examples
    --------
    >>> combined(["holds", "holds", "undecided"])
    'only under a condition'
    """
    count, found = len(words), Counter(words)
    if not count or set(words) - {*IN_FAVOUR, *AGAINST, NO_EFFECT, UNDECIDED}:
        raise ValueError(f"combined: got {words!r}; expected some of the words of decide")
    in_favour, against = (sum(found[word] for word in side) for side in (IN_FAVOUR, AGAINST))
    if in_favour == count:
        return HOLDS if 2 * found[HOLDS] > count else HOLDS_SMALL
    if 2 * in_favour > count:
        return CONDITIONAL
    if 2 * against > count:
        return OPPOSITE if 2 * found[OPPOSITE] > against else OPPOSITE_SMALL
    if in_favour == against == 0 and 2 * found[NO_EFFECT] > count:
        return NO_EFFECT
    return UNDECIDED


def condition(labels: Sequence[tuple[str, ...]], holding: Sequence[bool]) -> str:
    """In words, where a claim holds that does not hold everywhere.

    Parameters
    ----------
    labels : sequence of tuple of str
        The level of each factor by which the comparisons differ.
    holding : sequence of bool
        Whether each comparison bears the claim out.

    Returns
    -------
    str
        ``except`` the levels of one factor, when these explain it; else the exceptions one by one, while they are few;
        else in how many comparisons it holds at each level of the first factor.
    """
    failing = [label for label, holds in zip(labels, holding, strict=True) if not holds]
    for factor in range(len(labels[0])):
        levels = dict.fromkeys(label[factor] for label in failing)
        if all((label[factor] in levels) != holds for label, holds in zip(labels, holding, strict=True)):
            return f"except {_listed(levels)}"
    if len(failing) <= _LISTED:
        return f"except {_listed(', '.join(label) for label in failing)}"
    told = []
    for level in dict.fromkeys(label[0] for label in labels):
        here = [holds for label, holds in zip(labels, holding, strict=True) if label[0] == level]
        told.append(f"{level}: {sum(here)} of {len(here)}")
    return "it holds " + "; ".join(told)


def within(interval: tuple[float, float], lowest: float, highest: float) -> str:
    """The word for a statement that a quantity lies between two bounds, by its interval.

    *holds* when the interval does, *refuted* when it lies outside altogether, else *undecided*.
    """
    low, high = interval
    if lowest <= low and high <= highest:
        return HOLDS
    return REFUTED if high < lowest or low > highest else UNDECIDED


def slug(word: str) -> str:
    """A verdict as the end of a class name: ``holds-but-small``."""
    return word.replace(",", "").replace(" ", "-")


def _listed(words) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
