"""How claims were judged until November 2026, kept beside the criterion that took its place.

An effect *held* when its 95 % interval lay on the claimed side of zero and its size was the smallest effect of interest
or more, it was *refuted* when that was true of the other side, and else it *did not reproduce*. `kdsrc.claims.designs`
tells why this was given up. A claim that was added since is not in `JUDGED`: it has no earlier criterion.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from kdsrc.claims.computed import LIVE_SEEDS, Effect
from kdsrc.claims.criteria import AllOf
from kdsrc.claims.framework import SMALLEST, Claim, Verdict
from kdsrc.claims.on_measures import BAND, LogLogSlope
from kdsrc.claims.words import HOLDS, PENDING, REFUTED, within
from kdsrc.records import Record

__all__ = ["combined", "criterion", "decide", "outcome"]

ABSENT, CONDITIONAL = "does not reproduce", "holds only under a condition"
_JUDGED = {
    "figure1": "train-quality test-quality train-curve test-curve teacher-train teacher-test capacity capacity-test "
    "reach-alone reach-teacher rate-alone rate-teacher penalty-speed penalty-train penalty-test knowledge-random-start "
    "start equal-training equal-training-test scale scale-knowledge",
    "figure2": "train-zero train-infinity test-zero test-infinity reach-zero speed-infinity error-grows",
    "figure3": "train-early train-random test-early test-random reach-early rate-early reach-random rate-random",
    "figure4": "train-teacher train-student-taught train-student-alone test-teacher test-student-taught "
    "test-student-alone alignf-uniform alignf-single",
    "figure5": "teacher student transfer",
    "figure6": "teacher student transfer",
    "horizon": "taught-train teacher-train penalty-train early-train random-train taught-test teacher-test "
    "penalty-test early-test random-test taught-best error-grows",
    "causes": "start-random-train start-early-train penalty-train start-random-test start-early-test penalty-test "
    "start-random-speed start-early-speed penalty-speed",
    "width": "grows proportional knowledge",
    "digits": "train-quality test-quality teacher-train reach-alone rate-alone penalty-speed penalty-train "
    "penalty-test start equal-training equal-training-test",
}
JUDGED = {"theorem3-speed", *(f"{record}-{name}" for record, names in _JUDGED.items() for name in names.split())}


def criterion(claim: Claim) -> str:
    """The criterion of a claim until November 2026; empty for one that was added since."""
    return _criterion(claim.judge) if claim.id in JUDGED else ""


def outcome(claim: Claim, verdict: Verdict, *found: Record | None) -> str:
    """What the claim's verdict from these records would have been until November 2026; empty as `criterion`."""
    if claim.id not in JUDGED or verdict.verdict == PENDING:
        return ""
    return _outcome(claim.judge, verdict, *found)


def decide(effect: float, interval: tuple[float, float], *, direction: int, smallest: float) -> str:
    """The word for one comparison, with the arguments of `kdsrc.claims.words.decide`."""
    for word, sign in ((HOLDS, direction), (REFUTED, -direction)):
        if min(sign * interval[0], sign * interval[1]) > 0.0 and sign * effect >= smallest:
            return word
    return ABSENT


def combined(words: Sequence[str]) -> str:
    """The word for several comparisons: *holds* when all do, under a condition when some do, else the first one's."""
    holding = sum(word == HOLDS for word in words)
    return words[0] if holding in (0, len(words)) else CONDITIONAL


def _criterion(test: Any) -> str:
    match test:
        case AllOf():
            return (
                f"{_criterion(test.tests[0])} The same for {test.rule} ({len(test.tests)} comparisons): all must "
                "hold; if some do, the claim holds under a condition."
            )
        case Effect():
            return f"{test.quantity}: the 95 % interval over {LIVE_SEEDS} random problems lies above {test.smallest:g}."
        case LogLogSlope(proportional=True):
            return f"{test.compared}: the 95 % interval over the seeds lies within 1 ± {BAND}."
        case LogLogSlope():
            claimed = f"at least {SMALLEST:g}, and the 95 % interval over the seeds lies wholly above zero."
            return f"{test.compared}: {claimed}"
    lower, below = ("larger", "above") if test.direction > 0 else ("lower", "below")
    return (
        f"{test.compared}: {lower} by at least {test.smallest:.0%} in the geometric mean over the seeds, and the 95 % "
        f"interval of the change lies wholly {below} zero."
    )


def _outcome(test: Any, verdict: Verdict, *found: Record | None) -> str:
    match test:
        case AllOf():
            return combined([_outcome(one, one(*found), *found) for one in test.tests])
        case Effect():
            word = within(verdict.interval, test.smallest, np.inf)
            return word if word in (HOLDS, REFUTED) else ABSENT
        case LogLogSlope():
            word = decide(verdict.effect, verdict.interval, direction=1, smallest=SMALLEST)
            return ABSENT if test.proportional and word == HOLDS and verdict.verdict != HOLDS else word
    with np.errstate(divide="ignore"):  # an interval that has no ends reaches from -100 %
        effect, low, high = np.log1p(np.array([verdict.effect, *verdict.interval]) / 100.0)
    size = abs(np.log1p(test.direction * test.smallest))
    return decide(effect, (low, high), direction=test.direction, smallest=size)
