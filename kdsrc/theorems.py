"""The paper's statements, printed and repaired side by side, and the registry of errata, collected here.

Theorem 1 and the final error of §2.7: `kdsrc.limits`. Theorem 2 and remark 7.4.1: `kdsrc.selection`. Theorem 3,
Lemma 5 and Eq. (15): `kdsrc.expansion`. Lemmas 1–4: `kdsrc.lemmas`. Errata: `kdsrc.errata`.
"""

from kdsrc.errata import ERRATA, Erratum
from kdsrc.expansion import (
    SLIPS,
    Expansion,
    coupling,
    expansion,
    flow_operator,
    laplace_deviation,
    lemma5_eigenvectors,
    pole_vectors,
    start_deviations,
    symmetric_operator,
    transfer,
)
from kdsrc.lemmas import (
    flow_norm,
    gaussian_floor,
    lasting_bounds,
    lemma1_bound,
    lemma2_bound,
    lemma3_bound,
    lemma4_bound,
    norm_ratio,
    operator_change,
    printed_lemma2_bound,
    printed_lemma3_bound,
    printed_lemma4_bound,
    smallest_pole_bound,
    way_bound,
)
from kdsrc.limits import (
    final_error,
    general_limit,
    limit_displacements,
    mobility_and_aim,
    printed_final_error,
    printed_limit,
    printed_unit_limits,
    relu_limit,
)
from kdsrc.selection import (
    DRAWS,
    draw_errors,
    draw_output,
    labels,
    mean_error,
    printed_bound,
    printed_bracket,
    printed_two_stage_ratio,
    repaired_bound,
    repaired_mean,
    shrinkage,
    two_stage_ratio,
)

__all__ = [
    "DRAWS", "ERRATA", "SLIPS", "Erratum", "Expansion", "coupling", "draw_errors", "draw_output", "expansion",
    "final_error", "flow_norm", "flow_operator", "gaussian_floor", "general_limit", "labels", "laplace_deviation",
    "lasting_bounds", "lemma1_bound", "lemma2_bound", "lemma3_bound", "lemma4_bound", "lemma5_eigenvectors",
    "limit_displacements", "mean_error", "mobility_and_aim", "norm_ratio", "operator_change", "pole_vectors",
    "printed_bound", "printed_bracket", "printed_final_error", "printed_lemma2_bound", "printed_lemma3_bound",
    "printed_lemma4_bound", "printed_limit", "printed_two_stage_ratio", "printed_unit_limits", "relu_limit",
    "repaired_bound", "repaired_mean", "shrinkage", "smallest_pole_bound", "start_deviations", "symmetric_operator",
    "transfer", "two_stage_ratio", "way_bound",
]
