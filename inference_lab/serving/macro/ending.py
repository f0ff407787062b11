"""What the end of an iteration over prompts leaves behind: first tokens, and who decodes now."""

from __future__ import annotations

from heapq import heappush
from typing import TYPE_CHECKING

from inference_lab.serving.macro.caching import charge_fetches

if TYPE_CHECKING:
    from inference_lab.serving.macro.replica import MacroReplica


def end_chunks(replica: MacroReplica, now_s: float) -> tuple[int, ...]:
    """The running prompts are processed: hand out first tokens, join the batch."""
    run, log = replica.run, replica.run.log
    ended: tuple[int, ...] = ()
    chunks, replica.chunks = replica.chunks, []
    seconds = now_s - replica.started_s
    cache = replica.cache
    if replica.fetch_s:
        charge_fetches(replica)
    for i, done in chunks:
        tokens = run.goals[i]
        emitted = tokens - run.prompts[i]
        replica.queued_tokens -= done
        if not emitted:
            run.prefill_s[i] += seconds
        if replica.prefilling[i] + done < tokens:
            replica.prefilling[i] += done
            continue
        del replica.prefilling[i]
        replica.aside_blocks -= run.goal_blocks[i]
        if cache is not None:
            cache.enter(i)
        if replica.hands_over:
            ended += replica.prefilled(i, now_s)  # type: ignore[attr-defined] # see `pools`
            continue
        log.tokens += 1
        if not emitted:
            log.first_token_s[i] = now_s
        else:
            run.longest_s[i] = max(run.longest_s[i], now_s - run.last_token_s[i])
        left = run.outputs[i] - emitted - 1
        if left:
            replica.running[i] = finish = replica.decoded + left
            heappush(replica.finishing, (finish, i))
            if replica.counted is not None:
                replica.counted.join(run.totals[i] - 1 - finish)
            replica.batch += 1
            replica.context += tokens + 1
            run.since[i] = len(replica.stretches_s)
            run.last_token_s[i] = now_s
        else:
            ended += (i,)
            log.finish_s[i] = now_s
    if ended:
        replica.outstanding -= len(ended)
    return ended
