"""What an end, a pre-emption and a loss leave behind in a replica of the macro-step engine."""

import pytest

import inference_lab as il
from tests.engine.others import At, simulated

A_SECOND = {"prefill_s": (1, 0, 0), "decode_s": (0.5, 0, 0)}


def at(when_s, look, arrivals, prompts, outputs, cluster=None, **replica):
    """Look at the one replica at an instant, in the middle of a run."""
    cluster = il.Cluster(il.AffineReplica(**A_SECOND | replica), **(cluster or {}))
    load = il.Workload.from_arrays(arrival_s=arrivals, prompt_tokens=prompts, output_tokens=outputs)
    seen = []

    def make(gateway, fleet):
        return At([when_s], lambda now_s: seen.append(look(gateway, fleet[0], now_s)))

    return simulated("macro", cluster, load, make), seen[0]


def kept(replica):
    """What outlasts a loss of the KV-cache, of request 0."""
    run = replica.run
    return {
        "decoded": replica.decoded,
        "stretches": list(replica.stretches_s),
        "goal": run.goals[0],
        "spells": list(run.spells),
        "tokens": run.log.tokens,
        "prefill": run.prefill_s[0],
    }


def cleared(gateway, replica, now_s):
    """Clear it, see that nothing is left, and send all again."""
    here = replica.clear(now_s)
    assert here == [0]
    assert not (replica.queue or replica.prefilling or replica.running or replica.finishing)
    assert (replica.batch, replica.context, replica.steps, replica.chunks) == (0, 0, 0, [])
    assert (replica.outstanding, replica.queued_tokens) == (0, 0)
    assert replica.free_blocks == replica.blocks
    gateway.send_again(0, now_s)
    return kept(replica)


@pytest.mark.parametrize(
    ("when_s", "steps", "ends_s"), [(1.25, 0, None), (1.5, 1, 1.5), (1.75, 1, 1.5), (2.0, 2, 2.0)]
)
def test_a_loss_in_mid_stretch_keeps_the_steps_that_have_ended(when_s, steps, ends_s):
    """The stretch runs from 1 to 2.5; a step that ends at the very instant counts."""
    result, left = at(when_s, cleared, [0], [10], [4])
    assert left == {
        "decoded": steps,
        "stretches": [1.5, 0.5, ends_s] if steps else [],
        "goal": 11 + steps,  # the prompt, and what it has handed out
        "spells": [(0, 0, 0, 3, 1.0)] if steps else [],
        "tokens": 1 + steps,
        "prefill": 1.0,
    }
    # A prefill hands out the next token, then the rest: three tokens beside those before the loss.
    assert result.e2e_s == [when_s + 1 + (2 - steps) * 0.5]
    assert result.max_itl_s == [when_s + 1 - (ends_s or 1.0)]


def test_a_loss_in_mid_prefill_keeps_nothing():
    result, left = at(0.75, cleared, [0], [10], [4])
    assert left["goal"] == 10 and left["tokens"] == 0
    assert left["prefill"] == 0.0 and left["stretches"] == []  # a void iteration is queue
    assert result.ttft_parts["queue"] == [0.75] and result.ttft_s == [1.75]


def test_a_pre_emption_leaves_a_spell_and_a_longer_prefill():
    """Four blocks; two sequences of 16 tokens take 16 steps from 2.0 on, then both need a third."""

    def look(gateway, replica, now_s):
        run = replica.run
        assert list(replica.queue) == [1] and list(replica.running) == [0]
        assert run.goals[1] == replica.queued_tokens == 33  # the prompt and 17 tokens
        assert run.goal_blocks[1] == 3
        assert run.spells == [(1, 0, 0, 3, 2.0)]  # in the first stretch only; first token at 2.0
        assert run.last_token_s[1] == 10.0
        assert replica.outstanding == 2
        assert replica.free_blocks == 1  # the other's third is taken by the step that runs
        return True

    result, _ = at(10.25, look, [0, 0], [16, 16], [40, 40], kv_capacity_tokens=64)
    assert result.preemptions == 1
    # The first ends at 10 + 23 * 0.5; the second's prefill follows.
    assert result.e2e_s[0] == 21.5
    assert result.max_itl_s[1] == 22.5 - 10.0


def test_a_chunk_ends_without_a_token_and_its_time_is_prefill():
    """Six tokens in chunks of four and two: the probe is in the second iteration."""

    def look(gateway, replica, now_s):
        assert replica.prefilling == {0: 4} and replica.chunks == [(0, 2)]
        assert replica.queued_tokens == 2
        assert replica.run.prefill_s[0] == 1.0
        assert replica.run.log.tokens == 0
        return True

    chunked = {"scheduler": "chunked", "token_budget": 4}
    result, _ = at(1.5, look, [0], [6], [2], chunked)
    assert result.ttft_s == result.ttft_parts["prefill"] == [2.0]
