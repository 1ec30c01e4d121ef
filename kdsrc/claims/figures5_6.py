"""What §4.4 and §4.5 say of the overlaps in Figures 5 and 6.

Where the paper leaves open what was compared (which early teacher, how many eigenvectors, whose H^∞) every choice
is tried: a claim that is borne out by all of them holds, one that most bear out holds only under a condition.
"""

from kdsrc.claims.criteria import AllOf
from kdsrc.claims.figures2_4 import STOPS
from kdsrc.claims.framework import BOOK, PAPER, claim
from kdsrc.claims.overlaps import OverlapContrast, RankAgreement
from kdsrc.studies.names import EARLY_STOPS

__all__ = ["FIGURES5_6", "READINGS"]

_TRANSFER = ("start", "penalty")  # what a taught student has of its teacher
READINGS = ((20, 0), (20, 1), (5, 0), (5, 1))  # (top, skip) of the overlap parameter; the first is the one shown


def _overlaps(network: str, against: str, *, pixels: bool = False, cause: tuple[str, ...] = ()) -> AllOf:
    """`OverlapContrast` in every reading; with `pixels` also for the H^∞ of the pixels."""
    networks = {network: "H^∞ of its own inputs"} | ({f"{network}_on_pixels": "H^∞ of the pixels"} if pixels else {})
    return AllOf(
        tuple(OverlapContrast(name, against, *reading, cause=cause) for name in networks for reading in READINGS),
        "readings of the overlap: 20 or 5 eigenvectors, with the first or without"
        + (", H^∞ of the network's own inputs or of the pixels" if pixels else ""),
        tuple((kernel, *_words(*reading)) for kernel in networks.values() for reading in READINGS),
    )


def _words(top: int, skip: int) -> tuple[str, str]:
    """A reading of the overlap, by its two choices."""
    return f"{top} eigenvectors", "without the first" if skip else "with the first"


def _stopped(who: str) -> AllOf:
    tests = tuple(OverlapContrast(f"{who}_full", f"{who}_{stop}", *reading) for stop in STOPS for reading in READINGS)
    return AllOf(
        tests,
        "teachers stopped at " + ", ".join(map(str, EARLY_STOPS)) + " iterations and readings of "
        "the overlap: 20 or 5 eigenvectors, with the first or without",
        tuple((f"teacher stopped at {stop}", *_words(*reading)) for stop in STOPS for reading in READINGS),
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
        "The overlap is handed on by distillation: the student of the fully trained teacher has a larger "
        "overlap parameter than a student without a teacher.",
        _overlaps("student_full", "student_alone", cause=_TRANSFER),
        "cause",
        BOOK,
    )


def _figure6():
    place = "§4.5 and caption of Figure 6"
    yield (
        "teacher",
        place,
        "A teacher trained on kernel features has a larger overlap parameter than one trained on pixels.",
        _overlaps("teacher_embedded", "teacher_pixels", pixels=True),
        "spectrum",
    )
    yield (
        "student",
        place,
        "A student taught on kernel features has a larger overlap parameter than one taught on pixels.",
        _overlaps("student_taught_embedded", "student_taught_pixels", pixels=True),
        "spectrum",
    )
    yield (
        "transfer",
        "§4.4, last sentence, and §4.5",
        "The student has it from the teacher: on kernel features the "
        "taught student has a larger overlap parameter than the student alone.",
        _overlaps("student_taught_embedded", "student_alone_embedded", cause=_TRANSFER),
        "cause",
        BOOK,
    )


FIGURES5_6 = tuple(
    claim(f"{record}-{name}", place, statement, test, record=record, kind=kind, origin=(*origin, PAPER)[0])
    for record, rows in (("figure5", _figure5()), ("figure6", _figure6()))
    for name, place, statement, test, kind, *origin in rows
)
