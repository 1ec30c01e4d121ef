"""Where does the theory's regime begin? Questions of the book's own on the record ``regime``.

The kernel regime foretells the gain of a taught student, and training tells it: over widths, scales std of the initial
weights and λ. Written before the record was made. Where the weights move least stands the positive control: if the
gain is not foretold there, something else than the kernel hypothesis is at fault.
"""

from kdsrc.claims import gains
from kdsrc.claims.foretold import EachBelow, EachWithin, SameSigns
from kdsrc.claims.framework import BOOK, claim
from kdsrc.claims.on_measures import BAND

__all__ = ["REGIME"]

_GAP = "Gain foretold minus gain trained, ln(loss taught / loss alone) of the final training losses"
_HYPOTHESIS = "§3, kernel hypothesis"
_ASKED = (
    (
        "own",
        "§4.1, the paper's size",
        "At the paper's own size, a teacher of 100 units and weights of scale 0.01, the kernel regime foretells the "
        "gain of the student with λ = 0.01.",
        EachWithin(f"{_GAP}, at 100 units, std 0.01 and λ = 0.01", gains.own_size, several=False),
    ),
    (
        "corner",
        _HYPOTHESIS,
        "With the most units and the largest weights of all that were trained, where weights move least relative to "
        "where they were, the kernel regime foretells the gain at every λ.",
        EachWithin(f"{_GAP}, at the largest width and std, for each λ", gains.far_corner),
    ),
    (
        "width",
        _HYPOTHESIS,
        "The wider the networks, the closer is the gain foretold to the gain trained, at every scale std of the "
        "weights.",
        EachBelow(
            "Change of the size of the gap between gain foretold and gain trained, from the narrowest teacher to the "
            "widest (by the straight line in the logarithm of the width; mean over λ), for each std",
            gains.fall_with_width,
        ),
    ),
    (
        "product",
        _HYPOTHESIS,
        "How far a kernel moves depends on the width m and the scale std through std √m alone.",
        EachWithin(
            "Logarithm of a ratio: how far the kernel of 1 600 units moves, relative to its start, over the same for "
            "20 units with weights ten times as large (std √m is nearly the same)",
            gains.same_product,
            BAND,
        ),
    ),
    (
        "sign",
        _HYPOTHESIS,
        "Wherever the gain trained is clear and not small, the kernel regime foretells at least its sign.",
        SameSigns(),
    ),
    (
        "penalty",
        _HYPOTHESIS,
        "Where the regime begins does not depend on λ.",
        EachWithin(
            "Size of the gap between gain foretold and gain trained at the largest λ, minus that at the smallest, at "
            "each width and std",
            gains.penalty_shift,
        ),
    ),
)
REGIME = tuple(
    claim(f"regime-{name}", place, statement, test, record="regime", page="regime_begins", kind="theory", origin=BOOK)
    for name, place, statement, test in _ASKED
)
