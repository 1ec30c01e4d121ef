"""Eq. (9) linearised at a network, as one symmetric linear flow (the paper's H̄ of Eq. 13 is not symmetric).

With J_k = diag(σ′(Xw_k)) X frozen, H_k = J_k J_kᵀ, c_k = a_k/√m and A = c cᵀ + λ I, Eq. (9) becomes

    dΔw/dt = b − G Δw,  G = Jᵀ (A ⊗ I) J,  b_k = J_kᵀ [c_k (y − f(0)) + λ (φ^(k) − f^(k)(0))],

J = blockdiag(J_1 … J_m). G is symmetric and has the non-zero spectrum of H̄ (the poles), on m·min(n, d) unknowns
instead of n·m; b is orthogonal to ker G, and test points follow from Δw. At λ = 0 the n unknowns
r(t) = ∫₀ᵗ (y − f) suffice: dr/dt = y − f(0) − H r, Δw_k = c_k J_kᵀ r. Both read x′ = v₀ − M x, x(0) = 0.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from kdsrc.dynamics.krylov import KrylovFlow, psi
from kdsrc.kernels import tangent_kernel
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import Problem
from kdsrc.typing import Features, Labels, Points, Times

__all__: list[str] = []

_EPS = np.finfo(float).eps
_BLOCK = 4_000_000  # entries of a work array


@dataclass(frozen=True, eq=False)
class Spectrum:
    """All non-zero modes: x(t) = Σ_j ψ_t(p_j) start_j basis_j,  f(t) = f(∞) + Σ_j e^{−p_j t} amplitudes_j."""

    poles: Float[np.ndarray, " r"]  # ascending
    basis: Float[np.ndarray, "r N"]  # orthonormal rows
    start: Float[np.ndarray, " r"]
    amplitudes: Float[np.ndarray, "r n"]

    def coefficients(self, times: Times) -> Float[np.ndarray, "T r"]:
        """Coordinates of x(t) in the basis for times (T,), ∞ included; returns (T, r)."""
        return psi(times, self.poles) * self.start


@dataclass(frozen=True, eq=False)
class LinearisedFlow:
    """The flow x′ = v₀ − M x of one problem, and the maps from its state x to weights and outputs.

    The state x is r (n,) at λ = 0, where its part in ker H moves no weight, else Δw in coordinates of the row space
    of X (m·min(n, d),).
    """

    problem: Problem

    @property
    def network(self) -> TwoLayerNetwork:
        """Where the flow starts and is linearised."""
        return self.problem.network

    @property
    def x(self) -> Points:
        """Training points, (n, d)."""
        return self.problem.x

    @property
    def penalty(self) -> float:
        """λ."""
        return self.problem.penalty

    @cached_property
    def slopes(self) -> Features:
        """σ′(Xw_k), (n, m)."""
        return self.network.slopes(self.x)

    @cached_property
    def start_output(self) -> Labels:
        """f(0), (n,)."""
        return self.network.output(self.x)

    @cached_property
    def design(self) -> tuple[Float[np.ndarray, "n r"], Float[np.ndarray, "d r"] | None]:
        """X in coordinates of its row space, (n, min(n, d)), and their frame (d, n), or None when n ≥ d."""
        if self.x.shape[0] >= self.x.shape[1]:
            return self.x, None
        frame, triangle = np.linalg.qr(self.x.T)
        return np.ascontiguousarray(triangle.T), frame

    @cached_property
    def label_coefficients(self) -> tuple[Float[np.ndarray, " m"], float]:
        """c and λ as they stand in A: pure distillation (λ = ∞) ignores the labels and has weight one."""
        labels, taught = self.problem.weights
        return labels * self.network.coefficients, taught

    def root(self, blocks: Features, power: float) -> Features:
        """A^power, power = ±½, across the units of blocks (n, m): (λ + a)^power along c, λ^power across it."""
        c, penalty = self.label_coefficients
        a = c @ c
        bend = ((penalty + a) ** power - penalty**power) / a if a > 0 else 0.0
        return penalty**power * blocks + bend * np.outer(blocks @ c, c)

    def _even_force(self):
        """A^{-½} across the units of the force: term by term, or a small λ would cancel digits."""
        c, penalty = self.label_coefficients
        labels = np.outer(self._residual, c) / np.sqrt(c @ c + penalty)
        return labels + penalty * self.root(self.problem.knowledge - self.network.features(self.x), -0.5)

    @property
    def _residual(self):
        return self.problem.y - self.start_output

    @cached_property
    def spectrum(self) -> Spectrum:
        """Every non-zero mode: `eigh` of H at λ = 0, else an SVD of B = (A^½ ⊗ I) J, as G = BᵀB."""
        if self.penalty == 0:
            poles, vectors = np.linalg.eigh(tangent_kernel(self.network, self.x))
            kept = poles > len(poles) * _EPS * poles[-1]
            basis = vectors.T[kept]
            start = basis @ self._residual
            return Spectrum(poles[kept], basis, start, -basis * start[:, None])
        n, m = self.slopes.shape
        block = np.einsum("lk,ik,ir->likr", self.root(np.eye(m), 0.5), self.slopes, self.design[0])
        left, sizes, right = np.linalg.svd(block.reshape(n * m, -1), full_matrices=False)
        kept = np.flatnonzero(sizes > max(left.shape[0], right.shape[1]) * _EPS * sizes[0])[::-1]
        left, sizes, right = left[:, kept], sizes[kept], right[kept]
        # b = Bᵀ s with s = (A^{-½} ⊗ I) force, and f − f(0) = (A^{-½}c ⊗ I)·B Δw: no small pole is divided by.
        start = self._even_force().T.ravel() @ left  # (r,)
        label_c, penalty = self.label_coefficients
        weight = self.network.coefficients / np.sqrt(label_c @ label_c + penalty)  # A^{-½}c, (m,)
        seen = np.tensordot(weight, left.reshape(m, n, -1), axes=1)  # (n, r)
        return Spectrum(sizes**2, right, sizes * start, -(seen * start).T)

    def krylov(self, max_krylov: int) -> KrylovFlow:
        """The same flow by products with X alone, two of them a dimension of the basis; its view is f − f(0)."""
        design, c = self.design[0], self.network.coefficients
        if self.penalty == 0:
            gains = self.slopes * c  # (n, m)

            def plain_product(vector):
                moved = design @ ((gains * vector[:, None]).T @ design).T  # (n, m)
                image = np.einsum("ik,ik->i", gains, moved)
                return image, image

            return KrylovFlow(plain_product, self._residual, max_krylov=max_krylov, null_part=True)
        label_c, penalty = self.label_coefficients

        def product(vector):
            moved = (design @ vector.reshape(len(c), -1).T) * self.slopes  # J Δw, (n, m)
            view = moved @ c
            moved = penalty * moved + np.outer(moved @ label_c, label_c)
            return ((moved * self.slopes).T @ design).ravel(), view

        force = self.problem.force(self.network.features(self.x))  # (n, m)
        start = ((force * self.slopes).T @ design).ravel()
        return KrylovFlow(product, start, max_krylov=max_krylov)

    def error_weights(self, x: Points | None = None) -> tuple[float, float, float]:
        """Weights of (‖e‖, ‖M^½e‖, ‖Me‖), e the error of the state, that bound the error of what is asked.

        x None: of Δw, in norm. x the training points: of f, in norm, by ‖A^{-½}c‖ (at λ = 0, M e is that of f). Other
        points: of f at each, by √K(x, x) ‖Δw − Δw_K‖ with K the tangent kernel.
        """
        c, (label_c, penalty) = self.network.coefficients, self.label_coefficients
        if x is self.x:
            size = np.sqrt(c @ c / (label_c @ label_c + penalty)) if self.penalty else 0.0
            return (0.0, size, 0.0) if self.penalty else (0.0, 0.0, 1.0)
        size = 1.0
        if x is not None:
            size = np.sqrt((self.network.slopes(x) ** 2 @ c**2 * (x**2).sum(axis=1)).max(initial=0.0))
        return (size, 0.0, 0.0) if self.penalty else (0.0, size, 0.0)

    def displacements(self, states: Float[np.ndarray, "T N"]) -> Float[np.ndarray, "T m d"]:
        """Δw (T, m, d) of states (T, N)."""
        if self.penalty == 0:
            gains = self.slopes * self.network.coefficients  # (n, m)
            return np.reshape(
                [(gains * state[:, None]).T @ self.x for state in states], (len(states), *self.network.weights.shape)
            )
        design, frame = self.design
        moves = states.reshape(len(states), self.network.width, design.shape[1])
        return moves if frame is None else moves @ frame.T

    def readout(
        self, x: Float[np.ndarray, "points d"], coefficients: Float[np.ndarray, "T K"], basis: Float[np.ndarray, "K N"]
    ) -> Float[np.ndarray, "T points"]:
        """f − f(0) at points x (n', d) of the states coefficients (T, K) @ basis (K, N); returns (T, n')."""
        # Either the states at all times or the basis is mapped, whichever are fewer.
        if len(coefficients) < len(basis):
            return self._outputs(x, coefficients @ basis)
        return coefficients @ self._outputs(x, basis)

    def _outputs(self, x, states):  # (n', d), (S, N) -> (S, n')
        result = np.empty((len(states), len(x)))
        if self.penalty == 0:  # f − f(0) = H(x, X) r
            step = max(1, _BLOCK // len(self.x))
            for start in range(0, len(x), step):
                rows = slice(start, start + step)
                result[:, rows] = states @ tangent_kernel(self.network, x[rows], self.x).T
            return result
        design, frame = self.design
        own = design if x is self.x else x if frame is None else x @ frame  # (n', min(n, d))
        gains = self.network.slopes(x) * self.network.coefficients  # (n', m)
        step = max(1, _BLOCK // max(1, gains.size))
        for start in range(0, len(states), step):
            block = states[start : start + step].reshape(-1, own.shape[1])  # (s·m, min(n, d))
            moved = (own @ block.T).reshape(len(x), -1, gains.shape[1])  # (n', s, m)
            result[start : start + step] = np.einsum("ism,im->si", moved, gains)
        return result
