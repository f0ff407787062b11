"""Fit all constants on the measured timings, and write them and the table of errors."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # runs from a checkout, whether installed or not

from calibration import constants, held_out, measured, page, table  # noqa: E402
from calibration.models import HABITS  # noqa: E402
from inference_lab.physics.constants import shipped  # noqa: E402

CONSTANTS = ROOT / "inference_lab" / "physics" / "constants.json"

A100, H100, H200, B200, L40S = (
    "A100-SXM4-80GB",
    "H100-SXM5-80GB",
    "H200-SXM-141GB",
    "B200-SXM",
    "L40S",
)

LIBRARIES = {
    f"{A100}/vllm": ("kernel", "vllm-0.14.0-vllm_graph"),
    f"{H100}/vllm": ("kernel", "vllm-0.19.0-vllm_graph"),
    f"{B200}/vllm": ("kernel", "vllm-0.19.0-vllm_graph"),
    f"{L40S}/vllm": ("pcie", "vllm-0.22.0-vllm_graph"),
    f"{A100}/trtllm": ("kernel", "trtllm-1.0.0-TRTLLM"),
    f"{H100}/trtllm": ("kernel", "trtllm-1.3.0rc20-trtllm"),
    f"{B200}/trtllm": ("kernel", "trtllm-1.3.0rc20-trtllm"),
    f"{H100}/vllm-eager": ("kernel", "vllm-0.14.0-vllm_eager"),
    f"{A100}/nccl": ("nccl", "nccl-2.27.3"),
    f"{H100}/nccl": ("nccl", "nccl-2.27.3"),
    f"{B200}/nccl": ("nccl", "nccl-2.27.3"),
    f"{L40S}/trtllm": ("pcie", "trtllm-1.3.0rc20-TRTLLM"),
    f"{L40S}/nccl": ("pcie", "nccl-2.27.3"),
    "two-hosts/nccl": ("nccl", "nccl"),
}
"""Fabric and library: the form of the model, and the library's version in the data."""


def calibrate(folder: Path) -> dict:
    """All constants, as the file holds them."""
    today = date.today().isoformat()
    all_reduces = _all_reduces(folder)
    eager, kernels = {}, {}
    for gpu in (A100, H100):
        fitted = constants.eager([row for row in measured.eager(folder) if row.gpu == gpu])
        rates = {name: fitted.pop(name) for name in list(fitted) if name.endswith("bytes_per_s")}
        fitted["fp8_efficiency"] = fitted["bf16_efficiency"]  # no data; assumed
        eager[gpu] = constants.entry(fitted, "e2e_splitwise.csv, Llama-2-70B, TP2, TP4, TP8")
        all_reduces[f"{gpu}/eager"] = {
            "kind": "eager",
            "data": "e2e_splitwise.csv",
            "constants": constants.rounded(rates),
        }
        layers = [row for row in measured.layers(folder) if row.gpu == gpu]
        kernels[gpu] = constants.entry(constants.kernels(layers[::4]), "layer_times_vidur.csv")
        _say(f"eager-2023 and bare layers on {gpu}: {fitted}")
    vllm = _vllm(folder, all_reduces[f"{H100}/vllm"])
    trtllm = _trtllm(folder, vllm, all_reduces[f"{H100}/trtllm"])
    wire = 8 * 200e9 / 8
    transfer = constants.transfer(measured.transfers(folder), wire)
    return {
        "date": today,
        "stacks": {
            "eager-2023": _stack("eager-2023", "eager", eager),
            "vllm-2025": _stack("vllm-2025", "vllm", vllm),
            "trtllm-2025": _stack("trtllm-2025", "trtllm", trtllm),
        },
        "all_reduce": all_reduces,
        "kv_transfer": constants.entry(transfer, "kv_transfer_mooncake.csv"),
        "kernels": kernels,
    }


def _stack(name: str, library: str, gpus: dict) -> dict:
    reserve = constants.reserve()
    if name != "vllm-2025":
        reserve["data"] = "assumed as of vllm-2025"
    return {
        "habits": HABITS[name],
        "reserve": reserve,
        "library": library,
        "like": H100,
        "gpus": gpus,
    }


def _all_reduces(folder: Path) -> dict[str, dict]:
    groups, found = measured.all_reduces(folder), {}
    for name, (kind, data) in LIBRARIES.items():
        fitted = constants.all_reduce(kind, groups[name.split("/")[0], data])
        found[name] = {"kind": kind, "data": data} | {
            "constants": constants.rounded(fitted["constants"])
        }
        _say(f"all-reduce {name}: {found[name]['constants']}")
    return found


def _vllm(folder: Path, all_reduce: dict) -> dict:
    bf16 = bf16_efficiency(folder, all_reduce)
    rows = measured.serving(folder, llm="Llama-3.1-70B", backend="vllm")
    fitted = constants.vllm([row for row in rows if row.score_ttft], bf16, all_reduce)
    _say(f"vllm-2025 on {H100}: {fitted}")
    data = "e2e_silicon_dense.csv: vLLM, Llama-3.1-70B fp8; bf16_efficiency from SGLang, Qwen3-32B"
    return {H100: constants.entry(fitted, data)}


def bf16_efficiency(folder: Path, all_reduce: dict) -> dict[str, float]:
    """What bf16 products get in the 2025 stacks on H100."""
    fitted = constants.sglang(held_out.sglang_rows(folder), all_reduce)
    _say(f"SGLang on {H100}: {fitted}")
    return {"bf16_efficiency": fitted["bf16_efficiency"]}


def _trtllm(folder: Path, vllm: dict, all_reduce: dict) -> dict:
    first = {"first_token_s": vllm[H100]["constants"]["first_token_s"]}  # its TTFT is not scored
    rows = [
        row
        for llm in ("Qwen3-32B", "Llama-3.1-8B")
        for row in held_out.trtllm_rows(folder, llm)[::4]
    ]
    h100 = constants.trtllm(rows, first, all_reduce)
    _say(f"trtllm-2025 on {H100}: {h100}")
    known = first | {"bf16_efficiency": h100["bf16_efficiency"]}
    rows = held_out.trtllm_rows(folder, "Llama-3.1-70B")
    h200 = constants.trtllm(rows[::2], known, all_reduce)
    _say(f"trtllm-2025 on {H200}: {h200}")
    data = "e2e_silicon_dense.csv: TensorRT-LLM, token times; first_token_s assumed as vLLM's"
    return {
        H100: constants.entry(h100, f"{data}; Qwen3-32B fp8, Llama-3.1-8B bf16"),
        H200: constants.entry(h200, f"{data}; Llama-3.1-70B fp8; bf16_efficiency of H100"),
    }


def _held_out(folder: Path) -> list[held_out.Line]:
    gpus = shipped()["stacks"]["vllm-2025"]["gpus"][H100]["constants"]
    bf16 = {"bf16_efficiency": gpus["bf16_efficiency"]}
    first = {"first_token_s": gpus["first_token_s"]}
    reduces = shipped()["all_reduce"]
    lines = []
    for group in (
        held_out.eager(folder),
        held_out.vllm(folder, bf16, reduces[f"{H100}/vllm"]),
        held_out.trtllm(folder, first, reduces[f"{H100}/trtllm"]),
    ):
        for line in group:
            _say(f"held out: {line}")
            lines.append(line)
    return lines


def _write(content: dict) -> None:
    CONSTANTS.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    shipped.cache_clear()


def _say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    """Run the calibration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=measured.BESIDE)
    parser.add_argument("--table", action="store_true", help="keep the constants")
    parser.add_argument("--quick", action="store_true", help="keep the held-out errors, too")
    options = parser.parse_args()
    content = dict(shipped()) if options.table or options.quick else calibrate(options.folder)
    _write(content)
    content["errors"] = {
        name: [round(error, 2), rows] for name, error, rows in table.figures(options.folder)
    }
    content["verdicts"] = table.verdicts(options.folder)
    content["decode_only"] = round(table.decode_only(options.folder), 1)
    if not options.quick:
        content["held_out"] = [
            [*line[:3], round(line[3], 2), line[4]] for line in _held_out(options.folder)
        ]
    _write(content)
    (ROOT / "docs").mkdir(exist_ok=True)
    (ROOT / "docs" / "error_table.md").write_text(page.page(content), "utf-8")


if __name__ == "__main__":
    main()
