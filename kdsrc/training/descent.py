"""The arithmetic of one step of Eq. (9) for many arms side by side, on the weights or on the Gram matrix.

The hidden units of all arms are the rows of one pre-activation matrix Z (M × n). With C the block matrix that holds
c_k in the column of its arm, the outputs are Cᵀ σ(Z) and the direction of descent in Z-space is

    R = σ′(Z) ∘ [C (y − f) + λ (Φᵀ − σ(Z))],

so that the weights move by η R X and, equivalently, the pre-activations by η R (X Xᵀ).
"""

from collections.abc import Sequence

import numpy as np
import torch

from kdsrc.activations import activation
from kdsrc.networks import TwoLayerNetwork
from kdsrc.problem import term_weights
from kdsrc.typing import Points, TestPoints

__all__: list[str] = []


class StackedArms:
    """Where each arm's units stand among the M rows, and what the arms want."""

    def __init__(self, arms: Sequence, dtype: torch.dtype, device: torch.device) -> None:
        self.dtype, self.device = dtype, device
        self.networks_at_start = [arm.network for arm in arms]
        stops = np.cumsum([arm.network.width for arm in arms])
        self.slices = [slice(stop - arm.network.width, stop) for arm, stop in zip(arms, stops.tolist(), strict=True)]
        coefficients = np.zeros((stops[-1], len(arms)))  # (M, J)
        label_coefficients = np.zeros_like(coefficients)  # the same, without the arms that ignore the labels
        self.penalties = []  # (rows, λ's weight, Φᵀ) of the arms with knowledge in force
        for j, (arm, units) in enumerate(zip(arms, self.slices, strict=True)):
            coefficients[units, j] = arm.network.coefficients
            labels, penalty = term_weights(arm.penalty)
            label_coefficients[units, j] = labels * arm.network.coefficients
            if penalty > 0:
                self.penalties.append((units, penalty, self.tensor(arm.knowledge.T)))
        self.coefficients, self.label_coefficients = self.tensor(coefficients), self.tensor(label_coefficients)
        self.groups = _runs([arm.network.activation for arm in arms], self.slices)
        self._buffers: dict[str, torch.Tensor] = {}

    def tensor(self, array: np.ndarray) -> torch.Tensor:
        return torch.as_tensor(np.array(array), dtype=self.dtype, device=self.device)

    def start(self) -> torch.Tensor:
        """Weights of all arms, (M, d)."""
        return self.tensor(np.concatenate([network.weights for network in self.networks_at_start]))

    def networks(self, weights: torch.Tensor) -> list[TwoLayerNetwork]:
        """The arms' networks with these weights (M, d)."""
        weights = weights.cpu().numpy()
        return [
            TwoLayerNetwork(weights[units], network.output_weights, network.activation)
            for units, network in zip(self.slices, self.networks_at_start, strict=True)
        ]

    def outputs(self, z: torch.Tensor, purpose: str = "train") -> torch.Tensor:
        """f of each arm, (J, n), for z (M, n); the features stay in a buffer until the next call."""
        features = self._buffer(purpose, z)
        for name, units in self.groups:
            activation(name).write(torch, z[units], features[units])
        return self.coefficients.T @ features

    def direction(self, z: torch.Tensor, residual: torch.Tensor) -> torch.Tensor:
        """R (M, n) for the z (M, n) that `outputs` has just seen and residual y − f (J, n)."""
        features = self._buffer("train", z)
        direction = torch.mm(self.label_coefficients, residual, out=self._buffer("direction", z))
        for units, penalty, knowledge in self.penalties:
            direction[units].add_(knowledge - features[units], alpha=penalty)
        return self._times_slopes(direction, z, features)

    def curvature(self, x: torch.Tensor, z: torch.Tensor, iterations: int) -> list[float]:
        """Largest eigenvalue of the linearised flow at z, arm by arm: power iteration, so never above the true one."""
        self.outputs(z)
        features = self._buffer("train", z)
        # a start that is neither constant nor random: overlaps the leading mode, and repeats itself
        wave = 1.0 + torch.cos(torch.arange(z.shape[1], dtype=self.dtype, device=self.device))
        tangent = torch.outer(self.label_coefficients.sum(1), wave)
        for units, penalty, _ in self.penalties:
            tangent[units] += penalty * wave
        for _ in range(iterations):
            vector = product(self._times_slopes(tangent, z, features), x)  # (M, d)
            for units in self.slices:
                vector[units] /= torch.linalg.norm(vector[units]).clamp_min(torch.finfo(self.dtype).tiny)
            moved = self._times_slopes(product(vector, x.T), z, features)  # (M, n)
            tangent = self.label_coefficients @ (self.label_coefficients.T @ moved)
            for units, penalty, _ in self.penalties:
                tangent[units] += penalty * moved[units]
        return [float((moved[units] * tangent[units]).sum()) for units in self.slices]

    def _times_slopes(self, array, z, features):
        for name, units in self.groups:
            array[units].mul_(activation(name).slope(torch, z[units], features[units]))
        return array

    def _buffer(self, purpose, like):
        if purpose not in self._buffers:
            self._buffers[purpose] = torch.empty_like(like)
        return self._buffers[purpose]


class WeightState:
    """Steps on the weights: two products with X (n × d) a step."""

    def __init__(self, stack: StackedArms, x_train: Points, x_test: TestPoints) -> None:
        self.x, self.x_test = stack.tensor(x_train), stack.tensor(x_test)
        self.w = stack.start()  # (M, d)
        self.z = product(self.w, self.x.T)  # (M, n)
        self._moved = torch.empty_like(self.w)

    def step(self, direction: torch.Tensor, learning_rate: float) -> None:
        self.w.add_(product(direction, self.x, out=self._moved), alpha=learning_rate)
        product(self.w, self.x.T, out=self.z)

    def test_preactivations(self) -> torch.Tensor:
        return product(self.w, self.x_test.T)

    def weights(self) -> torch.Tensor:
        return self.w


class GramState:
    """Steps on the pre-activations: one product with X Xᵀ (n × n) a step, W(r) = W(0) + C X."""

    def __init__(self, stack: StackedArms, x_train: Points, x_test: TestPoints) -> None:
        self.x = stack.tensor(x_train)
        x_test = stack.tensor(x_test)
        self.w0 = stack.start()
        self.gram, self.cross = product(self.x, self.x.T), product(self.x, x_test.T)  # (n, n), (n, n_test)
        self.z, self.z_test0 = product(self.w0, self.x.T), product(self.w0, x_test.T)
        self.dual_coefficients = torch.zeros_like(self.z)  # C (M, n)
        self._moved = torch.empty_like(self.z)

    def step(self, direction: torch.Tensor, learning_rate: float) -> None:
        self.z.add_(product(direction, self.gram, out=self._moved), alpha=learning_rate)
        self.dual_coefficients.add_(direction, alpha=learning_rate)

    def displace(self, base: torch.Tensor, shift: torch.Tensor) -> None:
        """Pre-activations at a shift (M, n) of C from where they were `base`; C itself stays."""
        torch.add(base, product(shift, self.gram, out=self._moved), out=self.z)

    def test_preactivations(self) -> torch.Tensor:
        return product(self.dual_coefficients, self.cross).add_(self.z_test0)

    def weights(self) -> torch.Tensor:
        return product(self.dual_coefficients, self.x).add_(self.w0)


def product(a: torch.Tensor, b: torch.Tensor, out: torch.Tensor | None = None) -> torch.Tensor:
    """a b. On the CPU by NumPy's BLAS in the same memory: OpenBLAS is a third faster than torch's MKL on AMD cores."""
    if a.device.type != "cpu":
        return torch.mm(a, b, out=out)
    if out is None:
        out = a.new_empty(len(a), b.shape[1])
    np.matmul(a.numpy(), b.numpy(), out=out.numpy())
    return out


def _runs(names, slices):
    """Neighbouring arms with one activation, merged: [(name, slice)]."""
    runs: list[tuple[str, slice]] = []
    for name, units in zip(names, slices, strict=True):
        if runs and runs[-1][0] == name:
            runs[-1] = (name, slice(runs[-1][1].start, units.stop))
        else:
            runs.append((name, units))
    return runs
