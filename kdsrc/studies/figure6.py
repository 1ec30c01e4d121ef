"""Figure 6 (§4.5): the overlap of §4.4 for networks on pixels and on alignf + Nyström features.

A network on features is compared with the H^∞ of its own inputs, and (``_on_pixels``) with that of the pixels: the
paper does not say which is meant. Measures as in Figure 5.
"""

from kdsrc.spectra import projections
from kdsrc.studies import figure4
from kdsrc.studies.common import Outcome, Store, cost
from kdsrc.studies.embedded import EmbeddedSettings
from kdsrc.studies.figure5 import eigenvectors


def run_seed(settings: EmbeddedSettings, data, data_hash: str, seed: int, store: Store) -> Outcome:
    """Products for one seed. Nothing is trained that Figure 4 has not trained."""
    outcome = figure4.run_seed(settings, data, data_hash, seed, store)
    features = figure4.features_of(settings, data, data_hash, seed, store)
    values, vectors, piece = eigenvectors(settings.on_pixels, data, data_hash, store)
    own_values, own_vectors, own = eigenvectors(
        settings, features, data_hash, store, name="own-eigenvectors", seed=seed
    )
    measures = {"eigenvalues_pixels": values, "eigenvalues_embedded": own_values}
    for name in figure4.NETWORKS:
        on_pixels = outcome.histories[f"{name}_pixels"].network.features(data.x_train)
        on_features = outcome.histories[f"{name}_embedded"].network.features(features.x_train)
        measures |= {
            f"{name}_pixels": projections(on_pixels, vectors),
            f"{name}_embedded": projections(on_features, own_vectors),
            f"{name}_embedded_on_pixels": projections(on_features, vectors),
        }
    pieces = (*outcome.pieces, cost("eigenvectors", piece), cost("own-eigenvectors", own))
    return Outcome({}, pieces, measures)
