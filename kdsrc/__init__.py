"""The engine of the executable book on knowledge distillation in the kernel regime.

Floors, each importing only from below:

1. `checks`, `data`, `networks`, `threads`, `titles`
2. `problem`, `kernels`, `embeddings`, `distillation`
3. `training`, `chebyshev`, `dynamics`, `theorems`, `spectra`
4. `records`, `studies`
5. `claims`, `plotting`
6. `cli`

What most users need is at hand here, and its module is loaded when it is first asked for:
``from kdsrc import Arm, init_network, load, train``.
"""

from importlib import import_module

__version__ = "0.1.0"

_MODULES = {
    "Dataset": "data", "load": "data",
    "TwoLayerNetwork": "networks", "init_network": "networks",
    "infinite_width_kernel": "kernels", "tangent_kernel": "kernels",
    "History": "history", "Arm": "training", "train": "training",
    "KernelRegime": "dynamics",
    "AlignedNystroem": "embeddings", "alignf": "alignment",
    "overlap": "spectra",
}

__all__ = [*_MODULES]


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__():
    return sorted({*globals(), *__all__})
