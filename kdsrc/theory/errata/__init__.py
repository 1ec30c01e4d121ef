"""The errata: every slip found in the paper, in its order."""

from kdsrc.theory.errata.proofs import PROOFS
from kdsrc.theory.errata.statements import STATEMENTS

__all__ = ["ERRATA"]

ERRATA = (*STATEMENTS, *PROOFS)
