"""Blocks of a decoding batch: the count by place in a block, and the bound that mostly saves it."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import inference_lab as il
from inference_lab.serving.kv_cache import BLOCK_TOKENS
from inference_lab.serving.macro.memory import fits
from inference_lab.serving.macro.occupancy import Occupancy
from tests.engine.others import At, simulated

stored = st.lists(st.integers(1, 200), min_size=1, max_size=12)


def counted(tokens, steps):
    return sum(ceil((each + steps) / BLOCK_TOKENS) for each in tokens)


@given(stored, stored, st.integers(0, 40), st.integers(0, 100), st.integers(0, 60))
def test_blocks_and_steps_are_those_of_a_count(tokens, gone, done, free, at_most):
    """Whoever joins after some steps had so many tokens less, or less than none, at the start."""
    occupancy = Occupancy(each - done for each in (*tokens, *gone))
    for each in gone:
        occupancy.leave(each - done)
    held = [occupancy.blocks(done + k) for k in range(40)]
    assert held == [counted(tokens, k) for k in range(40)]
    fitting = [k for k in range(1, at_most + 1) if counted(tokens, k) <= free]
    assert occupancy.steps_within(free, done, at_most) == max(fitting, default=0)


RNG = np.random.default_rng(1)
MIXED = il.Workload.from_arrays(
    arrival_s=np.arange(40) * 1.5,
    prompt_tokens=RNG.integers(1, 80, 40),
    output_tokens=RNG.integers(1, 80, 40),
)
IN_STEP = il.Workload.from_arrays(
    arrival_s=[0] * 20, prompt_tokens=[30] * 20, output_tokens=[40] * 20
)


@pytest.mark.parametrize(
    ("scheduler", "load", "capacity_tokens", "batches"),
    [
        ("continuous", MIXED, 480, set(range(6))),
        ("chunked", MIXED, 480, set(range(6))),
        ("static", IN_STEP, 1600, {0, 20}),
    ],
)
def test_the_bound_that_mostly_saves_the_count_is_safe(scheduler, load, capacity_tokens, batches):
    """`memory.fits` in the states of a run, to the block: sequences, prompts, newcomers.

    With 13 in place of 14 the last case fails: all of 20 begin a new block at once.
    """
    replica = il.AffineReplica(
        prefill_s=(0.25, 0, 0),
        decode_s=(0.125, 0, 0),
        kv_capacity_tokens=capacity_tokens,
        max_batch=max(batches),
    )
    seen = set()

    def compare(replica):
        run = replica.run
        stored = [run.totals[i] - 1 - end + replica.decoded for i, end in replica.running.items()]
        assert replica.context == sum(stored) + len(stored)  # the last of each is not stored yet
        taken = sum(run.goal_blocks[i] for i in replica.prefilling)
        for steps in range(18):
            free = replica.blocks - taken - counted(stored, steps)
            fitting = [fits(replica, steps, more) for more in range(replica.blocks + 1)]
            assert fitting == [more <= free for more in range(replica.blocks + 1)]
        seen.add(len(stored))

    def make(gateway, fleet):
        return At(np.arange(300) / 4 + 0.01, lambda now_s: compare(fleet[0]))

    simulated("macro", il.Cluster(replica, scheduler=scheduler), load, make)
    assert seen == batches
