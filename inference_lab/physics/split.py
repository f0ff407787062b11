"""Splits: over how many GPUs engines share out the layers of a model."""

from __future__ import annotations

from inference_lab.checks import whole
from inference_lab.physics.llm import LLM


def degrees(llm: LLM) -> list[int]:
    """Tensor-parallel degrees that engines take: the same number of heads on each GPU.

    KV heads are shared out evenly, or each is kept on the same number of GPUs (vLLM and
    TensorRT-LLM refuse anything else); the one vector of latent attention is kept on all.

    Examples
    --------
    >>> degrees(LLM.named("Llama-3.1-70B"))
    [1, 2, 4, 8, 16, 32, 64]
    """
    even = [tp for tp in range(1, llm.heads + 1) if llm.heads % tp == 0]
    if llm.kv_latent_dim:
        return even
    return [tp for tp in even if llm.kv_heads % tp == 0 or tp % llm.kv_heads == 0]


def check_tp(llm: LLM, tp: int) -> None:
    """Refuse a tensor-parallel degree that engines refuse.

    Raises
    ------
    TypeError, ValueError
        If `tp` is not a whole number, or not one of `degrees`.
    """
    whole("tp", tp, at_least=1)
    if llm.heads % tp:
        rule = f"must divide the {llm.heads} heads of {llm.name}: each GPU takes the same number"
    elif tp not in degrees(llm):
        rule = (
            f"must divide the {llm.kv_heads} KV heads of {llm.name} or be a multiple of them: "
            "each GPU keeps whole heads"
        )
    else:
        return
    raise ValueError(f"tp={tp} {rule}; use {', '.join(map(str, degrees(llm)))}")
