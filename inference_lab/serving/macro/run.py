"""What the replicas of one run share: lengths, per-request notes, the log and the calendar of
events."""

from __future__ import annotations

from math import inf
from typing import Any

from inference_lab.serving.gateway import Gateway
from inference_lab.serving.kv_cache import blocks_for
from inference_lab.serving.log import Log
from inference_lab.serving.macro.least_loaded import LeastLoaded
from inference_lab.traffic.workload import Workload


class Run:
    """Shared columns, one entry a request, and the calendar.

    Attributes
    ----------
    prompts, outputs, totals : list of int
        Lengths, and their sums.
    goals, goal_blocks : list of int
        Tokens of each one's prefill, and their blocks: the prompt and, after a pre-emption, what it
        has emitted.
    present : dict of int to int
        Of waiting ones, the tokens whose KV-cache is there: they need no prefill.
    prefill_s : list of float
        Seconds of each one's prefill, charged to the log.
    since, until : list of int
        Place in `MacroReplica.stretches_s` of the first stretch in which each decoded, and of the
        first without it.
    last_token_s : list of float
        Time of the last token before these.
    spells : list of (int, int, int, int, float)
        The same of a request before it was pre-empted: request, replica, since, until, last token.
    longest_s : list of float
        Longest gap from a pre-emption to the next token.
    deadline_s : list of float or None
        The gateway's.
    traveling : set of int
        Requests that were handed over with a token that they have not been given.
    gave_up : list of int
        Requests that the schedulers have just dropped because of that.
    events : list of (float, int)
        Heap: a replica has something to do at a time. An entry is old if the replica's ``next_s``
        differs; the last one is at infinity.
    ready : list of MacroReplica
        Those that may start something when the instant is over.
    scheduled_s : float
        The last instant at which clients had given up: scheduling was done, and users of a closed
        loop may send at that same instant.
    loads : LeastLoaded or None
        Told when the load of a replica may have fallen.
    queue_loads : LeastLoaded or None
        The same, if it is told after every iteration.
    """

    __slots__ = (
        "deadline_s",
        "events",
        "gateway",
        "gave_up",
        "goal_blocks",
        "goals",
        "last_token_s",
        "loads",
        "log",
        "longest_s",
        "outputs",
        "prefill_s",
        "present",
        "prompts",
        "queue_loads",
        "ready",
        "scheduled_s",
        "since",
        "spells",
        "totals",
        "traveling",
        "until",
    )

    def __init__(self, workload: Workload, gateway: Gateway, log: Log) -> None:
        n = len(workload)
        self.log, self.gateway = log, gateway
        self.prompts: list[int] = workload.prompt_tokens.tolist()
        self.outputs: list[int] = workload.output_tokens.tolist()
        self.totals: list[int] = (workload.prompt_tokens + workload.output_tokens).tolist()
        self.goals = self.prompts.copy()
        self.goal_blocks: list[int] = blocks_for(workload.prompt_tokens).tolist()
        self.present = gateway.present
        self.prefill_s = log.part("prefill")
        self.since = [0] * n
        self.until = [0] * n
        self.last_token_s = [0.0] * n
        self.spells: list[tuple[int, int, int, int, float]] = []
        self.longest_s = [0.0] * n
        self.deadline_s = gateway.deadline_s
        self.traveling: set[int] = set()
        self.gave_up: list[int] = []
        self.events: list[tuple[float, int]] = [(inf, -1)]
        self.ready: list[Any] = []
        self.scheduled_s = -inf
        self.loads: LeastLoaded | None = None
        self.queue_loads: LeastLoaded | None = None
