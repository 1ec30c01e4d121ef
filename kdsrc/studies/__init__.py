"""The paper's experiments: conditions and settings in, records out. One short module a figure or sweep lists its arms.

The studies: `figure1` (and `prediction`) to `figure6`, `horizon` (and `far`), `images`, `causes`, `width`, `modes`; as
sweeps `pairs`, `regime`, `practice`. What they are made of: `conditions` says what an arm is, `names` what some arms
are called, `settings` what all arms share, with the random streams of a seed; `inputs` makes kernel features; `sweep`
says what a sweep is. What runs them: `bench` trains what is missing of one seed (all its random starts come from
there), `store` keeps what is trained, `histories` puts runs together, `runner` makes the records of studies,
`sweep_runner` those of sweeps, `parallel` gives their tasks to processes or a cluster, `plan` says what it takes,
`registry` names all of them. `hypothesis` and `privileged` serve pages that train live.

``STUDIES`` and ``SWEEPS`` are loaded when they are first asked for: what an arm is can be said without a trainer.
"""

__all__ = ["STUDIES", "SWEEPS"]


def __getattr__(name):
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kdsrc.studies import registry

    return getattr(registry, name)
