"""What the end of a stretch or an iteration leaves behind: tokens, gaps, completions."""

from __future__ import annotations

from heapq import heappop, heappush

from inference_lab.serving.macro.replica import MacroReplica


def end_steps(replica: MacroReplica, now_s: float) -> int:
    """The running stretch has ended: count its tokens and gaps, let go who is complete."""
    run, batch, steps, gaps = replica.run, replica.batch, replica.steps, replica.gaps
    log = run.log
    replica.steps = 0
    replica.decoded = decoded = replica.decoded + steps
    replica.context += batch * steps
    log.tokens += batch * steps
    first_end_s = replica.started_s + replica.first_s
    last_gap_s = replica.first_s + (steps - 1) * replica.growth_s  # steps only get longer
    gaps.add(max(first_end_s - replica.last_step_s, last_gap_s))
    if replica.fresh:
        for i, prefilled_s in replica.fresh:
            run.longest_s[i] = max(run.longest_s[i], first_end_s - prefilled_s, last_gap_s)
            run.since[i] = gaps.count
        replica.fresh.clear()
    replica.last_step_s = now_s
    finishing, running, ended = replica.finishing, replica.running, 0
    while finishing and finishing[0][0] == decoded:
        i = heappop(finishing)[1]
        if running.get(i) != decoded:
            continue
        del running[i]
        ended += 1
        replica.context -= run.prompts[i] + run.outputs[i]
        log.finish_s[i] = now_s
        log.max_itl_s[i] = max(run.longest_s[i], gaps.longest_since(run.since[i]))
    replica.batch -= ended
    replica.outstanding -= ended
    return ended


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
        if replica.partial[i] + done < tokens:
            replica.partial[i] += done
            continue
        del replica.partial[i]
        replica.reserved -= run.goal_blocks[i]
        log.tokens += 1
        if not emitted:
            log.first_token_s[i] = now_s
        else:
            run.longest_s[i] = max(run.longest_s[i], now_s - run.last_token_s[i])
        left = run.outputs[i] - emitted - 1
        if left:
            finish = replica.decoded + left
            replica.running[i] = finish
            heappush(replica.finishing, (finish, i))
            replica.batch += 1
            replica.context += tokens + 1
            replica.fresh.append((i, now_s))
        else:
            del replica.running[i]
            ended += 1
            log.finish_s[i] = now_s
            if emitted:
                log.max_itl_s[i] = run.longest_s[i]
    replica.outstanding -= ended
    return ended
