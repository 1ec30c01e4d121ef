"""One pool of threads at a time, and everything as it was afterwards."""

import os

import numpy as np
import pytest
import torch
from planted import problem
from threadpoolctl import threadpool_info, threadpool_limits

from kdsrc.dynamics import KernelRegime, gradient_flow, limits
from kdsrc.embeddings import AlignedNystroem, alignf_gaussian
from kdsrc.networks import init_network
from kdsrc.spectra import top_of
from kdsrc.threads import one_pool, one_thread
from kdsrc.training import Arm, largest_step, train
from kdsrc.training.long_steps import integrate_long_steps

LARGE, SMALL = 10**9, 10**3  # operations


@pytest.fixture(params=[1, 2, 3])
def threads(request):
    """As many threads as that everywhere, whatever the tests are started with; back to what it was at the end."""
    before = torch.get_num_threads()
    with threadpool_limits(request.param):
        torch.set_num_threads(request.param)
        yield request.param
        torch.set_num_threads(before)


def counts():
    """Threads of every library, and what torch says of its own and of the MKL inside it."""
    own = [line.strip() for line in torch.__config__.parallel_info().splitlines() if "max_threads" in line]
    return {pool["filepath"]: pool["num_threads"] for pool in threadpool_info()}, torch.get_num_threads(), own


def numpys():
    """Threads of the BLAS under NumPy."""
    found = {
        pool["num_threads"]
        for pool in threadpool_info()
        if pool["user_api"] == "blas" and "scipy" not in pool["filepath"].rsplit(os.sep, 2)[1]
    }
    assert len(found) == 1
    return found.pop()


def test_large_products_keep_the_threads_of_numpy_and_hold_the_others(threads):
    with one_pool(LARGE):
        assert numpys() == threads
        assert torch.get_num_threads() == 1
        assert all(line.endswith(": 1") for line in counts()[2])  # torch's OpenMP and MKL


@pytest.mark.parametrize("context", [one_thread, lambda: one_pool(SMALL)])
def test_one_thread_is_one_everywhere(threads, context):
    with context():
        pools, own, told = counts()
        assert set(pools.values()) == {1} and own == 1 and all(line.endswith(": 1") for line in told)


@pytest.mark.parametrize("context", [one_thread, lambda: one_pool(SMALL), lambda: one_pool(LARGE)])
def test_everything_is_as_before_after_an_exception_and_when_nested(threads, context):
    before = counts()
    with pytest.raises(ZeroDivisionError), context():
        1 / 0  # noqa: B018
    assert counts() == before
    with context():
        inside = counts()
        with one_thread(), one_pool(LARGE):
            assert numpys() == torch.get_num_threads() == 1  # what is held outside stays held
        assert counts() == inside
    assert counts() == before


def test_nothing_public_leaves_a_trace(threads):
    data = problem(n=20, d=6)
    network, rng = init_network(3, 6, seed=0, std=0.8), np.random.default_rng(0)
    arm, kernel = Arm("a", network), rng.standard_normal((600, 600))
    steps = {"progress": False, "iterations": 4, "learning_rate": 0.01}
    before = counts()
    for call in (
        lambda: train([arm], data, **steps),
        lambda: integrate_long_steps([arm], data, **steps),
        lambda: largest_step([arm], data),
        lambda: top_of(kernel @ kernel.T, 3),
        lambda: KernelRegime(network, data.x_train, data.y_train, method="krylov").output([1.0]),
        lambda: limits.general_limit(network, data.x_train, data.y_train, 0.1, network.features(data.x_train)),
        lambda: gradient_flow(network, data.x_train, data.y_train, [0.1]),
        lambda: alignf_gaussian(data.x_train, data.y_train, [0.5, 1.0]),
        lambda: AlignedNystroem(weights="uniform", n_components=5).fit(data.x_train),
    ):
        call()
        assert counts() == before
    with pytest.raises(ValueError, match="unstable"):
        train([arm], data, progress=False, iterations=4, learning_rate=1e6)
    assert counts() == before


def test_the_limit_of_dependent_rows_takes_one_pool(threads, monkeypatch):
    """Every unit takes a QR of SciPy's and products of NumPy's."""
    x, found, basis = np.random.default_rng(0).standard_normal((20, 6)), [], limits.range_basis
    monkeypatch.setattr(limits, "range_basis", lambda *given: found.append(counts()) or basis(*given))
    network = init_network(3, 6, seed=0, std=0.8)
    limits.general_limit(network, x, np.ones(20), 0.1, network.features(x))
    assert len(found) == 3 and all(set(pools.values()) == {1} and own == 1 for pools, own, _ in found)
