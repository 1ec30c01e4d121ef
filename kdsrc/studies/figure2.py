"""Figure 2 (§4.1): the taught student at λ = 0, 0.01, 0.1, 1 and λ → ∞, beside its teacher."""

import numpy as np

from kdsrc.studies.conditions import Condition
from kdsrc.studies.settings import Settings

__all__ = ["arms"]

ARMS = {
    "teacher": "100 units, labels only",
    "taught_penalty_0": "taught start, λ = 0",
    "taught_penalty_0.01": "taught start, λ = 0.01",
    "taught_penalty_0.1": "taught start, λ = 0.1",
    "taught_penalty_1": "taught start, λ = 1",
    "taught_penalty_inf": "taught start, λ → ∞",
}
PENALTIES = (0.0, 0.01, 0.1, 1.0, np.inf)


def arms(settings: Settings) -> dict[str, Condition]:
    """The conditions, in the order of `ARMS`."""
    teacher = settings.teacher()
    students = [settings.student(teacher, penalty=penalty) for penalty in PENALTIES]
    return dict(zip(ARMS, [teacher, *students], strict=True))
