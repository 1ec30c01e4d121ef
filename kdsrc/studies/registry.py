"""All studies by name."""

from dataclasses import replace

from kdsrc.studies import causes, far, figure1, figure2, figure3, figure4, figure5, figure6, horizon, prediction, width
from kdsrc.studies.runner import Study
from kdsrc.studies.settings import SCALES, SEEDS
from kdsrc.titles import TITLES

_ON_DIGITS = {
    "paper": replace(SCALES["live"], iterations=SCALES["paper"].iterations),
    "quick": SCALES["live"],
    "live": SCALES["live"],
}

_HEADLINE = {**SEEDS, "paper": 16}

STUDIES = {
    name: Study(name, TITLES[name], *what)
    for name, what in {
        "figure1": (figure1.arms, None, True, SCALES, _HEADLINE),
        "figure2": (figure2.arms, None, True, SCALES, _HEADLINE),
        "figure3": (figure3.arms, None, True, SCALES, _HEADLINE),
        "figure4": (figure4.arms, figure4.learned),
        "figure5": (figure5.arms, figure5.overlaps, False),
        "figure6": (figure6.arms, figure6.overlaps, False),
        "prediction": (prediction.arms,),
        "horizon": (horizon.arms, horizon.checks, True, horizon.SETTINGS),
        "far": (far.arms, None, True, SCALES, {**SEEDS, "paper": 3}),
        "causes": (causes.arms, None, True, SCALES, _HEADLINE),
        "width": (width.arms, width.distances),
        "digits": (figure1.arms, None, True, _ON_DIGITS, _HEADLINE),
    }.items()
}
