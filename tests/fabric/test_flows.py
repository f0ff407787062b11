"""Flows on one clock: against shares computed anew at every change, and bytes on every link."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

import inference_lab as il
from inference_lab.fabric.flows import Flows

FABRIC = il.LeafSpine(hosts=8, hosts_per_leaf=2, nic_gbit_per_s=8e-9, oversubscription=2, spines=2)
"""A NIC moves one byte a second, an uplink half of one."""

HOST = st.integers(0, FABRIC.hosts - 1)
GBYTE = 1e9  # so many seconds, too: one byte of rounding is nothing


def plain(adds, capacities):
    """Ends of the flows (start, size, route, most), one event after the other, all shared anew."""
    capacities, live, ends, now = list(capacities), {}, {}, 0.0
    starts = sorted(range(len(adds)), key=lambda i: adds[i][0])
    while starts or live:
        rates = dict.fromkeys(live, 0.0)
        found = il.max_min_shares(
            capacities, [adds[i][2] for i in live], [adds[i][3] for i in live]
        )
        rates.update(zip(live, found, strict=True))
        end = min((now + live[i] / rates[i] for i in live), default=inf)
        then = min(end, adds[starts[0]][0] if starts else inf)
        for i in live:
            if rates[i] < inf:
                live[i] -= rates[i] * (then - now)
        now = then
        for i in [i for i in live if live[i] < 1 or rates[i] == inf]:
            ends[i] = now
            del live[i]
        while starts and adds[starts[0]][0] == now:
            live[starts[0]] = adds[starts[0]][1]
            starts.pop(0)
    return ends


@st.composite
def flow(draw):
    route = FABRIC.route(draw(HOST), draw(HOST), draw(st.integers(0, 3)))
    size = draw(st.integers(1, 9)) * GBYTE
    return draw(st.integers(0, 20)) * GBYTE, size, route, draw(st.sampled_from([inf, 0.3, 0.05]))


@given(adds=st.lists(flow(), min_size=1, max_size=14))
def test_every_flow_ends_as_if_all_were_shared_anew_at_every_change(adds):
    flows = Flows(FABRIC.link_bytes_per_s)
    waiting = sorted(range(len(adds)), key=lambda i: adds[i][0])
    ends = {}
    while waiting or len(flows):
        start_s = adds[waiting[0]][0] if waiting else inf
        if flows.next_s <= start_s:
            ends |= {f.tag: f.end_s for f in flows.fire(flows.next_s)}
        else:
            i = waiting.pop(0)
            flows.add(adds[i][1], adds[i][2], start_s, adds[i][3], tag=i)
    flows.check()
    assert ends == pytest.approx(plain(adds, FABRIC.link_bytes_per_s), rel=1e-9)
    for link, carried in enumerate(flows.carried_bytes):
        assert carried == pytest.approx(sum(a[1] for a in adds if link in a[2]), abs=len(adds))


@st.composite
def changes(draw):
    """What happens, and whether the rates are looked at before the next thing happens."""
    seen = st.booleans()
    number = st.integers(0, 99)
    added = st.tuples(st.just("add"), flow(), seen)
    linked = st.tuples(st.just("link"), st.tuples(number, st.integers(1, 8)), seen)
    others = st.tuples(st.sampled_from(["remove", "fire", "wait"]), number, seen)
    first = draw(st.lists(added, min_size=1, max_size=8))
    return first + draw(st.lists(st.one_of(added, linked, others), max_size=25))


@given(happens=changes())
def test_after_any_change_the_rates_are_those_of_all_flows_shared_anew(happens):
    flows, now_s = Flows(FABRIC.link_bytes_per_s), 0.0
    for kind, what, seen in happens:
        live = list(flows)
        if kind == "add":
            flows.add(what[1], what[2], now_s, what[3])
        elif kind == "link":
            flows.set_link(what[0] % len(FABRIC.link_bytes_per_s), what[1] / 4, now_s)
        elif kind == "remove" and live:
            flows.remove(live[what % len(live)], now_s)
        elif kind == "wait" and flows.next_s < inf:
            now_s += (flows.next_s - now_s) * what / 100
        elif kind == "fire" and flows.next_s < inf:
            now_s = flows.next_s
            flows.fire(now_s)
        if seen:
            assert flows.next_s >= now_s
            routes, limits = [f.route for f in flows], [f.most_bytes_per_s for f in flows]
            exact = il.max_min_shares(flows.link_bytes_per_s, routes, limits)
            assert [f.bytes_per_s for f in flows] == pytest.approx(exact.tolist(), rel=1e-9)
    flows.check()


def test_a_flow_alone_ends_at_exactly_start_plus_size_over_rate():
    fabric = il.LeafSpine(hosts=8, hosts_per_leaf=4, nic_gbit_per_s=100)
    flows = Flows(fabric.link_bytes_per_s)
    flows.add(671_088_640, fabric.route(0, 7), now_s=7.1)
    assert flows.next_s == 7.1 + 671_088_640 / 12.5e9


def test_after_three_years_an_end_is_rounded_to_the_clock_and_nothing_more():
    flows = Flows([100e9, 100e9])
    flows.add(1000, (0,), 0.0)
    flows.fire(flows.next_s)
    for i in range(50):
        flows.add(7e5 + i, (0, 1), 1e8)
    while len(flows):
        flows.fire(flows.next_s)
    flows.check()
    assert flows.now_s == pytest.approx(1e8 + 50 * 7e5 / 100e9, abs=1e-6)


def test_ends_of_one_instant_come_together_in_order_of_their_starts():
    flows = Flows([3.0])
    added = [flows.add(size, (0,), 0.0) for size in (1e9, 1e9, 1e9 + 0.5)]
    assert flows.fire(flows.next_s) == added
    assert len(flows) == 0
    assert flows.next_s == inf


def test_empty_flows_and_flows_without_links_end_at_once():
    flows = Flows([1.0])
    empty, free = flows.add(0, (0,), 5.0), flows.add(1e12, (), 5.0)
    slow = flows.add(100, (), 5.0, most_bytes_per_s=10)
    assert flows.next_s == 5.0
    assert flows.fire(5.0) == [empty, free]
    assert flows.next_s == 15.0
    assert flows.fire(15.0) == [slow]
    assert flows.next_s == inf


def test_a_slower_link_and_a_flow_taken_away():
    flows = Flows([10.0, 100.0])
    narrow, both = flows.add(1000, (0,), 0.0), flows.add(1000, (0, 1), 0.0)
    wide = flows.add(10_000, (1,), 0.0)
    assert [f.bytes_per_s for f in flows if flows.next_s] == [5, 5, 95]
    flows.set_link(0, 4.0, now_s=10.0)
    assert flows.next_s == 10 + (10_000 - 950) / 98
    assert [f.bytes_per_s for f in flows] == [2, 2, 98]
    assert flows.remove(both, now_s=20.0) == 1000 - 50 - 20
    assert flows.next_s == 20 + (10_000 - 950 - 980) / 100
    assert flows.fire(flows.next_s) == [wide]
    assert flows.fire(flows.next_s) == [narrow]
    assert narrow.end_s == pytest.approx(20 + (1000 - 50 - 20) / 4)
    flows.check()
    assert flows.carried_bytes == pytest.approx([1070, 10_070], abs=1)


def test_the_check_sees_bytes_that_nobody_moved():
    flows = Flows([10.0])
    flows.add(1000, (0,), 0.0)
    flows.fire(flows.next_s)
    flows.check()
    flows.carried_bytes[0] -= 100
    with pytest.raises(RuntimeError, match=r"not conserved on link 0: 900\.0 by rate and time"):
        flows.check()


def test_the_check_sees_a_link_that_carried_more_than_it_can():
    flows = Flows([10.0])
    flows.add(1000, (0,), 0.0)
    flows.fire(flows.next_s)
    flows.link_bytes_per_s[0] = 5.0
    with pytest.raises(RuntimeError, match=r"500.0 at most"):
        flows.check()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda flows: flows.add(-1, (0,), 1.0), "size_bytes=-1"),
        (lambda flows: flows.add(1, (0,), 1.0, most_bytes_per_s=0), "most_bytes_per_s=0"),
        (lambda flows: flows.add(1, (2,), 1.0), r"route=\(2,\) must name links from 0 to 0"),
        (lambda flows: flows.add(1, (0, 0), 1.0), "each once"),
        (lambda flows: flows.add(1, (0,), 0.5), "now_s=0.5 must be from 1.0 to 101.0"),
        (lambda flows: flows.fire(102.0), "now_s=102.0 must be from 1.0 to 101.0: fire each end"),
        (lambda flows: flows.fire(float("nan")), "now_s=nan"),
        (lambda flows: flows.set_link(0, 0.0, 1.0), "bytes_per_s=0.0"),
        (lambda flows: flows.set_link(1, 1.0, 1.0), "link=1 must be from 0 to 0"),
        (lambda flows: flows.remove(Flows([1.0]).add(1, (0,), 0.0), 1.0), "not on its way"),
        (lambda flows: Flows([0.0]), r"link_bytes_per_s\[0\]=0.0"),
    ],
)
def test_what_is_wrong_is_named(wrong, words):
    flows = Flows([10.0])
    flows.add(1000, (0,), 1.0)
    with pytest.raises(ValueError, match=words):
        wrong(flows)
