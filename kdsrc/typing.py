"""What crosses public borders: arrays of double (or single) precision by their shapes, samples as rows.

n samples, d inputs, m units, T times. Within one call a letter stands for one number, in arguments and result alike;
beartype holds functions to that in the tests.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

__all__ = ["Features", "Labels", "Points", "Seed", "Targets", "TestLabels", "TestPoints", "Times"]

Points = Float[np.ndarray, "n d"]
TestPoints = Float[np.ndarray, "n_test d"]
Labels = Float[np.ndarray, " n"]
TestLabels = Float[np.ndarray, " n_test"]
Features = Float[np.ndarray, "n m"]
Times = Float[np.ndarray, " T"]
Targets = Float[np.ndarray, " n"] | Float[np.ndarray, "n q"]
Seed = int | np.integer | Sequence[int] | np.random.SeedSequence | np.random.Generator
