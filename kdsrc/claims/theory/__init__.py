"""What §2.3 to §3.2 and the supplement state, judged by computation on small random problems.

A statement is put to the test where the paper uses it: a tall data matrix (more samples than inputs) and ReLU, which
all its experiments have, belong to it, also where a theorem's assumptions exclude them. The verdict is then
*only under a condition*, and that assumption is the condition: it is not the theorem that fails but its use.
"""

from kdsrc.claims.framework import LIVE, claim
from kdsrc.claims.theory.dynamics import DYNAMICS
from kdsrc.claims.theory.learns import LEARNS
from kdsrc.claims.theory.proofs import PROOFS
from kdsrc.claims.theory.speed import SPEED

__all__ = ["THEORY"]

THEORY = tuple(
    claim(name, place, statement, test, record=LIVE, page=page, kind="theory")
    for name, place, page, statement, test in (*LEARNS, *SPEED, *DYNAMICS, *PROOFS)
)
