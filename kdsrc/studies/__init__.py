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

_ON_DIGITS = replace(SCALES["live"], iterations=SCALES["paper"].iterations)

STUDIES = {study.name: study for study in (
    Study("figure1", "what a student gains from a teacher, and from which part of it", figure1.run_seed),
    Study("figure2", "what the penalty does to a taught student", figure2.run_seed),
    Study("figure3", "what an imperfect teacher is worth", figure3.run_seed),
    Study("figure4", "the same on learned kernel features", figure4.run_seed, embedded.SETTINGS),
    Study("figure5", "overlap with the top eigenvectors of the kernel", figure5.run_seed),
    Study("figure6", "the overlap on learned kernel features", figure6.run_seed, embedded.SETTINGS),
    Study("prediction", "Figure 1's curves before training, by the kernel regime", prediction.run_seed),
    Study("horizon", "final quality: every arm until its training loss no longer moves", horizon.run_seed,
          horizon.SETTINGS),
    Study("causes", "start, penalty, scale and iterations, all crossed", causes.run_seed),
    Study("width", "students of several widths from one teacher", width.run_seed),
    Study("digits", "Figure 1 on a second pair of classes, handwritten 3 and 8", figure1.run_seed,
          {"paper": _ON_DIGITS, "quick": SCALES["live"], "live": SCALES["live"]}, {"paper": 10, "quick": 2, "live": 3}),
)}
