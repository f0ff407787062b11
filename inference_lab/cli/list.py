"""`inference-lab list`: the models, GPUs, stacks, links and routers that have names."""

from __future__ import annotations

import argparse
import json
from typing import Any

Row = dict[str, Any]


def add(commands: Any) -> None:
    """Register the sub-command."""
    text = "show the models, GPUs, stacks, links or routers that have names"
    parser = commands.add_parser("list", help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.add_argument("kind", choices=KINDS, help=", ".join(KINDS), metavar="KIND")
    parser.add_argument("--json", action="store_true", help="print a list of objects")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print one line for each."""
    rows = KINDS[args.kind]()
    print(json.dumps(rows, indent=2) if args.json else table(rows))
    return 0


def table(rows: list[Row]) -> str:
    """Rows with the same keys as text: numbers to the right, None as a dash.

    Examples
    --------
    >>> print(table([{"name": "L40S", "memory_gb": 48.0}, {"name": "MI300X", "memory_gb": 192.0}]))
    name    memory_gb
    L40S           48
    MI300X        192
    """
    columns = []
    for name in rows[0]:
        values = [row[name] for row in rows]
        texts = [name, *map(_shown, values)]
        width = max(map(len, texts))
        to_the_right = all(isinstance(value, int | float | None) for value in values)
        columns.append([t.rjust(width) if to_the_right else t.ljust(width) for t in texts])
    return "\n".join("  ".join(cells).rstrip() for cells in zip(*columns, strict=True))


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "-"
    if isinstance(value, int | float):
        return f"{value:,.5g}" if isinstance(value, float) else f"{value:,}"
    return "-" if value is None else str(value)


def models() -> list[Row]:
    """Dimensions, and what the weights and a token of KV-cache take in bf16."""
    from inference_lab.physics.llm import LLM
    from inference_lab.physics.units import GB

    return [
        {
            "name": llm.name,
            "layers": llm.layers,
            "hidden_size": llm.hidden_size,
            "heads": llm.heads,
            "kv_heads": llm.kv_heads,
            "experts": llm.experts,
            "parameters_1e9": round(llm.parameters / 1e9, 2),
            "active_1e9": round(llm.active_parameters / 1e9, 2),
            "bf16_gb": round(llm.weight_bytes("bf16") / GB, 1),
            "fp8_gb": round(llm.weight_bytes("fp8") / GB, 1),
            "kv_bytes_per_token": llm.kv_bytes_per_token("bf16"),
        }
        for llm in map(LLM.named, LLM.names())
    ]


def gpus() -> list[Row]:
    """Dense rates of the data sheets."""
    from inference_lab.physics.hardware import GPU
    from inference_lab.physics.units import GB, TFLOP

    return [
        {
            "name": gpu.name,
            "memory_gb": gpu.memory_bytes / GB,
            "hbm_gb_per_s": gpu.hbm_bytes_per_s / GB,
            "bf16_tflop_per_s": gpu.bf16_flop_per_s / TFLOP,
            "fp8_tflop_per_s": gpu.fp8_flop_per_s / TFLOP or None,
            "link_gb_per_s": gpu.link_bytes_per_s / GB,
            "link": gpu.fabric,
            "source": gpu.source,
        }
        for gpu in map(GPU.named, GPU.names())
    ]


def stacks() -> list[Row]:
    """How each schedules, and on which GPUs it was fitted; on others it is assumed."""
    from inference_lab import GPU, LLM, Replica, Stack
    from inference_lab.physics.constants import shipped

    llm, gpu = LLM.named(LLM.names()[0]), GPU.named(GPU.names()[0])
    rows = []
    for replica in (Replica(llm, gpu, stack=name) for name in Stack.names()):
        entry = shipped()["stacks"].get(replica.stack, {"gpus": ()})
        rows.append(
            {
                "name": replica.stack,
                "scheduler": replica.scheduler,
                "token_budget": replica.token_budget,
                "fitted_on": list(entry["gpus"]),
            }
        )
    return rows


def links() -> list[Row]:
    """Signalling rates in one direction."""
    from inference_lab.physics.links import Link
    from inference_lab.physics.units import GB, GBIT_PER_S

    return [
        {
            "name": link.name,
            "gb_per_s": link.bytes_per_s / GB,
            "gbit_per_s": link.bytes_per_s / GBIT_PER_S,
            "source": link.source,
        }
        for link in map(Link.named, Link.names())
    ]


def routers() -> list[Row]:
    """What each does, in its own words."""
    from inference_lab.serving.router import ROUTERS, new_router

    return [{"name": name, "chooses": new_router(name).__doc__.splitlines()[0]} for name in ROUTERS]


KINDS = {"models": models, "gpus": gpus, "stacks": stacks, "links": links, "routers": routers}
"""What can be listed."""
