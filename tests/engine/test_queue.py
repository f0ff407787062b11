"""Queues: first come first served is one of several, and no engine takes it for granted."""

from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import inference_lab as il
from inference_lab.physics.costs import SCHEDULERS
from inference_lab.serving.plain_replica import PlainReplica
from inference_lab.serving.queue import FirstCome
from tests.engine.others import At, simulated


@given(st.lists(st.sampled_from(["push", "push_front", "pop"])))
def test_first_come_is_a_list_that_is_taken_from_the_front(calls):
    queue, expected = FirstCome(), []
    for number, call in enumerate(calls):
        if call == "push":
            queue.push(number)
            expected.append(number)
        elif call == "push_front":
            queue.push_front(number)
            expected.insert(0, number)
        elif expected:
            assert queue.head() == expected[0]
            assert queue.pop() == expected.pop(0)
        assert list(queue) == expected


class LastCome(FirstCome):
    """The newest first: every newcomer overtakes."""

    __slots__ = ()
    push = deque.appendleft


def stacked(gateway, fleet):
    """A source that is never due, and has put other queues into the replicas."""
    for replica in fleet:
        holder = replica.batch if isinstance(replica, PlainReplica) else replica
        holder.queue = LastCome()
    return At([], None)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_another_discipline_is_the_same_in_both_engines(scheduler):
    """Memory for about four: sequences wait, newcomers overtake, some are pre-empted."""
    rng = np.random.default_rng(7)
    replica = il.AffineReplica(
        prefill_s=(2.0**-4, 2.0**-10, 0), decode_s=(2.0**-5, 2.0**-9, 0), kv_capacity_tokens=320
    )
    cluster = il.Cluster(replica, 2, router="random", scheduler=scheduler)
    load = il.Workload.from_arrays(
        arrival_s=np.cumsum(rng.integers(0, 2**10, 120)) * 2.0**-11,
        prompt_tokens=rng.integers(1, 90, 120),
        output_tokens=rng.integers(1, 90, 120),
    )
    plain, fast = (
        simulated(engine, cluster, load, stacked, spans=True) for engine in ("reference", "macro")
    )
    np.testing.assert_array_equal(fast.spans, plain.spans)
    np.testing.assert_array_equal(fast.e2e_s, plain.e2e_s)
    assert fast.preemptions == plain.preemptions > 0
    in_turn = il.simulate(cluster, load, engine="reference")
    assert np.median(fast.ttft_s) < np.median(in_turn.ttft_s)  # and who is old, waits long
    assert fast.ttft_s.max() > in_turn.ttft_s.max()
