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
    }
    assert found["fits"] is True
    cycle_s = found["ttft_s"] + found["tpot_s"] * 0.9 * 256
    assert found["output_tokens_per_s"] == pytest.approx(16 * 0.9 * 256 / cycle_s, rel=0.1)


def test_one_user_waits_for_nobody():
    replica = il.Replica(
        il.LLM.named("Llama-3.1-8B"), il.GPU.named("H100-SXM5-80GB"), stack="vllm-2025"
    )
    found = closed_loop(replica, 1, 2, 1)
    assert found["ttft_s"] == pytest.approx(replica.prefill_s(1) + replica.frontend_s)
    assert found["tpot_s"] == pytest.approx(replica.decode_step_s(1, 2))


def test_more_users_wait_longer_and_get_more_tokens(capsys):
    few, many = (json.loads(call(capsys, concurrency=n)[1].out) for n in ("4", "64"))
    assert many["ttft_s"] > few["ttft_s"]
    assert many["tpot_s"] > few["tpot_s"]
    assert many["output_tokens_per_s"] > few["output_tokens_per_s"]


def test_a_model_that_does_not_fit_has_no_times(capsys):
    code, shown = call(capsys, tp="1", precision="bf16")
    assert code == 0
    assert json.loads(shown.out) == {
        "ttft_s": None,
        "tpot_s": None,
        "output_tokens_per_s": None,
        "kv_capacity_tokens": 0,
        "fits": False,
    }


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
        ({"gpu": "A100-SXM4-80GB"}, "no fp8"),
    ],
)
def test_wrong_arguments_end_in_one_line(capsys, changes, told):
    code, shown = call(capsys, **changes)
    assert code == 2
    assert told in shown.err
    assert shown.err.count("\n") == 1
