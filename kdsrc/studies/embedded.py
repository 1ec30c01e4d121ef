"""Images as alignf + Nyström features (§4.3), so that a study can be run on them instead of the pixels."""

from dataclasses import dataclass, fields

import numpy as np

from kdsrc.data import Dataset
from kdsrc.embeddings.gaussian import default_gammas
from kdsrc.embeddings.nystroem import AlignedNystroem, alignf_gaussian
from kdsrc.studies.common import Settings, Store, key


@dataclass(frozen=True)
class EmbeddedSettings(Settings):
    """Settings of §4 with what the embedding adds; the paper does not give the number of landmarks.

    `compare_*` belong to the comparison of embeddings, which takes fewer images and iterations.
    """

    n_components: int = 1_000
    compare_n_train: int = 2_000
    compare_iterations: int = 1_000
    compare_components: tuple[int, ...] = (50, 200, 1_000)

    @property
    def on_pixels(self) -> Settings:
        """The same without the embedding: names the pieces that are shared with the other figures."""
        return Settings(**{f.name: getattr(self, f.name) for f in fields(Settings)})


SETTINGS = {
    "paper": EmbeddedSettings(),
    "quick": EmbeddedSettings(
        n_train=1_000,
        n_test=400,
        learning_rate=2e-3,
        n_components=200,
        compare_n_train=500,
        compare_iterations=300,
        compare_components=(20, 50, 200),
    ),
    "live": EmbeddedSettings(
        dataset="digits",
        n_train=None,
        n_test=None,
        learning_rate=4e-3,
        iterations=1_000,
        n_components=100,
        compare_n_train=250,
        compare_iterations=300,
        compare_components=(20, 50, 100),
    ),
}


def learned_weights(settings: EmbeddedSettings, data: Dataset, data_hash: str, store: Store):
    """Bandwidths γ (P,), alignf's weights μ (P,) for all training images, and the piece they come from."""

    def compute():
        gammas = default_gammas(data.x_train)
        return {"gammas": gammas, "weights": alignf_gaussian(data.x_train, data.y_train, gammas)}

    piece = store.piece(key("alignf", settings.on_pixels, data_hash, -1), compute)  # no chance in it: no seed
    return piece["gammas"], piece["weights"], piece


def embedded(data: Dataset, name: str, *, gammas, weights, n_components: int, seed: int) -> Dataset:
    """`data` as Nyström features of Σ_p μ_p K_p with random landmarks, rows of unit norm.

    Parameters
    ----------
    data : Dataset
    name : str
        Of the new data set.
    gammas, weights
        As in `AlignedNystroem`.
    n_components : int
        Landmarks.
    seed : int
        Draws the landmarks.
    """
    transformer = AlignedNystroem(gammas, n_components, seed, weights=weights).fit(data.x_train, data.y_train)
    train, test = (_unit_rows(transformer.transform(x)) for x in (data.x_train, data.x_test))
    return Dataset(train, data.y_train, test, data.y_test, name)


def _unit_rows(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=1, keepdims=True)
