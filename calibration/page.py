"""The page of the docs with the errors: page.md, filled in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path


def page(content: dict) -> str:
    """The page, from the file of constants."""
    errors = [(name, f"{error:.1f}", rows) for name, (error, rows) in content["errors"].items()]
    held_out = [(*line[:3], f"{line[3]:.1f}", line[4]) for line in content["held_out"]]
    right, verdicts = content["verdicts"]
    return (
        Path(__file__)
        .with_suffix(".md")
        .read_text("utf-8")
        .format(
            date=content["date"],
            errors=_table(("what", "median error, %", "rows"), errors),
            right=right,
            verdicts=verdicts,
            held_out=_table(("what", "left out", "quantity", "median error, %", "rows"), held_out),
            decode_only=content["decode_only"],
            constants="\n".join(_constants(content)),
        )
    )


def _constants(content: dict) -> Iterator[str]:
    for name, stack in content["stacks"].items():
        kept = stack["reserve"]
        yield f"- **{name}, reserve of each GPU**: {kept['bytes'] / 1e9:g} GB, {kept['data']}."
        for gpu, entry in stack["gpus"].items():
            yield f"- **{name}, {gpu}**: {_values(entry)}. Fitted on {entry['data']}."
    for name, entry in content["all_reduce"].items():
        yield f"- **all-reduce, {name}** ({entry['data']}): {_values(entry)}."
    for gpu, entry in content["kernels"].items():
        yield f"- **one layer without attention, {gpu}** ({entry['data']}): {_values(entry)}."
    entry = content["kv_transfer"]
    yield f"- **KV transfer** ({entry['data']}): {_values(entry)}."


def _values(entry: dict) -> str:
    shown = {
        name: value if isinstance(value, bool) else f"{value:g}"
        for name, value in entry["constants"].items()
    }
    return ", ".join(f"`{name}` {value}" for name, value in shown.items())


def _table(head: tuple[str, ...], rows: Iterable[tuple]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
