"""Figure 2 (§4.1): the taught student at λ = 0, 0.01, 0.1, 1 and λ → ∞, beside its teacher."""

import numpy as np

from kdsrc.studies.conditions import Condition
from kdsrc.studies.settings import Settings

__all__ = ["arms"]

ARMS = {
    "teacher": "100 units, labels only",
    "taught_penalty_0": "20 of the teacher's units, free",
    "taught_penalty_0.01": "20 of the teacher's units, held by the penalty",
    "taught_penalty_0.1": "20 of the teacher's units, held by the penalty",
    "taught_penalty_1": "20 of the teacher's units, held by the penalty",
    "taught_penalty_inf": "20 of the teacher's units, which cannot move",
}
PENALTIES = (0.0, 0.01, 0.1, 1.0, np.inf)


def arms(settings: Settings) -> dict[str, Condition]:
    """The conditions, in the order of `ARMS`."""
    teacher = settings.teacher()
    students = [settings.student(teacher, penalty=penalty) for penalty in PENALTIES]
    return dict(zip(ARMS, [teacher, *students], strict=True))
