"""What the end of a stretch or an iteration leaves behind: tokens, gaps, completions."""

from __future__ import annotations

from heapq import heappop, heappush

from inference_lab.serving.macro.replica import MacroReplica


def end_steps(replica: MacroReplica, now_s: float) -> int:
    """The running stretch has ended: count its tokens and gaps, let go who is complete."""
    run, log, steps = replica.run, replica.run.log, replica.steps
    replica.steps = 0
    replica.decoded = decoded = replica.decoded + steps
    tokens = replica.batch * steps
    replica.context += tokens
    log.tokens += tokens
    first_s = replica.first_s
    last_s = first_s + (steps - 1) * replica.growth_s
    replica.stretches_s.extend((replica.started_s + first_s, last_s, now_s))
    finishing, before = replica.finishing, replica.batch
    while finishing and finishing[0][0] == decoded:
        i = heappop(finishing)[1]
        del replica.running[i]
        replica.batch -= 1
        replica.outstanding -= 1
        replica.context -= run.totals[i]
        log.finish_s[i] = now_s
        run.until[i] = len(replica.stretches_s)
    return before - replica.batch


def end_chunks(replica: MacroReplica, now_s: float) -> int:
    """The running prompts are processed: hand out first tokens, join the batch."""
    run, log, ended = replica.run, replica.run.log, 0
    chunks, replica.chunks = replica.chunks, []
    seconds = now_s - replica.started_s
    for i, done in chunks:
        tokens = run.goals[i]
        emitted = tokens - run.prompts[i]
        replica.queued_tokens -= done
        if not emitted:
            log.prefill_s[i] += seconds
        if replica.prefilling[i] + done < tokens:
            replica.prefilling[i] += done
            continue
        del replica.prefilling[i]
        log.tokens += 1
        if not emitted:
            log.first_token_s[i] = now_s
        else:
            run.longest_s[i] = max(run.longest_s[i], now_s - run.last_token_s[i])
        left = run.outputs[i] - emitted - 1
        if left:
            replica.running[i] = finish = replica.decoded + left
            heappush(replica.finishing, (finish, i))
            replica.batch += 1
            replica.context += tokens + 1
            run.since[i] = len(replica.stretches_s)
            run.last_token_s[i] = now_s
        else:
            ended += 1
            log.finish_s[i] = now_s
    replica.outstanding -= ended
    return ended
