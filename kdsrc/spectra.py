"""The overlap parameter of §4.4: how far hidden features lie along the top eigenvectors of H^∞.

For unit k let φ̂^(k) = φ^(k)/‖φ^(k)‖ be its normalised outputs on the n samples and u_1, u_2, … the eigenvectors of
H^∞ by falling eigenvalue. The paper takes "the dot product of each column with the top eigenvectors … and the
average". It leaves open:

- **the sign**: an eigenvector's sign is arbitrary, and with it any average of signed products. The default is the
  mean of |⟨u_j, φ̂^(k)⟩|, which depends on the kernel alone; ``signed=True`` takes the products as they come, the
  entry of largest magnitude of each u_j made positive;
- **how many**: ``top`` says;
- **the first eigenvector**: H^∞ has positive entries when the inputs have, u_1 is then nearly constant, and any
  ReLU feature overlaps with it whatever was learnt. The default keeps it, ``skip=1`` leaves it out.
"""

import warnings
from numbers import Integral

import numpy as np
from jaxtyping import Float
from scipy.linalg import eigh
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from kdsrc import checks
from kdsrc.kernels import infinite_width_kernel
from kdsrc.threads import one_pool
from kdsrc.typing import Features, Points

__all__ = ["average", "overlap", "projections", "top_eigenvectors", "top_of"]

_BLOCK = 512  # rows of H^∞ computed at a time
_FEW = 64  # rows widened at a time: they stay in the cache
_SMALL = 500  # samples up to which the whole spectrum is no dearer than Lanczos


def overlap(
    features: Features, kernel: Float[np.ndarray, "n n"], *, top: int, signed: bool = False, skip: int = 0
) -> Float[np.ndarray, " m"]:
    """Overlap parameter of every unit, (1/(top − skip)) Σ_{skip < j ≤ top} |⟨u_j, φ̂^(k)⟩| (§4.4).

    Parameters
    ----------
    features : (n, m) array
        Φ, one column of outputs a unit.
    kernel : (n, n) array
        H^∞ or another symmetric kernel; u_j are its eigenvectors.
    top : int
        How many eigenvectors, from the largest eigenvalue.
    signed : bool
        Average the products themselves, not their absolute values.
    skip : int
        How many of the top eigenvectors to leave out, from the largest.

    Returns
    -------
    (m,) array
        Between 0 and 1/√(top − skip) when absolute; 0 for a unit whose outputs are all zero.

    Raises
    ------
    ValueError
        For a kernel that is not square, symmetric and finite, features with another number of rows, or counts that
        do not fit.

    Examples
    --------
    >>> overlap(np.eye(3), np.diag([3.0, 2.0, 1.0]), top=1).tolist()
    [1.0, 0.0, 0.0]
    """
    kernel = _table("overlap", kernel)
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1] or not _finite_and_symmetric(kernel):
        raise ValueError(
            f"overlap: kernel {kernel.shape}; expected (n, n), finite and symmetric: give the kernel of "
            "the n samples with themselves"
        )
    products = projections(features, top_of(kernel, top)[1])
    return average(products, top=top, signed=signed, skip=skip)


def projections(features: Features, vectors: Float[np.ndarray, "n top"]) -> Float[np.ndarray, "m top"]:
    """⟨u_j, φ̂^(k)⟩ of features (n, m) on orthonormal vectors (n, top); returns (m, top), 0 for a unit without output.

    Raises
    ------
    ValueError
        For numbers of samples that differ, or features that are not finite.

    Examples
    --------
    >>> projections(np.eye(3), np.eye(3)[:, :2]).tolist()
    [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    """
    vectors = checks.array("projections", "vectors", vectors, ("n", "top"))
    hint = f", values on the same samples as vectors {vectors.shape}"
    features = checks.array("projections", "features", features, (len(vectors), "m"), hint=hint)
    largest = np.abs(features).max(axis=0)  # (m,): squares of very small or large outputs leave the range of float64
    features = features / np.where(largest > 0.0, largest, 1.0)
    norms = np.linalg.norm(features, axis=0)  # (m,)
    return (features.T @ vectors) / np.where(norms > 0.0, norms, 1.0)[:, None]


def average(
    products: Float[np.ndarray, "... top"], *, top: int, signed: bool = False, skip: int = 0
) -> Float[np.ndarray, "..."]:
    """A reading of the overlap parameter from products (..., at least top), eigenvectors last; returns (...).

    Raises
    ------
    ValueError
        Unless 0 ≤ skip < top ≤ the number of eigenvectors.

    Examples
    --------
    >>> float(average(np.array([1.0, -1.0]), top=2)), float(average(np.array([1.0, -1.0]), top=2, signed=True))
    (1.0, 0.0)
    """
    products = checks.array("average", "products", products, (..., "top"))
    if not 0 <= skip < top <= products.shape[-1]:
        raise ValueError(
            f"average: skip={skip}, top={top} of {products.shape[-1]} eigenvectors; expected "
            "0 ≤ skip < top ≤ how many there are"
        )
    chosen = products[..., skip:top]
    return np.asarray((chosen if signed else np.abs(chosen)).mean(axis=-1))


def top_eigenvectors(
    x: Points, top: int, *, activation: str = "relu", std: float = 1e-2
) -> tuple[Float[np.ndarray, " top"], Float[np.ndarray, "n top"]]:
    """Largest eigenvalues of H^∞ and their eigenvectors, by Lanczos.

    H^∞ in single precision is the only n×n array; products with it are in double precision.

    Parameters
    ----------
    x : (n, d) array
    top : int
        How many, 1 ≤ top ≤ n.
    activation, std
        As in `infinite_width_kernel`.

    Returns
    -------
    values : (top,) array
        Falling.
    vectors : (n, top) array
        Orthonormal columns, the entry of largest magnitude positive. Rounding the kernel's entries to 6e-8 of
        themselves moves u_j by about 1e-7 λ_1/(√n · distance of λ_j to the next eigenvalue).

    Raises
    ------
    ValueError
        For a count that does not fit, or what `infinite_width_kernel` refuses.
    RuntimeError
        When Lanczos does not converge.

    Warns
    -----
    RuntimeWarning
        When two of the eigenvalues agree to rounding: their vectors are then not determined by the kernel.

    Examples
    --------
    >>> values, vectors = top_eigenvectors(load("digits", n_train=50).x_train, 3)
    >>> vectors.shape, bool(values[0] > values[1] > values[2])
    ((50, 3), True)
    """
    x = checks.array("top_eigenvectors", "x", x, ("n", "d"))
    kernel = np.empty((len(x), len(x)), dtype=np.float32)
    for start in range(0, len(x), _BLOCK):
        rows = slice(start, start + _BLOCK)
        with np.errstate(over="ignore"):  # seen below
            kernel[rows, start:] = infinite_width_kernel(x[rows], x[start:], activation=activation, std=std)
        kernel[start:, rows] = kernel[rows, start:].T  # the product with the inputs is most of the work: once a pair
    largest = kernel.diagonal().max()
    if not 1e-25 < largest < 1e30:
        raise ValueError(
            f"top_eigenvectors: x with std={std:g} gives a kernel with largest entry {largest:.2g}, "
            "beyond single precision; expected 1e-25 to 1e30: scale the samples"
        )
    return top_of(kernel, top)


def top_of(kernel: Float[np.ndarray, "n n"], top: int) -> tuple[Float[np.ndarray, " top"], Float[np.ndarray, "n top"]]:
    """`top_eigenvectors` of a symmetric kernel (n, n), float32 or float64, that is already there.

    A small kernel, or a large part of the spectrum, is decomposed whole: that also finds every vector of an
    eigenvalue that occurs several times, which Lanczos may not.

    Examples
    --------
    >>> values, vectors = top_of(np.diag([3.0, 2.0, 1.0]), 2)
    >>> values.tolist()
    [3.0, 2.0]
    """
    kernel = _table("top_of", kernel)
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1] or not np.isfinite(kernel.sum(dtype=float)):
        raise ValueError(f"top_of: kernel {kernel.shape}; expected (n, n) and finite")
    n = len(kernel)
    if not isinstance(top, Integral) or not 1 <= top <= n:
        raise ValueError(f"top_of: top={top!r} of {n} samples; expected a whole number from 1 to {n}")
    wanted = min(top + 1, n)  # one more, to see whether the last is separate from what follows
    if n <= _SMALL or 4 * wanted > n:
        values, vectors = eigh(kernel.astype(np.float64), subset_by_index=(n - wanted, n - 1))
    else:
        values, vectors = _lanczos(kernel, wanted)
    values, vectors = values[::-1], vectors[:, ::-1]
    # independent rounding errors ε K_ij have norm 2 ε √n K_ij, about 2 ε λ_1/√n; the decomposition adds its own
    rounding = max(np.finfo(kernel.dtype).eps / np.sqrt(n), np.finfo(np.float64).eps)
    tied = -np.diff(values) <= 10.0 * rounding * np.abs(values).max()
    if tied.any():
        first = 1 + int(np.argmax(tied))
        warnings.warn(
            f"top_of: eigenvalues {first} and {first + 1} agree to rounding, so their eigenvectors, and "
            "overlaps with them, are not determined by the kernel: choose another top, or samples without "
            "duplicates",
            RuntimeWarning,
            stacklevel=3,
        )
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0)[None], axis=0)
    return values[:top], (vectors * np.where(largest < 0.0, -1.0, 1.0))[:, :top]


def _table(caller, kernel):
    """A kernel in single precision stays so: at many samples it is the only large array."""
    return kernel if getattr(kernel, "dtype", None) == np.float32 else checks.floats(caller, "kernel", kernel)


def _lanczos(kernel, count):
    n = len(kernel)
    operator = LinearOperator((n, n), matvec=lambda vector: _product(kernel, vector.ravel()), dtype=np.float64)
    start = np.random.default_rng(0).standard_normal(n)  # the same every time, so that results repeat
    try:
        with one_pool(2 * n * (n if kernel.dtype == np.float64 else _FEW)):
            return eigsh(operator, k=count, which="LA", v0=start, ncv=min(n, max(2 * count + 1, 40)))
    except ArpackError as error:
        raise RuntimeError(
            f"top_of: the {count} largest eigenvalues of {n} did not converge ({error}); expected "
            "separate eigenvalues: ask for fewer"
        ) from error


def _product(kernel, vector):
    """kernel (n, n) times vector (n,) in double precision; rows in single precision are widened a few at a time."""
    if kernel.dtype == np.float64:
        return kernel @ vector
    return np.concatenate(
        [kernel[start : start + _FEW].astype(np.float64) @ vector for start in range(0, len(kernel), _FEW)]
    )


def _finite_and_symmetric(kernel) -> bool:
    """Whether kernel (n, n) is finite and equals its transpose to 1e-6 of its largest entry, block by block."""
    if kernel.size == 0 or not (np.isfinite(kernel.max()) and np.isfinite(kernel.min())):  # NaN passes through both
        return False
    allowed = 1e-6 * max(kernel.max(), -kernel.min())
    return all(
        (np.abs(kernel[start : start + _BLOCK] - kernel[:, start : start + _BLOCK].T) <= allowed).all()
        for start in range(0, len(kernel), _BLOCK)
    )
