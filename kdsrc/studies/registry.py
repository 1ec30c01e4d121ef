"""All studies and sweeps by name."""

from dataclasses import replace

from kdsrc.studies import (
    causes,
    figure1,
    figure2,
    figure3,
    figure4,
    figure5,
    figure6,
    horizon,
    images,
    modes,
    pairs,
    practice,
    regime,
    width,
)
from kdsrc.studies.runner import Study
from kdsrc.studies.settings import SCALES, SEEDS
from kdsrc.studies.sweep import Sweep
from kdsrc.titles import STUDY_TITLES, SWEEP_TITLES

__all__ = ["STUDIES", "SWEEPS"]

_ON_DIGITS = {
    "paper": replace(SCALES["live"], iterations=SCALES["paper"].iterations),
    "quick": SCALES["live"],
    "live": SCALES["live"],
}

_HEADLINE = {"seeds": {**SEEDS, "paper": 16}}

STUDIES = {
    name: Study(name, STUDY_TITLES[name], **what)  # type: ignore[arg-type]
    for name, what in {
        "figure1": {"arms": figure1.arms, **_HEADLINE},
        "figure2": {"arms": figure2.arms, **_HEADLINE},
        "figure3": {"arms": figure3.arms, **_HEADLINE},
        "figure4": {"arms": figure4.arms, "measure": figure4.learned},
        "figure5": {"arms": figure5.arms, "measure": figure5.overlaps, "shown": False},
        "figure6": {"arms": figure6.arms, "measure": figure6.overlaps, "shown": False},
        "prediction": {"arms": figure1.foretold},
        "horizon": {
            "arms": horizon.arms,
            "measure": horizon.checks,
            "beside": horizon.beside,
            "settings": horizon.SETTINGS,
        },
        "far": {"arms": horizon.far, "seeds": {**SEEDS, "paper": 3}},
        "images": {"arms": images.arms, "measure": images.measure, "shown": False, **_HEADLINE},
        "causes": {"arms": causes.arms, **_HEADLINE},
        "width": {"arms": width.arms, "measure": width.distances},
        "modes": {"arms": modes.arms, "measure": modes.measure, "shown": False, "settings": modes.SETTINGS},
        "digits": {"arms": figure1.arms, "settings": _ON_DIGITS, **_HEADLINE},
    }.items()
}

SWEEPS = {
    name: Sweep(name, SWEEP_TITLES[name], module.points, module.measure, module.SETTINGS, module.NUMBER_OF_SEEDS)
    for name, module in {"pairs": pairs, "regime": regime, "practice": practice}.items()
}
