"""The same sentences tested beyond the figures: at a long horizon, with the causes crossed, over widths, elsewhere.

Final quality cannot be read from curves that are still falling, a cause not from one comparison, and a verdict on
one pair of classes may be an accident of it. All of that is asked by the book; what §2.5 says of the width, and what
§4.2 to §4.4 say of amplitudes and outputs, is the paper's, and needs studies beside its figures.
"""

from kdsrc.claims.criteria import Contrast, MainEffect
from kdsrc.claims.figure1 import FIGURE1
from kdsrc.claims.figures2_4 import against_early, error_grows, last
from kdsrc.claims.framework import BOOK, PAPER, claim
from kdsrc.claims.judging import uncapitalised
from kdsrc.claims.measures import best, curve, final
from kdsrc.claims.on_measures import LogLogSlope, MeasureContrast, SameShape
from kdsrc.claims.rows import OnEachPair, RowContrast
from kdsrc.studies.questions import QUESTIONS

__all__ = ["BEYOND_FIGURES"]

_STUDENTS = ("student_alone", "student_taught")
_LOSSES = (("train", "training"), ("test", "test"))


def _horizon():
    for which, name in _LOSSES:
        yield (
            f"taught-{which}",
            "§4.1",
            f"Trained to the end, the taught student still has a lower {name} loss than the student alone.",
            last(which, "student_taught", "student_alone"),
            "quality",
        )
        yield (
            f"teacher-{which}",
            "§4.1",
            f"Trained to the end, the teacher has the lowest {name} loss of the three.",
            last(which, "teacher", _STUDENTS),
            "quality",
        )
        yield (
            f"penalty-{which}",
            "§4.1 and caption of Figure 2",
            f"Trained to the end, the student with λ = 0.01 has a lower {name} loss than that with λ = 0.",
            last(which, "student_taught", "taught_no_penalty"),
            "quality",
        )
        yield (
            f"early-{which}",
            "§4.2",
            f"Trained to the end, the student of the full teacher has a lower {name} loss than that of an early one.",
            against_early(last, which, arm="student_taught"),
            "quality",
        )
        yield (
            f"random-{which}",
            "§4.2",
            "Trained to the end, the student that starts from the teacher's units has a "
            f"lower {name} loss than one with the same knowledge and a random start.",
            last(which, "student_taught", "random_penalty", cause=("start",)),
            "cause",
        )
    yield (
        "taught-best",
        "§4.1",
        "At the best moment of its training the taught student has a lower test loss than "
        "the student alone at its own.",
        Contrast(best("test_loss"), "Smallest test loss of the run", "student_taught", "student_alone"),
        "quality",
    )
    yield (
        "error-grows",
        "§2.7",
        "With an imperfect teacher the final error grows with λ.",
        error_grows(
            {"1": "taught_penalty_1", "0.1": "taught_penalty_0.1", "0.01": "student_taught", "0": "taught_no_penalty"}
        ),
        "theory",
    )


def _causes():
    scales, penalties = ("", "_q"), ("0", "0.01")
    measures = (
        ("train", final("train_loss"), "Final training loss"),
        ("test", final("test_loss"), "Final test loss"),
        ("speed", curve("train_loss"), "Mean training loss of the run (geometric)"),
    )
    for name, measure, quantity in measures:
        for rival, words in (("random", "a random start"), ("early", "an early teacher's")):
            # an early teacher also says other features
            teacher = ("start", "knowledge") if rival == "early" else ("start",)
            pairs = tuple((f"full_{p}{q}", f"{rival}_{p}{q}") for p in penalties for q in scales)
            yield (
                f"start-{rival}-{name}",
                "§4.2, last sentence",
                "The start matters, whatever λ and the scale: the "
                f"full teacher's units lead to a lower {uncapitalised(quantity)} than {words}.",
                MainEffect(measure, quantity, f"full teacher's start against {words}", pairs, cause=teacher),
                "cause",
            )
        pairs = tuple((f"{start}_0.01{q}", f"{start}_0{q}") for start in ("full", "early", "random") for q in scales)
        yield (
            f"penalty-{name}",
            "§4.1",
            "The teacher's knowledge in the objective matters, whatever the start and "
            f"the scale: λ = 0.01 leads to a lower {uncapitalised(quantity)} than λ = 0.",
            MainEffect(measure, quantity, "λ = 0.01 against λ = 0", pairs, cause=("penalty",)),
            "cause",
        )


def _width():
    place = "§2.5, after P-Theorem 2"
    final_loss = "the final training loss"
    yield (
        "grows",
        place,
        "A smaller student ends with a larger error.",
        LogLogSlope("train_loss", final_loss, False),
        "theory",
    )
    yield (
        "proportional",
        place,
        "The student's final error is proportional to 1 − m/m̄.",
        LogLogSlope("train_loss", final_loss, True),
        "theory",
    )
    yield (
        "knowledge",
        "§7.4",
        "The knowledge's squared distance from its mean over draws is proportional to 1 − m/m̄.",
        LogLogSlope("drawn", "the mean squared distance of the knowledge from its mean over draws", True),
        "theory",
    )


def _modes():
    """§4.3 and §4.4 speak of Theorem 3's α_j and measure other things; the record ``modes`` holds these."""
    yield (
        "overlap",
        "§4.4",
        "For a small λ the overlap parameters are approximately equal to the α_j of P-Theorem 3.",
        SameShape(
            "alphas_taught_full_pixels_small",
            "overlap_teacher_full_pixels",
            "The |α_j| of the leading poles at a small λ and the full teacher's mean absolute overlaps, one by one",
        ),
        "spectrum",
    )
    yield (
        "embedding",
        "§4.3",
        "Kernel features improve the combination of the α_j: less of a student's way lies along slow modes.",
        MeasureContrast(
            "left_taught_full_embedded",
            "left_taught_full_pixels",
            "Share of the way to f(∞) that is left, averaged over the recorded times (geometric), of the taught "
            "student on kernel features against pixels",
        ),
        "spectrum",
    )


def _practice():
    """§4.2 says that the teacher's *outputs* enter Eq. (2), which has features. What if outputs are taught?

    From the record ``practice``, without flipped labels: targets are in equal parts labels and a teacher's outputs. Its
    students have no penalty, so that neither sentence is the paper's.
    """
    place = "§4.2, outputs in place of features"
    yield (
        "start",
        place,
        "The student that starts from the full teacher's units and learns from the labels ends with a lower test loss "
        "than one with a random start that is taught by the final teacher's outputs.",
        RowContrast(
            "test_loss_start_full",
            "test_loss_outputs_0.5_full",
            "Final test loss",
            (("flipped", 0.0),),
            called=("the full teacher's units", "its outputs from a random start"),
        ),
        "quality",
    )
    yield (
        "early",
        place,
        "From a random start, the final teacher's outputs lead to a lower test loss than an early teacher's.",
        RowContrast(
            "test_loss_outputs_0.5_full",
            "test_loss_outputs_0.5_early",
            "Final test loss",
            (("flipped", 0.0),),
            called=("the full teacher's outputs", "an early one's"),
        ),
        "quality",
    )


def _pairs():
    """The headline claims on all pairs of digits, as `kdsrc.studies.questions.QUESTIONS` asks them."""
    for name, asked in QUESTIONS.items():
        for metric in asked.metrics:
            loss = dict(_LOSSES)[metric.removesuffix("_loss")]
            yield (
                f"{name}-{metric.removesuffix('_loss')}",
                _HEADLINE_PLACES[name],
                f"On each pair of handwritten digits, by {loss} loss: {uncapitalised(asked.says)}",
                OnEachPair(metric, f"Final {loss} loss", asked.arm, asked.against, cause=asked.cause),
                "cause" if asked.cause else "quality",
            )


def _claims(record, rows):
    return tuple(
        claim(
            f"{record}-{name}",
            place,
            statement,
            test,
            record=record,
            kind=kind,
            page=_PAGES[record],
            origin=PAPER if record in ("width", "modes") else BOOK,
        )
        for name, place, statement, test, kind in rows
    )


_PAGES = {
    "horizon": "head_start",
    "causes": "causes",
    "width": "theorem2",
    "modes": "modes",
    "practice": "practice",
    "pairs": "generality",
}
_HEADLINE_PLACES = {
    "taught": "§4.1 and caption of Figure 1",
    "teacher": "§4.1",
    "start": "§4.2, last sentence",
    "penalty": "§4.1 and caption of Figure 2",
    "words": "§4.1",
    "full": "§4.2 and caption of Figure 3",
    "moderate": "§4.1 and caption of Figure 2",
}
_ELSEWHERE = (
    "train-quality",
    "test-quality",
    "teacher-train",
    "reach-alone",
    "rate-alone",
    "penalty-speed",
    "penalty-train",
    "penalty-test",
    "start",
    "equal-training",
    "equal-training-test",
)
_DIGITS = tuple(
    claim(
        f"digits-{name}",
        found.source,
        f"On handwritten 3 and 8 too: {uncapitalised(found.statement)}",
        found.judge,
        record="digits",
        page="causes",
        kind=found.kind,
        origin=BOOK,
    )
    for name in _ELSEWHERE
    for found in FIGURE1
    if found.id == f"figure1-{name}"
)

BEYOND_FIGURES = (
    *_claims("horizon", _horizon()),
    *_claims("causes", _causes()),
    *_claims("width", _width()),
    *_DIGITS,
    *_claims("modes", _modes()),
    *_claims("practice", _practice()),
    *_claims("pairs", _pairs()),
)
