"""The long run: every arm of Figures 1 to 3 on a thousand images until its training loss no longer moves.

What the paper says of final quality cannot be read from the figures' iterations. Teaching is as there; then every
arm, the teacher and the student alone included, trains on: `horizon` iterations of gradient descent, and from there
to `rest` iterations by the Runge-Kutta-Chebyshev steps of `kdsrc.training.long_steps`, which follow the same flow. λ
→ ∞ does not move and is left out.
"""

from dataclasses import dataclass, fields, replace

import numpy as np

from kdsrc.studies import figure1, figure2, figure3
from kdsrc.studies.common import Outcome, Settings, Store, cost, joined, key, pack, unpack
from kdsrc.studies.teachers import first_stage
from kdsrc.training.euler import Arm, train
from kdsrc.training.long_steps import follow


@dataclass(frozen=True)
class DescentSettings(Settings):
    """A thousand images allow ten times the step, and a Gram matrix instead of weights."""

    n_train: int | None = 1_000
    learning_rate: float = 2e-3
    horizon: int = 40_000


@dataclass(frozen=True)
class HorizonSettings(DescentSettings):
    """`rest` counts all iterations after the teaching; `stages` are those of a long step."""

    rest: int = 2_000_000
    stages: int = 40

    def descent(self) -> DescentSettings:
        """What the iterations of gradient descent need to know."""
        return DescentSettings(**{field.name: getattr(self, field.name) for field in fields(DescentSettings)})


SETTINGS = {
    "paper": HorizonSettings(),
    "quick": HorizonSettings(n_train=500, n_test=400, learning_rate=4e-3, horizon=2_000, rest=200_000),
    "live": HorizonSettings(
        dataset="digits", n_train=None, n_test=None, learning_rate=4e-3, iterations=1_000, horizon=4_000, rest=20_000
    ),
}
ARMS = {
    **{arm: figure1.ARMS[arm] for arm in ("teacher", "student_alone", "teacher_scaled", *figure1.TAUGHT)},
    **{arm: figure2.ARMS[arm] for arm in ("taught_penalty_0.1", "taught_penalty_1")},
    **{figure3.early(stop): figure3.ARMS[figure3.early(stop)] for stop in Settings.checkpoints},
}
_ROWS = (200, 100)  # recorded of the descent, and of what follows


def run_seed(settings: HorizonSettings, data, data_hash: str, seed: int, store: Store) -> Outcome:
    """All arms for one seed; the teacher and the students alone start where their teaching ended.

    Measures, in the order of `ARMS`: ``by_descent`` and ``by_steps``, the training losses after a quarter of
    `horizon` more, by gradient descent and by the long steps, from the same networks; ``lost``, on how many training
    images no active unit has an output weight of the label's sign at the end: there the output cannot move to it.
    """
    descent = settings.descent()
    first = first_stage(descent, data, data_hash, seed, store)
    starts = start(descent, data, seed, first.histories)
    early = store.piece(
        key("horizon", descent, data_hash, seed),
        lambda: pack(_descend(settings, data, starts, settings.horizon, settings.horizon // _ROWS[0])),
    )
    arms = [replace(arm, network=unpack(early, arm.name).network) for arm in starts]
    more = settings.rest - settings.horizon
    late = store.piece(
        key("rest", settings, data_hash, seed), lambda: pack(_follow(settings, data, arms, more, more // _ROWS[1]))
    )
    compared = store.piece(key("rest-check", settings, data_hash, seed), lambda: _compare(settings, data, arms))
    found = {arm: joined(unpack(early, arm), unpack(late, arm)) for arm in ARMS}
    counts = [np.sum(lost(history.network, data)) for history in found.values()]
    return Outcome(
        found,
        (*first.pieces, cost("horizon", early), cost("rest", late), cost("rest-check", compared)),
        {"by_descent": compared["by_descent"], "by_steps": compared["by_steps"], "lost": np.array(counts)},
    )


def lost(network, data) -> np.ndarray:
    """On which training images, (n,), no active unit has an output weight of the label's sign."""
    helpful = np.sign(network.output_weights) == data.y_train[:, None]  # (n, m)
    return ~((network.slopes(data.x_train) > 0) & helpful).any(axis=1)


def start(settings: DescentSettings, data, seed: int, first: dict) -> list[Arm]:
    """The arms `ARMS` where their teaching ended, from the first stage's histories."""
    arms = [
        *(Arm(name, first[name].network) for name in ("teacher", "student_alone", "teacher_scaled")),
        *figure1.taught_arms(settings, data, seed, first),
        *figure2.larger_arms(settings, data, seed, first["teacher"].network),
        *figure3.early_arms(settings, data, seed, first["teacher"]),
    ]
    return [arm for arm in arms if arm.name in ARMS]


def _descend(settings, data, arms, iterations, record_every):
    longer = replace(settings, iterations=iterations, record_every=record_every)
    usual, larger = _by_penalty(settings, arms)
    return train(
        usual, data, learning_rate=settings.learning_rate, iterations=iterations, record_every=record_every
    ) | figure2.train_larger(longer, data, larger)


def _follow(settings, data, arms, iterations, record_every):
    """Larger penalties are followed by themselves: they need shorter steps."""
    found = {}
    for group in _by_penalty(settings, arms):
        found |= follow(
            group,
            data,
            learning_rate=settings.learning_rate,
            iterations=iterations,
            record_every=record_every,
            stages=settings.stages,
        )
    return found


def _compare(settings, data, arms):
    more = settings.horizon // 4
    ends = {
        name: run(settings, data, arms, more, more) for name, run in (("by_descent", _descend), ("by_steps", _follow))
    }
    return {name: np.array([found[arm].train_loss[-1] for arm in ARMS]) for name, found in ends.items()}


def _by_penalty(settings, arms):
    return (
        [arm for arm in arms if arm.penalty <= settings.penalty],
        [arm for arm in arms if arm.penalty > settings.penalty],
    )
