"""Verdicts as plain text, for a terminal; and the form of the numbers in them, there and on the pages."""

import re
import textwrap
from collections import Counter

import numpy as np

from kdsrc.claims import BOOK, PAPER, VERDICTS
from kdsrc.claims.framework import Judged, Verdict
from kdsrc.claims.words import PENDING

__all__ = [
    "bracket",
    "by_verdict",
    "comparison",
    "counted",
    "estimated",
    "in_words",
    "measured",
    "scientific",
    "short",
    "table",
    "tally",
    "thousands",
    "to_rounding",
    "typeset",
]

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_FACTORS = 10.0  # a change whose interval spans this much reads better as a factor than in per cent
_WHOSE = {PAPER: ("claim of the paper", "claims of the paper"), BOOK: ("question of our own", "questions of our own")}


def table(judged: Judged, *, width: int = 100) -> str:
    """Claims with their verdicts, and how many there are of each.

    Parameters
    ----------
    judged : list of (Claim, Verdict)
        From `kdsrc.claims.verdicts`.
    width : int
        Columns of the terminal.
    """
    lines = []
    for claim, verdict in judged:
        lines += [f"{claim.id}  [{verdict.verdict}]", *_block(f"{claim.statement} ({claim.source})", width)]
        if verdict.condition:
            lines += _block(f"The condition: {verdict.condition}", width)
        lines += _block(_numbers(verdict), width)
        if verdict.fresh and verdict.fresh.verdict != verdict.verdict:
            lines += _block(f"On the fresh seeds alone [{verdict.fresh.verdict}]: {_numbers(verdict.fresh)}", width)
    return "\n".join([*lines, *tally(judged)])


def comparison(ours: Judged, theirs: Judged, *, width: int = 100) -> str:
    """The verdicts of two sets of records side by side, and on how many claims their words agree.

    Parameters
    ----------
    ours, theirs : list of (Claim, Verdict)
        From `kdsrc.claims.verdicts`, of the same records.
    """
    other, lines, same, both = {claim.id: verdict for claim, verdict in theirs}, [], 0, 0
    for claim, verdict in ours:
        if PENDING in (verdict.verdict, other[claim.id].verdict):
            continue
        both += 1
        same += verdict.verdict == other[claim.id].verdict
        mark = "=" if verdict.verdict == other[claim.id].verdict else "≠"
        lines += [f"{mark} {claim.id}", *_block(f"ours [{verdict.verdict}] {''.join(measured(verdict)[:2])}", width)]
        lines += _block(f"theirs [{other[claim.id].verdict}] {''.join(measured(other[claim.id])[:2])}", width)
    return "\n".join([*lines, f"the same word for {same} of {both} claims"])


def tally(judged: Judged) -> list[str]:
    """How many claims have which verdict, those of the paper and the book's own apart."""
    lines = [
        f"{whose}: {', '.join(f'{count} × {name}' for name, count in told.items())}"
        for whose, told in counted(judged).items()
    ]
    return lines or ["no claims"]


def counted(judged: Judged) -> dict[str, dict[str, int]]:
    """How many claims have which verdict, under the words for their number and origin.

    Examples
    --------
    >>> from kdsrc.claims import verdicts
    >>> sorted(counted(verdicts(page="modes")))
    ['2 claims of the paper']
    """
    found = {}
    for origin, names in _WHOSE.items():
        if told := by_verdict([(claim, verdict) for claim, verdict in judged if claim.origin == origin]):
            number = sum(told.values())
            found[f"{number} {names[number > 1]}"] = told
    return found


def by_verdict(judged: Judged) -> dict[str, int]:
    """How many of these claims have which verdict, in the order of `kdsrc.claims.VERDICTS`."""
    counts = Counter(verdict.verdict for _, verdict in judged)
    return {name: counts[name] for name in VERDICTS if counts[name]}


def _numbers(verdict) -> str:
    if not np.isfinite(verdict.effect):
        return verdict.meaning
    effect, span, meaning = measured(verdict)
    span += f", over test images{bracket(verdict.images)}" if verdict.images else ""
    return f"{effect}{':' if verdict.rounding else span} {meaning}"


def measured(verdict: Verdict) -> tuple[str, str, str]:
    """An effect, its interval, and what they are, as text.

    Rounding error is not told in digits, and has no interval. A change in per cent whose interval spans more than a
    factor of ten is told as a factor.
    """
    if verdict.rounding:
        return to_rounding(verdict.tolerance), "", verdict.meaning
    low, high = verdict.interval
    meaning = verdict.meaning.removeprefix("per cent, ")
    if meaning != verdict.meaning and np.isfinite(high) and 100.0 + high > _FACTORS * (100.0 + low):
        effect, *ends = (_factor(1.0 + change / 100.0) for change in (verdict.effect, low, high))
        return effect, f" [{', '.join(ends)}]", meaning
    span = "" if short(low) == short(high) == short(verdict.effect) else bracket(verdict.interval)
    return short(verdict.effect), span, verdict.meaning


def _factor(ratio):
    return f"× {short(ratio)}" if ratio > 0.1 or not ratio else f"× 1/{short(1.0 / ratio)}"


def bracket(ends: tuple[float, float]) -> str:
    """An interval, with a space before it."""
    return f" [{short(ends[0])}, {short(ends[1])}]"


def to_rounding(tolerance: float) -> str:
    """What is shown in place of a number smaller than `tolerance` that an exact computation would make zero."""
    return f"0 to rounding, < {tolerance:g}".replace("e-0", "e-")


def short(value: float) -> str:
    """Three digits; groups of thousands instead of a power of ten.

    Examples
    --------
    >>> short(0.12345), short(12345.6)
    ('0.123', '12 300')
    """
    digits = f"{value:.3g}"
    return digits if not np.isfinite(value) or abs(value) < 1000 else f"{float(digits):,.0f}".replace(",", " ")


def scientific(value: float) -> str:
    """Two digits and a power of ten, whose exponent a table raises, for a column of numbers of very different sizes.

    Zero has neither.

    Examples
    --------
    >>> scientific(0.00541)
    '5.4 · 10^{−3}'
    >>> scientific(0.0)
    '0'
    """
    if value == 0:
        return "0"
    digits, power = f"{value:.1e}".split("e")
    return f"{typeset(digits)} · 10^{{{typeset(str(int(power)))}}}"


def thousands(number: int) -> str:
    """A count in groups of three digits that stay together.

    Examples
    --------
    >>> thousands(12345)
    '12\u202f345'
    """
    return f"{number:,}".replace(",", "\u202f")


def in_words(number: int) -> str:
    """A count as a word, from ten on in digits as `thousands` groups them.

    Examples
    --------
    >>> in_words(3), in_words(1234)
    ('three', '1\u202f234')
    """
    return _WORDS[number] if 0 <= number < len(_WORDS) else thousands(number)


def typeset(number: str) -> str:
    """Numbers for a page: a minus sign, which a zero does not have, and groups of thousands that stay together.

    Examples
    --------
    >>> typeset("-0.0 [-1.2, +0.0]")
    '0.0 [−1.2, 0.0]'
    """
    number = re.sub(r"(?<![\w.])[-+](?=0(?:\.0+)?(?![.\d]))", "", number)
    return re.sub(r"(?<=\d) (?=\d)", "\u202f", number.replace("-", "−"))


def estimated(effect: float, ends: tuple[float, float], form: str = "+.1f", unit: str = "") -> str:
    """An effect and its interval for a page, all in one form.

    Examples
    --------
    >>> estimated(-5.47, (-6.4, -4.5), unit=" %")
    '−5.5 % [−6.4, −4.5]'
    """
    return typeset(f"{effect:{form}}{unit} [{ends[0]:{form}}, {ends[1]:{form}}]")


def _block(text, width):
    return textwrap.wrap(text, width, initial_indent="    ", subsequent_indent="    ")
