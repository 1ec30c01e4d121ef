"""Golden numbers of every public function of the numerical modules, called with the arguments of test_validation.

Closed forms, limits and independent implementations say that a number is right; this says that it has not changed where
none of them looks: at a default, at the end of a range, in the second of two terms. Each function is called with its
row's arguments, with every default in turn, and with what is legal there alone. Whoever changes a number on purpose
says so in the changelog and writes golden_calls.json anew: python tests/test_golden_calls.py
"""

import inspect
import itertools
from dataclasses import fields, is_dataclass

import golden as kept
import numpy as np
import pytest
from test_validation import PUBLIC, ROWS, call, spoilings

from kdsrc.dynamics.krylov import KrylovFlow

# an eigenvector has no sign
UNSIGNED = ("vectors", "modes", "top_of", "pole_bands", "KernelRegime", "Nystroem", "range_basis")
NEEDED = {"knowledge", "y", "name"}  # by a default beside it
UNTOLD = {"seconds", "network", "X", "scheme"}
ROUNDING = 1e-9


def estimates(dimension, null_part):
    """Logarithms of the bounds on errors of a Krylov basis of so many vectors, and of what rounding leaves open."""
    values, rng = np.concatenate([np.zeros(10 * null_part), np.geomspace(1e-2, 40.0, 30)]), np.random.default_rng(0)
    rotation = np.linalg.qr(rng.normal(size=(len(values), len(values))))[0]
    operator, start = (rotation * values) @ rotation.T, rotation @ (np.sqrt(values) * rng.normal(size=len(values)))
    flow = KrylovFlow(lambda v: (operator @ v, v[:2]), start, max_krylov=len(values), null_part=null_part)
    for _ in range(dimension):
        flow._extend()
    asked = [(time, tuple(weights)) for time in (0.05, 3.0, 1e3, 1e18) for weights in np.eye(3)]
    errors, noise = ([bound(*one) for one in asked] for bound in (flow.error, flow.noise))
    return np.log(np.maximum(errors, 1e-7)), np.log(noise)  # smaller bounds are rounding errors


def numbers(found):
    """All numbers of what was returned, in order; words and functions have none."""
    if is_dataclass(found):
        found = {field.name: getattr(found, field.name) for field in fields(found)}
    if isinstance(found, dict):
        found = [one for key, one in found.items() if key not in UNTOLD]
    if isinstance(found, list | tuple | range):
        return [one for part in found for one in numbers(part)]
    if not isinstance(found, bool | int | float | complex | np.ndarray | np.generic):
        return []
    flat = np.ravel(found)
    return [*flat.real, *flat.imag] if np.iscomplexobj(flat) else [*flat]


def told(case):
    """How many numbers there are, the first and the last, their sum and two weighted sums."""
    function, changed = CASES[case]
    returned = estimates(**changed) if function == "estimates" else call(function, **changed)
    found = np.array(numbers(returned), dtype=float)
    found = found[np.isfinite(found)]
    if any(word in function for word in UNSIGNED):
        found = np.abs(found)
    if not found.size:
        return [0.0]
    found = np.where(np.abs(found) < ROUNDING, 0.0, found)
    places = np.arange(1.0, found.size + 1.0)
    sums = [found[0], found[-1], found.sum(), found @ places, found @ np.cos(places)]
    return [float(found.size), *(float(f"{number:.10g}") for number in sums)]


def cases():
    """(Name of the case, (function, arguments that differ from the row's))."""
    for name, row in ROWS.items():
        yield name, (name, {})
        for argument, parameter in inspect.signature(PUBLIC[name]).parameters.items():
            if argument in row.arguments.keys() - NEEDED and parameter.default is not inspect.Parameter.empty:
                yield f"{name}, default {argument}", (name, {argument: parameter.default})
        for argument, what, value in spoilings(name):
            if what in (row.legal or {}).get(argument, ()):
                yield f"{name}, {what} {argument}", (name, {argument: value})
    for dimension, null_part in itertools.product((3, 8, 15), (False, True)):
        given = {"dimension": dimension, "null_part": null_part}
        yield f"estimates of {dimension} vectors" + ", with a null part" * null_part, ("estimates", given)


CASES = dict(cases())
del CASES["training.long_steps.integrate_long_steps, default iterations"]  # it takes long


@pytest.fixture(scope="module")
def golden():
    return kept.read("calls")


@pytest.mark.parametrize("case", CASES)
def test_a_call_returns_what_it_did(case, golden):
    np.testing.assert_allclose(told(case), golden[case], rtol=1e-6, atol=1e-7)


def test_every_call_has_a_golden_number(golden):
    assert list(golden) == list(CASES)


if __name__ == "__main__":
    kept.write("calls", {case: told(case) for case in CASES})
