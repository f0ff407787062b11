"""What tests of several parts need: how they share two cores, and data that is not shipped."""

from __future__ import annotations

import compileall
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[1]
# The tests keep both cores busy: threads of linear algebra would wait for each other, awake.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
TOGETHER = {
    "tests/browser": "browser",  # one server, one Chromium, each lesson opened once
    "tests/notebooks": "kernels",  # kernels wait for each other where two start at a time
    "tests/pipeline": "kernels",  # and the tiny lesson is built once
    "tests/grading/test_honest.py": "honest",  # all ways to hand in are marked once
    "tests/lessons/test_answers.py": "answers",  # what a check says is kept from test to test
    "tests/engine/test_checked.py": "checked",  # its page is computed once
    "tests/calibration": "calibration",  # and so is the table of errors
}
"""Tests that one process runs, one after the other; any process runs the rest."""

COUNTED = ("tests/engine", "tests/fabric", "tests/physics", "tests/traffic", "inference_lab/")
"""Tests whose lines `--cov` counts: those of the rooms below the line, and the examples."""

LONG_RUNS = (
    "tests/engine/test_oracles.py",
    "tests/engine/test_two_engines.py",
    "tests/engine/test_capacity.py",
    "tests/engine/test_checked.py",
    "tests/engine/test_disaggregated.py::test_o",
    "tests/engine/test_disaggregated.py::test_equal_to",
    "tests/engine/test_disaggregated.py::test_nothing_is_lost",
    "tests/engine/test_faults.py::test_nothing_is_lost",
    "tests/engine/test_one_clock.py::test_bytes_are_conserved",
    "tests/engine/test_prefix_hits.py::test_the_curves",
    "tests/fabric/test_claims",
    "inference_lab/experiments",
    "inference_lab/sweep",
)
"""Of these, tests that run the same lines a million times, and take three times as long where each
line is counted (before Python 3.12); the others reach those lines too."""

EXAMPLES = 100
"""Of each property. `make test-all` tries ten times as many, which finds rarer cases."""

SHRINK = () if os.environ.get("CI") else (Phase.shrink,)
settings.register_profile(
    "suite",
    deadline=None,  # a busy machine is not a wrong answer
    max_examples=EXAMPLES,
    print_blob=True,  # a failure elsewhere is run again here
    report_multiple_bugs=False,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, *SHRINK),  # shrinking takes minutes
)
settings.register_profile("long", settings.get_profile("suite"), max_examples=10 * EXAMPLES)


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many random examples there are, and compile the package for all processes."""
    if not hasattr(config, "workerinput"):  # where Python writes no bytecode, each would compile
        compileall.compile_dir(ROOT / "inference_lab", quiet=2)
    settings.load_profile("suite" if config.getoption("markexpr") == "not slow" else "long")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for no garbage while tests are collected: it takes a third of that time, for nothing."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Count no line in long runs and in what they set up."""
    counts = item.nodeid.startswith(COUNTED) and not item.nodeid.startswith(LONG_RUNS)
    plugin = item.config.pluginmanager.getplugin("_cov")
    if counts or plugin is None or plugin.cov_controller is None:
        return (yield)
    plugin.cov_controller.pause()
    try:
        return (yield)
    finally:
        plugin.cov_controller.resume()


class Groups(LoadScopeScheduling):
    """Gives out tests by group. The marks of xdist do nothing with pytest 9.2 (its issue 1386)."""

    def _split_scope(self, nodeid: str) -> str:
        return next((TOGETHER[place] for place in TOGETHER if nodeid.startswith(place)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups:
    """How xdist distributes the tests."""
    return Groups(config, log)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public traces, catalogues and measurements that the project does not ship."""
    named = os.environ.get("INFERENCE_LAB_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if named and not folder.is_dir():
        pytest.fail(f"INFERENCE_LAB_DATA names {folder}, which is no folder")
    if not folder.is_dir():
        pytest.skip("needs the traces: ../shared/data is absent and INFERENCE_LAB_DATA is not set")
    return folder
