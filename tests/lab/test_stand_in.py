"""Each view comes with a still and its reading, for whoever opens the notebook without a kernel."""

import html
import re

import pytest
from IPython.utils.capture import capture_output

import inference_lab as il
from inference_lab.lab import views
from inference_lab.pipeline.clean import WIDGET

AFFINE = il.AffineReplica(prefill_s=(0.02, 5e-5, 0), decode_s=(0.01, 1e-4, 0))
LOAD = il.Workload.like("azure-2023-conv", requests=50, seed=0)
MAKE = {
    "batch": lambda: views.batch_against_tpot(AFFINE),
    "cluster": lambda: views.replay(il.Cluster(AFFINE, replicas=2), LOAD),
    "goodput": lambda: views.goodput_over_rate(AFFINE, rate_scales=[0.5, 1], requests=100),
    "latency": lambda: views.ttft_under_load(AFFINE, load_percent=30),
    "leaf": lambda: views.leaf_at_work(),
}


@pytest.fixture
def shown(monkeypatch):
    """Shows an object as the last line of a cell does; its outputs."""
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.setattr(views.base, "_loop", lambda: None)  # playwright's may run in this thread
    shell = InteractiveShell.instance()
    monkeypatch.setattr(InteractiveShell, "_instance", shell)

    def shown(view):
        with capture_output() as captured:
            view._ipython_display_()
        return [output.data for output in captured.outputs]

    yield shown
    InteractiveShell.clear_instance()


@pytest.mark.parametrize("name", views.base.VIEWS)
def test_a_view_shows_its_stand_in_and_then_itself(shown, name):
    view = MAKE[name]()
    instead, live = shown(view)
    reading = view.picture["reading"]
    assert instead["text/plain"] == reading
    alt = re.search('<img alt="([^"]+)"', instead["text/html"])[1]
    told = re.search("</style><p>([^<]+)</p>", instead["text/html"])[1]
    assert html.unescape(alt) == html.unescape(told) == reading
    assert WIDGET in live and "text/html" not in live


def test_a_long_run_leaves_its_curve_in_the_stand_in(shown):
    view = MAKE["goodput"]()
    shown(view)
    with capture_output() as captured:
        view.run()
        view.wait(300)
    (renewed,) = captured.outputs
    assert renewed.update and renewed.data["text/plain"] == view.picture["reading"]
    assert view.picture["reading"].startswith("The highest goodput is")
