"""The paper's experiments, one module a figure or sweep: settings in, record out.

Each module offers ``run_seed``, one seed of it, and ``ARMS``, what its curves are; `runner` does the rest.
"""

from dataclasses import replace

from kdsrc.studies import (
    causes,
    embedded,
    figure1,
    figure2,
    figure3,
    figure4,
    figure5,
    figure6,
    horizon,
    prediction,
    width,
)
from kdsrc.studies.common import SCALES
from kdsrc.studies.runner import Study
from kdsrc.titles import TITLES

_ON_DIGITS = replace(SCALES["live"], iterations=SCALES["paper"].iterations)

STUDIES = {
    study.name: study
    for study in (
        Study("figure1", TITLES["figure1"], figure1.run_seed),
        Study("figure2", TITLES["figure2"], figure2.run_seed),
        Study("figure3", TITLES["figure3"], figure3.run_seed),
        Study("figure4", TITLES["figure4"], figure4.run_seed, embedded.SETTINGS),
        Study("figure5", TITLES["figure5"], figure5.run_seed),
        Study("figure6", TITLES["figure6"], figure6.run_seed, embedded.SETTINGS),
        Study("prediction", TITLES["prediction"], prediction.run_seed),
        Study("horizon", TITLES["horizon"], horizon.run_seed, horizon.SETTINGS),
        Study("causes", TITLES["causes"], causes.run_seed),
        Study("width", TITLES["width"], width.run_seed),
        Study(
            "digits",
            TITLES["digits"],
            figure1.run_seed,
            {"paper": _ON_DIGITS, "quick": SCALES["live"], "live": SCALES["live"]},
            {"paper": 10, "quick": 2, "live": 3},
        ),
    )
}
