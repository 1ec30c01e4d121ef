"""The long run: every arm of Figures 1 to 3 on a thousand images until its training loss no longer moves.

What the paper says of final quality cannot be read from the figures' iterations. Teaching is as there; then every
arm, the teacher and the student alone included, trains on: `horizon` iterations of gradient descent, and from there
to `rest` iterations by the Runge-Kutta-Chebyshev steps of `kdsrc.chebyshev`, which follow the same flow. λ → ∞ does
not move and is left out.
"""

from dataclasses import dataclass, fields, replace

from kdsrc.chebyshev import follow
from kdsrc.studies import figure1, figure2, figure3
from kdsrc.studies.common import Outcome, Settings, Store, cost, joined, key, pack, unpack
from kdsrc.studies.teachers import first_stage
from kdsrc.training import Arm, train


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
    "live": HorizonSettings(dataset="digits", n_train=None, n_test=None, learning_rate=4e-3, iterations=1_000,
                            horizon=4_000, rest=20_000),
}
ARMS = {
    **{arm: figure1.ARMS[arm] for arm in ("teacher", "student_alone", "teacher_scaled", *figure1.TAUGHT)},
    **{arm: figure2.ARMS[arm] for arm in ("taught_penalty_0.1", "taught_penalty_1")},
    **{figure3.early(stop): figure3.ARMS[figure3.early(stop)] for stop in Settings.checkpoints},
}
_ROWS = 100


def run_seed(settings: HorizonSettings, data, data_hash: str, seed: int, store: Store) -> Outcome:
    """All arms for one seed; the teacher and the students alone start where their teaching ended."""
    descent = settings.descent()
    first = first_stage(descent, data, data_hash, seed, store)
    early = store.piece(key("horizon", descent, data_hash, seed),
                        lambda: pack(_descend(descent, data, seed, first.histories)))
    ends = {arm: unpack(early, arm) for arm in ARMS}
    late = store.piece(key("rest", settings, data_hash, seed),
                       lambda: pack(_follow(settings, data, seed, first.histories, ends)))
    return Outcome({arm: joined(ends[arm], unpack(late, arm)) for arm in ARMS},
                   (*first.pieces, cost("horizon", early), cost("rest", late)))


def arms_of(settings: DescentSettings, data, seed: int, first: dict) -> list[Arm]:
    """The arms with λ ≤ 0.01 where their teaching ended."""
    return [*(Arm(name, first[name].network) for name in ("teacher", "student_alone", "teacher_scaled")),
            *figure1.taught_arms(settings, data, seed, first),
            *figure3.early_arms(settings, data, seed, first["teacher"])]


def _descend(settings, data, seed, first):
    longer = replace(settings, iterations=settings.horizon, record_every=settings.horizon // 200)
    found = train(arms_of(settings, data, seed, first), data, learning_rate=longer.learning_rate,
                  iterations=longer.iterations, record_every=longer.record_every)
    return found | figure2.train_larger(longer, data, seed, first["teacher"].network)


def _follow(settings, data, seed, first, ends):
    """Larger penalties are followed by themselves: they need shorter steps."""
    larger = [arm for arm in figure2.larger_arms(settings, data, seed, first["teacher"].network) if arm.name in ends]
    more = settings.rest - settings.horizon
    found = {}
    for arms in (arms_of(settings, data, seed, first), larger):
        found |= follow([replace(arm, network=ends[arm.name].network) for arm in arms], data,
                        learning_rate=settings.learning_rate, iterations=more, record_every=more // _ROWS,
                        stages=settings.stages)
    return found
