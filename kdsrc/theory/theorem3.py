"""Theorem 3, Lemma 5 and the Laplace view (Eq. 13–15) as dense matrices, printed and repaired; small problems only.

H̄ = 𝐃 (A ⊗ I), 𝐃 = blockdiag(H_1 … H_m), A = c cᵀ + λ I; S = (A^½ ⊗ I) 𝐃 (A^½ ⊗ I) is similar to it and symmetric.
Γ(s) = Σ_k c_k² (sI + λH_k)^{-1} H_k (§2.4; T(s) of §3.2). An eigenvector z_j of S gives the right eigenvector
(A^{-½} ⊗ I) z_j of H̄, and v^j = Σ_k c_k (its k-th block) with Γ(−p_j) v^j = −v^j. Stacked vectors run unit by unit.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from kdsrc import checks
from kdsrc.kernels import unit_grams
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import Problem
from kdsrc.theory.theorem1 import printed_limit, printed_unit_limits
from kdsrc.typing import Features, Labels, Points, Times

__all__ = [
    "MISPRINTS",
    "Expansion",
    "coupling",
    "expansion",
    "flow_operator",
    "laplace_deviation",
    "lemma5_eigenvectors",
    "pole_vectors",
    "start_deviations",
    "symmetric_operator",
    "transfer",
]

_VISIBLE = 1e-9  # modes with ‖v^j‖ below it, relative to the largest, do not show in f
MISPRINTS = ("constant", "sign", "coefficient", "kernel", "normalisation")


def coupling(network: TwoLayerNetwork, penalty: float, power: float = 1.0) -> Float[np.ndarray, "m m"]:
    """A^power = (c cᵀ + λ I)^power, (m, m), for λ > 0.

    Examples
    --------
    >>> root = coupling(network, 0.5, 0.5)
    >>> bool(np.allclose(root @ root, coupling(network, 0.5)))
    True
    """
    penalty = checks.penalty(
        "coupling", penalty, zero=False, infinite=False, why=": at λ = 0 the flow is that of H alone"
    )
    checks.number("coupling", "power", power)
    c = network.coefficients
    a = c @ c
    bend = ((penalty + a) ** power - penalty**power) / a if a > 0 else 0.0
    return penalty**power * np.eye(len(c)) + bend * np.outer(c, c)


def flow_operator(network: TwoLayerNetwork, x: Points, penalty: float) -> Float[np.ndarray, "mn mn"]:
    """H̄ of Eq. (13), (nm, nm), not symmetric: block k, l is H_k (c_k c_l + λ δ_kl).

    Examples
    --------
    >>> flow_operator(network, x, 0.5).shape
    (20, 20)
    """
    grams = unit_grams(network, x)
    return _stacked(np.einsum("kij,kl->kilj", grams, coupling(network, penalty)))


def symmetric_operator(network: TwoLayerNetwork, x: Points, penalty: float) -> Float[np.ndarray, "mn mn"]:
    """S = (A^½ ⊗ I) 𝐃 (A^½ ⊗ I), (nm, nm): symmetric, positive semi-definite, with the eigenvalues of H̄.

    Examples
    --------
    >>> same = np.linalg.eigvals(flow_operator(network, x, 0.5)).real
    >>> bool(np.allclose(np.sort(same), np.linalg.eigvalsh(symmetric_operator(network, x, 0.5))))
    True
    """
    root = coupling(network, penalty, 0.5)
    return _stacked(np.einsum("pk,kij,kl->pilj", root, unit_grams(network, x), root))


def transfer(network: TwoLayerNetwork, x: Points, penalty: float, s: float) -> Float[np.ndarray, "n n"]:
    """Γ(s) = Σ_k c_k² (sI + λH_k)^{-1} H_k, (n, n), symmetric for real s; not at s = λ = 0.

    Examples
    --------
    >>> kernel = np.einsum("k,kij->ij", network.coefficients**2, unit_grams(network, x))
    >>> bool(np.allclose(transfer(network, x, 0.0, 2.0), kernel / 2.0))
    True
    """
    penalty = checks.penalty("transfer", penalty, infinite=False)
    if not np.isfinite(s) or (s == 0 and penalty == 0):
        raise ValueError(f"transfer: s={s} with penalty={penalty:g}; expected finite numbers, not both zero")
    grams, c = unit_grams(network, x), network.coefficients
    solved = np.linalg.solve(s * np.eye(grams.shape[1]) + penalty * grams, grams)
    return np.tensordot(c**2, solved, axes=1)


def start_deviations(
    network: TwoLayerNetwork, x: Points, y: Labels, penalty: float, knowledge: Features
) -> Float[np.ndarray, "m n"]:
    """𝛅(0) as rows, (m, n): δ^(k)(0) = f^(k)(0) − f_∞^(k) with Theorem 3's printed limits.

    Examples
    --------
    >>> start = start_deviations(network, x, y, 0.5, knowledge)
    >>> limit = printed_limit(network, y, 0.5, knowledge)
    >>> bool(np.allclose(network.coefficients @ start, network.output(x) - limit))
    True
    """
    p = Problem(network, x, y, penalty, knowledge, "start_deviations")
    return (network.features(p.x) - printed_unit_limits(network, p.y, penalty, knowledge)).T


@dataclass(frozen=True, eq=False)
class Expansion:
    """f(t) = f_∞ + Σ_j e^{−p_j t} α_j v^j, the modes that show in f.

    Attributes
    ----------
    limit : (n,) array
        f_∞; zero where the printed theorem leaves it out.
    poles : (r,) array, ascending
    vectors : (r, n) array
        v^j, of unit norm.
    amplitudes : (r,) array
        α_j.

    Examples
    --------
    >>> found = expansion(network, x, y, 0.5, knowledge)
    >>> regime = KernelRegime(network, x, y, penalty=0.5, knowledge=knowledge)
    >>> times = np.array([0.0, 1.0])
    >>> bool(np.allclose(found.output(times), regime.output(times)))
    True
    """

    limit: Labels
    poles: Float[np.ndarray, " r"]
    vectors: Float[np.ndarray, "r n"]
    amplitudes: Float[np.ndarray, " r"]

    def output(self, times: Times) -> Float[np.ndarray, "T n"]:
        """f at times (T,); returns (T, n)."""
        times = checks.array("Expansion.output", "times", times, ("T",))
        decays = np.exp(-np.multiply.outer(times, self.poles))
        return self.limit + decays @ (self.amplitudes[:, None] * self.vectors)


def expansion(
    network: TwoLayerNetwork,
    x: Points,
    y: Labels,
    penalty: float,
    knowledge: Features,
    *,
    misprints: Collection[str] = (),
) -> Expansion:
    """Theorem 3 repaired (no misprints), as printed (misprints=MISPRINTS), or with some of its misprints left in.

    Repaired: α_j = (1/N_j) Σ_k c_k ⟨v^j, (p_j I − λH_k)^{-1} (f^(k)(0) − f_∞^(k))⟩ with
    N_j = Σ_k c_k² ⟨v^j, (p_j I − λH_k)^{-2} H_k v^j⟩ and the constant f_∞ in front.
    Printed: no constant, the sign turned round, c_k² for c_k, H_k before the inverse, no N_j.

    Raises
    ------
    ValueError
        For λ = 0 or ∞, a slip that is not in `MISPRINTS`, or a singular H_k: Theorem 3 then needs the general limit;
        use `KernelRegime.modes`.

    Examples
    --------
    >>> printed = expansion(network, x, y, 0.5, knowledge, misprints=MISPRINTS)
    >>> repaired = expansion(network, x, y, 0.5, knowledge)
    >>> bool(np.allclose(repaired.output(np.array([0.0])), network.output(x))), printed.limit.tolist()
    (True, [0.0, 0.0, 0.0, 0.0, 0.0])
    """
    if unknown := set(misprints) - set(MISPRINTS):
        raise ValueError(f"expansion: misprints {sorted(unknown)}; expected some of {', '.join(MISPRINTS)}")
    checks.penalty("expansion", penalty, zero=False, infinite=False)
    grams, c = unit_grams(network, x), network.coefficients
    if min(np.linalg.eigvalsh(gram)[0] / max(np.trace(gram), 1e-300) for gram in grams) < 1e-13:
        raise ValueError(
            f"expansion: a singular H_k (x {np.shape(x)}, {network.activation!r}); expected invertible "
            "ones (n ≤ d and σ' ≠ 0): use KernelRegime.modes"
        )
    poles, vectors = pole_vectors(network, x, penalty)
    starts = start_deviations(network, x, y, penalty, knowledge)  # (m, n)
    amplitudes = np.empty(len(poles))
    for j, (pole, v) in enumerate(zip(poles, vectors, strict=True)):
        solved = np.linalg.solve(pole * np.eye(len(v)) - penalty * grams, v[None, :, None])[..., 0]  # (m, n)
        weights = c**2 if "coefficient" in misprints else c
        left = np.einsum("kij,kj->ki", grams, solved) if "kernel" in misprints else solved
        amplitudes[j] = np.einsum("k,ki,ki->", weights, left, starts)
        if "sign" in misprints:
            amplitudes[j] *= -1.0
        if "normalisation" not in misprints:
            amplitudes[j] /= np.einsum("k,ki,kij,kj->", c**2, solved, grams, solved)
    limit = printed_limit(network, y, penalty, knowledge)
    return Expansion(np.zeros_like(limit) if "constant" in misprints else limit, poles, vectors, amplitudes)


def pole_vectors(
    network: TwoLayerNetwork, x: Points, penalty: float
) -> tuple[Float[np.ndarray, " r"], Float[np.ndarray, "r n"]]:
    """Poles (r,) ascending and unit v^j (r, n) with Γ(−p_j) v^j = −v^j, of the modes that show in f.

    Examples
    --------
    >>> poles, vectors = pole_vectors(network, x, 0.5)
    >>> bool(np.allclose(transfer(network, x, 0.5, -poles[0]) @ vectors[0], -vectors[0]))
    True
    """
    poles, z = np.linalg.eigh(symmetric_operator(network, x, penalty))
    weight = network.coefficients @ coupling(network, penalty, -0.5)
    vectors = np.einsum("k,knj->jn", weight, z.reshape(network.width, len(x), -1))
    norms = np.linalg.norm(vectors, axis=1)
    shown = (norms > _VISIBLE * norms.max()) & (poles > 1e-13 * poles[-1])
    return poles[shown], vectors[shown] / norms[shown, None]


def lemma5_eigenvectors(
    network: TwoLayerNetwork, x: Points, penalty: float, pole: float, v: Float[np.ndarray, " n"]
) -> tuple[Float[np.ndarray, "m n"], Float[np.ndarray, "m n"]]:
    """Right and left eigenvectors of H̄ at a pole, each (m, n), as Lemma 5 gives them from v = v^j.

    Right blocks c_k (pI − λH_k)^{-1} H_k v, left blocks c_k (pI − λH_k)^{-1} v. Their inner product is N_j, not 1:
    the sum Σ_j e^{−p_j t} |η_j^r⟩⟨η_j^l| that follows the lemma must be divided by it.

    Examples
    --------
    >>> poles, vectors = pole_vectors(network, x, 0.5)
    >>> right, left = lemma5_eigenvectors(network, x, 0.5, poles[0], vectors[0])
    >>> operator = flow_operator(network, x, 0.5)
    >>> bool(np.allclose(operator @ right.ravel(), poles[0] * right.ravel()))
    True
    """
    checks.penalty("lemma5_eigenvectors", penalty, zero=False, infinite=False)
    grams = unit_grams(network, x)
    v = checks.array("lemma5_eigenvectors", "v", v, grams.shape[1:2])
    if not 0 < pole < np.inf:
        raise ValueError(f"lemma5_eigenvectors: pole={pole}; expected a positive finite number")
    left = (
        network.coefficients[:, None]
        * np.linalg.solve(pole * np.eye(len(v)) - penalty * grams, v[None, :, None])[..., 0]
    )
    return np.einsum("kij,kj->ki", grams, left), left  # H_k and its resolvent commute


def laplace_deviation(
    network: TwoLayerNetwork,
    x: Points,
    y: Labels,
    penalty: float,
    knowledge: Features,
    s: float,
    *,
    printed: bool = False,
) -> Labels:
    """Δ(s) of Eq. (15), (n,): (I + Γ(s))^{-1} Σ_k c_k (sI + λH_k)^{-1} δ^(k)(0); the printed sum lacks c_k.

    Examples
    --------
    >>> deviation = laplace_deviation(network, x, y, 0.5, knowledge, 1e6) * 1e6
    >>> bool(np.allclose(deviation, network.coefficients @ start_deviations(network, x, y, 0.5, knowledge), atol=1e-4))
    True
    """
    if not np.isfinite(s):
        raise ValueError(f"laplace_deviation: s={s}; expected a finite number")
    grams, starts = unit_grams(network, x), start_deviations(network, x, y, penalty, knowledge)
    n = grams.shape[1]
    solved = np.linalg.solve(s * np.eye(n) + penalty * grams, starts[..., None])[..., 0]  # (m, n)
    total = solved.sum(axis=0) if printed else network.coefficients @ solved
    return np.linalg.solve(np.eye(n) + transfer(network, x, penalty, s), total)


def _stacked(blocks):  # (m, n, m, n) -> (mn, mn)
    size = blocks.shape[0] * blocks.shape[1]
    return np.ascontiguousarray(blocks).reshape(size, size)
