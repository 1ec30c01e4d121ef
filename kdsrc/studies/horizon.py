"""The long run: every arm of Figures 1 to 3 on a thousand images until its training loss hardly moves.

What the paper says of final quality cannot be read from the figures' iterations. Teaching is as there; then every
arm, the teacher and the student alone included, trains on for `horizon` iterations. λ → ∞ does not move and is left
out.
"""

from dataclasses import dataclass, replace

from kdsrc.studies import figure1, figure2, figure3
from kdsrc.studies.common import Outcome, Settings, Store, cost, key, pack, unpack
from kdsrc.studies.teachers import first_stage
from kdsrc.training import Arm, train


@dataclass(frozen=True)
class HorizonSettings(Settings):
    """A thousand images allow ten times the step, and a Gram matrix instead of weights."""

    n_train: int | None = 1_000
    learning_rate: float = 2e-3
    horizon: int = 40_000


SETTINGS = {
    "paper": HorizonSettings(),
    "quick": HorizonSettings(n_train=500, n_test=400, learning_rate=4e-3, horizon=2_000),
    "live": HorizonSettings(dataset="digits", n_train=None, n_test=None, learning_rate=4e-3, iterations=1_000,
                            horizon=4_000),
}
ARMS = {
    **{arm: figure1.ARMS[arm] for arm in ("teacher", "student_alone", "teacher_scaled", *figure1.TAUGHT)},
    **{arm: figure2.ARMS[arm] for arm in ("taught_penalty_0.1", "taught_penalty_1")},
    **{figure3.early(stop): figure3.ARMS[figure3.early(stop)] for stop in Settings.checkpoints},
}


def run_seed(settings: HorizonSettings, data, data_hash: str, seed: int, store: Store) -> Outcome:
    """All arms for one seed; the teacher and the students alone start where their teaching ended."""
    first = first_stage(settings, data, data_hash, seed, store)
    arrays = store.piece(key("horizon", settings, data_hash, seed),
                         lambda: pack(_train_on(settings, data, seed, first.histories)))
    return Outcome({arm: unpack(arrays, arm) for arm in ARMS}, (*first.pieces, cost("horizon", arrays)))


def _train_on(settings, data, seed, first):
    longer = replace(settings, iterations=settings.horizon, record_every=settings.horizon // 200)
    arms = [Arm(name, first[name].network) for name in ("teacher", "student_alone", "teacher_scaled")]
    arms += figure1.taught_arms(settings, data, seed, first)
    arms += figure3.early_arms(settings, data, seed, first["teacher"])
    found = train(arms, data, learning_rate=longer.learning_rate, iterations=longer.iterations,
                  record_every=longer.record_every)
    return found | figure2.train_larger(longer, data, seed, first["teacher"].network)
