"""What is asked on all pairs of digits: the headline claims, each between two arms of `kdsrc.studies.pairs`.

They stand by themselves so that claims can be read without a trainer.
"""

from dataclasses import dataclass

from kdsrc.studies.names import taught

__all__ = ["QUESTIONS", "Question"]


@dataclass(frozen=True)
class Question:
    """Whether one arm has the lower loss, pair by pair: after all iterations, over the seeds.

    Examples
    --------
    >>> QUESTIONS["start"].arm
    'taught_0'
    """

    says: str
    arm: str
    against: str
    metrics: tuple[str, ...] = ("train_loss", "test_loss")
    cause: tuple[str, ...] = ()  # of a question about a cause, the factors in which the arms differ


QUESTIONS = {
    "taught": Question("A taught student ends lower than one that learns alone.", taught(0.01), "student_alone"),
    "teacher": Question("The teacher ends lower than its taught student.", "teacher", taught(0.01)),
    "start": Question(
        "The teacher's units are a better start than random ones, λ = 0.",
        taught(0.0),
        "student_alone",
        cause=("start",),
    ),
    "penalty": Question(
        "From the teacher's units, λ = 0.01 ends lower than λ = 0.", taught(0.01), taught(0.0), cause=("penalty",)
    ),
    "words": Question(
        "From a random start, λ = 0.01 ends lower than λ = 0.", "random_penalty", "student_alone", cause=("penalty",)
    ),
    "full": Question("The full teacher's student ends lower than the early teacher's.", taught(0.01), "from_early"),
    "moderate": Question("A student with λ = 0.01 ends lower than one with λ = 0.3.", taught(0.01), taught(0.3)),
}
