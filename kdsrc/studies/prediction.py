"""Figure 1 foretold: the kernel regime's curves of every arm (Eq. 3-4), computed at its start without training it.

A taught student's start holds units of a trained teacher; its own training is what is predicted. Time is
t = η × iterations, so that the curves stand beside Figure 1's at the same iterations.
"""

import numpy as np

from kdsrc.dynamics.regime import KernelRegime
from kdsrc.studies.common import METRICS, Outcome, Settings, Store, cost, key, pack, unpack
from kdsrc.studies.figure1 import taught_arms
from kdsrc.studies.teachers import first_stage, initial_arms
from kdsrc.training.euler import Arm
from kdsrc.training.history import History

LONG = {"teacher": "teacher_long", "student_alone": "alone_long"}  # from the same start, twice as long


def run_seed(settings: Settings, data, data_hash: str, seed: int, store: Store) -> Outcome:
    """Predicted histories of Figure 1's arms for one seed, one arm a piece; their networks are the starts."""
    first = first_stage(settings, data, data_hash, seed, store)
    histories, pieces = {}, list(first.pieces)
    for arm in initial_arms(settings, data, seed) + taught_arms(settings, data, seed, first.histories):
        arrays = store.piece(
            key("prediction", settings, data_hash, seed, arm=arm.name),
            lambda arm=arm: pack(_predictions(settings, data, arm)),
        )
        pieces.append(cost(f"prediction {arm.name}", arrays))
        histories |= {name: unpack(arrays, name) for name in (arm.name, LONG.get(arm.name)) if name}
    return Outcome(histories, tuple(pieces))


def predict(arm: Arm, data, *, learning_rate: float, iterations) -> History:
    """What the kernel regime at the arm's start says of its training.

    Parameters
    ----------
    arm : Arm
    data : Dataset
    learning_rate : float
        η as in `kdsrc.training.train`; t = η × iterations.
    iterations : (T,) int array

    Returns
    -------
    History
        Losses and accuracies of the predicted outputs; the network is the arm's start.
    """
    regime = KernelRegime(arm.network, data.x_train, data.y_train, penalty=arm.penalty, knowledge=arm.knowledge)
    times = learning_rate * np.asarray(iterations)
    train = _scores(regime.output(times), data.y_train)
    test = _scores(regime.output(times, data.x_test), data.y_test)
    return History(np.asarray(iterations), train[0], test[0], train[1], test[1], arm.network)


def _predictions(settings, data, arm):
    last = settings.iterations * (2 if arm.name in LONG else 1)
    iterations = np.arange(0, last + 1, settings.record_every)
    history = predict(arm, data, learning_rate=settings.learning_rate, iterations=iterations)
    if arm.name not in LONG:
        return {arm.name: history}
    short = len(np.arange(0, settings.iterations + 1, settings.record_every))
    return {
        LONG[arm.name]: history,
        arm.name: History(iterations[:short], *(getattr(history, metric)[:short] for metric in METRICS), arm.network),
    }


def _scores(output, y):
    """Mean squared residual and accuracy at each time; output (T, n), y (n,)."""
    return ((y - output) ** 2).mean(1), ((output > 0) == (y > 0)).mean(1)
