"""The paper's experiments: conditions and settings in, records out. One short module a figure or sweep lists its arms.

`conditions` says what an arm is, `bench` trains what is missing of one seed, `runner` makes the records, `registry`
names the studies. ``STUDIES`` is loaded when it is first asked for: what an arm is can be said without a trainer.
"""

__all__ = ["STUDIES"]


def __getattr__(name):
    if name != "STUDIES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kdsrc.studies.registry import STUDIES

    return STUDIES
