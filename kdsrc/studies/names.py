"""Names of arms that tell a level, and levels that more than their study speaks of: one source for all.

Studies make these arms, claims compare them and pictures draw them; the last two need no data and no trainer for it.
"""

__all__ = ["EARLY_STOP", "EARLY_STOPS", "SHARE", "early", "taught"]

EARLY_STOPS = (25, 50, 100, 200, 500, 1_000)  # iterations at which the teachers of Figure 3 are stopped early
EARLY_STOP = 100  # of these, where one early teacher stands for all
SHARE = 5  # a teacher of the study ``regime`` has so many times the units of its students, as in the paper


def early(iteration: int) -> str:
    """Name of the student whose teacher stopped at this iteration.

    Examples
    --------
    >>> early(100)
    'from_early_100'
    """
    return f"from_early_{iteration}"


def taught(penalty: float) -> str:
    """Name of the student from the teacher's units with this λ.

    Examples
    --------
    >>> taught(0.01)
    'taught_0.01'
    """
    return f"taught_{penalty:g}"
