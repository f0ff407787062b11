"""Max-min fair shares: known answers (O14), what the word means, and another way to find them."""

from fractions import Fraction
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import inference_lab as il
from inference_lab.fabric.max_min import few_shares, many_shares


def water_filling(capacities, routes, demands):
    """All rates rise by the same step until somebody is held back: exact, in fractions."""
    rates = [Fraction(0)] * len(routes)
    rising = set(range(len(routes)))
    while rising:
        steps = [demands[f] - rates[f] for f in rising if demands[f] < inf]
        for link, capacity in enumerate(capacities):
            on_link = [f for f, route in enumerate(routes) if link in route]
            if moving := [f for f in on_link if f in rising]:
                room = capacity - sum(rates[f] for f in on_link)
                steps.append(room / len(moving))
        step = min(steps)
        for f in rising:
            rates[f] += step
        full = {
            link
            for link, capacity in enumerate(capacities)
            if sum(rates[f] for f, route in enumerate(routes) if link in route) == capacity
        }
        rising = {f for f in rising if rates[f] < demands[f] and not full & set(routes[f])}
    return [float(rate) for rate in rates]


@st.composite
def networks(draw):
    links = draw(st.integers(1, 8))
    capacities = draw(st.lists(st.integers(1, 20), min_size=links, max_size=links))
    route = st.lists(st.integers(0, links - 1), min_size=1, max_size=4, unique=True)
    routes = draw(st.lists(route, min_size=1, max_size=12))
    demand = st.one_of(st.just(inf), st.integers(0, 20))
    demands = draw(st.lists(demand, min_size=len(routes), max_size=len(routes)))
    return capacities, routes, demands


@pytest.mark.parametrize("shares", [il.max_min_shares, few_shares, many_shares])
@given(network=networks())
def test_the_shares_are_those_of_water_filling(shares, network):
    exact = [Fraction(c) for c in network[0]], network[1], network[2]
    assert list(shares(*network)) == pytest.approx(water_filling(*exact), rel=1e-12, abs=1e-12)


@given(network=networks(), place=st.integers(0, 11))
def test_flows_slower_than_one_that_leaves_keep_their_rates(network, place):
    capacities, routes, demands = network
    leaves = place % len(routes)
    before = few_shares(*network)
    after = list(few_shares(capacities, *without(leaves, routes, demands)))
    for flow, (old, new) in enumerate(zip(*without(leaves, before), after, strict=False)):
        if old < before[leaves] * (1 - 1e-9):
            assert new == pytest.approx(old, rel=1e-12), flow


def without(place, *columns):
    return [[*column[:place], *column[place + 1 :]] for column in columns]


def test_o14_one_link_and_two_in_a_line():
    assert il.max_min_shares([100], [[0]] * 3, [10, 40, 80]).tolist() == [10, 40, 50]
    assert il.max_min_shares([10, 4], [[0, 1], [0], [1]]).tolist() == [2, 8, 2]


def test_a_flow_without_links_gets_its_demand():
    found = il.max_min_shares([5], [[], [0], []], demands=[7, inf, inf])
    assert found.tolist() == [7, 5, inf]
    assert il.max_min_shares([], []).shape == (0,)


def test_ten_thousand_flows_share_like_one_at_a_time():
    fabric = il.LeafSpine(hosts=100, hosts_per_leaf=10, nic_gbit_per_s=100, oversubscription=3)
    rng = np.random.default_rng(0)
    pairs = rng.integers(0, 100, size=(10_000, 2)).tolist()
    routes = [fabric.route(a, b, i) for i, (a, b) in enumerate(pairs)]
    demands = np.where(rng.random(10_000) < 0.5, inf, 1e9 * rng.random(10_000)).tolist()
    capacities = fabric.link_bytes_per_s
    many = many_shares(capacities, routes, demands)
    assert many == pytest.approx(few_shares(capacities, routes, demands), rel=1e-9)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0.0], [[0]]), r"capacities\[0\]=0.0 is out of range: give a finite number > 0"),
        (([1, inf], [[0]]), r"capacities\[1\]=inf"),
        (([[1.0]], [[0]]), "one number for each link"),
        (([1.0], [[1]]), r"routes\[0\]=1 is too large: give an int <= 0"),
        (([1.0], [[0], [-1]]), r"routes\[1\]=-1 is too small"),
        (([1.0], [[0, 0]]), r"crosses a link twice"),
        (([1.0], [[0]], [-1]), r"demands\[0\]=-1.0 must be at least 0"),
        (([1.0], [[0]], [float("nan")]), r"demands\[0\]=nan"),
        (([1.0], [[0]], [1, 2]), "one for each of 1 routes"),
    ],
)
def test_wrong_arguments_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        il.max_min_shares(*arguments)


def test_a_link_is_a_whole_number():
    with pytest.raises(TypeError, match=r"routes\[0\]=0.5"):
        il.max_min_shares([1.0], [[0.5]])
