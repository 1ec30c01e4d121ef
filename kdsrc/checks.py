"""Validation of arguments: one message for one fault, in the name of the function that was called."""

import numpy as np


def floats(caller: str, name: str, value, wanted: str = "numbers") -> np.ndarray:
    """`value` as a float64 array of any shape, or a ValueError that says what was wanted: no value, or no numbers."""
    if value is None:
        raise ValueError(f"{caller}: {name} is missing; expected {wanted}")
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{caller}: {name} of type {type(value).__name__} cannot be read as numbers; expected "
                         f"{wanted}") from None


def array(caller: str, name: str, value, shape: tuple, *, hint: str = "") -> np.ndarray:
    """`value` as a float64 array of that shape with finite entries.

    Parameters
    ----------
    caller, name : str
        The function and its argument, for the message.
    shape : tuple
        Of numbers, or of letters for any size of at least one; ``...`` in front for leading axes of any number.
    hint : str
        Said after the expected shape.

    Raises
    ------
    ValueError
        For no value, what is not numbers, another shape, no entries, or NaN and infinity among them.
    """
    names = ["..." if size is ... else str(size) for size in shape]
    wanted = f"({', '.join(names)}{',' if len(names) == 1 else ''})"
    found = floats(caller, name, value, f"numbers of shape {wanted}{hint}")
    free = shape[:1] == (...,)
    sizes = shape[1:] if free else shape
    own = found.shape[max(found.ndim - len(sizes), 0):] if free else found.shape
    if len(own) != len(sizes) or 0 in found.shape or any(
            isinstance(size, int) and size != has for size, has in zip(sizes, own, strict=True)):
        raise ValueError(f"{caller}: {name} {found.shape}; expected {wanted} with at least one entry{hint}")
    if not np.isfinite(found).all():
        raise ValueError(f"{caller}: {name} holds a non-finite entry; expected finite numbers")
    return found


def penalty(caller: str, value, *, zero: bool = True, infinite: bool = True, why: str = "") -> float:
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
