"""docs/checked.md: its code prints what it says, and its words say what is measured."""

import contextlib
import io
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

import inference_lab as il
from inference_lab.cli.main import main
from inference_lab.physics.costs import Costs

TEXT = (Path(__file__).parents[2] / "docs" / "checked.md").read_text(encoding="utf-8")
PROSE = " ".join(TEXT.split())
HAND, LOADS = re.findall(r"```python\n(.*?)```", TEXT, re.S)
PRINTED = re.findall(r"```text\n(.*?)```", TEXT, re.S)
TRACE = "AzureLLMInferenceTrace_conv.csv"


def printed(code, names):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "docs/checked.md", "exec"), names)
    return out.getvalue()


@pytest.fixture(scope="module")
def page(shared_data, tmp_path_factory):
    """The names that the second block leaves behind, and what it printed."""
    folder = tmp_path_factory.mktemp("trace")
    (folder / TRACE).symlink_to(shared_data / "traces" / TRACE)
    before = Path.cwd()
    os.chdir(folder)
    try:
        names = {}
        names["out"] = printed(LOADS, names)
    finally:
        os.chdir(before)
    return names


@pytest.fixture(scope="module")
def replica():
    llama, h100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
    return il.Replica(llama, h100, tp=4, stack="vllm-2025")


def test_the_hand_calculation_is_that_of_the_replica(replica):
    out = printed(HAND, names := {})
    assert out == PRINTED[0]
    assert names["prefill_ms"] == pytest.approx(1e3 * replica.prefill_s(1020), rel=1e-4)
    assert names["step_ms"] == pytest.approx(1e3 * replica.decode_step_s(1, 1200), rel=1e-4)


def test_the_table_is_what_the_page_computes(page):
    assert page["out"] == PRINTED[1]


def test_the_command_line_says_the_same(page, shared_data, capsys):
    (command,) = re.findall(r"`(inference-lab simulate --trace [^`]*)`", TEXT)
    words = command.replace(TRACE, str(shared_data / "traces" / TRACE)).split()[1:]
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    times = found["ttft_s"]["mean"], 1e3 * found["itl_s"]["mean"], found["e2e_s"]["mean"]
    assert f"{times[0]:>9.4f}{times[1]:>9.2f}{times[2]:>9.3f}" in PRINTED[1].splitlines()[-6]


def rows(scale):
    """Of a load: closed form, Poisson, by the minute, the trace."""
    lines = PRINTED[1].splitlines()
    start = next(i for i, text in enumerate(lines) if text.startswith(f"{scale:g} times"))
    return [np.array(text.split()[-3:], float) for text in lines[start + 1 : start + 5]]


def test_what_agrees():
    assert "the TTFT, within 1 % at every load" in PROSE
    assert "ITL and E2E within 1.5 % at the low and the middle load" in PROSE
    assert "The trace at the low and the middle load, within 2 %" in PROSE
    for scale in (0.5, 2, 4):
        closed, poisson, minutes, trace = rows(scale)
        assert poisson[0] == pytest.approx(closed[0], rel=0.01)
        if scale < 4:
            assert poisson[1:] == pytest.approx(closed[1:], rel=0.015)
            assert trace == pytest.approx(minutes, rel=0.02)
    closed, poisson, minutes, trace = rows(4)
    assert "the closed form is 2.5 % too low" in PROSE
    assert poisson[1:] / closed[1:] == pytest.approx([1.025, 1.025], abs=0.002)
    assert f"says {minutes[0]:.3f} s and the trace {trace[0]:.3f} s" in PROSE
    assert f"The mean rate alone says {closed[0]:.3f} s" in PROSE


def test_the_error_of_the_mean_of_six_draws(page):
    draws = [ttft_s for ttft_s, _, _ in page["runs"]]  # of the last load
    error = np.std(draws, ddof=1) / np.sqrt(6) / np.mean(draws)
    assert f"an error of {100 * error:.1f} % at the highest load" in PROSE


class Finer(Costs):
    """Prefills take a share of their time, and decode steps so many times theirs."""

    def __init__(self, costs, share, slower):
        self.costs, self.share, self.slower = costs, share, slower
        self.max_batch, self.kv_capacity_tokens = costs.max_batch, costs.kv_capacity_tokens
        self.frontend_s = costs.frontend_s

    def iteration_s(self, chunks, batch, context_tokens):
        return self.share * self.costs.iteration_s(chunks, batch, context_tokens)

    def decode_lines(self, batch):
        return tuple((self.slower * s, self.slower * m) for s, m in self.costs.decode_lines(batch))


def test_the_reason_is_that_prefills_come_in_lumps(page, replica):
    """A tenth of each, and decode slower by what keeps their sum: the same closed form."""
    rate_per_s = 4 * page["rate_per_s"]
    rho = rate_per_s / 4 * page["prefill_s"].mean()
    finer = Finer(replica, 0.1, (1 - 0.1 * rho) / (1 - rho))
    fleet = il.Cluster(finer, replicas=4, router="random", scheduler="continuous")
    loads = [page["poisson"](rate_per_s, seed) for seed in range(6)]
    decode_s = [
        (run.e2e_s - run.ttft_s).mean()
        for run in (il.simulate(fleet, load, seed=seed) for seed, load in enumerate(loads))
    ]
    closed_s = np.diff(np.array(page["closed_form"](rate_per_s / 4))[[0, 2]])[0]
    assert "the difference falls below 1 %" in PROSE
    assert np.mean(decode_s) == pytest.approx(closed_s, rel=0.01)


def test_beyond_its_busiest_minute(page, replica):
    counts = np.bincount((page["trace"].arrival_s // 60).astype(int))
    most = counts.max() / (60 * page["rate_per_s"])
    assert f"{counts.max()} requests, {most:.2f} times the mean" in PROSE
    with pytest.raises(ValueError, match="not stable"):
        page["by_minutes"](5)
    promised_s = page["closed_form"](5 * page["rate_per_s"] / 4)[0]
    assert f"promise a TTFT of {promised_s:.2f} s" in PROSE

    def trace(scale):
        names = ("arrival_s", "prompt_tokens", "output_tokens")
        columns = {name: getattr(page["trace"], name) for name in names}
        return il.Workload.from_arrays(**columns, rate_scale=scale)

    assert f"the trace has {page['simulated'](trace(5))[0]:.1f} s" in PROSE
    own = il.simulate(il.Cluster(replica, 4, router="random"), trace(2)).ttft_s.mean()
    alone = page["simulated"](trace(2))[0]
    assert f"its TTFT is {own:.3f} s against {alone:.3f} s" in PROSE
