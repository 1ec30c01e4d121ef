"""What §4.1 says of Figure 1: better, faster, and why.

What is seen (quality, speed) is kept apart from the cause the paper gives. The taught student differs from the
student alone in its start, in the penalty and in the training that the teacher has already had; the arms beside
the figure change one of them at a time. What compares such arms, and what reads the whole curve, is the book's
question; the paper's claims are about the figure's three arms.
"""

from kdsrc.claims.criteria import Contrast
from kdsrc.claims.framework import BOOK, PAPER, claim
from kdsrc.claims.measures import curve, final, initial, rate, reach

__all__ = ["FIGURE1"]

_STUDENTS = ("student_alone", "student_taught")
_TRANSFER = ("start", "penalty", "iterations")


def _figure1(id, place, statement, test, kind, origin=PAPER):
    return claim(f"figure1-{id}", place, statement, test, record="figure1", kind=kind, origin=origin)


FIGURE1 = (
    _figure1(
        "train-quality",
        "§4.1 and caption of Figure 1",
        "A student with access to the teacher ends with a lower training loss than a student without.",
        Contrast(final("train_loss"), "Final training loss", "student_taught", "student_alone"),
        "quality",
    ),
    _figure1(
        "test-quality",
        "§4.1 and caption of Figure 1",
        "A student with access to the teacher ends with a lower test loss than a student without.",
        Contrast(final("test_loss"), "Final test loss", "student_taught", "student_alone"),
        "quality",
    ),
    _figure1(
        "train-curve",
        "§4.1 and caption of Figure 1, read over the run",
        "The taught student's training curve lies below that of the student alone over the run.",
        Contrast(curve("train_loss"), "Mean training loss of the run (geometric)", "student_taught", "student_alone"),
        "quality",
        BOOK,
    ),
    _figure1(
        "test-curve",
        "§4.1 and caption of Figure 1, read over the run",
        "The taught student's test curve lies below that of the student alone over the run.",
        Contrast(curve("test_loss"), "Mean test loss of the run (geometric)", "student_taught", "student_alone"),
        "quality",
        BOOK,
    ),
    _figure1(
        "teacher-train",
        "§4.1",
        "The teacher ends with the lowest training loss of the three.",
        Contrast(final("train_loss"), "Final training loss", "teacher", _STUDENTS),
        "quality",
    ),
    _figure1(
        "teacher-test",
        "§4.1",
        "The teacher ends with the lowest test loss of the three.",
        Contrast(final("test_loss"), "Final test loss", "teacher", _STUDENTS),
        "quality",
    ),
    _figure1(
        "capacity",
        "§4.1",
        "The teacher is better because it is larger: of two networks that differ in their width alone, the "
        "wide one ends with the lower training loss.",
        Contrast(final("train_loss"), "Final training loss", "teacher", "student_alone", cause=("width",)),
        "cause",
    ),
    _figure1(
        "capacity-test",
        "§4.1",
        "The teacher is better because it is larger, on the test images too.",
        Contrast(final("test_loss"), "Final test loss", "teacher", "student_alone", cause=("width",)),
        "cause",
    ),
    _figure1(
        "reach-alone",
        "§4.1 and caption of Figure 1",
        "The taught student needs fewer iterations than the student alone to reach a training loss.",
        Contrast(
            reach("train_loss"),
            "Iterations to the higher of the two final training losses",
            "student_taught",
            "student_alone",
        ),
        "speed",
    ),
    _figure1(
        "reach-teacher",
        "§4.1",
        "The taught student needs fewer iterations than the teacher to reach a training loss.",
        Contrast(
            reach("train_loss"),
            "Iterations to the higher of the two final training losses",
            "student_taught",
            "teacher",
        ),
        "speed",
    ),
    _figure1(
        "rate-alone",
        "§4.1",
        "The taught student converges at a faster rate than the student alone: it falls faster through the "
        "same stretch of training loss.",
        Contrast(
            rate("train_loss"),
            "Iterations from the lower start to the higher end of training loss",
            "student_taught",
            "student_alone",
        ),
        "speed",
    ),
    _figure1(
        "rate-teacher",
        "§4.1",
        "The taught student converges at a faster rate than the teacher.",
        Contrast(
            rate("train_loss"),
            "Iterations from the lower start to the higher end of training loss",
            "student_taught",
            "teacher",
        ),
        "speed",
    ),
    _figure1(
        "penalty-speed",
        "§4.1, as a confirmation of P-Theorem 3",
        "The teacher's knowledge in the objective is what speeds the student up: with the same start it learns "
        "faster at λ = 0.01 than at λ = 0.",
        Contrast(
            curve("train_loss"),
            "Mean training loss of the run (geometric)",
            "student_taught",
            "taught_no_penalty",
            cause=("penalty",),
        ),
        "cause",
        BOOK,
    ),
    _figure1(
        "penalty-train",
        "§4.1, as a consequence of P-Theorem 1 and §2.7",
        "The teacher's knowledge in the objective improves the student's final training loss: with the same "
        "start it is lower at λ = 0.01 than at λ = 0.",
        Contrast(final("train_loss"), "Final training loss", "student_taught", "taught_no_penalty", cause=("penalty",)),
        "cause",
        BOOK,
    ),
    _figure1(
        "penalty-test",
        "§4.1, as a consequence of P-Theorem 1 and §2.7",
        "The teacher's knowledge in the objective improves the student's final test loss: with the same start "
        "it is lower at λ = 0.01 than at λ = 0.",
        Contrast(final("test_loss"), "Final test loss", "student_taught", "taught_no_penalty", cause=("penalty",)),
        "cause",
        BOOK,
    ),
    _figure1(
        "knowledge-random-start",
        "§4.1, last sentence on Figure 1",
        "Information from the teacher helps by itself: from a random start the student learns faster with "
        "λ = 0.01 and the teacher's features than with labels alone.",
        Contrast(
            curve("train_loss"),
            "Mean training loss of the run (geometric)",
            "random_penalty",
            "student_alone",
            cause=("penalty",),
        ),
        "cause",
        BOOK,
    ),
    _figure1(
        "start",
        "§4.2, last sentence",
        "Starting from a trained teacher's units is important: this start alone, without a penalty, gives a lower "
        "training loss over the run than a random one.",
        Contrast(
            curve("train_loss"),
            "Mean training loss of the run (geometric)",
            "taught_no_penalty",
            "student_alone",
            cause=("start",),
        ),
        "cause",
        BOOK,
    ),
    _figure1(
        "equal-training",
        "§4.1, last sentence on Figure 1",
        "The gain comes from the transfer and not from the iterations the teacher has had: the taught student "
        "ends with a lower training loss than a student alone that was trained twice as long.",
        Contrast(final("train_loss"), "Final training loss", "student_taught", "alone_long", cause=_TRANSFER),
        "cause",
        BOOK,
    ),
    _figure1(
        "equal-training-test",
        "§4.1, last sentence on Figure 1",
        "The taught student also ends with a lower test loss than a student alone that was trained twice as long.",
        Contrast(final("test_loss"), "Final test loss", "student_taught", "alone_long", cause=_TRANSFER),
        "cause",
        BOOK,
    ),
    _figure1(
        "scale",
        "§2.5 (the correction q) with §4.1",
        "With the teacher trained under the correction q, as P-Theorem 2 has it, the taught student still ends with "
        "a lower training loss than the student alone.",
        Contrast(final("train_loss"), "Final training loss", "taught_scaled", "student_alone"),
        "quality",
        BOOK,
    ),
    _figure1(
        "scale-knowledge",
        "§2.5",
        "The factor q = √(m/m̄) is the correction that a random choice of the teacher's units needs: with it their "
        "output misses the labels by less.",
        Contrast(
            initial("train_loss"),
            "Training loss of the knowledge itself (before the student trains)",
            "taught_scaled",
            "student_taught",
            cause=("start", "knowledge"),
        ),
        "cause",
        BOOK,
    ),
)
