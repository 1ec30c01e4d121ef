"""What the conditions of a study share (§4), its scales, and the random streams of a seed."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from kdsrc.data import Dataset, load
from kdsrc.studies.conditions import Condition
from kdsrc.studies.names import EARLY_STOPS

__all__ = ["SCALES", "SEEDS", "Settings", "recorded", "streams"]

# Not part of what decides a condition's numbers: from these a study makes its list of conditions.
LISTED = (
    "student_width",
    "penalty",
    "small_penalty",
    "iterations",
    "checkpoints",
    "long",
    "landmarks",
    "few",
    "few_iterations",
    "fewer_landmarks",
    "top",
    "draws",
)


@dataclass(frozen=True)
class Settings:
    """Settings of §4; the number of iterations, which the paper does not give, is ours.

    The learning rate multiplies the gradient of a sum over samples: with a tenth of the images `quick` takes ten
    times the paper's rate, so that η·λ_max, and with it the shape of the curves, stays. `live` is what the pages
    of the book run: seconds on the embedded digits.

    Attributes
    ----------
    dataset : {'cifar10', 'digits'}
        As `kdsrc.data.load` names it.
    n_train, n_test : int, optional
        Training and test images that are taken, the first so many; all unless given.
    activation : str
        σ of every network, as `kdsrc.activations.ACTIVATIONS` names it.
    teacher_width, student_width : int
        Units m̄ of a teacher and m of a student.
    std : float
        Standard deviation of a random start's weights, k of Eq. (16).
    penalty : float
        λ of a taught student, where its figure does not vary it.
    small_penalty : float
        The small λ of §4.4 (study ``modes``): a hundredth of the figures'.
    learning_rate : float
        η of an iteration on all training images; an iteration is the time t = η of the flow.
    iterations : int
        Of every arm, teachers among them, unless its condition says otherwise.
    checkpoints : tuple of int
        Iterations at which teachers are stopped early (Figures 3 and 5).
    dtype : {'float32', 'float64'}
        Precision of the training.
    halved_from : float
        From this λ on an iteration is two half steps: the larger λ, the faster the flow, and the paper's step is not
        stable at λ = 1.
    landmarks : int
        Of the kernel features (Figures 4 and 6), which have as many numbers; the paper does not give it.
    handover, stages : int
        Long runs: iterations of gradient descent before the long steps, and the stages of a step.
    long : int
        Iterations of the longest run.
    top : int
        How many of the kernel's leading eigenvectors overlaps are measured with.
    draws : int
        How many draws of a student's units are averaged (study ``width``).
    few, few_iterations : int
        The comparison of embeddings takes fewer images, and fewer iterations.
    fewer_landmarks : tuple of int
        It also takes several numbers of landmarks.

    Examples
    --------
    >>> SCALES["live"].dataset, SCALES["paper"].n_train
    ('digits', 10000)
    """

    dataset: str = "cifar10"
    n_train: int | None = 10_000
    n_test: int | None = 2_000
    activation: str = "relu"
    teacher_width: int = 100
    student_width: int = 20
    std: float = 1e-2
    penalty: float = 0.01
    small_penalty: float = 1e-4
    learning_rate: float = 2e-4
    iterations: int = 2_000
    checkpoints: tuple[int, ...] = EARLY_STOPS
    dtype: str = "float32"
    halved_from: float = 1.0
    landmarks: int = 1_000
    handover: int = 4_000
    stages: int = 40
    long: int = 200_000
    top: int = 20
    draws: int = 5_000
    few: int = 2_000
    few_iterations: int = 1_000
    fewer_landmarks: tuple[int, ...] = (50, 200, 1_000)

    def data(self, root: Path | str | None = None) -> Dataset:
        return load(self.dataset, n_train=self.n_train, n_test=self.n_test, root=root)

    def deciding(self) -> dict:
        """What decides a condition's numbers, besides the condition, the data and the seed."""
        return {name: value for name, value in asdict(self).items() if name not in LISTED}

    def teacher(self, **factors) -> Condition:
        """The teacher: a random start, no knowledge."""
        return self.condition(**{"width": self.teacher_width, **factors})

    def student(self, teacher: Condition | None = None, **factors) -> Condition:
        """A student; its start, and with a penalty its knowledge, are the teacher's unless said otherwise."""
        given = {"width": self.student_width, "start": teacher, **factors}
        if given.get("penalty", 0.0) > 0:
            given.setdefault("knowledge", teacher)
        return self.condition(**given)

    def condition(self, **factors) -> Condition:
        return Condition(**{"activation": self.activation, "iterations": self.iterations, **factors})


SCALES = {
    "paper": Settings(),
    "quick": Settings(
        n_train=1_000,
        n_test=400,
        learning_rate=2e-3,
        landmarks=200,
        few=500,
        few_iterations=300,
        fewer_landmarks=(20, 50, 200),
    ),
    "live": Settings(
        dataset="digits",
        n_train=None,
        n_test=None,
        learning_rate=4e-3,
        iterations=1_000,
        dtype="float64",
        landmarks=100,
        few=250,
        few_iterations=300,
        fewer_landmarks=(20, 50, 100),
    ),
}
SEEDS = {"paper": 8, "quick": 2, "live": 3}
# "student" drew the second random start of records before format 3; without it all later streams would move.
_STREAMS = ("teacher", "student", "choice", "restart", "labels", "flips")


def streams(seed: int) -> dict[str, np.random.SeedSequence]:
    """Independent random streams of one seed, by what they decide; a new one goes to the end."""
    return dict(zip(_STREAMS, np.random.SeedSequence(seed).spawn(len(_STREAMS)), strict=True))


def recorded(iterations: int) -> list[int]:
    """The iterations that a record keeps: every 10th to 500, every 50th to 5 000, every 500th to 50 000, and so on.

    A longer run keeps what a shorter one keeps, but for the shorter one's last.

    Examples
    --------
    >>> recorded(100)
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    """
    kept, edge = {*range(0, 501, 10)}, 500
    while edge < iterations:
        kept |= {*range(edge, 10 * edge + 1, edge // 10)}
        edge *= 10
    return sorted({one for one in kept if one < iterations} | {iterations})
