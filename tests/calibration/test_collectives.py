"""All-reduce: closed forms (O13), and what every library's model must obey."""

import pytest

from inference_lab.physics.all_reduce import EagerAllReduce, all_reduce_from
from inference_lab.physics.collectives import (
    one_shot_s,
    ring_s,
    tree_s,
    two_shot_s,
)
from inference_lab.physics.constants import shipped

ALPHA, RATE = 5e-6, 50e9


def test_ring_and_tree_cross_at_8_mb_o13():
    ring, tree = ([f(8, size, ALPHA, RATE) for size in (7.9e6, 8.1e6)] for f in (ring_s, tree_s))
    assert tree[0] < ring[0]
    assert ring[1] < tree[1]


def test_a_large_ring_moves_the_message_twice_o13():
    assert ring_s(100_000, 140e9, 0, RATE) == pytest.approx(5.6, rel=1e-4)


def test_one_shot_wins_for_small_messages_and_two_shot_for_large_ones():
    assert one_shot_s(8, 1e3, ALPHA, RATE) < two_shot_s(8, 1e3, ALPHA, RATE)
    assert two_shot_s(8, 1e8, ALPHA, RATE) < one_shot_s(8, 1e8, ALPHA, RATE)


@pytest.mark.parametrize("form", [ring_s, tree_s, one_shot_s, two_shot_s])
def test_one_gpu_has_nothing_to_reduce(form):
    assert form(1, 1e9, 0.0, RATE) == 0.0


@pytest.mark.parametrize("form", [ring_s, tree_s, one_shot_s, two_shot_s])
def test_wrong_arguments_are_named(form):
    with pytest.raises(ValueError, match="gpus=0"):
        form(0, 1e6, ALPHA, RATE)
    with pytest.raises(ValueError, match="bytes_per_s=0"):
        form(8, 1e6, ALPHA, 0)


@pytest.mark.parametrize("name", shipped()["all_reduce"])
def test_a_calibrated_all_reduce_has_at_most_five_constants_and_grows(name):
    entry = shipped()["all_reduce"][name]
    assert sum(not isinstance(value, bool) for value in entry["constants"].values()) <= 5
    all_reduce = all_reduce_from(entry)
    assert all_reduce.seconds(1, 1e6) == 0.0
    assert all_reduce.seconds(2, 1e6) < all_reduce.seconds(2, 1e9)
    assert all_reduce.seconds(2, 1e9) < all_reduce.seconds(8, 1e9)


def test_the_eager_ring_slows_down_beyond_32_mib():
    ring = EagerAllReduce(bytes_per_s=100e9, long_bytes_per_s=10e9)
    first_s = ring.seconds(8, 2**25)
    assert first_s == pytest.approx(ring_s(8, 2**25, 0, 100e9))
    assert ring.seconds(8, 2**26) - first_s == pytest.approx(3 * 2**25 / 10e9)
