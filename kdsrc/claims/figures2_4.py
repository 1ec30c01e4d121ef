"""What §4.1 to §4.3 say of the losses in Figures 2 to 4.

Where the paper leaves open which early teacher was compared, every one is tried: a claim that is borne out by all of
them holds, one that most bear out holds only under a condition.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from kdsrc.claims.criteria import AllOf, Contrast
from kdsrc.claims.framework import BOOK, PAPER, claim
from kdsrc.claims.measures import curve, final, rate, reach
from kdsrc.claims.on_measures import Constant
from kdsrc.studies.names import EARLY_STOP, EARLY_STOPS, early

__all__ = ["FIGURES2_4", "STOPS", "against_early", "error_grows", "last"]

STOPS = (EARLY_STOP, *(stop for stop in EARLY_STOPS if stop != EARLY_STOP))  # the first is the one shown
_CURVE = (curve("train_loss"), "Mean training loss of the run (geometric)")
_REACH = (reach("train_loss"), "Iterations to the higher of the two final training losses")
_RATE = (rate("train_loss"), "Iterations from the lower start to the higher end of training loss")


def last(which: str, arm: str, against: str | tuple[str, ...], **options) -> Contrast:
    """Contrast of the final ``train`` or ``test`` loss."""
    quantity = {"train": "Final training loss", "test": "Final test loss"}[which]
    return Contrast(final(f"{which}_loss"), quantity, arm, against, **options)


def against_early(contrast: Callable[..., Contrast], *measure: Any, arm: str = "from_full") -> AllOf:
    """`contrast` of `arm` with the student of each early teacher."""
    return AllOf(
        tuple(contrast(*measure, arm, early(stop)) for stop in STOPS),
        "teachers stopped at " + ", ".join(map(str, EARLY_STOPS)) + " iterations",
        tuple((f"the teacher stopped at {stop}",) for stop in STOPS),
    )


def error_grows(arms: dict[str, str]) -> AllOf:
    """The final training loss grows with λ over these arms, λ -> arm from the largest λ to the smallest."""
    first, *_, end = arms.values()
    return AllOf(
        tuple(last("train", smaller, larger) for larger, smaller in pairwise(arms.values())),
        "neighbours among λ = " + ", ".join(reversed(arms)),
        tuple((f"from λ = {smaller} to {larger}",) for larger, smaller in pairwise(arms)),
        last("train", end, first),
    )


def _figure2():
    mild, none, infinite = "taught_penalty_0.01", "taught_penalty_0", "taught_penalty_inf"
    place = "§4.1 and caption of Figure 2"
    for which, name in (("train", "training"), ("test", "test")):
        for rival, level, short in ((none, "λ = 0", "zero"), (infinite, "λ → ∞", "infinity")):
            yield (
                f"{which}-{short}",
                place,
                f"The student with λ = 0.01 ends with a lower {name} loss than the student with {level}.",
                last(which, mild, rival),
                "quality",
            )
    for which, name in (("", "training"), ("-test", "test")):  # from one start, so that a rate would be the same number
        metric = f"{name.removesuffix('ing')}_loss"
        yield (
            f"reach-zero{which}",
            place,
            f"The student with λ = 0.01 needs fewer iterations than that with λ = 0 to reach a {name} loss.",
            Contrast(reach(metric), f"Iterations to the higher of the two final {name} losses", mild, none),
            "speed",
        )
    yield (
        "speed-infinity",
        place,
        "The student with λ = 0.01 learns faster than the student with λ → ∞.",
        Contrast(*_CURVE, mild, infinite),
        "speed",
    )
    yield (
        "speed-infinity-test",
        place,
        "The student with λ = 0.01 learns faster than the student with λ → ∞, on the test images too.",
        Contrast(curve("test_loss"), "Mean test loss of the run (geometric)", mild, infinite),
        "speed",
    )
    yield (
        "frozen",
        "§4.1",
        "With λ → ∞ and the teacher's weights as start nothing moves: the student stays at the "
        "performance of the privileged knowledge.",
        Constant(infinite, none),
        "theory",
    )
    yield (
        "error-grows",
        "§2.7",
        "With an imperfect teacher a larger penalty means a larger error.",
        error_grows({"1": "taught_penalty_1", "0.1": "taught_penalty_0.1", "0.01": mild, "0": none}),
        "theory",
    )


def _figure3():
    place = "§4.2"
    for which, name in (("train", "training"), ("test", "test")):
        yield (
            f"{which}-early",
            place,
            f"The student of the fully trained teacher ends with a lower {name} loss than "
            "the student of a teacher that was stopped early.",
            against_early(last, which),
            "quality",
        )
        yield (
            f"{which}-random",
            place,
            f"The student that starts from the teacher's units ends with a lower {name} "
            "loss than one with the same knowledge and a random start.",
            last(which, "from_full", "random_full_outputs", cause=("start",)),
            "cause",
        )
    yield (
        "reach-early",
        place,
        "The student of the fully trained teacher needs fewer iterations than that of an "
        "early one to reach a training loss.",
        against_early(Contrast, *_REACH),
        "speed",
    )
    yield (
        "rate-early",
        place,
        "The student of the fully trained teacher falls faster through the same stretch of "
        "training loss than that of an early one.",
        against_early(Contrast, *_RATE),
        "speed",
    )
    yield (
        "reach-random",
        place,
        "With the teacher's units as start fewer iterations are needed to reach a training "
        "loss than with the same knowledge and a random start.",
        Contrast(*_REACH, "from_full", "random_full_outputs"),
        "speed",
    )
    yield (
        "rate-random",
        place,
        "With the teacher's units as start the student falls faster through the same stretch "
        "of training loss than with the same knowledge and a random start.",
        Contrast(*_RATE, "from_full", "random_full_outputs"),
        "speed",
    )


def _figure4():
    place = "§4.3 and caption of Figure 4"
    for which, name in (("train", "training"), ("test", "test")):
        for network, who in (
            ("teacher", "teacher"),
            ("student_taught", "taught student"),
            ("student_alone", "student alone"),
        ):
            yield (
                f"{which}-{network.replace('_', '-')}",
                place,
                f"The {who} ends with a lower {name} loss on kernel features than on pixels.",
                last(which, f"{network}_embedded", f"{network}_pixels"),
                "quality",
                BOOK if network == "student_alone" else PAPER,
            )
    shared = "§4.3: the learnt kernel is optimal, that is, highly aligned with the labels"
    single = tuple(f"compare_single_{p}" for p in range(7))
    yield (
        "alignf-uniform",
        shared,
        "What helps is the alignment with the labels: a teacher on alignf's combination "
        "ends with a lower test loss than on the uniform combination of the same kernels.",
        last("test", "compare_alignf_*", "compare_uniform", cause=("inputs",)),
        "cause",
        BOOK,
    )
    yield (
        "alignf-single",
        shared,
        "A teacher on alignf's combination ends with a lower test loss than on any single kernel of it.",
        last("test", "compare_alignf_*", single, cause=("inputs",)),
        "cause",
        BOOK,
    )


FIGURES2_4 = tuple(
    claim(f"{record}-{name}", place, statement, test, record=record, kind=kind, origin=(*origin, PAPER)[0])
    for record, rows in (("figure2", _figure2()), ("figure3", _figure3()), ("figure4", _figure4()))
    for name, place, statement, test, kind, *origin in rows
)
