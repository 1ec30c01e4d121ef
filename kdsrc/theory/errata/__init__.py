"""The list of errata: every slip found in the paper, in its order, in words, with its kind and its repair.

`erratum` says what an erratum is; `statements` (§2 and §3) and `proofs` (§7) list them. A *misprint* is one of four
kinds of erratum. Their numbers are measured by `kdsrc.theory.misprints`, `kdsrc.theory.proof_misprints` and
`kdsrc.theory.draws`; `kdsrc.report.errata_table` shows both on a page.
"""

from kdsrc.theory.errata.proofs import PROOFS
from kdsrc.theory.errata.statements import STATEMENTS

__all__ = ["ERRATA"]

ERRATA = (*STATEMENTS, *PROOFS)
