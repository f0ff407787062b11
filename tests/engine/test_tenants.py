"""Tenants: whose turn it is, how many are let in, and what each sees; by hand, in both engines."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import inference_lab as il
from inference_lab.serving.fair import Accounts, FairQueue
from tests.engine.others import At, loses, simulated

ENGINES = ["reference", "macro"]
ONE_STEP = {"prefill_s": (1, 0, 0), "decode_s": (1, 0, 0)}
ONE_BY_ONE = ONE_STEP | {"max_batch": 1}


def run(engine, tenants, arrivals=None, prompts=10, outputs=1, replica=ONE_BY_ONE, **cluster):
    n = len(tenants)
    load = il.Workload.from_arrays(
        arrival_s=np.zeros(n) if arrivals is None else arrivals,
        prompt_tokens=np.broadcast_to(prompts, n),
        output_tokens=np.broadcast_to(outputs, n),
        tenant=list(tenants),
    )
    return il.simulate(il.Cluster(il.AffineReplica(**replica), **cluster), load, engine=engine)


def with_tenants(load, tenants):
    return replace(load, tenant=list(tenants))


def ends_s(result):
    return list(result.arrival_s + result.e2e_s)


@pytest.mark.parametrize("engine", ENGINES)
class TestPriority:
    def test_lower_class_first_and_a_missing_tenant_is_of_class_0(self, engine):
        result = run(engine, "aabac", queue="priority", priorities={"a": 2, "c": 1})
        assert ends_s(result) == [3, 4, 1, 5, 2]

    def test_who_runs_is_not_interrupted(self, engine):
        result = run(
            engine, "aab", arrivals=[0, 0, 0.5], queue="priority", priorities={"a": 1, "b": 0}
        )
        assert ends_s(result) == [1, 3, 2]

    @pytest.mark.parametrize(("priorities", "preempted"), [({"b": 1}, [0, 1]), ({"a": 1}, [1, 0])])
    def test_where_memory_lacks_the_last_class_loses_it_even_if_it_is_older(
        self, engine, priorities, preempted
    ):
        replica = {"prefill_s": (1, 0, 0), "decode_s": (1, 0, 0), "kv_capacity_tokens": 64}
        outputs = [40, 30]
        result = run(
            engine, "ab", [0, 0.5], 16, outputs, replica, queue="priority", priorities=priorities
        )
        assert list(result.preempted) == preempted
        assert result.served.all()

    def test_a_pre_empted_sequence_goes_before_its_class_and_behind_a_lower_one(self, engine):
        """Four blocks. At 18 two run that need a third block each, and the one of b goes back.

        At 19 the c of class 0 starts. At 35 the first b starts again, and the other one after it.
        """
        result = run(
            engine,
            "abbc",
            arrivals=[0, 0, 0, 17],
            prompts=16,
            outputs=[33, 40, 1, 1],
            replica=ONE_STEP | {"max_batch": 2, "kv_capacity_tokens": 64},
            queue="priority",
            priorities={"b": 1},
        )
        assert list(result.preempted) == [0, 1, 0, 0]
        assert list(result.arrival_s + result.ttft_s) == [1, 2, 37, 20]
        assert result.max_itl_s[1] == 36 - 18


@pytest.mark.parametrize("engine", ENGINES)
class TestFair:
    def test_the_tenant_that_was_served_least_is_next_and_of_equals_the_oldest(self, engine):
        # A request of a counts 10 + 2, one of b 30 + 2: a, b, then a twice until it has 36.
        result = run(engine, "aaabbb", prompts=[10] * 3 + [30] * 3, queue="fair")
        assert ends_s(result) == [1, 3, 4, 2, 5, 6]

    def test_weights(self, engine):
        # Where only output counts, both pay the same, and take turns.
        fair = il.Fair(input_weight=0, output_weight=1)
        result = run(engine, "aaabbb", prompts=[10] * 3 + [30] * 3, queue=fair)
        assert ends_s(result) == [1, 3, 5, 2, 4, 6]

    def test_who_was_away_has_not_saved_up_while_others_wait(self, engine):
        # At 2.5 two of a are done and one has paid its input: b begins at 34, not at 0.
        result = run(engine, "aaaabbb", [0] * 4 + [2.5] * 3, queue="fair")
        assert ends_s(result) == [1, 2, 3, 5, 4, 6, 7]

    def test_nor_where_nobody_waits(self, engine):
        # At 5 b begins at the 24 of a, who left the queue last.
        result = run(engine, "aabbba", [0, 0, 5, 5, 5, 5], queue="fair")
        assert ends_s(result) == [1, 2, 6, 8, 9, 7]

    def test_the_head_keeps_its_turn_until_somebody_comes_or_goes(self, engine):
        """Budget 10. When request 2 starts, a has 112 and b 122: the turn is of a, request 3.

        When 8 tokens of the budget are left for it, at 24, request 1 has got 12 tokens and a has
        134; but nobody came or went.
        """
        result = run(
            engine,
            "baaab",
            prompts=[120, 10, 100, 10, 10],
            outputs=[1, 100, 50, 1, 1],
            replica=ONE_BY_ONE | {"max_batch": 9},
            scheduler="chunked",
            token_budget=10,
            queue="fair",
        )
        assert list(result.ttft_s) == [12, 13, 25, 26, 27]

    def test_a_head_that_does_not_fit_blocks_and_an_arrival_may_give_the_turn_to_another(
        self, engine
    ):
        """Seven blocks: request 2 waits for all of them, while request 1 of its tenant decodes.

        c has 32 and b 18 when that begins, and 34 after 8 steps. Without an arrival that changes
        nothing; at 10.5 d comes, begins at the 32 of c, and request 3 of c goes before it.
        """
        replica = ONE_STEP | {"max_batch": 9, "kv_capacity_tokens": 7 * 16}
        prompts, outputs = [30, 16, 100, 10, 10], [1, 60, 1, 1, 1]
        some = [slice(4), slice(5)]
        found = [
            run(
                engine,
                "cbbcd"[k],
                [0, 0, 0, 0, 10.5][k],
                prompts[k],
                outputs[k],
                replica,
                queue="fair",
            )
            for k in some
        ]
        assert ends_s(found[0]) == [1, 61, 63, 62]
        assert ends_s(found[1]) == [1, 63, 64, 12, 13]


def test_input_is_charged_once_and_at_the_first_start():
    queue = FairQueue(Accounts(il.Fair(), [0, 1], np.array([10, 20])), int)
    queue.push(0)
    assert queue.counters == [[0, 0], [0, 0]]
    queue.pop()
    queue.push_front(0)
    assert queue.counters == [[10, 0], [0, 0]]
    queue.push(1)
    assert [queue.pop(), queue.counters] == [0, [[10, 0], [10, 0]]]  # b was lifted
    assert [queue.drop(), queue.counters] == [1, [[10, 0], [10, 0]]]


TENANTS = (0, 1, 2, 0, 1, 2, 0, 0)
PROMPTS = (5, 9, 2, 14, 1, 3, 8, 8)


class Sentences:
    """The rules of a fair queue, one sentence after the other, with no thought of speed."""

    def __init__(self, fair):
        self.fair, self.waiting, self.pre_empted, self.charged = fair, [], [], set()
        self.tokens = {tenant: (0, 0) for tenant in TENANTS}
        self.left_last = self.turn = None

    def cost(self, tenant):
        prompt, output = self.tokens[tenant]
        return self.fair.input_weight * prompt + self.fair.output_weight * output

    def push(self, i):
        others = sorted({TENANTS[j] for j in self.waiting + self.pre_empted})
        tenant = TENANTS[i]
        if tenant not in others:
            least = min(others, key=self.cost) if others else self.left_last
            if least is not None and self.cost(tenant) < self.cost(least):
                self.tokens[tenant] = self.tokens[least]
        self.waiting.append(i)

    def push_front(self, i):
        self.pre_empted.insert(0, i)

    def leave(self):
        line = self.pre_empted or self.waiting
        i = line[0] if line is self.pre_empted else self.turn
        line.remove(i)
        self.left_last = TENANTS[i]
        return i

    def pop(self):
        i = self.leave()
        if i not in self.charged:
            self.charged.add(i)
            prompt, output = self.tokens[TENANTS[i]]
            self.tokens[TENANTS[i]] = (prompt + PROMPTS[i], output)
        return i

    drop = leave

    def served(self, i, tokens):
        prompt, output = self.tokens[TENANTS[i]]
        self.tokens[TENANTS[i]] = (prompt, output + tokens)

    def choose(self):
        first = {}
        for i in self.waiting:
            first.setdefault(TENANTS[i], i)
        self.turn = min(first.values(), key=lambda i: (self.cost(TENANTS[i]), i), default=None)


@given(st.data(), st.sampled_from([il.Fair(), il.Fair(1, 0), il.Fair(0.5, 3)]))
def test_the_queue_follows_the_sentences(data, fair):
    queue, rules = FairQueue(Accounts(fair, TENANTS, np.array(PROMPTS)), int), Sentences(fair)
    outside, running = list(range(len(TENANTS))), []
    for _ in range(data.draw(st.integers(0, 40))):
        call = data.draw(st.sampled_from(["push", "pop", "drop", "push_front", "served", "end"]))
        if call == "push" and outside:
            i = outside.pop(data.draw(st.integers(0, len(outside) - 1)))
            queue.push(i)
            rules.push(i)
        elif call in ("pop", "drop") and queue:
            i = getattr(rules, call)()
            assert queue.head() == i
            assert getattr(queue, call)() == i
            (running if call == "pop" else outside).append(i)
        elif call == "push_front" and running:
            i = queue.victim(running)
            assert i == running.pop()
            queue.push_front(i)
            rules.push_front(i)
        elif call == "served" and running:
            i = data.draw(st.sampled_from(running))
            queue.served(i, 3)
            rules.served(i, 3)
            continue  # nobody came or went
        elif call == "end" and running:
            outside.append(running.pop(0))
            queue.choose()
        rules.choose()
        assert sorted(queue) == sorted(rules.waiting + rules.pre_empted)
        assert len(queue) == len(list(queue))
    assert [tuple(tokens) for tokens in queue.counters] == [rules.tokens[t] for t in (0, 1, 2)]


LONGEST = 200


def services(load, fair, replica, times_s, **cluster):
    """Weighted tokens that each of two tenants has got at some instants while both of them wait."""
    found = []

    def make(gateway, fleet):
        def look(now_s):
            got, waiting = np.zeros(2), np.zeros(2, bool)
            for i, tenant in enumerate(load.tenant):
                sequence = fleet[0].sequences[i]
                if sequence.emitted or sequence.blocks:
                    got[tenant] += fair.input_weight * sequence.prompt_tokens
                    got[tenant] += fair.output_weight * sequence.emitted
                else:
                    waiting[tenant] = True
            if waiting.all():
                found.append(got)

        return At(times_s, look)

    result = simulated("reference", il.Cluster(replica, **cluster), load, make)
    assert result.preemptions == 0  # the theorem is about batches that are never cut back
    return np.array(found)


def spread(services):
    """The largest difference of what two got between any two of these instants."""
    ahead = services[:, 0] - services[:, 1]
    return np.ptp(ahead)


@settings(max_examples=60)
@given(
    st.integers(0, 2**32),
    st.integers(1, 6),
    st.sampled_from([il.Fair(), il.Fair(1, 1), il.Fair(0, 1), il.Fair(0.5, 4)]),
    st.sampled_from([("continuous", None), ("continuous", 300), ("chunked", 64), ("static", None)]),
)
def test_service_of_two_backlogged_tenants_stays_within_the_bound(seed, batch, fair, scheduler):
    """Theorem of arXiv:2401.00588: at most 2 max(input weight · longest prompt, output weight · M).

    M is the number of tokens that the batch can hold; the memory is as large as that.
    """
    rng = np.random.default_rng(seed)
    per_tenant = rng.integers(2, 80, 2)  # who sends more, or longer, gets no more for it
    tenant = rng.permutation(np.repeat([0, 1], per_tenant)).tolist()
    prompts, outputs = ([int(rng.integers(1, rng.choice([5, 100]))) for _ in tenant] for _ in "io")
    load = il.Workload.from_arrays(
        arrival_s=np.zeros(len(tenant)), prompt_tokens=prompts, output_tokens=outputs, tenant=tenant
    )
    memory = 16 * -(-LONGEST // 16) * batch
    replica = il.AffineReplica(**ONE_STEP, kv_capacity_tokens=memory, max_batch=batch)
    name, budget = scheduler
    times_s = np.arange(0.5, 400)
    got = services(load, fair, replica, times_s, queue=fair, scheduler=name, token_budget=budget)
    most = 2 * max(fair.input_weight * max(prompts), fair.output_weight * memory)
    assert len(got) == 0 or spread(got) <= most


def test_first_come_first_served_breaks_that_bound_and_a_fair_queue_does_not():
    """One tenant sends 80 requests before the other does: it gets all, until they are done."""
    n = 80
    load = il.Workload.from_arrays(
        arrival_s=np.zeros(2 * n),
        prompt_tokens=[50] * 2 * n,
        output_tokens=[50] * 2 * n,
        tenant=[0] * n + [1] * n,
    )
    replica = il.AffineReplica(**ONE_STEP, kv_capacity_tokens=448, max_batch=4)
    times_s, fair = np.arange(0.5, 3_000, 7), il.Fair()
    most = 2 * max(50, 2 * 448)
    assert spread(services(load, fair, replica, times_s)) > 5 * most
    assert spread(services(load, fair, replica, times_s, queue="fair")) < most / 4


@pytest.mark.parametrize("engine", ENGINES)
class TestLimits:
    def test_a_bucket_of_a_second_that_is_full_at_the_start(self, engine):
        result = run(engine, "aaaaab", [0, 0, 0, 0.5, 0.75, 0.75], limits={"a": 2})
        limited = result.outcome == "rate_limited"
        assert list(limited) == [False, False, True, False, True, False]
        assert result.rate_limited == result.summary().rate_limited == 2
        assert list(result.replica[limited]) == [-1, -1]
        assert "2 requests over the limit of their tenant" in str(result.summary())

    def test_it_holds_one_request_at_least_and_a_refused_one_takes_nothing(self, engine):
        result = run(engine, "aaaa", [0, 1, 2, 30], limits={"a": 0.5})
        assert list(result.outcome == "rate_limited") == [False, True, False, False]

    def test_arrivals_at_just_the_rate_pass(self, engine):
        result = run(engine, "a" * 300, np.arange(300) / 0.3, limits={"a": 0.3})
        assert result.served.all()

    def test_no_router_sees_who_is_over_the_limit(self, engine):
        result = run(engine, "abab", replicas=2, limits={"b": 1})
        assert list(result.replica) == [0, 1, 0, -1]

    def test_a_user_of_a_closed_loop_goes_on(self, engine):
        load = il.Workload.closed_loop(1, requests=4, prompt_tokens=9, output_tokens=1)
        load = with_tenants(load, "aaba")
        cluster = il.Cluster(il.AffineReplica(**ONE_STEP), limits={"a": 0.5})
        result = il.simulate(cluster, load, engine=engine)
        assert list(result.arrival_s) == [0, 1, 1, 2]
        assert list(result.outcome) == ["served", "rate_limited", "served", "served"]

    def test_a_request_that_is_routed_again_was_let_in_already(self, engine):
        load = with_tenants(il.Workload.poisson(1, 1, 9, 9), "a")
        cluster = il.Cluster(il.AffineReplica(**ONE_STEP), 2, limits={"a": 1e-3})
        at_s = float(load.arrival_s[0]) + 0.5
        result = simulated(engine, cluster, load, loses(0, at_s))
        assert result.retries == [1]
        assert result.served.all()


def test_what_each_tenant_sees_is_a_part_of_the_run_with_limits_of_its_own():
    load = with_tenants(il.Workload.poisson(3, 300, (5, 90), (1, 60), seed=3), ["x", "y", 7] * 100)
    replica = il.AffineReplica(
        prefill_s=(0.01, 1e-3, 0), decode_s=(0.02, 1e-3, 0), kv_capacity_tokens=480
    )
    cluster = il.Cluster(replica, queue="priority", priorities={"y": 1, 7: 2}, limits={"x": 1})
    result = il.simulate(cluster, load)
    assert result.tenants == ["x", "y", 7]
    parts = [result.of_tenant(tenant) for tenant in result.tenants]
    assert result.preemptions == sum(part.preemptions for part in parts) > 0
    assert result.rate_limited == parts[0].rate_limited > 0
    assert np.sort(np.concatenate([part.e2e_s for part in parts])).tobytes() == (
        np.sort(result.e2e_s).tobytes()
    )
    x, y, last = (part.summary(ttft_slo_s=0.5).ttft_s["mean"] for part in parts)
    assert x < y < last
    strict, loose = (parts[1].summary(ttft_slo_s=slo_s).goodput_per_s for slo_s in (0.1, 10))
    assert strict < loose
