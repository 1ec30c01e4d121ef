"""Figure 1 with the ablations that tell its causes apart (§4.1): λ = 0.01, teacher 100 units, students 20.

The teacher and the student alone also train for twice as long, so that every arm can be compared after the same total
number of iterations: a taught student's includes its teacher's. The study `prediction` has the same arms, foretold by
the kernel regime (Eq. 3–4) at their starts, without training them.
"""

from dataclasses import replace

from kdsrc.distillation import scale
from kdsrc.studies.conditions import KERNEL_REGIME, Condition
from kdsrc.studies.settings import Settings

__all__ = ["arms", "foretold", "scaled_teacher"]

ARMS = {
    "teacher": "100 units, labels only",
    "student_alone": "20 units, random start, labels only",
    "student_taught": "20 of the teacher's units as start, λ = 0.01, Φ from the trained teacher",
    "taught_no_penalty": "the same start, λ = 0",
    "random_penalty": "random start, λ = 0.01, the same Φ",
    "taught_scaled": "as the taught student, from the teacher trained under the scale q = √(20/100)",
    "teacher_scaled": "100 units, labels only, output weights q·a",
    "teacher_long": "the teacher, trained twice as long",
    "alone_long": "the student alone, trained twice as long",
}


def arms(settings: Settings) -> dict[str, Condition]:
    """The conditions, in the order of `ARMS`.

    Examples
    --------
    >>> from kdsrc.studies.settings import SCALES
    >>> list(arms(SCALES["live"]))[:2]
    ['teacher', 'student_alone']
    """
    teacher, penalty = settings.teacher(), settings.penalty
    scaled = scaled_teacher(settings)
    return {
        "teacher": teacher,
        "student_alone": settings.student(),
        "student_taught": settings.student(teacher, penalty=penalty),
        "taught_no_penalty": settings.student(teacher),
        "random_penalty": settings.student(penalty=penalty, knowledge=teacher),
        "taught_scaled": settings.student(scaled, penalty=penalty),
        "teacher_scaled": scaled,
        "teacher_long": settings.teacher(iterations=2 * settings.iterations),
        "alone_long": settings.student(iterations=2 * settings.iterations),
    }


def foretold(settings: Settings) -> dict[str, Condition]:
    """The conditions of `arms`, predicted instead of trained, at the same iterations (t = η × iterations).

    A taught student's start holds units of a trained teacher; its own training is what is predicted.
    """
    return {name: replace(one, method=KERNEL_REGIME) for name, one in arms(settings).items()}


def scaled_teacher(settings: Settings, **factors) -> Condition:
    """The teacher under the scale q = √(m/m̄) of §2.5, so that its students say on average what it says."""
    return settings.teacher(output_scale=scale(settings.student_width, settings.teacher_width), **factors)
