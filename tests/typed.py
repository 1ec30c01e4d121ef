"""The checker of types that tests/conftest.py puts on kdsrc.

A test may call one function a hundred thousand times, and a check takes longer than many of them: within a test the
first `MOST` calls of each are checked.
"""

import sys
from collections import Counter
from functools import wraps
from operator import attrgetter
from typing import Any, get_args

import numpy as np
from beartype import BeartypeConf, beartype
from jaxtyping import AbstractArray

MOST = 100
_calls: Counter = Counter()  # of each function in this test
_unchecked: list = []  # functions that are not checked until the next test
_beartype = beartype(conf=BeartypeConf(is_pep484_tower=True))  # a whole number is a float


def _of_floats(hint):
    parts = (hint, *get_args(hint))
    return any(
        isinstance(part, type) and issubclass(part, AbstractArray) and "float64" in part.dtypes for part in parts
    )


def _read(value):
    """An array of float64 for what NumPy reads as one, else the value."""
    if not isinstance(value, list | tuple | float) and getattr(value, "dtype", None) not in (np.int64, np.bool_):
        return value
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return value


def check_again():
    """For a new test: all functions are checked once more."""
    _calls.clear()
    while _unchecked:
        del _unchecked.pop().__no_type_check__


def _leave(module, name):
    """jaxtyping asks for the mark of `typing.no_type_check` at each call."""
    try:
        function = attrgetter(name)(sys.modules[module])
        function = getattr(function, "fget", function)  # of a property
        function.__no_type_check__ = True
    except AttributeError:  # of a function in a function: it stays checked
        return
    _unchecked.append(function)


def after_the_call(function):
    """beartype for what jaxtyping wants checked: not the arguments alone (their result is Any), but with the result."""
    hints = function.__annotations__
    if hints.get("return") is Any:
        return function
    checked = _beartype(function)
    names = function.__code__.co_varnames[: function.__code__.co_argcount + function.__code__.co_kwonlyargcount]
    floats = {name for name in names if _of_floats(hints.get(name))}
    name = function.__module__, function.__qualname__

    @wraps(function)
    def reading(*args, **kwargs):
        _calls[name] += 1
        if _calls[name] == MOST:
            _leave(*name)
        if not floats:
            return checked(*args, **kwargs)
        args = [_read(value) if name in floats else value for name, value in zip(names, args, strict=False)]
        return checked(*args, **{name: _read(value) if name in floats else value for name, value in kwargs.items()})

    return reading
