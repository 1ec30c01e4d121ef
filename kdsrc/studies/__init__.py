"""The paper's experiments, one module a figure or sweep: settings in, record out.

Each module offers ``ARMS``, what its curves are, and ``run_seed``, one seed of it; `runner` does the rest.
"""

from kdsrc.studies import figure1, figure2, figure3
from kdsrc.studies.runner import Study

STUDIES = {study.name: study for study in (
    Study("figure1", "what a student gains from a teacher, and from which part of it", figure1.run_seed),
    Study("figure2", "what the penalty does to a taught student", figure2.run_seed),
    Study("figure3", "what an imperfect teacher is worth", figure3.run_seed),
)}
