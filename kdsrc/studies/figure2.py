"""Figure 2 (§4.1): the taught student at λ = 0, 0.01, 0.1, 1 and λ → ∞, beside its teacher.

λ = 0 and λ = 0.01 are Figure 1's arms. The larger λ, the faster the flow: λ = 1 is not stable at the paper's step
and takes two half steps for one. Its iterations are counted in whole ones.
"""

from dataclasses import replace

import numpy as np

from kdsrc.networks import TwoLayerNetwork
from kdsrc.studies import figure1
from kdsrc.studies.common import Outcome, Settings, Store, cost, key, pack, unpack
from kdsrc.studies.teachers import chosen
from kdsrc.training.euler import Arm, train
from kdsrc.training.history import History

ARMS = {
    "teacher": "100 units, labels only",
    "taught_penalty_0": "taught start, λ = 0",
    "taught_penalty_0.01": "taught start, λ = 0.01",
    "taught_penalty_0.1": "taught start, λ = 0.1",
    "taught_penalty_1": "taught start, λ = 1",
    "taught_penalty_inf": "taught start, λ → ∞",
}
_SHARED = {"teacher": "teacher", "taught_penalty_0": "taught_no_penalty", "taught_penalty_0.01": "student_taught"}
_HALVED = "taught_penalty_1"


def run_seed(settings: Settings, data, data_hash: str, seed: int, store: Store) -> Outcome:
    """All arms for one seed; Figure 1's pieces are taken from the store, or made."""
    first = figure1.run_seed(settings, data, data_hash, seed, store)
    arrays = store.piece(
        key("figure2", settings, data_hash, seed),
        lambda: pack(
            train_larger(settings, data, larger_arms(settings, data, seed, first.histories["teacher"].network))
        ),
    )
    histories = {arm: first.histories[_SHARED[arm]] if arm in _SHARED else unpack(arrays, arm) for arm in ARMS}
    return Outcome(histories, (*first.pieces, cost("figure2", arrays)))


def larger_arms(settings: Settings, data, seed: int, teacher: TwoLayerNetwork) -> list[Arm]:
    """The students at λ = 0.1, 1 and ∞, at their start."""
    taught = chosen(teacher, settings, seed)
    knowledge = taught.features(data.x_train)
    penalties = {"taught_penalty_0.1": 0.1, _HALVED: 1.0, "taught_penalty_inf": np.inf}
    return [Arm(name, taught, penalty, knowledge) for name, penalty in penalties.items()]


def train_larger(settings: Settings, data, arms: list[Arm]) -> dict[str, History]:
    """Histories of `larger_arms`, or some of them, in whole steps."""
    halved = [arm for arm in arms if arm.name == _HALVED]
    found = train(
        halved,
        data,
        learning_rate=settings.learning_rate / 2,
        iterations=2 * settings.iterations,
        record_every=2 * settings.record_every,
    )[_HALVED]
    whole = train(
        [arm for arm in arms if arm not in halved],
        data,
        learning_rate=settings.learning_rate,
        iterations=settings.iterations,
        record_every=settings.record_every,
    )
    return whole | {_HALVED: replace(found, iterations=found.iterations // 2)}
