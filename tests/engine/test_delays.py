"""Delays of each request: what is accepted, and that they are nobody else's random numbers."""

import numpy as np
import pytest

import inference_lab as il
from inference_lab.serving.delays import LONGEST_DELAY_S, checked_delay

ONE = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(0.5, 0, 0))


@pytest.mark.parametrize(
    "wrong",
    [
        -0.1,
        float("nan"),
        2 * LONGEST_DELAY_S,
        "0.1",
        None,
        (0.1,),
        (0.3, 0.1),
        (0.1, "0.2"),
        [0.1, -0.1],
        [[0.1, 0.2]],
        np.array([[0.1, 0.2]]),
        np.array(0.1),
    ],
)
def test_what_is_no_delay_is_named(wrong):
    with pytest.raises((TypeError, ValueError), match="network_s="):
        checked_delay("network_s", wrong)


def test_an_array_is_copied_and_kept():
    given_s = np.array([0.5, 0.25])
    cluster = il.Cluster(ONE, network_s=given_s)
    given_s[:] = 99
    assert list(cluster.network_s) == [0.5, 0.25]
    with pytest.raises(ValueError, match="read-only"):
        cluster.network_s[0] = 1


def test_drawn_delays_are_the_same_for_each_router_and_change_no_choice():
    """A comparison of routers is paired; and the router's dice fall as without a network."""
    load = il.Workload.poisson(4, 200, (10, 90), (1, 9))
    drawn = [
        il.simulate(il.Cluster(ONE, 8, router=router, network_s=(0.1, 0.3)), load, seed=3)
        for router in ("random", "least_outstanding")
    ]
    assert (drawn[0].ttft_parts["network"] == drawn[1].ttft_parts["network"]).all()
    far = il.simulate(il.Cluster(ONE, 8, router="random", network_s=(0.2, 0.2)), load, seed=3)
    near = il.simulate(il.Cluster(ONE, 8, router="random"), load, seed=3)
    assert (far.replica == near.replica).all()
    other_seed = il.simulate(il.Cluster(ONE, 8, network_s=(0.1, 0.3)), load, seed=4)
    assert (other_seed.ttft_parts["network"] != drawn[0].ttft_parts["network"]).any()
