"""The checker of types: it sees a planted fault, leaves a function alone after many calls, and looks again later."""

import numpy as np
import pytest
import typed
from jaxtyping import Float, TypeCheckError, jaxtyped

from kdsrc.networks import TwoLayerNetwork, init_network


@jaxtyped(typechecker=typed.after_the_call)
def halved(x: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    return 0.5 * np.asarray(x)[: 3 if len(x) == 4 else None]


def test_a_planted_fault_is_seen_and_again_in_the_next_test():
    for _ in range(typed.MOST):
        halved(np.zeros(2))
    halved(np.zeros(4))  # no longer looked at
    typed.check_again()
    with pytest.raises(TypeCheckError, match="halved"):
        halved(np.zeros(4))


def test_what_numpy_reads_as_an_array_counts_as_one():
    np.testing.assert_array_equal(halved([1, 2]), [0.5, 1.0])


def test_functions_and_properties_of_the_engine_are_left_alone_too():
    network = init_network(2, 3, seed=0)
    for _ in range(typed.MOST):
        assert network.dim == 3
    assert TwoLayerNetwork.dim.fget in typed._unchecked
    typed.check_again()
    assert not hasattr(TwoLayerNetwork.dim.fget, "__no_type_check__")
