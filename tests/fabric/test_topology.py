"""Leaf-spine: its links, its routes, what it refuses, and how ECMP spreads."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import inference_lab as il
from inference_lab.physics.units import GBIT_PER_S


@st.composite
def fabrics(draw):
    return il.LeafSpine(
        hosts=draw(st.integers(1, 40)),
        hosts_per_leaf=draw(st.integers(1, 9)),
        nic_gbit_per_s=100,
        oversubscription=draw(st.sampled_from([1, 1.5, 4])),
        spines=draw(st.integers(1, 5)),
        spray=draw(st.sampled_from(["ecmp", "ideal"])),
    )


@given(fabric=fabrics(), ends=st.tuples(st.integers(0, 39), st.integers(0, 39)), flow=st.integers())
def test_a_route_goes_up_and_down_through_one_spine(fabric, ends, flow):
    source, destination = (host % fabric.hosts for host in ends)
    route = fabric.route(source, destination, flow)
    here, there = fabric.leaf_of(source), fabric.leaf_of(destination)
    nics = (source, fabric.hosts + destination)
    spines = range(fabric.uplinks)
    across = [
        (nics[0], fabric.up_link(here, s), fabric.down_link(there, s), nics[1]) for s in spines
    ]
    assert route in ([()] if source == destination else [nics] if here == there else across)
    assert route == fabric.route(source, destination, flow)


@given(fabric=fabrics())
def test_the_uplinks_of_a_leaf_carry_its_hosts_over_the_oversubscription(fabric):
    links = fabric.link_bytes_per_s
    assert len(links) == 2 * fabric.hosts + 2 * fabric.leaves * fabric.uplinks
    assert set(links[: 2 * fabric.hosts]) == {100 * GBIT_PER_S}
    for leaf in range(fabric.leaves):
        for direction in (fabric.up_link, fabric.down_link):
            rate = sum(links[direction(leaf, spine)] for spine in range(fabric.uplinks))
            expected = fabric.hosts_per_leaf * 100 * GBIT_PER_S / fabric.oversubscription
            assert rate == pytest.approx(expected)


def test_ecmp_puts_flows_on_all_spines_alike_and_does_not_depend_on_the_run():
    fabric = il.LeafSpine(hosts=32, hosts_per_leaf=16, nic_gbit_per_s=100, spines=8)
    routes = [fabric.route(i % 16, 16 + i % 7, i) for i in range(8000)]
    spines = Counter(route[1] - fabric.up_link(0, 0) for route in routes)
    squares = sum((spines[s] - 1000) ** 2 / 1000 for s in range(8))
    assert squares < 24.3  # chi-squared with 7 degrees of freedom passes that once in 1,000
    assert [fabric.route(0, 16, flow)[1] for flow in range(6)] == [70, 64, 68, 64, 64, 71]


def test_replicas_stand_side_by_side_or_where_they_are_placed():
    fabric = il.LeafSpine(hosts=4, hosts_per_leaf=2, nic_gbit_per_s=100)
    assert fabric.place([1, 1, 2]) == [(0,), (1,), (2, 3)]
    assert fabric.place([1, 2], [[3], [0, 2]]) == [(3,), (0, 2)]


GOOD = {"hosts": 4, "hosts_per_leaf": 2, "nic_gbit_per_s": 100}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hosts": 0}, "hosts=0 is too small: give an int >= 1"),
        ({"hosts_per_leaf": 0}, "hosts_per_leaf=0: a leaf needs ports for hosts; give at least 1"),
        ({"nic_gbit_per_s": 0}, "nic_gbit_per_s=0 is out of range: give a finite number > 0"),
        (
            {"oversubscription": 0.25},
            "oversubscription=0.25 is below 1: .* give hosts over uplinks",
        ),
        ({"spines": 0}, "spines=0 leaves no path between leaves: give at least 1"),
        ({"spray": "random"}, "spray='random' is not known: use one of ecmp, ideal"),
    ],
)
def test_a_bad_topology_is_refused_with_the_fix(change, words):
    with pytest.raises(ValueError, match=words):
        il.LeafSpine(**GOOD | change)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda f: f.route(0, 4), "destination=4 is too large: give an int <= 3"),
        (lambda f: f.route(-1, 2), "source=-1 is too small"),
        (lambda f: f.from_core(9), "host=9 is too large"),
        (lambda f: f.place([2, 2, 2]), "3 replicas need 6 hosts, and hosts=4: give more hosts"),
        (lambda f: f.place([2], [[1]]), r"placement\[0\]=\[1\] for a replica of 2 hosts: name 2"),
        (lambda f: f.place([2], [[1, 1]]), "each once"),
        (lambda f: f.place([1, 1], [[1]]), "placement has 1 entries for 2 replicas"),
        (lambda f: f.place([1], [[7]]), r"placement\[0\]=7 is too large"),
    ],
)
def test_a_host_that_is_not_there_has_no_path(wrong, words):
    with pytest.raises(ValueError, match=words):
        wrong(il.LeafSpine(**GOOD))
