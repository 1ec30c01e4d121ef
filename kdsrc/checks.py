"""Validation of arguments: one message for one fault, in the name of the function that was called."""

import math
from numbers import Integral, Real
from typing import Any

import numpy as np

__all__ = ["array", "count", "floats", "generator", "kind", "number", "penalty", "penalty_and_knowledge", "times"]


def floats(caller: str, name: str, value: Any, wanted: str = "numbers") -> np.ndarray:
    """`value` as a float64 array of any shape, or a ValueError that says what was wanted: no value, or no numbers."""
    if value is None:
        raise ValueError(f"{caller}: {name} is missing; expected {wanted}")
    try:
        if np.iscomplexobj(value):
            raise TypeError("a part would be lost")
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(
            f"{caller}: {name} of type {type(value).__name__} cannot be read as numbers; expected {wanted}"
        ) from None


def array(caller: str, name: str, value: Any, shape: tuple, *, hint: str = "") -> np.ndarray:
    """`value` as a float64 array of that shape with finite entries.

    Parameters
    ----------
    caller, name : str
        The function and its argument, for the message.
    shape : tuple
        Of numbers, or of letters for any size of at least one, the same letter for the same size; ``...`` in front
        for leading axes of any number.
    hint : str
        Said after the expected shape.

    Raises
    ------
    ValueError
        For no value, what is not numbers, another shape, no entries, or NaN and infinity among them.

    Examples
    --------
    >>> array("f", "x", [[1, 2]], ("n", 2)).shape
    (1, 2)
    """
    names = ["..." if size is ... else str(size) for size in shape]
    wanted = f"({', '.join(names)}{',' if len(names) == 1 else ''})"
    found = floats(caller, name, value, f"numbers of shape {wanted}{hint}")
    free = shape[:1] == (...,)
    sizes = shape[1:] if free else shape
    own = found.shape[max(found.ndim - len(sizes), 0) :] if free else found.shape
    named: dict[str, int] = {}
    if (
        len(own) != len(sizes)
        or 0 in found.shape
        or any(
            has != (size if isinstance(size, int) else named.setdefault(size, has))
            for size, has in zip(sizes, own, strict=True)
        )
    ):
        raise ValueError(f"{caller}: {name} {found.shape}; expected {wanted} with at least one entry{hint}")
    if not np.isfinite(found).all():
        raise ValueError(
            f"{caller}: {name} holds a non-finite entry; expected finite numbers: look for missing "
            "values, or for a run that diverged"
        )
    return found


def kind(caller: str, name: str, value: Any, wanted: type) -> None:
    """An object of this class.

    Examples
    --------
    >>> kind("f", "network", "a network", dict)
    Traceback (most recent call last):
    ValueError: f: network of type str; expected a dict
    """
    if not isinstance(value, wanted):
        raise ValueError(f"{caller}: {name} of type {type(value).__name__}; expected a {wanted.__name__}")


def penalty(caller: str, value: Any, *, zero: bool = True, infinite: bool = True, why: str = "") -> float:
    """λ as a float within [0, ∞], without its ends where a formula does not reach them.

    Raises
    ------
    ValueError
        For anything else, NaN included.
    """
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = np.nan
    if not found >= 0 or (found == 0 and not zero) or (np.isinf(found) and not infinite):
        wanted = {(1, 1): "λ ≥ 0", (1, 0): "0 ≤ λ < ∞", (0, 1): "λ > 0", (0, 0): "0 < λ < ∞"}[zero, infinite]
        raise ValueError(f"{caller}: penalty={value}; expected {wanted}{why}")
    return found


def penalty_and_knowledge(caller: str, value: Any, knowledge: Any, shape: tuple) -> tuple[float, np.ndarray | None]:
    """λ within [0, ∞] and Φ of that shape, as `array` reads it: λ = 0 can do without, and Φ is then None.

    Raises
    ------
    ValueError
        For what `penalty` and `array` refuse, and for λ > 0 without knowledge.
    """
    found = penalty(caller, value)
    if knowledge is not None:
        hint = ": one row a training sample and one column a unit"
        return found, array(caller, "knowledge", knowledge, shape, hint=hint)
    if found > 0:
        raise ValueError(
            f"{caller}: penalty={found:g} without knowledge; expected Φ of shape ({', '.join(map(str, shape))}): give "
            "knowledge=, or penalty=0"
        )
    return found, None


def times(caller: str, value: Any, *, run: bool = False) -> np.ndarray:
    """Times t ≥ 0 as a float64 array (T,), T = 0 and ∞ allowed; finite and non-decreasing for a `run` through them.

    Raises
    ------
    ValueError
        For anything else, NaN included.
    """
    found = floats(caller, "times", value)
    if (
        found.ndim != 1
        or not (found >= 0).all()
        or (run and not (np.isfinite(found).all() and (np.diff(found) >= 0).all()))
    ):
        wanted = "finite, non-decreasing numbers" if run else "numbers"
        wrong = found[~(found >= 0)]
        told = f" with {wrong[0]:g} among them" if wrong.size else ""
        raise ValueError(
            f"{caller}: times of shape {found.shape}{told}; expected a one-dimensional array of {wanted} ≥ 0: "
            "t = learning rate × iterations"
        )
    return found


def number(caller: str, name: str, value: Any, *, above: float = -np.inf, least: float = -np.inf) -> float:
    """A finite number `above` one bound and of at least another.

    Raises
    ------
    ValueError
        For anything else, NaN included.
    """
    if not isinstance(value, Real) or not math.isfinite(value) or value <= above or value < least:
        bound = f" above {above:g}" if above > -np.inf else f" from {least:g}" if least > -np.inf else ""
        raise ValueError(f"{caller}: {name}={value!r}; expected a finite number{bound}")
    return float(value)


def count(caller: str, name: str, value: Any, *, most: int | None = None, why: str = "") -> int:
    """A whole number from 1, to `most` if that is given; `why` is said after what was expected.

    Raises
    ------
    ValueError
        For anything else.
    """
    if not isinstance(value, Integral) or int(value) < 1 or (most is not None and int(value) > most):
        to = f" to {most}" if most else ""
        raise ValueError(f"{caller}: {name}={value!r}; expected a whole number from 1{to}{why}")
    return int(value)


def generator(caller: str, seed: Any) -> np.random.Generator:
    """`numpy.random.default_rng` of a seed, which must be there: nothing here is random without one.

    Raises
    ------
    ValueError
        For None, or what NumPy takes for no seed.
    """
    try:
        if seed is None:
            raise TypeError("every call would give other numbers")
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{caller}: seed={seed!r} ({error}); expected a whole number from 0, several of them, a "
            "SeedSequence or a Generator"
        ) from error
