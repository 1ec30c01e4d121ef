"""Figure 3 (§4.2): teachers stopped early, the fully trained teacher, and its knowledge without its start; λ = 0.01.

A student of the teacher stopped at iteration r starts from units as they were then, and is asked to keep their
features as they were then.
"""

from kdsrc.studies.conditions import Condition
from kdsrc.studies.names import EARLY_STOPS, early
from kdsrc.studies.settings import Settings

__all__ = ["arms"]

ARMS = {
    "teacher": "100 units, labels only",
    "student_alone": "20 units, random start, labels only",
    "from_full": "start and Φ from the trained teacher",
    "random_full_outputs": "random start, Φ from the trained teacher",
    **{early(stop): f"start and Φ from the teacher at iteration {stop}" for stop in EARLY_STOPS},
}


def arms(settings: Settings) -> dict[str, Condition]:
    """The conditions, in the order of `ARMS`."""
    teacher, penalty = settings.teacher(), settings.penalty
    return {
        "teacher": teacher,
        "student_alone": settings.student(),
        "from_full": settings.student(teacher, penalty=penalty),
        "random_full_outputs": settings.student(penalty=penalty, knowledge=teacher),
        **{
            early(stop): settings.student(settings.teacher(iterations=stop), penalty=penalty)
            for stop in settings.checkpoints
        },
    }
