"""Code: the lines of Python that give the figures of a view without the view."""

from __future__ import annotations

from dataclasses import MISSING, fields

import inference_lab as il
from inference_lab.physics.affine import UNLIMITED_TOKENS

LINE = 88
OWN = "# replica: the one that you gave to the view"


def program(replica: object, experiment: str, *lines: str) -> str:
    """A whole program: imports, the replica, and what is done with it.

    Parameters
    ----------
    replica : object
        A `Replica` or an `AffineReplica` is written out; of any other object the program says
        that it is the reader's own.
    experiment : str
        The import of the experiment, such as ``"queue import ttft_at_load"``.
    *lines : str
        What follows.
    """
    own = f"from inference_lab.experiments.{experiment}"
    return "\n".join(["import inference_lab as il", own, "", assignment(replica), "", *lines])


def assignment(replica: object) -> str:
    """The line that makes this replica.

    >>> print(assignment(il.AffineReplica(prefill_s=(0.1, 0, 0), decode_s=(0, 0, 0), max_batch=8)))
    replica = il.AffineReplica(
        prefill_s=(0.1, 0.0, 0.0), decode_s=(0.0, 0.0, 0.0), max_batch=8
    )
    """
    if type(replica) is il.Replica and _public(replica.stack, replica.gpu):
        return _call("Replica", _replica_arguments(replica))
    if type(replica) is il.AffineReplica:
        return _call("AffineReplica", _affine_arguments(replica))
    return OWN


def _call(name: str, arguments: list[str]) -> str:
    inside = ", ".join(arguments)
    line = f"replica = il.{name}({inside})"
    if len(line) <= LINE - 10:
        return line
    if len(inside) <= LINE - 4:
        return f"replica = il.{name}(\n    {inside}\n)"
    return f"replica = il.{name}(\n    " + ",\n    ".join(arguments) + ",\n)"


def _replica_arguments(replica: il.Replica) -> list[str]:
    arguments = [_named(replica.llm), _named(replica.gpu)]
    standard = il.Replica(
        replica.llm, replica.gpu, precision=replica.precision, stack=replica.stack
    )
    for name in ("tp", "precision", "kv_precision", "stack", "max_batch", "memory_fraction"):
        value = getattr(replica, name)
        usual = "bf16" if name == "precision" else "ideal" if name == "stack" else None
        if value != (usual or getattr(standard, name)):
            written = _stack(value, replica.gpu) if name == "stack" else _value(value)
            arguments.append(f"{name}={written}")
    return arguments


def _affine_arguments(replica: il.AffineReplica) -> list[str]:
    arguments = [
        f"prefill_s={replica.prefill_constants!r}",
        f"decode_s={replica.decode_constants!r}",
    ]
    if replica.kv_capacity_tokens != UNLIMITED_TOKENS:
        arguments.append(f"kv_capacity_tokens={replica.kv_capacity_tokens}")
    if replica.max_batch != 256:
        arguments.append(f"max_batch={replica.max_batch}")
    return arguments


def _public(stack: str | il.Stack, gpu: il.GPU) -> bool:
    """Whether a program can make this stack; a changed all-reduce is no public name."""
    own = isinstance(stack, il.Stack) and not _calibrated(stack, gpu)
    return not own or (stack.all_reduce is None and stack.host_all_reduce is None)


def _calibrated(stack: il.Stack, gpu: il.GPU) -> bool:
    return stack.name in il.Stack.names()[1:] and il.Stack.named(stack.name, gpu) == stack


def _stack(stack: str | il.Stack, gpu: il.GPU) -> str:
    if isinstance(stack, il.Stack) and not _calibrated(stack, gpu):
        return _written(stack)
    return _value(stack if isinstance(stack, str) else stack.name)


def _named(part: il.LLM | il.GPU) -> str:
    """By its name where the catalogue has it, else field by field."""
    kind = type(part)
    try:
        if kind.named(part.name) == part:
            return f'il.{kind.__name__}.named("{part.name}")'
    except ValueError:
        pass  # one that the learner has made
    return _written(part)


def _written(part: il.LLM | il.GPU | il.Stack) -> str:
    """Field by field; what has its default is left out."""
    told = {
        field.name: getattr(part, field.name)
        for field in fields(part)
        if field.default is MISSING or getattr(part, field.name) != field.default
    }
    return f"il.{type(part).__name__}({', '.join(f'{k}={_value(v)}' for k, v in told.items())})"


def _value(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) and '"' not in value else repr(value)
