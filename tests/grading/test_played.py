"""An exercise without one right answer: what a function reaches counts, in notebook and grader."""

from pathlib import Path

import pytest

from inference_lab.experiments.placement import Placed, leaf_borders, leaf_by_leaf, placements
from inference_lab.grading import answer_key
from inference_lab.grading.box import Box
from inference_lab.grading.line import WarmParent
from inference_lab.grading.score import Judge
from inference_lab.lab import NotYet, check
from inference_lab.lab.played import blunder

ROOT = Path(__file__).parents[2]
BOX = Box()
ANY_THAT_FITS = """
def place(hosts, free):
    taken = [0] * len(free)
    for leaf, room in enumerate(free):
        if room >= hosts:
            taken[leaf] = hosts
            return taken
    for leaf, room in enumerate(free):
        taken[leaf] = min(room, hosts)
        hosts -= taken[leaf]
    return taken
"""
ONLY_EXACT_GAPS = """
def place(hosts, free):
    taken = [0] * len(free)
    for leaf in sorted(range(len(free)), key=lambda leaf: free[leaf] != hosts):
        taken[leaf] = min(free[leaf], hosts)
        hosts -= taken[leaf]
    return taken
"""
EMPTIEST_FIRST = """
def place(hosts, free):
    taken = [0] * len(free)
    for leaf in sorted(range(len(free)), key=lambda leaf: -free[leaf]):
        taken[leaf] = min(free[leaf], hosts)
        hosts -= taken[leaf]
    return taken
"""
EMPTIEST_ELSE_FULLEST = """
def place(hosts, free):
    taken = [0] * len(free)
    fits = [free.index(max(free))] if max(free) >= hosts else []
    for leaf in fits or sorted(range(len(free)), key=lambda leaf: free[leaf]):
        taken[leaf] = min(free[leaf], hosts)
        hosts -= taken[leaf]
    return taken
"""
LAST_LEAVES_FOR_LARGE_JOBS = """
def place(hosts, free):
    taken = [0] * len(free)
    for leaf in [4, 5, 0, 1, 2, 3] if hosts > 8 else range(6):
        taken[leaf] = min(free[leaf], hosts)
        hosts -= taken[leaf]
    return taken
"""
UNUSABLE = {
    "return [0] * len(free)": "0 hosts in all",
    "return [hosts] + [0] * (len(free) - 1)": "of leaf 0, which has",
    "return [hosts]": "give a list of 6 counts",
    "return [hosts / 2] * 2 + [0] * 4": "counts of hosts are whole numbers",
    "return None": "returned None: give a list",
}


@pytest.fixture(scope="module")
def judge():
    """The placement of lesson 03, with three hidden runs."""
    (task,) = [t for t in answer_key.read(ROOT / "solutions") if t.exercise.id == "3.5"]
    return Judge(task, b"a secret for the tests only", draws=3)


@pytest.fixture(scope="module")
def warm():
    if BOX.missing():
        pytest.skip(f"no box here; missing: {', '.join(BOX.missing())}")
    with WarmParent(BOX) as parent:
        yield parent


def function(source):
    names = {}
    exec(source, names)
    return names["place"]


def test_a_ring_under_one_leaf_crosses_nothing_and_one_over_three_leaves_three():
    def one_each(hosts, free):
        taken = [0] * len(free)
        for _ in range(hosts):
            taken[max(range(len(free)), key=lambda i: free[i] - taken[i])] += 1
        return taken

    assert leaf_borders(one_each, jobs=1, seed=1) in (0.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    spread, packed = (leaf_borders(p, jobs=500, seed=0) for p in (one_each, leaf_by_leaf))
    assert spread > 2 * packed


def test_who_is_turned_away_does_not_depend_on_the_policy():
    """Else a policy could cross fewer borders by refusing jobs."""
    seen = {}
    for source in (ANY_THAT_FITS, EMPTIEST_FIRST):
        place, sizes = function(source), []

        def counted(hosts, free, place=place, sizes=sizes):
            sizes.append(hosts)
            return place(hosts, free)

        leaf_borders(counted, jobs=800, seed=2)
        seen[source] = sizes
    assert seen[ANY_THAT_FITS] == seen[EMPTIEST_FIRST]


def test_another_policy_than_ours_passes_in_notebook_and_grader(judge, warm, capsys):
    check("3.5", function(EMPTIEST_FIRST))
    check("3.5", function(ANY_THAT_FITS))
    assert "borders in % of leaf_by_leaf: " in capsys.readouterr().out
    for each in (ANY_THAT_FITS, EMPTIEST_FIRST):
        assert judge.score(each, warm).status == "right"


def test_a_policy_that_splits_is_told_so_and_gets_no_points(judge, warm):
    with pytest.raises(NotYet, match=r"needed: \d+ or fewer.*\n.*exactly as much room"):
        check("3.5", function(ONLY_EXACT_GAPS))
    score = judge.score(ONLY_EXACT_GAPS, warm)
    assert score.status == "wrong" and "at most" in score.detail


def test_a_run_is_told_what_cost_it_most_borders():
    split = Placed(3, [2, 3, 1], [2, 1, 0])
    spread = Placed(5, [4, 1, 3, 1], [3, 1, 0, 1])
    broke_in = Placed(1, [8, 1], [1, 0])
    needed = Placed(5, [4, 1, 3, 1], [4, 1, 0, 0])
    assert [each.leaves for each in (split, spread, needed)] == [2, 3, 2]
    assert [each.fewest for each in (split, spread, needed)] == [1, 2, 2]
    assert [each.broke_in for each in (split, spread, broke_in, needed)] == [
        False,
        False,
        True,
        False,
    ]
    assert "1 of 3 jobs was split" in blunder([spread, split, needed])  # two borders, and one
    assert "3 of 4 jobs were spread" in blunder([spread, split, spread, spread])
    assert "1 of 2 jobs was put into the largest gap" in blunder([broke_in, needed])
    assert blunder([needed]) is None


def test_the_facts_are_those_of_the_run():
    """Counted apart from `Placed`, over a whole run."""
    place = function(LAST_LEAVES_FOR_LARGE_JOBS)
    placed = list(placements(place, jobs=2000, seed=0))
    split = [
        (hosts, free, taken)
        for hosts, free, taken in placed
        if hosts <= max(free) and hosts not in taken
    ]
    with pytest.raises(NotYet) as refused:
        check("3.5", place)
    hosts, free, taken = split[0]
    assert f"{len(split)} of {len(placed):,} jobs were split" in str(refused.value)
    assert f"hosts={hosts}, free={free}: it got {taken}." in str(refused.value)


def test_a_policy_at_the_edge_is_refused_in_the_notebook_already():
    with pytest.raises(NotYet, match=r"jobs were spread over more leaves than needed"):
        check("3.5", function(EMPTIEST_ELSE_FULLEST))


@pytest.mark.parametrize("body", UNUSABLE)
def test_what_cannot_be_carried_out_is_named(body, judge, warm):
    source = f"def place(hosts, free):\n    {body}\n"
    with pytest.raises(NotYet, match=UNUSABLE[body]):
        check("3.5", function(source))
    score = judge.score(source, warm)
    assert score.status == "wrong" and UNUSABLE[body] in score.detail
