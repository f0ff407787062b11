"""What replicas of one kind share: their costs, looked up instead of computed again."""

from __future__ import annotations

from inference_lab.physics.costs import Costs
from inference_lab.serving.kv_cache import BLOCK_TOKENS, blocks_for
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
