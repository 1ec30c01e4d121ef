"""The paper's experiments: conditions and settings in, records out. One short module a figure or sweep lists its arms.

`conditions` says what an arm is, `bench` trains what is missing of one seed, `runner` makes the records, `registry`
names the studies, `sweep` runs many points of one. ``STUDIES`` and ``SWEEPS`` are loaded when they are first asked for:
what an arm is can be said without a trainer.
"""

__all__ = ["STUDIES", "SWEEPS"]


def __getattr__(name):
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kdsrc.studies import registry

    return getattr(registry, name)
