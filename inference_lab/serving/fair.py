"""Fair shares: the tenant that has been served least is next, by virtual token counters.

Sheng et al., Fairness in Serving Large Language Models, arXiv:2401.00588, algorithm 2.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import real

MOST_WEIGHT = 1e6
"""Beyond it a slip of the pen is likelier than a price of a token."""


@dataclass(frozen=True)
class Fair:
    """The weights of a fair queue: what a token counts.

    Parameters
    ----------
    input_weight, output_weight : float
        Of a token of the prompt and of the output, at most `MOST_WEIGHT` and not both 0. The
        defaults are those of the paper (section 5.1), after the prices of tokens.

    Raises
    ------
    TypeError, ValueError
        If a weight is out of range.

    Examples
    --------
    >>> Fair()
    Fair(input_weight=1.0, output_weight=2.0)
    """

    input_weight: float = 1.0
    output_weight: float = 2.0

    def __post_init__(self) -> None:
        for name in ("input_weight", "output_weight"):
            weight = real(name, getattr(self, name), at_most=MOST_WEIGHT)
            object.__setattr__(self, name, weight)
        if not self.input_weight and not self.output_weight:
            raise ValueError(
                f"input_weight={self.input_weight!r} and output_weight={self.output_weight!r} "
                "count nothing: give at least one above 0"
            )


class Accounts:
    """What the fair queues of one run share: whose each request is, and who has paid its input.

    Parameters
    ----------
    fair : Fair
        The weights.
    tenants : sequence of int
        A number for the tenant of each request.
    prompts : array of int
        Tokens of each prompt.
    """

    def __init__(self, fair: Fair, tenants: Sequence[int], prompts: NDArray[np.int64]) -> None:
        self.fair, self.tenants, self.prompts = fair, tenants, prompts.tolist()
        self.charged: set[int] = set()


class FairQueue:
    """The queue of one replica; the tenant with the least counter is next.

    Whose turn it is is chosen when the queue or the batch changes, and then kept: output that is
    handed out in between counts at the next change.

    Parameters
    ----------
    accounts : Accounts
        What the queues of a run share.
    index : callable
        The index of the request of whoever waits.

    Attributes
    ----------
    tenants : sequence of int
        The number of the tenant of each request.
    counters : list of [int, int]
        For each tenant the tokens of input and output that count; whole, and weighted only when
        they are compared.
    counted_steps : int
        Of the macro engine's running stretch, the steps that the counters hold already.
    """

    # fmt: off
    __slots__ = (
        "_accounts", "_front", "_index", "_left_last", "_lines", "_turn", "counted_steps",
        "counters", "tenants",
    )
    # fmt: on

    def __init__(self, accounts: Accounts, index: Callable[[Any], int]) -> None:
        self._accounts, self._index, self.tenants = accounts, index, accounts.tenants
        self.counters = [[0, 0] for _ in range(max(accounts.tenants) + 1)]
        self._front: deque[Any] = deque()  # pre-empted ones, before everybody
        self._lines: dict[int, deque[Any]] = {}  # by tenant, none of them empty
        self.counted_steps = 0
        self._turn: int | None = None
        self._left_last: int | None = None

    def __len__(self) -> int:
        return len(self._front) + sum(map(len, self._lines.values()))

    def __iter__(self) -> Iterator[Any]:
        return chain(self._front, *self._lines.values())

    def tenant_of(self, item: Any) -> int:
        """The number of the tenant of whoever waits or runs."""
        return self.tenants[self._index(item)]

    def cost(self, tenant: int) -> float:
        """The counter of a tenant, weighted."""
        prompt_tokens, output_tokens = self.counters[tenant]
        fair = self._accounts.fair
        return fair.input_weight * prompt_tokens + fair.output_weight * output_tokens

    def push(self, item: Any) -> None:
        """A newcomer; a tenant of whom nobody waited has not saved up for it."""
        tenant = self.tenant_of(item)
        self._lift(tenant)
        self._lines.setdefault(tenant, deque()).append(item)
        self.choose()

    def _lift(self, tenant: int) -> None:
        if tenant in self._lines:
            return
        waiting = {*self._lines, *map(self.tenant_of, self._front)}
        if tenant in waiting:
            return
        least = min(waiting, key=lambda each: (self.cost(each), each), default=self._left_last)
        if least is not None and self.cost(least) > self.cost(tenant):
            self.counters[tenant] = self.counters[least].copy()

    def push_front(self, item: Any) -> None:
        """Before everybody, whosever it is."""
        self._front.appendleft(item)
        self.choose()

    def head(self) -> Any:
        """Who is next; the queue is not empty."""
        return self._front[0] if self._front else self._lines[self._turn][0]  # type: ignore[index]

    def pop(self) -> Any:
        """Take out who is next to start it, which is charged its whole input, if it never was."""
        item = self._leave()
        i = self._index(item)
        if i not in self._accounts.charged:
            self._accounts.charged.add(i)
            self.counters[self.tenants[i]][0] += self._accounts.prompts[i]
        self.choose()
        return item

    def drop(self) -> Any:
        """Take out who is next, without service."""
        item = self._leave()
        self.choose()
        return item

    def _leave(self) -> Any:
        item = self.head()
        self._left_last = tenant = self.tenant_of(item)
        line = self._front or self._lines[tenant]
        line.popleft()
        if not line and line is not self._front:
            del self._lines[tenant]
        return item

    def clear(self) -> None:
        """Nobody waits any more; what was served stays served."""
        self._front.clear()
        self._lines.clear()

    def victim(self, running: Sequence[Any]) -> Any:
        """Who of those that run, oldest first, loses its memory: the newest."""
        return running[-1]

    def served(self, item: Any, tokens: int) -> None:
        """Somebody has got tokens."""
        self.counters[self.tenant_of(item)][1] += tokens

    def choose(self) -> None:
        """The queue or the batch has changed: the least counter is next, of equals the oldest."""
        lines = self._lines
        if len(lines) < 2:  # whose it is needs no comparison
            self._turn = next(iter(lines), None)
            return
        self._turn = min(
            lines, key=lambda each: (self.cost(each), self._index(lines[each][0])), default=None
        )
