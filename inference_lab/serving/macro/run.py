"""What the replicas of one run share: lengths, per-request notes, the log and the calendar of
events."""

from __future__ import annotations

from inference_lab.physics.costs import Costs, Line
from inference_lab.serving.arrivals import Arrivals
from inference_lab.serving.log import Log
from inference_lab.traffic.workload import Workload


class Run:
    """Shared columns, one entry a request, and the calendar.

    Attributes
    ----------
    prompts, outputs : list of int
        Lengths.
    emitted : list of int
        Tokens emitted before the last admission: 0 unless pre-empted.
    longest_s : list of float
        Longest gap that was noted for this request alone; later gaps are in its replica's `Gaps`.
    since : list of int
        Number of the first of these later gaps.
    last_token_s : list of float
        Time of the last token before a pre-emption.
    events : list of (float, int)
        Heap: a replica has something to do at a time. An entry is old if the replica's ``ends_s``
        differs.
    """

    __slots__ = (
        "arrivals",
        "emitted",
        "events",
        "last_token_s",
        "log",
        "longest_s",
        "outputs",
        "prompts",
        "since",
        "token_budget",
    )

    def __init__(
        self, workload: Workload, log: Log, arrivals: Arrivals, token_budget: int | None
    ) -> None:
        n = len(workload)
        self.log, self.arrivals, self.token_budget = log, arrivals, token_budget
        self.prompts: list[int] = workload.prompt_tokens.tolist()
        self.outputs: list[int] = workload.output_tokens.tolist()
        self.emitted = [0] * n
        self.longest_s = [0.0] * n
        self.since = [0] * n
        self.last_token_s = [0.0] * n
        self.events: list[tuple[float, int]] = []


class CostTable:
    """The costs of one kind of replica, remembered: a prompt's prefill, a batch's decode lines."""

    __slots__ = ("_decode_lines", "_lines", "_prompt_s", "iteration_s")

    def __init__(self, costs: Costs) -> None:
        self.iteration_s = costs.iteration_s
        self._decode_lines = costs.decode_lines
        self._prompt_s: dict[int, float] = {}
        self._lines: dict[int, tuple[Line, ...]] = {}

    def prompt_s(self, tokens: int) -> float:
        """Seconds to prefill one prompt alone."""
        seconds = self._prompt_s.get(tokens)
        if seconds is None:
            seconds = self._prompt_s[tokens] = self.iteration_s([(0, tokens)], 0, 0)
        return seconds

    def decode_lines(self, batch: int) -> tuple[Line, ...]:
        """The decode step of a batch, as lines over its context."""
        lines = self._lines.get(batch)
        if lines is None:
            lines = self._lines[batch] = self._decode_lines(batch)
        return lines
