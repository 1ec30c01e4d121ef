"""Figure 6 (§4.5): the overlap of §4.4 for networks on pixels and on alignf + Nyström features.

A network on features is compared with the H^∞ of its own inputs, and (``_on_pixels``) with that of the pixels: the
paper does not say which is meant. Measures as in Figure 5.
"""

import numpy as np

from kdsrc.spectra import projections
from kdsrc.studies import figure4
from kdsrc.studies.bench import Bench
from kdsrc.studies.conditions import Condition
from kdsrc.studies.figure5 import eigenvectors
from kdsrc.studies.settings import Settings

__all__ = ["arms", "overlaps"]


def arms(settings: Settings) -> dict[str, Condition]:
    """The networks that are measured: those of Figure 4."""
    return {name: one for name, one in figure4.arms(settings).items() if name in figure4.ARMS}


def overlaps(bench: Bench, arms: dict[str, Condition]) -> dict[str, np.ndarray]:
    """Products for one seed, (units, top) by network, and eigenvalues (top,) of both kernels."""
    values, vectors = eigenvectors(bench, bench.data)
    found = {"eigenvalues_pixels": values}
    for name, one in arms.items():
        data = bench.dataset(one)
        products = bench.network(one).features(data.x_train)
        if data is bench.data:
            found[name] = projections(products, vectors)
        else:
            own_values, own_vectors = eigenvectors(bench, data)
            found |= {"eigenvalues_embedded": own_values, name: projections(products, own_vectors)}
            found[f"{name}_on_pixels"] = projections(products, vectors)
    return found
