"""Golden numbers of everything that is measured live: the errata and the claims of the theory, on their problems.

Verdicts and the errata's table show two or three digits, and a misfit far beyond its tolerance may be anything. Here
each number is what it was. Whoever changes one on purpose says so in the changelog and writes golden_measurements.json
anew: python tests/test_measurements.py
"""

import golden as kept
import numpy as np
import pytest

from kdsrc.claims import LIVE, all_claims
from kdsrc.theory.errata import ERRATA

SEEDS = range(3)
ROUNDING = 1e-9  # of a misfit that is zero but for it
CLAIMED = {
    f"{claim.id}: {kind}": getattr(claim.judge, kind)
    for claim in all_claims()
    if claim.record == LIVE
    for kind in ("misfit", "under", "repaired", "measure")
    if getattr(claim.judge, kind, None)
}
SLIPS = {f"erratum {number}, {slip.place}": slip.measure for number, slip in enumerate(ERRATA) if slip.measure}
MEASURED = CLAIMED | SLIPS


def told(name):
    """A row a seed, rounding errors as zeros."""
    numbers = np.array([np.atleast_1d(MEASURED[name](seed)) for seed in SEEDS])
    return np.where(np.abs(numbers) < ROUNDING, 0.0, numbers).tolist()


@pytest.fixture(scope="module")
def golden():
    return kept.read("measurements")


@pytest.mark.parametrize("name", MEASURED)
def test_what_is_measured_live_is_what_it_was(name, golden):
    np.testing.assert_allclose(told(name), golden[name], rtol=1e-6, atol=ROUNDING)


def test_every_measurement_has_a_golden_number(golden):
    assert list(golden) == list(MEASURED) and len(CLAIMED) + len(SLIPS) == len(MEASURED) > 80


if __name__ == "__main__":
    kept.write("measurements", {name: told(name) for name in MEASURED})
