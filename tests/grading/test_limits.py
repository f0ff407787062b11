"""Time that a submission may take: its code below each single limit, its total above none."""

import math

import pytest

from inference_lab.grading import answer_key
from inference_lab.grading.box import Box
from inference_lab.grading.mark import Mark
from inference_lab.grading.marking import Ground, Marker
from inference_lab.lab.check import CALL_LIMIT_S, SIMULATION_LIMIT_S

HEAD = {
    "3.1": "def transfer_s(size_bytes, link_gbit_per_s):\n",
    "3.2": "def loads(rates_per_s):\n",
    "3.3": "def route(request, replicas, rng):\n",
}
NAP = {each: f"{head}    import time\n    time.sleep(0.3)\n" for each, head in HEAD.items()}
# Right, and slow: each call stays below the limit of a call.
SLOW = NAP["3.1"] + "    return size_bytes * 8 / (link_gbit_per_s * 1e9)\n"
LOOP = {each: f"{head}    while True: pass\n" for each, head in HEAD.items()}


@pytest.fixture
def marks(hand_in, key_folder, needs_box):
    """Mark one submission in this process and return its marks by exercise."""

    def run(cells: dict[str, str], box: Box) -> dict[str, tuple[str, str]]:
        folder = hand_in("eve", cells)
        marker = Marker(
            Ground(answer_key.lessons(key_folder), b"a secret for the tests only", 20, box)
        )
        try:
            found = [m for m in marker.marks("eve", [folder], ()) if isinstance(m, Mark)]
            return {mark.exercise: (mark.status, mark.reason) for mark in found}
        finally:
            marker.close()

    return run


def test_a_submission_has_a_budget(marks, solutions):
    cells = solutions | {"3.1": SLOW, "3.2": LOOP["3.2"]}
    found = marks(cells, Box(call_s=1.0, exercise_s=1.5, submission_s=2.0))
    used_up = ("needs a person", "the 2 s of a submission are used up")
    assert found["3.1"][0] == "needs a person"  # what it answered was right
    assert "; took more than 1.5 s an exercise on hidden input" in found["3.1"][1]
    assert found["3.2"] == found["3.3"] == used_up


def test_without_the_budget_each_exercise_takes_its_own_time(marks, solutions):
    cells = solutions | {"3.1": SLOW, "3.2": LOOP["3.2"]}
    found = marks(cells, Box(call_s=0.6, exercise_s=1.5, submission_s=math.inf))
    assert found["3.2"] == ("timed out", "took more than 0.6 s a call on public input 1 of 1")
    assert found["3.3"][0] == "right"


def test_after_two_time_outs_the_rest_gets_little_time(marks, solutions):
    box = Box(call_s=1.0, exercise_s=30.0)
    found = marks(solutions | {"3.1": LOOP["3.1"], "3.2": LOOP["3.2"]}, box)
    assert [status for status, _ in found.values()] == ["timed out", "timed out", "right"]


def test_a_third_time_out_is_for_a_person(marks):
    found = marks(LOOP, Box(call_s=1.0, exercise_s=30.0))
    assert [status for status, _ in found.values()] == ["timed out"] * 2 + ["needs a person"]
    assert found["3.3"][1] == "after 2 time-outs an exercise gets 5 s"


def test_what_the_check_waits_for_the_grader_waits_for_too():
    """The first answer, which tells slow from endless, and every public simulation."""
    box = Box()
    assert box.call_s >= CALL_LIMIT_S
    assert box.cpu_s >= SIMULATION_LIMIT_S
    assert box.exercise_s >= 2 * SIMULATION_LIMIT_S
    assert box.submission_s > box.exercise_s
