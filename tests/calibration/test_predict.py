"""The command `predict`."""

import json

import pytest

import inference_lab as il
from inference_lab.cli.main import main
from inference_lab.cli.predict import closed_loop

ARGUMENTS = {
    "--llm": "Llama-3.1-70B",
    "--gpu": "H100-SXM5-80GB",
    "--tp": "4",
    "--precision": "fp8",
    "--stack": "vllm-2025",
    "--prompt": "1024",
    "--output": "256",
    "--concurrency": "16",
}


def call(capsys, **changes):
    given = ARGUMENTS | {f"--{name}": value for name, value in changes.items()}
    code = main(["predict", *(text for pair in given.items() for text in pair), "--json"])
    return code, capsys.readouterr()


def test_it_prints_one_json_object(capsys):
    code, shown = call(capsys)
    found = json.loads(shown.out)
    assert code == 0
    assert set(found) == {
        "ttft_s",
        "tpot_s",
        "output_tokens_per_s",
        "kv_capacity_tokens",
        "fits",
        "stack",
        "source",
    }
    assert found["fits"] is True
    assert found["stack"] == "vllm-2025"
    assert "host times fitted on" in found["source"]


def test_a_length_is_exact(capsys):
    """No shorter prompt and no shorter output: the time of every request follows from them."""
    found = json.loads(call(capsys, concurrency="1")[1].out)
    replica = il.Replica(
        il.LLM.named("Llama-3.1-70B"),
        il.GPU.named("H100-SXM5-80GB"),
        tp=4,
        precision="fp8",
        stack="vllm-2025",
    )
    assert found["ttft_s"] == pytest.approx(replica.prefill_s(1024) + replica.frontend_s)
    e2e_s = found["ttft_s"] + 255 * found["tpot_s"]
    assert found["output_tokens_per_s"] == pytest.approx(256 / e2e_s)
    drawn = json.loads(call(capsys, concurrency="1", lengths="0.8")[1].out)
    assert 0.8 * found["ttft_s"] < drawn["ttft_s"] < found["ttft_s"]


def test_one_user_waits_for_nobody():
    replica = il.Replica(
        il.LLM.named("Llama-3.1-8B"), il.GPU.named("H100-SXM5-80GB"), stack="vllm-2025"
    )
    found = closed_loop(il.Cluster(replica), 1, 2, 1)
    assert found["ttft_s"] == pytest.approx(replica.prefill_s(1) + replica.frontend_s)
    assert found["tpot_s"] == pytest.approx(replica.decode_step_s(1, 2))


def test_more_users_wait_longer_and_get_more_tokens(capsys):
    few, many = (json.loads(call(capsys, concurrency=n)[1].out) for n in ("4", "64"))
    assert many["ttft_s"] > few["ttft_s"]
    assert many["tpot_s"] > few["tpot_s"]
    assert many["output_tokens_per_s"] > few["output_tokens_per_s"]


def test_a_model_that_does_not_fit_has_no_times(capsys):
    code, shown = call(capsys, tp="1", precision="bf16")
    assert code == 2
    found = json.loads(shown.out)
    assert found["fits"] is False and found["kv_capacity_tokens"] == 0
    assert [found[name] for name in ("ttft_s", "tpot_s", "output_tokens_per_s")] == [None] * 3
    assert "use tp=2 in bf16 or fp8" in shown.err and shown.err.count("\n") == 1


def test_a_request_must_fit_beside_the_weights(capsys):
    assert json.loads(call(capsys, tp="2", precision="bf16", prompt="5000")[1].out)["fits"] is True
    assert json.loads(call(capsys, tp="2", precision="bf16", prompt="6000")[1].out)["fits"] is False


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"llm": "Llama-3.1-71B"}, "Llama-3.1-70B"),
        ({"gpu": "H100"}, "H100-SXM5-80GB"),
        ({"stack": "vllm"}, "vllm-2025"),
        ({"prompt": "0"}, "prompt=0"),
        ({"concurrency": "0"}, "concurrency=0"),
        ({"lengths": "1.2"}, "lengths=1.2"),
        ({"max-model-len": "1000"}, "max_model_len=1000 refuses requests of 1024 + 256 tokens"),
        ({"scheduler": "static", "token-budget": "64"}, "leave it out"),
        ({"gpu": "A100-SXM4-80GB"}, "no fp8"),
    ],
)
def test_wrong_arguments_end_in_one_line(capsys, changes, told):
    code, shown = call(capsys, **changes)
    assert code == 2
    assert told in shown.err
    assert shown.err.count("\n") == 1
