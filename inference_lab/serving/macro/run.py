"""What the replicas of one run share: lengths, per-request notes, the log and the calendar of
events."""

from __future__ import annotations

from math import inf

from inference_lab.physics.costs import Costs
from inference_lab.serving.arrivals import Arrivals
from inference_lab.serving.cluster import Cluster
from inference_lab.serving.kv_cache import BLOCK_TOKENS, blocks_for
from inference_lab.serving.log import Log
from inference_lab.serving.macro.stretch import Regime, envelope
from inference_lab.traffic.workload import Workload


class Run:
    """Shared columns, one entry a request, and the calendar.

    Attributes
    ----------
    prompts, outputs, totals : list of int
        Lengths, and their sums.
    most_blocks : list of int
        Blocks of the KV-cache that each needs at its end.
    goals, goal_blocks : list of int
        Tokens of each one's prefill, and their blocks: the prompt and, after a pre-emption, what it
        has emitted.
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
        When clients give up; None if they never do.
    gave_up : list of int
        Requests that the schedulers have just dropped because of that.
    events : list of (float, int)
        Heap: a replica has something to do at a time. An entry is old if the replica's ``ends_s``
        differs; the last one is at infinity.
    """

    __slots__ = (
        "arrivals",
        "cluster",
        "deadline_s",
        "events",
        "gave_up",
        "goal_blocks",
        "goals",
        "last_token_s",
        "log",
        "longest_s",
        "most_blocks",
        "outputs",
        "prompts",
        "since",
        "spells",
        "totals",
        "until",
    )

    def __init__(self, cluster: Cluster, workload: Workload, log: Log, arrivals: Arrivals) -> None:
        n = len(workload)
        self.cluster, self.log, self.arrivals = cluster, log, arrivals
        self.prompts: list[int] = workload.prompt_tokens.tolist()
        self.outputs: list[int] = workload.output_tokens.tolist()
        totals = workload.prompt_tokens + workload.output_tokens
        self.totals: list[int] = totals.tolist()
        self.most_blocks: list[int] = blocks_for(totals - 1).tolist()
        self.goals = self.prompts.copy()
        self.goal_blocks: list[int] = blocks_for(workload.prompt_tokens).tolist()
        self.since = [0] * n
        self.until = [0] * n
        self.last_token_s = [0.0] * n
        self.spells: list[tuple[int, int, int, int, float]] = []
        self.longest_s = [0.0] * n
        self.deadline_s = None if cluster.timeout_s is None else [inf] * n
        self.gave_up: list[int] = []
        self.events: list[tuple[float, int]] = [(inf, -1)]


class PromptTimes(dict[int, float]):
    """Seconds to prefill one prompt alone, by its tokens; computed once."""

    def __init__(self, costs: Costs) -> None:
        self._costs = costs

    def __missing__(self, tokens: int) -> float:
        self[tokens] = seconds = self._costs.iteration_s([(0, tokens)], 0, 0)
        return seconds


class DecodeRegimes(dict[int, tuple[Regime, ...]]):
    """The decode step of a batch, regime by regime of its context; computed once."""

    def __init__(self, costs: Costs) -> None:
        self._costs = costs

    def __missing__(self, batch: int) -> tuple[Regime, ...]:
        self[batch] = regimes = envelope(self._costs.decode_lines(batch))
        return regimes


class CostTable:
    """What replicas of one kind share: their costs, and a batch that they can always hold.

    Attributes
    ----------
    roomy : int
        So many sequences fit together at any time, even if all were as long as the longest.
    """

    __slots__ = ("decode_regimes", "iteration_s", "prompt_s", "roomy")

    def __init__(self, costs: Costs, workload: Workload) -> None:
        self.iteration_s = costs.iteration_s
        self.prompt_s = PromptTimes(costs)
        self.decode_regimes = DecodeRegimes(costs)
        blocks = costs.kv_capacity_tokens // BLOCK_TOKENS
        needed = blocks_for(workload.prompt_tokens + workload.output_tokens - 1)
        longest = int(needed[needed <= blocks].max(initial=1))  # longer ones are refused
        self.roomy = min(costs.max_batch, blocks // longest)
