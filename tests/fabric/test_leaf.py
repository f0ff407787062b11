"""A leaf at work: bytes are conserved frame by frame, and its ratio costs what the lesson says."""

import numpy as np
import pytest

import inference_lab as il
from inference_lab import theory
from inference_lab.experiments.leaf import (
    FRAME_S,
    NIC_GBIT_PER_S,
    chat_on_a_leaf,
    largest_ratio_within,
    leaf_run,
)


@pytest.mark.parametrize("kv_moves", [True, False])
@pytest.mark.parametrize("uplinks", [1600, 800, 400])
def test_what_is_wanted_was_sent_or_waits(uplinks, kv_moves):
    run = chat_on_a_leaf(uplinks, kv_moves, seconds=3, seed=1)
    wanted = np.cumsum(run.wanted_gbit_per_s) * FRAME_S
    sent = np.cumsum(run.sent_gbit_per_s.sum(axis=1)) * FRAME_S
    assert sent + run.waiting_gbit.sum(axis=1) == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    assert (run.sent_gbit_per_s <= NIC_GBIT_PER_S * (1 + 1e-9)).all()
    assert (run.uplinks_use <= 1 + 1e-9).all()


def test_behind_1_to_1_each_nic_is_a_queue_of_its_own():
    """One message after the other through a NIC: a queue that we can step by hand."""
    fabric = il.LeafSpine(hosts=8, hosts_per_leaf=4, nic_gbit_per_s=100, spray="ideal")
    load = il.Workload.poisson(100, 600, prompt_tokens=(100, 4000), output_tokens=1, seed=3)
    sizes = load.prompt_tokens * 327_680.0
    run = leaf_run(fabric, load, sizes, seed=5)
    alone = leaf_run(
        il.LeafSpine(hosts=2, hosts_per_leaf=1, nic_gbit_per_s=400, spray="ideal"), load, sizes
    )
    at_s, free_s, waits_s = load.arrival_s - load.arrival_s[0], 0.0, []
    for now_s, size in zip(at_s, sizes, strict=True):
        free_s = max(free_s, now_s) + theory.transfer_s(size, 400)
        waits_s.append(free_s - now_s)
    ended = np.array(waits_s)[: len(alone.message_s)]
    assert alone.message_s == pytest.approx(ended)
    assert run.message_s.min() >= theory.transfer_s(sizes.min(), 100) * (1 - 1e-9)


def test_text_leaves_the_uplinks_empty_and_kv_cache_overloads_them_at_4_to_1():
    text, kv = (chat_on_a_leaf(400, moves, seconds=8) for moves in (False, True))
    assert text.sent_gbit_per_s.mean() / NIC_GBIT_PER_S == pytest.approx(0.00004, rel=0.1)
    assert kv.wanted_gbit_per_s.mean() == pytest.approx(530, rel=0.05)
    assert (kv.uplinks_use[10:] > 0.99).mean() > 0.95
    waiting = kv.waiting_gbit.sum(axis=1)
    assert waiting[-1] > 1.5 * waiting[len(waiting) // 2] > 0


@pytest.mark.parametrize("seed", range(3))
def test_2_to_1_costs_nothing_and_the_edge_lies_between_2_and_3_to_1(seed):
    free, two, three = (
        np.percentile(chat_on_a_leaf(1600 / ratio, seed=seed).message_s, 99) for ratio in (1, 2, 3)
    )
    assert two < 1.1 * free
    assert three > 2 * free
    assert 2 <= largest_ratio_within(0.250, seed=seed) < 3


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: chat_on_a_leaf(0), "uplinks_gbit_per_s=0"),
        (lambda: chat_on_a_leaf(1700), "oversubscription"),
        (lambda: chat_on_a_leaf(seconds=0.01), "load lasts"),
        (lambda: largest_ratio_within(0.01), "p99_s=0.01 is not kept at 1:1"),
        (lambda: largest_ratio_within(-1), "p99_s=-1"),
        (
            lambda: leaf_run(
                il.LeafSpine(hosts=4, hosts_per_leaf=2, nic_gbit_per_s=1),
                il.Workload.poisson(1, 5, 1, 1),
                [1.0],
            ),
            "message_bytes has shape",
        ),
    ],
)
def test_wrong_arguments_are_named(wrong, words):
    with pytest.raises(ValueError, match=words):
        wrong()
