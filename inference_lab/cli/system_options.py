"""The options that say which system a command simulates: replica, stack and cluster."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inference_lab.physics.llm import LLM
    from inference_lab.physics.replica import Replica
    from inference_lab.serving.cluster import Cluster

DEFAULT_STACK = "vllm-2025"
"""Of all commands: the roofline would promise times that no software reaches."""


def add_system_options(
    parser: argparse.ArgumentParser,
    routers: Sequence[str] = (),
    llm: str | None = None,
    gpu: str | None = None,
) -> None:
    """Add the groups of options to a sub-command; `cluster_of` reads what they say.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Of the sub-command.
    routers : sequence of str
        What stands before its replicas by default; it compares routers if two are given, and
        simulates one replica if none is.
    llm, gpu : str or None
        What it takes by default; None if they must be given.
    """
    _add_replica(parser, llm, gpu)
    _add_scheduling(parser)
    if routers:
        _add_fleet(parser, routers)


def _add_replica(parser: argparse.ArgumentParser, llm: str | None, gpu: str | None) -> None:
    from inference_lab.physics.replica import Replica
    from inference_lab.physics.stack import Stack

    group = parser.add_argument_group(
        "replica", "Names are listed by `inference-lab list models`, `list gpus` and `list stacks`."
    )
    for name, default, words in (
        ("--llm", llm, "the model, or the path of its config.json"),
        ("--gpu", gpu, "each of its GPUs"),
    ):
        shown = f" (default {default})" if default else ""
        required = default is None
        group.add_argument(
            name, default=default, required=required, metavar="NAME", help=words + shown
        )
    group.add_argument(
        "--tp",
        type=int,
        default=1,
        metavar="N",
        help="GPUs that share each layer (default %(default)s)",
    )
    group.add_argument(
        "--precision",
        default="bf16",
        metavar="P",
        help="of the weights, bf16 or fp8 (default bf16)",
    )
    group.add_argument(
        "--kv-precision", metavar="P", help="of the KV-cache (default: what the stack does)"
    )
    group.add_argument(
        "--stack",
        default=DEFAULT_STACK,
        metavar="NAME",
        help=f"the software: {', '.join(Stack.names())} (default {DEFAULT_STACK})",
    )
    group.add_argument(
        "--max-batch",
        type=int,
        default=Replica.max_batch,
        metavar="N",
        help=f"most sequences that run together (default {Replica.max_batch})",
    )
    group.add_argument(
        "--memory-fraction",
        type=float,
        default=Replica.memory_fraction,
        metavar="F",
        help=f"share of the memory for weights and KV-cache (default {Replica.memory_fraction})",
    )


def _add_scheduling(parser: argparse.ArgumentParser) -> None:
    from inference_lab.physics.costs import SCHEDULERS

    group = parser.add_argument_group("scheduling")
    group.add_argument(
        "--scheduler",
        metavar="NAME",
        help=f"{', '.join(SCHEDULERS)} (default: what the stack does)",
    )
    group.add_argument(
        "--token-budget",
        type=int,
        metavar="N",
        help="most prompt tokens of an iteration (default: that of the stack)",
    )
    group.add_argument(
        "--max-model-len",
        type=int,
        metavar="N",
        help="most tokens of prompt and output together (default: no limit but the KV-cache)",
    )


def _add_fleet(parser: argparse.ArgumentParser, routers: Sequence[str]) -> None:
    from inference_lab.serving.router import ROUTERS

    group = parser.add_argument_group("cluster")
    group.add_argument(
        "--replicas", type=int, default=1, metavar="N", help="equal replicas (default %(default)s)"
    )
    group.add_argument(
        "--router",
        nargs=1 if len(routers) == 1 else "+",
        default=routers,
        metavar="NAME",
        help=f"{', '.join(ROUTERS)} (default {' '.join(routers)})",
    )
    group.add_argument(
        "--max-queue", type=int, metavar="N", help="most requests that wait at a replica"
    )
    group.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="after which a waiting client gives up"
    )
    group.add_argument(
        "--network",
        type=float,
        nargs="+",
        default=[0.0],
        metavar="SECONDS",
        help="round trip between client and router (default 0); two numbers: uniform between them",
    )


def cluster_of(options: argparse.Namespace) -> Cluster:
    """The `Cluster` that the options ask for, with the first router of several.

    Raises
    ------
    TypeError, ValueError
        If an option is out of range.
    """
    from inference_lab.serving.cluster import Cluster

    more = {}
    if hasattr(options, "replicas"):
        one, *others = options.network
        more = {
            "replicas": options.replicas,
            "router": options.router[0],
            "max_queue": options.max_queue,
            "timeout_s": options.timeout,
            "network_s": (one, *others) if others else one,
        }
    return Cluster(
        _replica(options),
        scheduler=options.scheduler,
        token_budget=options.token_budget,
        max_model_len=options.max_model_len,
        **more,
    )


def _replica(options: argparse.Namespace) -> Replica:
    from inference_lab.physics.hardware import GPU
    from inference_lab.physics.replica import Replica

    return Replica(
        _llm(options.llm),
        GPU.named(options.gpu),
        tp=options.tp,
        precision=options.precision,
        kv_precision=options.kv_precision,
        stack=options.stack,
        max_batch=options.max_batch,
        memory_fraction=options.memory_fraction,
    )


def _llm(text: str) -> LLM:
    """The model of this name, or else of this config.json or the folder that holds one."""
    from inference_lab.physics.llm import LLM

    if text in LLM.names():
        return LLM.named(text)
    is_path = text.endswith(".json") or Path(text).exists()
    return LLM.from_config(text) if is_path else LLM.named(text)


def described(cluster: Cluster) -> str:
    """The system in one line, and in a second one what its times rest on."""
    replica = cluster.fleet[0]
    scheduler, budget = cluster.service(replica)
    budgeted = f", {budget:,} tokens an iteration" if budget else ""
    return (
        f"system  {len(cluster.fleet):,} x ({replica.llm.name} {replica.precision} on "
        f"{replica.tp} x {replica.gpu.name}, KV-cache {replica.kv_precision} of "
        f"{replica.kv_capacity_tokens:,} tokens), {scheduler}{budgeted}, "
        f"at most {replica.max_batch:,} sequences at once\n"
        f"stack   {replica.stack}: {replica.source}"
    )


def misfit(cluster: Cluster, request_tokens: int) -> str | None:
    """Why no replica can hold a request of so many tokens, and what could; None if they can.

    The last token of an output is never stored, and the KV-cache is given out in whole blocks.
    """
    from inference_lab.serving.kv_cache import BLOCK_TOKENS, blocks_for

    return cluster.fleet[0].advice(BLOCK_TOKENS * blocks_for(request_tokens - 1))
