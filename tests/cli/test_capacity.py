"""`inference-lab capacity`, as it is typed."""

import json

import pytest

import inference_lab as il
from inference_lab.cli.main import main

SLO = ["--ttft-slo", "0.45", "--tpot-slo", "0.04", "--share", "0.9"]


def drawn(seed):
    return il.Workload.like("azure-2023-conv", 2.0, requests=200, seed=seed)


def replica():
    return il.Replica(
        il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=4, stack="vllm-2025"
    )


def test_it_prints_what_the_library_finds(capsys, small):
    like = ["--like", "azure-2023-conv", "--requests", "200", "--seeds", "2", "--rate-scale", "2"]
    fleet = ["--replicas", "2", "--router", "least_outstanding", "--seed", "3"]
    assert main(["capacity", *like, *small, *SLO, *fleet, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    cluster = il.Cluster(replica(), 2, router="least_outstanding")
    slo = il.SLO(ttft_s=0.45, tpot_s=0.04, share=0.9)
    expected = il.capacity(cluster, drawn, slo, seeds=[3, 4])
    assert found["values"] == expected.values.tolist()
    assert (found["low"], found["high"]) == expected.interval
    assert main(["capacity", *like, *small, *SLO, "--fewest"]) == 0
    out = capsys.readouterr().out
    fewest = il.capacity(replica(), drawn, slo, seeds=[0, 1], replicas=True)
    assert out.startswith(f"{fewest.value:g} replicas for ")
    assert f"system  {fewest.value:g} x (Llama-3.1-70B" in out


def test_a_trace_is_one_draw(trace, capsys, small):
    assert (
        main(["capacity", "--trace", str(trace), *small, "--ttft-slo", "1", "--share", "0.9"]) == 0
    )
    assert "one draw, so nobody knows how much chance is in it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give a load: either --trace FILE or --like NAME"),
        (["--like", "azure-2023-conv", "--trace", "x.csv"], "give a load: either"),
        (["--like", "azure-2023-conv", "--first", "3"], "--first goes with --trace only"),
        (["--trace", "x.csv", "--seeds", "3"], "--seeds goes with --like only"),
        (["--like", "azure-2023-conv"], "give at least one limit"),
        (["--like", "azure-2023-conv", "--ttft-slo", "0.001"], "cannot be met at any rate"),
        (["--like", "azure-2023-conv", "--ttft-slo", "1", "--tp", "1"], "use tp=2 in bf16 or fp8"),
        (["--like", "azure", "--ttft-slo", "1"], "did you mean azure-2023-conv"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, message, capsys, small):
    assert main(["capacity", *small, *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == "" and message in err.splitlines()[-1]
