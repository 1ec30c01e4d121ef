"""What an arm of an experiment is, said by factors: its start, its knowledge, its penalty, and so on (§4).

A figure is a list of named conditions. The teacher of a student is itself a condition: stopping it early, training it
under the scale q of §2.5 or on shuffled labels is said by its own factors. Two conditions know by which factors they
differ, so that a claim about a cause cannot compare two things at once.
"""

from dataclasses import dataclass, fields, replace

import numpy as np

__all__ = ["PIXELS", "Condition", "completed", "differences"]

PIXELS = "pixels"
TRUE, SHUFFLED = "true", "shuffled"
DESCENT, LONG_STEPS, KERNEL_REGIME = "descent", "long steps", "kernel regime"
LATER = {"std": None, "classes": None, "flipped": 0.0, "outputs": None, "mixing": 0.0}
LABELS, METHODS = (TRUE, SHUFFLED), (DESCENT, LONG_STEPS, KERNEL_REGIME)


@dataclass(frozen=True)
class Condition:
    """One arm, but for its seed and for the settings of its study.

    Attributes
    ----------
    width : int
        Units m.
    start : Condition, optional
        The network whose units, drawn by the seed, are the start; random unless given.
    knowledge : Condition, optional
        The network whose drawn units say Φ; with a penalty, and only then.
    penalty : float
        λ of objective (2), 0 ≤ λ ≤ ∞.
    output_scale : float
        Factor of the output weights: q for a teacher under the scale of §2.5.
    inputs : str
        `PIXELS`, or kernel features as `kdsrc.studies.inputs` names them.
    images : int, optional
        Train on the first so many images, with a rate that grows as their number falls; on all unless given.
    labels : {'true', 'shuffled'}
    activation : str
    method : {'descent', 'long steps', 'kernel regime'}
        Gradient descent; descent followed by Runge–Kutta–Chebyshev steps; or the prediction of Eq. (3–4).
    iterations : int
    std : float, optional
        Scale k of random initial weights (Eq. 16); the settings' unless given.
    classes : pair of int, optional
        Of the data set: the first has label +1; its usual two unless given.
    flipped : float
        Share of the training labels that are turned round, 0 ≤ flipped ≤ 1; a larger share turns more of them.
    outputs : Condition, optional
        The network whose outputs are mixed into the labels.
    mixing : float
        θ ≥ 0 of the targets (1 − θ) y + θ f_teacher; with outputs, and only then, θ > 0. Training losses and
        accuracies are then those of the targets.

    Raises
    ------
    ValueError
        For factors that contradict each other.

    Examples
    --------
    >>> teacher = Condition(width=100)
    >>> sorted(differences(Condition(width=20).factors(), Condition(width=20, start=teacher).factors()))
    ['start']
    """

    width: int
    start: "Condition | None" = None
    knowledge: "Condition | None" = None
    penalty: float = 0.0
    output_scale: float = 1.0
    inputs: str = PIXELS
    images: int | None = None
    labels: str = TRUE
    activation: str = "relu"
    method: str = DESCENT
    iterations: int = 2_000
    std: float | None = None
    classes: tuple[int, int] | None = None
    flipped: float = 0.0
    outputs: "Condition | None" = None
    mixing: float = 0.0

    def __post_init__(self):
        if not self.penalty >= 0 or (self.penalty > 0) != (self.knowledge is not None):
            raise ValueError(
                f"Condition: penalty={self.penalty} and {'some' if self.knowledge else 'no'} knowledge; expected λ "
                "≥ 0, with knowledge for λ > 0 and without for λ = 0"
            )
        if self.labels not in LABELS or self.method not in METHODS:
            raise ValueError(
                f"Condition: labels={self.labels!r}, method={self.method!r}; expected labels among {LABELS} and a "
                f"method among {METHODS}"
            )
        if self.width < 1 or self.iterations < 0 or not self.output_scale > 0:
            raise ValueError(
                f"Condition: width={self.width}, iterations={self.iterations}, output_scale={self.output_scale}; "
                "expected a unit or more, iterations ≥ 0 and a positive factor"
            )
        if not 0 <= self.mixing < np.inf or (self.mixing > 0) != (self.outputs is not None):
            raise ValueError(
                f"Condition: mixing={self.mixing} and {'some' if self.outputs else 'no'} outputs; expected θ ≥ 0, with "
                "outputs for θ > 0 and without for θ = 0"
            )
        if not 0 <= self.flipped <= 1 or not (self.std is None or 0 < self.std < np.inf):
            raise ValueError(
                f"Condition: flipped={self.flipped}, std={self.std}; expected a share from 0 to 1, and a positive scale"
            )
        for teacher in self.teachers:
            if teacher.width < self.width or teacher._sees != self._sees:
                raise ValueError(
                    f"Condition: a student of {self.width} units {self._sees} of a teacher of {teacher.width} "
                    f"{teacher._sees}; expected a teacher as wide or wider, on the same inputs and classes, with the "
                    "same activation"
                )

    @property
    def teachers(self) -> tuple["Condition", ...]:
        """The networks that have to be trained first."""
        return tuple(dict.fromkeys(one for one in (self.start, self.knowledge, self.outputs) if one is not None))

    @property
    def family(self) -> "Condition":
        """The same but for the iterations; one run passes through all members of a family."""
        return replace(self, iterations=0)

    @property
    def targets(self) -> tuple:
        """What decides the images and the targets that it is trained on, besides the settings; equal for one pass."""
        return (self.inputs, self.images, self.labels, self.classes, self.flipped, self.outputs, self.mixing)

    def said(self) -> dict[str, object]:
        """All of it as nested dictionaries; of `LATER` factors those that are not at their usual level.

        Under a key made of it a piece keeps its name when conditions get a factor more.
        """
        levels = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: level.said() if isinstance(level, Condition) else level
            for name, level in levels.items()
            if name not in LATER or level != LATER[name]
        }

    def factors(self) -> dict[str, object]:
        """Name of each factor -> its level, as a word or a number."""
        levels = {one.name: getattr(self, one.name) for one in fields(self)}
        levels["start"] = self.start.brief if self.start else "random"
        levels["knowledge"] = self.knowledge.brief if self.knowledge else "none"
        levels["outputs"] = self.outputs.brief if self.outputs else "none"
        levels["images"] = self.images or "all"
        levels["std"] = self.std or "as set"
        levels["classes"] = "{} and {}".format(*self.classes) if self.classes else "as set"
        levels["penalty"] = "inf" if np.isinf(self.penalty) else self.penalty
        return levels

    @property
    def _sees(self):
        return self.inputs, self.activation, self.classes

    @property
    def brief(self) -> str:
        """In a few words, as the level of a factor of its students."""
        usual = Condition(self.width).factors()
        unusual = [f"{name} {level}" for name, level in self.factors().items() if level != usual[name]]
        return ", ".join(
            [f"{self.width} units", f"{self.iterations} iterations"]
            + [one for one in unusual if not one.startswith("iterations ")]
        )


def completed(factors: dict) -> dict:
    """Levels of all factors; a record that is older than a factor was made at its usual level."""
    return Condition(1).factors() | factors


def differences(one: dict, other: dict) -> frozenset[str]:
    """By which factors two conditions differ, each given by its `Condition.factors`.

    At λ = 0 there is no knowledge: against such a condition a penalty and its knowledge count as one factor, `penalty`.
    So do `mixing` and its outputs.
    """
    one, other = completed(one), completed(other)
    found = {name for name in one if one[name] != other[name]}
    for weight, what in (("penalty", "knowledge"), ("mixing", "outputs")):
        if 0.0 in (one[weight], other[weight]) and weight in found:
            found.discard(what)
    return frozenset(found)
