r"""What an erratum is: where a slip stands in the paper, of what kind it is, its repair, and a measurement of both.

Formulas are LaTeX in dollars, for tables; ``measure(seed)`` gives two numbers, how far the printed text and how far
the repaired one is from what `quantity` names, on the problem of `kdsrc.theory.problems.PROBLEMS` that is named. What
a benevolent reader takes as meant is a misprint or an unstated convention, and a theorem is not blamed for a use that
breaks its assumptions. A slip without a number says why it has none.
"""

from dataclasses import dataclass

from kdsrc.theory.problems import Measurement

__all__ = ["CONVENTION", "GAP", "HYPOTHESIS", "KINDS", "MISPRINT", "Erratum"]

MISPRINT = "misprint"
GAP = "gap in a proof"
HYPOTHESIS = "theorem used outside its hypotheses"
CONVENTION = "unstated convention"
KINDS = (MISPRINT, GAP, HYPOTHESIS, CONVENTION)


@dataclass(frozen=True)
class Erratum:
    """One slip of the paper.

    Attributes
    ----------
    place : str
        Section, equation or lemma.
    kind : str
        One of `KINDS`.
    printed, repaired : str
        The statement, in our notation.
    reason : str
    quantity : str
        What `measure` returns twice; without one, why nothing can be measured.
    problem : str
        A key of `kdsrc.theory.problems.PROBLEMS`, or ``none`` for a formula without data.
    measure : callable (int) -> (float, float), optional
        From a seed: the printed text's number, the repaired one's.
    tolerance : float
        The largest number with which a statement agrees with its judge: for a residual, a hundred times what is seen
        of rounding; one for a bound, whose number is what it bounds divided by it.

    Raises
    ------
    ValueError
        For another kind.

    Examples
    --------
    >>> slip = Erratum("§1", MISPRINT, "2", "3", "", "off", measure=lambda seed: (1.0, 0.0), tolerance=1e-10)
    >>> printed, repaired = slip.measure(0)
    >>> slip.agrees(printed), slip.agrees(repaired)
    (False, True)
    """

    place: str
    kind: str
    printed: str
    repaired: str
    reason: str
    quantity: str
    problem: str = "none"
    measure: Measurement | None = None
    tolerance: float = 0.0

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"Erratum {self.place}: kind {self.kind!r}; expected one of {', '.join(KINDS)}")

    @property
    def bound(self) -> bool:
        """Whether the numbers are those of an inequality."""
        return self.tolerance >= 1.0

    def agrees(self, number: float) -> bool:
        """Whether a statement with this number agrees with its judge."""
        return bool(number <= self.tolerance)
