"""Validation of arguments: one message for one fault, in the name of the function that was called."""

import numpy as np


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
    if value is None:
        raise ValueError(f"{caller}: {name} is missing; expected numbers of shape {wanted}{hint}")
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{caller}: {name} is {type(value).__name__} without a reading as numbers; expected shape "
                         f"{wanted}{hint}") from None
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
