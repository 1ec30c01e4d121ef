"""Training many arms at once: the Euler scheme of Eq. (9), and long steps along the same flow."""

from kdsrc.training.euler import Arm, largest_step, train
from kdsrc.training.history import History, TrainingDiverged

__all__ = ["Arm", "History", "TrainingDiverged", "largest_step", "train"]
