"""What replicas of one kind share: their scheduler, and costs that are looked up, not computed
again."""

from __future__ import annotations

from inference_lab.physics.costs import Costs
from inference_lab.serving.kv_cache import BLOCK_TOKENS, blocks_for
from inference_lab.serving.macro.schedulers import BY_NAME
from inference_lab.serving.macro.stretch import Regime, envelope
from inference_lab.traffic.workload import Workload


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
    """What replicas of one kind share.

    Attributes
    ----------
    roomy : int
        So many sequences fit together at any time, even if all were as long as the longest.
    schedule, newcomer : callable
        What to start at the end of an instant, and what to do when a newcomer heads the queue of
        a replica that decodes.
    token_budget : int or None
        Most tokens of an iteration.
    steps_first : int
        For how many coming steps the batch takes its blocks before somebody is admitted.
    """

    __slots__ = (
        "_service",
        "_workload",
        "decode_regimes",
        "iteration_s",
        "newcomer",
        "prompt_s",
        "roomy",
        "schedule",
        "steps_first",
        "token_budget",
    )

    def __init__(
        self, costs: Costs, workload: Workload, scheduler: str, token_budget: int | None
    ) -> None:
        self._workload, self._service = workload, (scheduler, token_budget)
        self.schedule, self.newcomer = BY_NAME[scheduler]
        self.token_budget = token_budget
        self.steps_first = 1 if scheduler == "chunked" else 0
        self.iteration_s = costs.iteration_s
        self.prompt_s = PromptTimes(costs)
        self.decode_regimes = DecodeRegimes(costs)
        blocks = costs.kv_capacity_tokens // BLOCK_TOKENS
        needed = blocks_for(workload.prompt_tokens + workload.output_tokens - 1)
        longest = int(needed[needed <= blocks].max(initial=1))  # longer ones are refused
        self.roomy = min(costs.max_batch, blocks // longest)

    def of(self, costs: Costs) -> CostTable:
        """The same scheduler and requests with other costs."""
        return CostTable(costs, self._workload, *self._service)
