"""Figure 1 foretold: the kernel regime's curves of every arm (Eq. 3-4), computed at its start without training it.

A taught student's start holds units of a trained teacher; its own training is what is predicted. Time is
t = η × iterations, so that the curves stand beside Figure 1's at the same iterations.
"""

from dataclasses import replace

from kdsrc.studies import figure1
from kdsrc.studies.conditions import KERNEL_REGIME, Condition
from kdsrc.studies.settings import Settings

__all__ = ["arms"]


def arms(settings: Settings) -> dict[str, Condition]:
    """Figure 1's conditions, predicted instead of trained."""
    return {name: replace(one, method=KERNEL_REGIME) for name, one in figure1.arms(settings).items()}
