"""What stands behind the view of the leaf: what it says and draws is what was simulated."""

import numpy as np
import pytest
import traitlets

from inference_lab.experiments.leaf import chat_on_a_leaf
from inference_lab.lab.views import leaf_at_work


def test_a_pipe_that_is_dragged_is_simulated_and_read():
    view = leaf_at_work(ratio=4)
    assert view.picture["reading"].startswith("4:1, 176 requests/s, KV-cache moves")
    assert "the uplinks carry 400 and are full 97 % of the time" in view.picture["reading"]
    view.uplinks_gbit_per_s = 800
    p99_ms = 1e3 * np.percentile(chat_on_a_leaf(800, seconds=8).message_s, 99)
    assert f"takes {p99_ms:,.0f} ms or more" in view.picture["reading"]
    assert view.picture["ratio"] == "2:1"


def test_the_switch_empties_the_pipes():
    view = leaf_at_work(ratio=8)
    before = np.sum(view.picture["sent"])
    view.kv_moves = False
    assert before / np.sum(view.picture["sent"]) > 1000
    assert "% of a NIC" in view.picture["reading"]
    assert view.picture["part"] == "network"


def test_the_code_gives_the_run_that_is_shown():
    view = leaf_at_work(ratio=2.5)
    names = {"print": lambda *shown: None}
    exec(view.picture["code"], names)
    assert np.array_equal(names["run"].message_s, view.run.message_s)


def test_numbers_that_cross_to_the_script_are_those_of_the_run():
    view = leaf_at_work(ratio=4)
    assert np.array(view.picture["sent"]) == pytest.approx(view.run.sent_gbit_per_s, rel=1e-3)
    assert np.array(view.picture["waiting"]) == pytest.approx(view.run.waiting_gbit, rel=1e-3)
    assert view.run.waiting_gbit[view.picture["worst"]].sum() == pytest.approx(
        view.run.waiting_gbit.sum(axis=1).max()
    )


@pytest.mark.parametrize("ratio", [0.5, 9])
def test_a_ratio_that_cannot_be_is_refused(ratio):
    with pytest.raises(ValueError, match=f"ratio={ratio}"):
        leaf_at_work(ratio=ratio)
    with pytest.raises(traitlets.TraitError):
        leaf_at_work().uplinks_gbit_per_s = 100
