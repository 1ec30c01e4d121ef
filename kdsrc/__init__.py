"""The engine of the executable book on knowledge distillation in the kernel regime.

Layers, as import-linter holds them (pyproject.toml). A module imports from lower layers only; what one layer holds
does not import from each other:

1. `activations`, `checks`, `files`, `threads`, `tidy`, `titles`, `typing`
2. `data`, `embeddings`, `networks`, `records`, `statistics`
3. `distillation`, `kernels`, `problem`
4. `dynamics`, `training`, `spectra`
5. `theory`
6. `studies`
7. `claims`
8. `report`: only here is anything known of figures and HTML
9. `cli`

What most users need is at hand here, and its module is loaded when it is first asked for:
``from kdsrc import Arm, init_network, load, train``.
"""

from importlib import import_module

__version__ = "0.1.0"

_MODULES = {
    "Dataset": "data",
    "load": "data",
    "TwoLayerNetwork": "networks",
    "init_network": "networks",
    "infinite_width_kernel": "kernels",
    "tangent_kernel": "kernels",
    "Arm": "training",
    "History": "training",
    "train": "training",
    "KernelRegime": "dynamics",
    "AlignedNystroem": "embeddings",
    "alignf": "embeddings",
    "overlap": "spectra",
}

__all__ = [*_MODULES]


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__():
    return sorted({*globals(), *__all__})
