"""Replicas of the macro-step engine in two pools: those that only prefill, and those that decode
what they are handed.

A prefill replica takes one iteration at a time, as it never decodes. On a decode replica a stretch
ends early when a KV-cache arrives or is lost; otherwise what is on its way holds blocks and places
that do not change, so that the closed forms hold.
"""

from __future__ import annotations

from math import inf
from typing import Any

from inference_lab.serving.kv_cache import blocks_for
from inference_lab.serving.macro import caching
from inference_lab.serving.macro.admission import join
from inference_lab.serving.macro.replica import MacroReplica
from inference_lab.serving.macro.run import Run
from inference_lab.serving.macro.running import end_stretch
from inference_lab.serving.queue import FirstCome
from inference_lab.serving.two_pools import TwoPools


class PrefillReplica(MacroReplica):
    """Hands over each request whose prefill has ended, and keeps its KV-cache until it has moved.

    Attributes
    ----------
    holding : dict of int to int
        Blocks of the KV-cache of each request that was handed over.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.roomy = 0  # what is held is not admitted, so memory is always looked at
        self.gateway: TwoPools = self.run.gateway  # type: ignore[assignment]
        self.hands_over, self.gives_first = True, self.gateway.first_token == "prefill"
        self.holding: dict[int, int] = {}

    def prefilled(self, i: int, now_s: float) -> tuple[int, ...]:
        """A prefill has ended: hand the request over, unless its only token is out."""
        run, log = self.run, self.run.log
        log.tokens += 1
        if self.gives_first:
            give(run, i, now_s)
            if run.goals[i] + 1 == run.totals[i]:
                log.finish_s[i] = now_s
                return (i,)
        else:
            run.traveling.add(i)
        self.outstanding -= 1
        self.holding[i] = run.goal_blocks[i]
        self.aside_blocks += run.goal_blocks[i]
        run.goals[i] += 1
        run.goal_blocks[i] = blocks_for(run.goals[i])
        self.gateway.prefilled(i, self.index, now_s)
        return ()

    def let_go(self, i: int, now_s: float) -> None:
        """The KV-cache of request `i` has moved, or nobody needs it any more."""
        if i not in self.holding:
            return
        if self.cache is not None:
            caching.settle(self, self.cache, 0)
            self.cache.release(i)
        self.aside_blocks -= self.holding.pop(i)
        self.run.ready.append(self)

    def forget(self, i: int) -> None:
        """Request `i` starts anew with the tokens that it was given."""
        forget(self.run, i)

    def clear(self, now_s: float) -> list[int]:
        """Void the running iteration and the KV-cache, what is on its way included."""
        for i in self.holding:
            self.gateway.moves.void(i, now_s)
        self.holding.clear()
        return super().clear(now_s)


class DecodeReplica(MacroReplica):
    """Reserves room for a request, waits for its KV-cache, and decodes.

    Attributes
    ----------
    receiving : dict of int to int
        Blocks that are reserved for each request whose KV-cache is on its way, or here.
    here : list of int
        Those whose KV-cache is here: they join at the next boundary.
    now_s : float
        When its scheduler was asked last.
    """

    queue: FirstCome

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.queue, self.cache = FirstCome(), None  # prefix caches live in the prefill pool
        self.roomy = 0  # as above
        self.gateway: TwoPools = self.run.gateway  # type: ignore[assignment]
        self.gives_first = self.gateway.first_token == "decode"
        self.schedule = take_in
        self.receiving: dict[int, int] = {}
        self.here: list[int] = []
        self.now_s = 0.0

    def push(self, i: int, now_s: float) -> None:
        """Queue request `i`, whose KV-cache is at a prefill replica."""
        self.run.present[i] = self.run.goals[i]
        super().push(i, now_s)

    def admit(self) -> tuple[int, int]:
        """Start the head of the queue: reserve its room, or prefill it if it was pre-empted."""
        run = self.run
        if self.queue.head() not in run.present:
            return super().admit()
        i = self.queue.pop()
        self.queued_tokens -= run.present.pop(i)
        self.receiving[i] = run.goal_blocks[i]
        self.aside_blocks += run.goal_blocks[i]
        self.aside_places += 1
        self.gateway.receive(i, run.goals[i] - 1, self.now_s)
        return i, 0

    def arrived(self, i: int, now_s: float) -> None:
        """The KV-cache of request `i` is here."""
        self.here.append(i)
        self._look_again(now_s)

    def _look_again(self, now_s: float) -> None:
        """Something has changed for which the scheduler is asked at the next boundary."""
        if self.next_s == inf:
            self.run.ready.append(self)
        else:
            end_stretch(self, now_s)

    def join_all(self, now_s: float) -> None:
        """Those whose KV-cache is here decode from now on."""
        run, log = self.run, self.run.log
        here, self.here = self.here, []
        ended = []
        for i in here:
            self.aside_blocks -= self.receiving.pop(i)
            self.aside_places -= 1
            if self.gives_first:
                run.traveling.remove(i)
                run.goals[i] -= 1  # as it was when the token was computed
                give(run, i, now_s)
                run.goals[i] += 1
            if run.goals[i] < run.totals[i]:
                join(self, i)
            else:
                log.finish_s[i] = now_s
                self.outstanding -= 1
                ended.append(i)
        if ended:
            self.gateway.ended(ended, now_s)

    def withdraw(self, i: int, now_s: float) -> None:
        """The KV-cache of request `i` will never come."""
        self.outstanding -= 1
        if i in self.receiving:
            self.aside_blocks -= self.receiving.pop(i)
            self.aside_places -= 1
        else:
            self.queue.remove(i)
            self.queued_tokens -= self.run.goals[i]
        forget(self.run, i)
        self._look_again(now_s)

    def clear(self, now_s: float) -> list[int]:
        """Void the running iteration and the KV-cache; who waits for one, waits in vain."""
        receiving = list(self.receiving)
        for i in receiving:
            self.gateway.moves.void(i, now_s)
        for i in (*receiving, *self.queue):
            forget(self.run, i)
        self.receiving.clear()
        self.here.clear()
        self.aside_places = 0
        return sorted([*super().clear(now_s), *receiving])

    def resume(self) -> None:
        """Live again."""
        self.schedule = take_in


def take_in(replica: DecodeReplica, now_s: float) -> None:
    """What has arrived joins the batch, before the scheduler is asked."""
    replica.now_s = now_s
    if replica.here:
        replica.join_all(now_s)
    replica.table.schedule(replica, now_s)


def give(run: Run, i: int, now_s: float) -> None:
    """The token that a prefill has computed reaches request `i`."""
    if run.goals[i] == run.prompts[i]:
        run.log.first_token_s[i] = now_s
    else:
        run.longest_s[i] = max(run.longest_s[i], now_s - run.last_token_s[i])
    run.last_token_s[i] = now_s


def forget(run: Run, i: int) -> None:
    """Request `i` has to be prefilled again; a token that it was not given yet is lost."""
    run.present.pop(i, None)
    if i in run.traveling:
        run.traveling.remove(i)
        run.log.tokens -= 1
        run.goals[i] -= 1
        run.goal_blocks[i] = blocks_for(run.goals[i])
