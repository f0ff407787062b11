"""The error table: the shipped constants are as good on the data as the docs say."""

import pytest

from inference_lab.physics.constants import shipped

TARGETS = {
    "eager-2023, A100-SXM4-80GB, prefill": 10,
    "eager-2023, H100-SXM5-80GB, prefill": 6,
    "eager-2023, A100-SXM4-80GB, token time": 5,
    "eager-2023, H100-SXM5-80GB, token time": 5,
    "vllm-2025, Llama-3.1-70B fp8 on H100, TTFT": 7,
    "vllm-2025, Llama-3.1-70B fp8 on H100, TPOT": 6,
    "KV transfer, 8 RoCE ports of 200 Gb/s": 5,
}
LIBRARY_TARGETS = {"vllm": 6, "nccl": 12}
MEASURED_TARGETS = ("A100-SXM4-80GB", "H100-SXM5-80GB", "B200-SXM")


@pytest.fixture(scope="module")
def found(measured_folder):
    from calibration.table import figures

    return {name: (error, rows) for name, error, rows in figures(measured_folder)}


def test_no_error_is_above_the_shipped_one(found):
    assert set(found) == set(shipped()["errors"])
    for name, (error, rows) in found.items():
        shipped_error, shipped_rows = shipped()["errors"][name]
        assert rows == shipped_rows
        assert error <= shipped_error + 1, name


def test_verdict_on_the_kv_cache(measured_folder):
    from calibration.table import verdicts

    right, rows = verdicts(measured_folder)
    assert rows == 102
    assert right >= 100


def test_shipped_errors_meet_the_targets():
    errors = {name: error for name, (error, _) in shipped()["errors"].items()}
    for name, target in TARGETS.items():
        assert errors[name] <= target, name
    for gpu in MEASURED_TARGETS:
        for library, target in LIBRARY_TARGETS.items():
            prefix = f"all-reduce, {gpu}/{library} "
            (error,) = [e for name, e in errors.items() if name.startswith(prefix)]
            assert error <= target, prefix


def test_held_out_halves_meet_the_targets():
    held_out = {tuple(line[:3]): line[3] for line in shipped()["held_out"]}
    for stack, left_out, what, target in (
        ("eager-2023, A100-SXM4-80GB", "half of the rows", "prefill", 10),
        ("eager-2023, H100-SXM5-80GB", "half of the rows", "prefill", 6),
        ("eager-2023, A100-SXM4-80GB", "half of the rows", "token time", 5),
        ("eager-2023, H100-SXM5-80GB", "half of the rows", "token time", 5),
        ("eager-2023, A100-SXM4-80GB", "TP4", "prefill", 8),
        ("eager-2023, H100-SXM5-80GB", "TP4", "prefill", 8),
        ("eager-2023, A100-SXM4-80GB", "TP4", "token time", 8),
        ("eager-2023, H100-SXM5-80GB", "TP4", "token time", 8),
        ("vllm-2025, Llama-3.1-70B fp8 on H100", "half of the rows", "TTFT", 7),
        ("vllm-2025, Llama-3.1-70B fp8 on H100", "half of the rows", "TPOT", 6),
    ):
        assert held_out[stack, left_out, what] <= target, (stack, left_out, what)


def test_at_most_six_constants_for_a_gpu_and_stack():
    for stack in shipped()["stacks"].values():
        for entry in stack["gpus"].values():
            assert len(entry["constants"]) <= 6
