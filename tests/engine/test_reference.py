"""The contract of the engines, by hand: small cases with times that a reader can add up."""

import numpy as np
import pytest

import inference_lab as il
from inference_lab.serving.parts import PARTS

ENGINES = ["reference", "macro"]


def run(engine, arrivals, prompts, outputs, cluster=None, **replica):
    costs = {"prefill_s": (1, 0, 0), "decode_s": (0.5, 0, 0)} | replica
    cluster = il.Cluster(il.AffineReplica(**costs), **(cluster or {}))
    load = il.Workload.from_arrays(arrival_s=arrivals, prompt_tokens=prompts, output_tokens=outputs)
    return il.simulate(cluster, load, engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
class TestContinuous:
    def test_n_output_tokens_take_n_minus_one_steps(self, engine):
        result = run(engine, [0], [10], [4])
        assert result.ttft_s == [1.0]
        assert result.e2e_s == [1 + 3 * 0.5]
        assert result.tpot_s == [0.5]
        assert result.max_itl_s == [0.5]

    def test_a_single_token_ends_with_its_prefill(self, engine):
        result = run(engine, [0], [10], [1])
        assert result.e2e_s == result.ttft_s == [1.0]
        assert np.isnan(result.tpot_s).all()
        assert np.isnan(result.max_itl_s).all()

    def test_a_decode_step_pays_for_the_context_before_it(self, engine):
        # After the prefill of 10 the context is 11; the two steps cost 11 and 12 hundredths.
        result = run(engine, [0], [10], [3], decode_s=(0, 0, 0.01))
        assert result.e2e_s == pytest.approx([1.23], abs=1e-12)

    def test_an_arrival_joins_at_the_end_of_the_iteration(self, engine):
        # First: prefill to 1.0, steps to 1.5, 2.0 ...; second arrives at 1.6, waits until 2.0.
        result = run(engine, [0, 1.6], [10, 10], [6, 1])
        assert result.ttft_parts["queue"] == pytest.approx([0, 0.4])
        assert result.ttft_s == pytest.approx([1.0, 1.4])
        assert result.max_itl_s[0] == pytest.approx(1.5)  # the prefill of the other in between
        assert result.e2e_s[0] == pytest.approx(1 + 5 * 0.5 + 1)

    def test_an_arrival_on_the_boundary_joins_there(self, engine):
        result = run(engine, [0, 1.5], [10, 10], [6, 1])
        assert result.ttft_parts["queue"] == pytest.approx([0, 0])

    def test_prompts_are_prefilled_one_by_one_before_decoding(self, engine):
        result = run(engine, [0, 0, 0], [10, 10, 10], [2, 2, 2])
        assert result.ttft_s == pytest.approx([1, 2, 3])
        assert result.e2e_s == pytest.approx([3.5, 3.5, 3.5])

    def test_a_token_budget_prefills_several_together(self, engine):
        result = run(engine, [0, 0, 0], [10, 10, 10], [2, 2, 2], {"token_budget": 20})
        assert result.ttft_s == pytest.approx([1, 1, 2])

    def test_max_batch_holds_the_queue(self, engine):
        result = run(engine, [0, 0], [10, 10], [3, 1], max_batch=1)
        assert result.ttft_s == pytest.approx([1, 3])

    def test_nobody_overtakes_the_oldest(self, engine):
        # 3 blocks: the first holds 2, the second needs 2, the third would fit at once.
        result = run(engine, [0, 0, 0], [20, 20, 5], [3, 1, 1], kv_capacity_tokens=48)
        assert result.ttft_s == pytest.approx([1, 3, 4])

    def test_pre_emption_of_the_newest(self, engine):
        # Two blocks. Both prompts of 16 fill one each; the first step needs two more: the second
        # is pre-empted with one token out, comes back as a prefill of 17 when the first has ended.
        result = run(engine, [0, 0], [16, 16], [3, 3], kv_capacity_tokens=32)
        assert result.preemptions == 1
        assert result.ttft_s == pytest.approx([1, 2])
        assert result.e2e_s[0] == pytest.approx(3.0)  # two steps from 2.0 on
        # Second token with the prefill at 4.0 (never admitted before: it needs two blocks).
        assert result.e2e_s[1] == pytest.approx(4.5)
        assert result.max_itl_s[1] == pytest.approx(2.0)

    def test_what_can_never_fit_is_refused(self, engine):
        result = run(engine, [0, 0, 0], [31, 32, 33], [2, 2, 1], kv_capacity_tokens=32)
        assert result.refused == 2  # ceil((prompt + output - 1) / 16) blocks: 2, 3, 3
        assert np.isnan(result.ttft_s[1:]).all()
        assert list(result.replica) == [0, -1, -1]


@pytest.mark.parametrize("engine", ENGINES)
class TestOtherSchedulers:
    def test_chunked_cost_of_a_mixed_iteration(self, engine):
        # First: prompt 4 in one chunk (a + 4 b) at t = 0; then decodes while the second's prompt
        # of 6 goes in chunks of 3, 3: each iteration costs max(a, d) + 3 b + e.
        a, b, d, e = 0.25, 0.125, 0.5, 0.0625
        result = run(
            engine,
            [0, 0.5],
            [4, 6],
            [4, 1],
            {"scheduler": "chunked", "token_budget": 4},
            prefill_s=(a, b, 0),
            decode_s=(d, e, 0),
        )
        first = a + 4 * b
        mixed = d + 3 * b + e
        assert result.ttft_s[0] == first
        assert result.ttft_s[1] == first + 2 * mixed - 0.5
        assert result.ttft_parts["prefill"][1] == 2 * mixed
        assert result.e2e_s[0] == first + 2 * mixed + d + e

    def test_chunks_pay_for_the_square_of_the_whole_prompt(self, engine):
        result = run(
            engine,
            [0],
            [8],
            [1],
            {"scheduler": "chunked", "token_budget": 3},
            prefill_s=(0, 0, 0.5),
        )
        assert result.ttft_s == [0.5 * 64]

    def test_static_batches_wait_for_the_slowest(self, engine):
        result = run(
            engine,
            [0, 0, 0, 0.1],
            [10, 20, 10, 10],
            [1, 5, 2, 1],
            {"scheduler": "static"},
            prefill_s=(1, 0.01, 0),
            max_batch=3,
        )
        together = 1 + 0.01 * 40
        assert result.ttft_s[:3] == pytest.approx([together] * 3)
        assert result.ttft_s[3] == pytest.approx(together + 4 * 0.5 + 1.1 - 0.1)


@pytest.mark.parametrize("engine", ENGINES)
class TestLimits:
    def test_a_full_queue_rejects(self, engine):
        result = run(engine, [0, 0, 0, 0.5], [10] * 4, [1] * 4, {"max_queue": 2})
        assert list(result.outcome) == ["served", "served", "queue_full", "served"]
        assert result.rejected == 1

    def test_a_client_gives_up_when_its_turn_comes_too_late(self, engine):
        # Prefills of 1 s: the third would begin at 2.0, after its client's 1.5 s.
        result = run(engine, [0, 0, 0, 0.6], [10] * 4, [1] * 4, {"timeout_s": 1.5})
        assert list(result.outcome) == ["served", "served", "timed_out", "served"]
        assert result.ttft_s[3] == pytest.approx(3 - 0.6)  # it takes the third's turn at 2.0

    def test_a_pre_empted_request_has_begun_and_does_not_time_out(self, engine):
        limits = {"timeout_s": 1.5}
        result = run(engine, [0, 0], [16, 16], [3, 3], limits, kv_capacity_tokens=32)
        assert result.preemptions == 1
        assert result.timed_out == 0

    def test_longer_than_the_model_is_refused(self, engine):
        result = run(engine, [0, 0], [10, 11], [5, 5], {"max_model_len": 15})
        assert list(result.outcome) == ["served", "max_model_len"]
        assert result.refused == 1

    def test_a_user_of_a_closed_loop_goes_on_after_a_refusal(self, engine):
        load = il.Workload.closed_loop(1, requests=3, prompt_tokens=[10, 99, 10], output_tokens=1)
        costs = il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(0, 0, 0))
        result = il.simulate(il.Cluster(costs, max_model_len=50), load, engine=engine)
        assert list(result.arrival_s) == [0, 1, 1]


@pytest.mark.parametrize("engine", ENGINES)
def test_delays_are_part_of_the_ttft(engine):
    result = run(engine, [0, 9], [10, 10], [3, 3], {"network_s": 0.25, "router_s": 0.125})
    assert result.ttft_s == pytest.approx([1.375] * 2)
    assert result.tpot_s == pytest.approx([0.5] * 2)
    parts = {name: part[0] for name, part in result.ttft_parts.items()}
    assert list(parts) == list(PARTS)
    said = dict.fromkeys(PARTS, 0.0) | {"network": 0.25, "router": 0.125, "prefill": 1}
    assert parts == pytest.approx(said)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_closed_loop_keeps_its_users_busy(engine):
    load = il.Workload.closed_loop(2, requests=5, prompt_tokens=10, output_tokens=1)
    cluster = il.Cluster(il.AffineReplica(prefill_s=(1, 0, 0), decode_s=(0, 0, 0)))
    result = il.simulate(cluster, load, engine=engine)
    assert list(result.arrival_s) == [0, 0, 1, 2, 3]
    assert list(result.ttft_s) == [1, 2, 2, 2, 2]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_lowest_index_wins_among_equals(engine):
    result = run(
        engine, [0, 0, 0, 0], [1] * 4, [9] * 4, {"replicas": 3, "router": "least_outstanding"}
    )
    assert list(result.replica) == [0, 1, 2, 0]


def test_the_first_page():
    """The lines of the design, as a reader types them."""
    llama = il.LLM.named("Llama-3.1-70B")
    h100 = il.GPU.named("H100-SXM5-80GB")
    replica = il.Replica(llama, h100, tp=4, precision="bf16", stack="ideal")
    assert replica.prefill_s(prompt_tokens=2048) == pytest.approx(0.0744, abs=5e-5)
    assert replica.decode_step_s(batch=1, context_tokens=2048) == pytest.approx(0.0104, abs=5e-5)
    assert isinstance(replica.kv_capacity_tokens, int)
    load = il.Workload.poisson(
        rate_per_s=8, requests=300, prompt_tokens=(512, 2048), output_tokens=(128, 256), seed=0
    )
    cluster = il.Cluster(replica, replicas=8, router="least_outstanding")
    result = il.simulate(cluster, load, seed=0, engine="reference")
    for column in ("arrival_s", "ttft_s", "tpot_s", "e2e_s", "replica", "max_itl_s"):
        assert getattr(result, column).shape == (300,)
    np.testing.assert_allclose(sum(result.ttft_parts.values()), result.ttft_s, atol=1e-9)
    assert "goodput" in str(result.summary())
    assert result.summary().to_dict()["ttft_s"]["p99"] == np.percentile(result.ttft_s, 99)
    assert 0 < result.goodput_per_s(ttft_slo_s=2.0, tpot_slo_s=0.2) < 9
    assert result.goodput_per_s(ttft_slo_s=1e-9) == 0
