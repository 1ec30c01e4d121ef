"""What §4.1 to §4.5 say of Figures 2 to 6.

Where the paper leaves open what was compared (which early teacher, how many eigenvectors, whose H^∞) every choice
is tried: a claim that is borne out by all of them holds, one that most bear out holds only under a condition.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from kdsrc.claims.criteria import AllOf, Contrast
from kdsrc.claims.framework import BOOK, PAPER, claim
from kdsrc.claims.measures import curve, final, rate, reach
from kdsrc.claims.on_measures import Constant
from kdsrc.claims.overlaps import OverlapContrast, RankAgreement

EARLY = (100, 25, 50, 200, 500, 1_000)  # stopping points of early teachers; the first is the one shown
READINGS = ((20, 0), (20, 1), (5, 0), (5, 1))  # (top, skip) of the overlap parameter; the first is the one shown
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
        tuple(contrast(*measure, arm, f"from_early_{stop}") for stop in EARLY),
        "teachers stopped at " + ", ".join(map(str, sorted(EARLY))) + " iterations",
        tuple((f"the teacher stopped at {stop}",) for stop in EARLY),
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
    for which, name in (("", "training"), ("-test", "test")):
        metric = f"{name.removesuffix('ing')}_loss"
        yield (
            f"reach-zero{which}",
            place,
            f"The student with λ = 0.01 needs fewer iterations than that with λ = 0 to reach a {name} loss.",
            Contrast(reach(metric), f"Iterations to the higher of the two final {name} losses", mild, none),
            "speed",
        )
        yield (
            f"rate-zero{which}",
            place,
            f"The student with λ = 0.01 falls faster through the same stretch of {name} loss than that with λ = 0.",
            Contrast(rate(metric), f"Iterations from the lower start to the higher end of {name} loss", mild, none),
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
        last("test", "compare_alignf_*", "compare_uniform"),
        "cause",
        BOOK,
    )
    yield (
        "alignf-single",
        shared,
        "A teacher on alignf's combination ends with a lower test loss than on any single kernel of it.",
        last("test", "compare_alignf_*", single),
        "cause",
        BOOK,
    )


def overlaps(network: str, against: str, *, pixels: bool = False) -> AllOf:
    """`OverlapContrast` in every reading; with `pixels` also for the H^∞ of the pixels."""
    networks = {network: "H^∞ of its own inputs"} | ({f"{network}_on_pixels": "H^∞ of the pixels"} if pixels else {})
    return AllOf(
        tuple(OverlapContrast(name, against, *reading) for name in networks for reading in READINGS),
        "readings of the overlap: 20 or 5 eigenvectors, with the first or without"
        + (", H^∞ of the network's own inputs or of the pixels" if pixels else ""),
        tuple((kernel, *_words(*reading)) for kernel in networks.values() for reading in READINGS),
    )


def _words(top: int, skip: int) -> tuple[str, str]:
    """A reading of the overlap, by its two choices."""
    return f"{top} eigenvectors", "without the first" if skip else "with the first"


def _stopped(who: str) -> AllOf:
    tests = tuple(OverlapContrast(f"{who}_full", f"{who}_{stop}", *reading) for stop in EARLY for reading in READINGS)
    return AllOf(
        tests,
        "teachers stopped at " + ", ".join(map(str, sorted(EARLY))) + " iterations and readings of "
        "the overlap: 20 or 5 eigenvectors, with the first or without",
        tuple((f"teacher stopped at {stop}", *_words(*reading)) for stop in EARLY for reading in READINGS),
    )


def _figure5():
    yield (
        "teacher",
        "§4.4 and caption of Figure 5",
        "A fully trained teacher has a larger overlap parameter than a partially trained one.",
        _stopped("teacher"),
        "spectrum",
    )
    yield (
        "student",
        "§4.4 and caption of Figure 5",
        "The larger overlap is handed on: the student of the fully "
        "trained teacher has a larger overlap parameter than that of a partially trained one.",
        _stopped("student"),
        "spectrum",
    )
    yield (
        "consistent",
        "§4.4, on Figures 5 and 3",
        "The overlaps are consistent with Figure 3: the larger a teacher's overlap parameter, the lower the loss at "
        "which its student ends.",
        AllOf(
            tuple(RankAgreement(which, *reading) for which in ("train", "test") for reading in READINGS),
            "training and test loss and readings of the overlap: 20 or 5 eigenvectors, with the first or without",
            tuple((f"{name} loss", *_words(*reading)) for name in ("training", "test") for reading in READINGS),
        ),
        "spectrum",
    )
    yield (
        "transfer",
        "§4.4",
        "It is handed on by distillation: the student of the fully trained teacher has a larger "
        "overlap parameter than a student without a teacher.",
        overlaps("student_full", "student_alone"),
        "cause",
        BOOK,
    )


def _figure6():
    place = "§4.5 and caption of Figure 6"
    yield (
        "teacher",
        place,
        "A teacher trained on kernel features has a larger overlap parameter than one trained on pixels.",
        overlaps("teacher_embedded", "teacher_pixels", pixels=True),
        "spectrum",
    )
    yield (
        "student",
        place,
        "So has the student taught on the same kernel features.",
        overlaps("student_taught_embedded", "student_taught_pixels", pixels=True),
        "spectrum",
    )
    yield (
        "transfer",
        "§4.4, last sentence, and §4.5",
        "The student has it from the teacher: on kernel features the "
        "taught student has a larger overlap parameter than the student alone.",
        overlaps("student_taught_embedded", "student_alone_embedded"),
        "cause",
        BOOK,
    )


def _claims(record, rows):
    return tuple(
        claim(f"{record}-{name}", place, statement, test, record=record, kind=kind, origin=(*origin, PAPER)[0])
        for name, place, statement, test, kind, *origin in rows
    )


FIGURES = tuple(
    found
    for record, rows in (
        ("figure2", _figure2()),
        ("figure3", _figure3()),
        ("figure4", _figure4()),
        ("figure5", _figure5()),
        ("figure6", _figure6()),
    )
    for found in _claims(record, rows)
)
