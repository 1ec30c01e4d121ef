"""Measurements behind the claims about wide networks: seed in, slope against the width out, on a double logarithm."""

from functools import lru_cache

import numpy as np

from kdsrc.dynamics.flow import gradient_flow, l1_distance
from kdsrc.dynamics.regime import KernelRegime
from kdsrc.kernels import infinite_width_kernel, tangent_kernel
from kdsrc.networks import TwoLayerNetwork, init_network

_WIDTHS = (16, 64, 256)


def _width_slope(values):
    return float(np.polyfit(np.log(_WIDTHS), np.log(values), 1)[0])


@lru_cache(maxsize=32)  # two measurements look at the same flows
def _true_and_frozen(seed, width, activation="tanh"):
    """True flow of one problem of this width, and the frozen one's outputs at the same times."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(6, 9))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    y = rng.choice([-1.0, 1.0], size=6)
    network = init_network(width, 9, seed=rng, std=1.0, activation=activation)
    knowledge = network.features(x)
    regime = KernelRegime(network, x, y, penalty=0.3, knowledge=knowledge)
    times = np.concatenate([[0.0], np.geomspace(1e-2, 200.0, 150)])
    flow = gradient_flow(network, x, y, times, penalty=0.3, knowledge=knowledge, rtol=1e-6, atol=1e-8)
    return flow, regime.output(times)


def distance_slope(seed: int) -> float:
    """Slope in ln m of the logarithm of ∫‖f(t) − f_frozen(t)‖dt, tanh, m = 16, 64, 256."""
    pairs = (_true_and_frozen(seed, width) for width in _WIDTHS)
    return _width_slope([l1_distance(flow.times, flow.output(), frozen) for flow, frozen in pairs])


def change_slope(seed: int) -> float:
    """Slope in ln m of the logarithm of ‖H(end) − H(0)‖/‖H(0)‖, tanh, m = 16, 64, 256."""
    found = []
    for width in _WIDTHS:
        flow, _ = _true_and_frozen(seed, width)
        end = TwoLayerNetwork(flow.weights[-1], flow.network.output_weights, flow.network.activation)
        before, after = (tangent_kernel(network, flow.x) for network in (flow.network, end))
        found.append(np.linalg.norm(after - before, 2) / np.linalg.norm(before, 2))
    return _width_slope(found)


def concentration_slope(seed: int) -> float:
    """Slope in ln m of the logarithm of ‖H(0) − H^∞‖ for ReLU, m = 16, 64, 256; 16 networks a width."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(20, 30))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    limit = infinite_width_kernel(x)
    return _width_slope(
        [
            np.mean([np.linalg.norm(tangent_kernel(init_network(width, 30, seed=rng), x) - limit) for _ in range(16)])
            for width in _WIDTHS
        ]
    )
