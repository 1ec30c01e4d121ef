"""Figure 4 (§4.3): Figure 1's three arms on alignf + Nyström features, beside the pixels.

What alignf itself brings is seen from the ``compare_`` arms: teachers on single kernels, on their uniform
combination, on alignf's with fewer landmarks, and on pixels. They take fewer images and iterations.
"""

from dataclasses import replace

import numpy as np

from kdsrc.data import Dataset
from kdsrc.networks import init_network
from kdsrc.studies import figure1
from kdsrc.studies.common import Outcome, Store, cost, key, pack, streams, unpack
from kdsrc.studies.embedded import EmbeddedSettings, embedded, learned_weights
from kdsrc.studies.teachers import chosen
from kdsrc.training.euler import Arm, train

NETWORKS = ("teacher", "student_alone", "student_taught")
KERNELS = 7
ARMS = {
    f"{network}_{inputs}": f"{network.replace('_', ' ')} on {description}"
    for inputs, description in (("pixels", "pixels"), ("embedded", "alignf + Nyström features"))
    for network in NETWORKS
}


def run_seed(settings: EmbeddedSettings, data, data_hash: str, seed: int, store: Store) -> Outcome:
    """All arms for one seed; measures: alignf's ``weights`` and ``gammas``."""
    pixels = figure1.run_seed(settings.on_pixels, data, data_hash, seed, store)
    gammas, weights, learned = learned_weights(settings, data, data_hash, store)
    arrays = store.piece(
        key("figure4", settings, data_hash, seed), lambda: pack(_on_features(settings, data, seed, gammas, weights))
    )
    compared = store.piece(
        key("figure4-compare", settings, data_hash, seed), lambda: pack(_compare(settings, data, seed, gammas))
    )
    histories = {f"{name}_pixels": pixels.histories[name] for name in NETWORKS}
    histories |= {f"{name}_embedded": unpack(arrays, name) for name in NETWORKS}
    names = [name.removesuffix("/iterations") for name in compared if name.endswith("/iterations")]
    histories |= {name: unpack(compared, name) for name in names}
    pieces = (*pixels.pieces, cost("alignf", learned), cost("figure4", arrays), cost("figure4-compare", compared))
    return Outcome(histories, pieces, {"gammas": gammas, "weights": weights})


def features_of(settings: EmbeddedSettings, data: Dataset, data_hash: str, seed: int, store: Store) -> Dataset:
    """The inputs of the ``_embedded`` arms of this seed."""
    gammas, weights, _ = learned_weights(settings, data, data_hash, store)
    return _features(settings, data, seed, gammas, weights)


def _features(settings, data, seed, gammas, weights):
    return embedded(
        data, f"{data.name}-embedded", gammas=gammas, weights=weights, n_components=settings.n_components, seed=seed
    )


def _on_features(settings, data, seed, gammas, weights):
    features, random = _features(settings, data, seed, gammas, weights), streams(seed)
    starts = [
        init_network(
            width, features.x_train.shape[1], seed=random[stream], std=settings.std, activation=settings.activation
        )
        for width, stream in ((settings.teacher_width, "teacher"), (settings.student_width, "student"))
    ]
    first = train(
        [Arm(name, start) for name, start in zip(NETWORKS, starts, strict=False)],
        features,
        **_schedule(settings),
        checkpoints=settings.checkpoints,
    )
    taught = chosen(first["teacher"].network, settings, seed)
    knowledge = taught.features(features.x_train)
    return first | train([Arm("student_taught", taught, settings.penalty, knowledge)], features, **_schedule(settings))


def _compare(settings, data, seed, gammas):
    """Teachers on `compare_n_train` images, each on other inputs; the rate grows as the number of images falls."""
    n = min(settings.compare_n_train, len(data.y_train))
    few = Dataset(data.x_train[:n], data.y_train[:n], data.x_test, data.y_test, data.name)
    shorter = replace(
        settings, iterations=settings.compare_iterations, learning_rate=settings.learning_rate * len(data.y_train) / n
    )
    most = settings.compare_components[-1]
    kinds = {f"compare_single_{p}": ([gamma], "uniform", most) for p, gamma in enumerate(gammas)}
    kinds |= {"compare_uniform": (gammas, "uniform", most)}
    kinds |= {f"compare_alignf_{count}": (gammas, "alignf", count) for count in settings.compare_components}
    found = _teacher("compare_pixels", few, shorter, seed)
    for name, (bandwidths, weights, count) in kinds.items():
        features = embedded(
            few, name, gammas=np.asarray(bandwidths), weights=weights, n_components=min(count, n), seed=seed
        )
        found |= _teacher(name, features, shorter, seed)
    return found


def _teacher(name, data, settings, seed):
    start = init_network(
        settings.teacher_width,
        data.x_train.shape[1],
        seed=streams(seed)["teacher"],
        std=settings.std,
        activation=settings.activation,
    )
    return train([Arm(name, start)], data, **_schedule(settings))


def _schedule(settings):
    return {
        "learning_rate": settings.learning_rate,
        "iterations": settings.iterations,
        "record_every": settings.record_every,
    }
