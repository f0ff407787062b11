"""One rule for how a stack is served: both commands and the library give the same times."""

import json

import numpy as np
import pytest

import inference_lab as il
from inference_lab.cli.main import main

SAME = 1e-12
SYSTEM = ["--llm", "Llama-3.1-8B", "--gpu", "H100-SXM5-80GB"]
COLUMNS = ["--columns", "arrival=t,prompt=p,output=o", "--time-unit", "s"]


def figures(capsys, *arguments):
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def replayed(capsys, folder, stack, arrival_s, prompts, outputs):
    """What `inference-lab simulate` prints for these requests, written as a trace."""
    path = folder / "trace.csv"
    rows = zip(arrival_s, prompts, outputs, strict=True)
    path.write_text("t,p,o\n" + "".join(f"{t},{p},{o}\n" for t, p, o in rows))
    return figures(capsys, "simulate", "--trace", str(path), *COLUMNS, *SYSTEM, "--stack", stack)


def replica(stack):
    return il.Replica(il.LLM.named("Llama-3.1-8B"), il.GPU.named("H100-SXM5-80GB"), stack=stack)


def workload(arrival_s, prompts, outputs):
    """The same requests without a file."""
    return il.Workload.from_arrays(
        arrival_s=arrival_s, prompt_tokens=prompts, output_tokens=outputs
    )


@pytest.mark.parametrize("stack", il.Stack.names())
class TestOfEveryStack:
    def test_one_user_is_a_trace_of_requests_that_do_not_meet(self, capsys, tmp_path, stack):
        load = ["--prompt", "3000", "--output", "9", "--stack", stack]
        predicted = figures(capsys, "predict", *load, *SYSTEM)
        shape = (range(10), [3000] * 10, [9] * 10)
        trace = replayed(capsys, tmp_path, stack, *shape)
        run = il.simulate(il.Cluster(replica(stack)), workload(*shape))
        assert run.e2e_s.max() < 1, "they must not meet"
        for name in ("ttft_s", "tpot_s"):
            times = [predicted[name], trace[name]["mean"], float(getattr(run, name).mean())]
            assert times == pytest.approx([times[0]] * 3, rel=SAME, abs=0)
        alone_s = replica(stack).prefill_s(3000) + replica(stack).frontend_s
        assert predicted["ttft_s"] == pytest.approx(alone_s, rel=SAME, abs=0)

    def test_crowds_wait_alike(self, capsys, tmp_path, stack):
        load = ["--prompt", "3000", "--output", "90", "--lengths", "0.8", "--concurrency", "24"]
        predicted = figures(capsys, "predict", *load, "--stack", stack, *SYSTEM)
        users = il.Workload.closed_loop(24, prompt_tokens=(2400, 3000), output_tokens=(72, 90))
        run = il.simulate(il.Cluster(replica(stack)), users)
        for name in ("ttft_s", "tpot_s"):
            mean = float(getattr(run, name).mean())
            assert predicted[name] == pytest.approx(mean, rel=SAME, abs=0)

        rng = np.random.default_rng(0)
        shape = (rng.integers(0, 2, 60), rng.integers(1, 9000, 60), rng.integers(1, 90, 60))
        shape[0].sort()
        trace = replayed(capsys, tmp_path, stack, *shape)
        run = il.simulate(il.Cluster(replica(stack)), workload(*shape))
        summary = run.summary().to_dict()
        assert run.ttft_parts["queue"].max() > 0, "they must wait for each other"
        for name in ("ttft_s", "tpot_s", "e2e_s", "max_itl_s"):
            assert trace[name] == pytest.approx(summary[name], rel=SAME, abs=0)
