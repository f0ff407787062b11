"""The stretch that runs: which of its steps runs now, and how it ends sooner than planned."""

from __future__ import annotations

from heapq import heappush
from typing import TYPE_CHECKING

from inference_lab.serving.macro.stretch import duration_s, first_end

if TYPE_CHECKING:
    from inference_lab.serving.macro.replica import MacroReplica


def running_step(replica: MacroReplica, now_s: float) -> tuple[int, float]:
    """Which step of the running stretch runs now, and when it ends.

    A step that ends now still runs, unless this instant's scheduling has been done already.
    """
    steps, ends_s = first_end(now_s, replica.started_s, replica.first_s, replica.growth_s)
    if ends_s == now_s == replica.run.scheduled_s:
        steps += 1
        ends_s = replica.started_s + duration_s(steps, replica.first_s, replica.growth_s)
    return steps, ends_s


def ended_steps(replica: MacroReplica, now_s: float) -> tuple[int, float]:
    """How many steps of the running stretch have ended by now, and when the last of them did."""
    if not replica.steps or replica.chunks:
        return 0, replica.started_s
    steps, ends_s = first_end(now_s, replica.started_s, replica.first_s, replica.growth_s)
    if ends_s > now_s:
        steps -= 1
        ends_s = replica.started_s + duration_s(steps, replica.first_s, replica.growth_s)
    return steps, ends_s


def end_stretch(replica: MacroReplica, now_s: float) -> None:
    """End the running stretch, if there is one, with its present step."""
    if replica.steps > 1:
        steps, ends_s = running_step(replica, now_s)
        if steps < replica.steps:
            replica.steps, replica.next_s = steps, ends_s
            heappush(replica.run.events, (ends_s, replica.index))
