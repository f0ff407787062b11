"""Answers to lesson 05, written from the course notebook alone: right ones in several styles,
and wrong ones."""

RIGHT = {
    "5.1": [
        """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 2 * parameters * prompt_tokens / (gpus * flop_per_s * mfu)
""",
        """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    flop_per_token = 2 * parameters  # multiply + add
    work = flop_per_token * prompt_tokens
    ideal_s = work / gpus / flop_per_s
    return ideal_s / mfu
""",
        """import numpy as np


def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    flop = np.prod([2.0, parameters, prompt_tokens])
    rate = np.prod([float(gpus), flop_per_s, mfu])
    return float(flop / rate)
""",
        """def _reached(gpus, peak, mfu):
    return sum(peak * mfu for _ in range(gpus))


def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    multiply = parameters * prompt_tokens
    add = parameters * prompt_tokens
    return (multiply + add) / _reached(gpus, flop_per_s, mfu)
""",
    ],
    "5.2": [
        """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    read = parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token
    memory_s = read / (gpus * bytes_per_s)
    return max(compute_s, memory_s)
""",
        """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / gpus / flop_per_s
    weights_s = parameters_read * bytes_per_weight / gpus / bytes_per_s
    kv_s = context_tokens * kv_bytes_per_token / gpus / bytes_per_s
    if compute_s > weights_s + kv_s:
        return compute_s
    return weights_s + kv_s
""",
        """import numpy as np


def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    sizes = np.array([parameters_read, context_tokens], dtype=float)
    widths = np.array([bytes_per_weight, kv_bytes_per_token], dtype=float)
    work = np.array([sizes @ widths, 2.0 * parameters_read * batch])
    speed = gpus * np.array([bytes_per_s, flop_per_s], dtype=float)
    return float(np.max(work / speed))
""",
        """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    # like a path with two links: the slower one decides
    def link(amount, rate):
        return amount / (gpus * rate)

    links = {
        "gpu": link(2 * parameters_read * batch, flop_per_s),
        "hbm": link(
            bytes_per_weight * parameters_read + kv_bytes_per_token * context_tokens,
            bytes_per_s,
        ),
    }
    return sorted(links.values())[-1]
""",
    ],
    "5.3": [
        """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    # a little more than the limit is float noise
    by_time = int((tpot_slo_s - fixed_s) / per_sequence_s + 1e-9)
    return max(0, min(by_time, kv_capacity_tokens // sequence_tokens))
""",
        """from fractions import Fraction


def largest_batch(tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens):
    limit, fixed, each = (Fraction(str(x)) for x in (tpot_slo_s, fixed_s, per_sequence_s))
    by_time = (limit - fixed) // each
    return int(max(0, min(by_time, kv_capacity_tokens // sequence_tokens)))
""",
        """import math


def largest_batch(tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens):
    by_time = math.floor((tpot_slo_s - fixed_s) / per_sequence_s)
    by_memory = kv_capacity_tokens // sequence_tokens
    return max(0, min(by_time, by_memory))
""",
        """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    b = 0
    while True:
        step = fixed_s + per_sequence_s * (b + 1)
        memory = sequence_tokens * (b + 1)
        if step > tpot_slo_s or memory > kv_capacity_tokens:
            return b
        b += 1
""",
        """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    fits = range(1, int(kv_capacity_tokens // sequence_tokens) + 1)
    return max((b for b in fits if fixed_s + per_sequence_s * b <= tpot_slo_s), default=0)
""",
        """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    # bisection, recursive: low is good, high is too much
    def search(low, high):
        if high - low <= 1:
            return low
        middle = (low + high) // 2
        if fixed_s + per_sequence_s * middle <= tpot_slo_s:
            return search(middle, high)
        return search(low, middle)

    return search(0, int(kv_capacity_tokens // sequence_tokens) + 1)
""",
        """import numpy as np


def largest_batch(tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens):
    b = np.arange(int(kv_capacity_tokens // sequence_tokens) + 1)
    good = b[fixed_s + per_sequence_s * b <= tpot_slo_s]
    return int(good.max()) if good.size else 0
""",
    ],
    "5.4": [
        """def ttfts_s(arrival_s, prefill_s):
    free = 0.0
    answer = []
    for arrival, prefill in zip(arrival_s, prefill_s):
        free = max(free, arrival) + prefill
        answer.append(free - arrival)
    return answer
""",
        """def ttfts_s(arrival_s, prefill_s):
    # Lindley's recursion for the wait
    result = []
    wait = 0.0
    for i in range(len(arrival_s)):
        if i > 0:
            wait = wait + prefill_s[i - 1] - (arrival_s[i] - arrival_s[i - 1])
            if wait < 0:
                wait = 0.0
        result.append(wait + prefill_s[i])
    return result
""",
        """from itertools import accumulate


def ttfts_s(arrival_s, prefill_s):
    jobs = zip(arrival_s, prefill_s)
    ends = accumulate(jobs, lambda end, job: max(end, job[0]) + job[1], initial=float("-inf"))
    return [end - a for end, a in zip(list(ends)[1:], arrival_s)]
""",
        """def ttfts_s(arrival_s, prefill_s):
    def finish(n):
        # all finish times of the first n requests
        if n == 0:
            return []
        before = finish(n - 1)
        start = arrival_s[n - 1]
        if before and before[-1] > start:
            start = before[-1]
        return before + [start + prefill_s[n - 1]]

    return [f - a for f, a in zip(finish(len(arrival_s)), arrival_s)]
""",
        """import numpy as np


def ttfts_s(arrival_s, prefill_s):
    a = np.asarray(arrival_s, dtype=float)
    p = np.asarray(prefill_s, dtype=float)
    if a.size == 0:
        return []
    done = np.cumsum(p)
    # the busy period of request i began at the j <= i that makes its end the latest
    end = np.maximum.accumulate(a - (done - p)) + done
    return (end - a).tolist()
""",
    ],
    "5.5": [
        """def goodput_per_s(arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s):
    # no division: the answer's last gap ends in time
    good = 0
    for ttft, e2e, n in zip(ttft_s, e2e_s, output_tokens):
        in_time = e2e <= ttft + tpot_limit_s * (n - 1) or n == 1
        good += ttft <= ttft_limit_s and in_time
    first = min(arrival_s)
    return good / max(a + e - first for a, e in zip(arrival_s, e2e_s))
""",
        """def goodput_per_s(arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s):
    # with moments on the clock
    begin = [a + t for a, t in zip(arrival_s, ttft_s)]
    end = [a + e for a, e in zip(arrival_s, e2e_s)]
    good = 0
    for a, b, c, n in zip(arrival_s, begin, end, output_tokens):
        tpot = (c - b) / max(n - 1, 1)
        if b - a <= ttft_limit_s and tpot <= tpot_limit_s:
            good += 1
    return good / (max(end) - arrival_s[0])
""",
        """def goodput_per_s(arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s):
    good = 0
    for ttft, e2e, tokens in zip(ttft_s, e2e_s, output_tokens):
        if ttft > ttft_limit_s:
            continue
        if tokens > 1 and (e2e - ttft) / (tokens - 1) > tpot_limit_s:
            continue
        good += 1
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0]
    return good / span
""",
        """import numpy as np


def goodput_per_s(arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s):
    a, t, e = (np.asarray(x, dtype=float) for x in (arrival_s, ttft_s, e2e_s))
    n = np.asarray(output_tokens)
    tpot = np.zeros(len(a))
    many = n > 1
    tpot[many] = (e[many] - t[many]) / (n[many] - 1)
    good = (t <= ttft_limit_s) & ((tpot <= tpot_limit_s) | ~many)
    return float(good.sum() / ((a + e).max() - a.min()))
""",
        """def goodput_per_s(arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s):
    def is_good(ttft, e2e, tokens):
        first = ttft <= ttft_limit_s
        if tokens == 1:
            return first
        return first and (e2e - ttft) / (tokens - 1) <= tpot_limit_s

    finish = [a + e for a, e in zip(arrival_s, e2e_s)]
    return sum(map(is_good, ttft_s, e2e_s, output_tokens)) / (max(finish) - min(arrival_s))
""",
        """def goodput_per_s(arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s):
    indexes = range(len(arrival_s))
    tpots = [
        None if output_tokens[i] == 1 else (e2e_s[i] - ttft_s[i]) / (output_tokens[i] - 1)
        for i in indexes
    ]
    good = {i for i in indexes if ttft_s[i] <= ttft_limit_s}
    good -= {i for i in indexes if tpots[i] is not None and tpots[i] > tpot_limit_s}
    last_finish = 0.0
    for i in indexes:
        last_finish = max(last_finish, arrival_s[i] + e2e_s[i])
    return len(good) / (last_finish - arrival_s[0])
""",
    ],
    "5.6": [
        """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    gpu_s = unseen[0] * flop_per_token / (flop_per_s * mfu)
    predicted_s = max(host_s, gpu_s)
    return {
        "host_s": host_s,
        "mfu": mfu,
        "predicted_s": predicted_s,
        "error": predicted_s / unseen[1] - 1,
    }
""",
        """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    def ideal(tokens):
        return tokens * flop_per_token / flop_per_s

    _, host_s = short
    long_tokens, long_s = long
    tokens, measured = unseen
    mfu = ideal(long_tokens) / long_s
    predicted_s = ideal(tokens) / mfu
    if predicted_s < host_s:
        predicted_s = host_s
    error = (predicted_s - measured) / measured
    return dict(host_s=host_s, mfu=mfu, predicted_s=predicted_s, error=error)
""",
        """import numpy as np


def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    points = np.array([short, long, unseen], dtype=float)
    tokens, seconds = points[:, 0], points[:, 1]
    at_peak = tokens * flop_per_token / flop_per_s
    out = {"host_s": float(seconds[0]), "mfu": float(at_peak[1] / seconds[1])}
    out["predicted_s"] = float(np.maximum(seconds[0], at_peak[2] / out["mfu"]))
    out["error"] = out["predicted_s"] / float(seconds[2]) - 1
    return out
""",
        """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    # on the slope time is in proportion to tokens, so mfu cancels in the prediction
    slope = long[1] / long[0]
    values = [short[1], flop_per_token / flop_per_s / slope]
    values.append(sorted([short[1], unseen[0] * slope])[1])
    values.append(values[2] / unseen[1] - 1)
    return {k: v for k, v in zip("host_s mfu predicted_s error".split(), values)}
""",
    ],
}

WRONG = {
    "5.1": {
        "share_added": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 2 * parameters * prompt_tokens / (gpus * flop_per_s) * (1 + mfu)
""",
        "longer_of_both_sides": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    compute_s = 2 * parameters * prompt_tokens / (gpus * flop_per_s * mfu)
    read_s = 2 * parameters / (gpus * 3.35e12 * mfu)
    return max(compute_s, read_s)
""",
        "microseconds": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 2 * parameters * prompt_tokens / (gpus * flop_per_s * mfu) * 1e6
""",
        "two_below": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return parameters * prompt_tokens / (2 * gpus * flop_per_s * mfu)
""",
        "billions": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 2 * parameters * 1e9 * prompt_tokens / (gpus * flop_per_s * mfu)
""",
        "last_token_left_out": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 2 * parameters * (prompt_tokens - 1) / (gpus * flop_per_s * mfu)
""",
        "per_token_upside_down": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 2 * parameters / prompt_tokens / (gpus * flop_per_s * mfu)
""",
        "one_minus_mfu": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 2 * parameters * prompt_tokens / (gpus * flop_per_s * (1 - mfu))
""",
        "four": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 4 * parameters * prompt_tokens / (gpus * flop_per_s * mfu)
""",
        "ring_factor": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 2 * parameters * prompt_tokens / (gpus * flop_per_s * mfu) * 2 * (gpus - 1) / gpus
""",
        "rounded_to_3": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return round(2 * parameters * prompt_tokens / (gpus * flop_per_s * mfu), 3)
""",
        "first_token_too": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 2 * parameters * (prompt_tokens + 1) / (gpus * flop_per_s * mfu)
""",
        "launch_added": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 2 * parameters * prompt_tokens / (gpus * flop_per_s * mfu) + 0.001
""",
        "two_and_gpus_missing": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return parameters * prompt_tokens / (flop_per_s * mfu)
""",
        "global_llama": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 2 * 70_553_706_496 * prompt_tokens / (gpus * flop_per_s * mfu)
""",
        "roofline": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    compute_s = 2 * parameters * prompt_tokens / (gpus * flop_per_s * mfu)
    return max(compute_s, 2 * parameters / (gpus * 3.35e12))
""",
        "quadratic": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    # each token looks at all the earlier ones
    flop = 2 * parameters * prompt_tokens**2
    return flop / (gpus * flop_per_s * mfu)
""",
        "loss_added": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    ideal = 2 * parameters * prompt_tokens / (gpus * flop_per_s)
    return ideal * (1 + (1 - mfu))
""",
        "floor_2": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 2 * parameters * prompt_tokens // (gpus * flop_per_s * mfu)
""",
        "mfu_percent": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    rate = gpus * flop_per_s * mfu / 100
    return 2 * parameters * prompt_tokens / rate
""",
        "times_eight_bits": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    flop = 2 * parameters * prompt_tokens
    return flop * 8 / (gpus * flop_per_s * mfu)
""",
        "forgot_the_addition": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return parameters * prompt_tokens / (gpus * flop_per_s * mfu)
""",
        "forgot_the_gpus": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    flop = 2 * parameters * prompt_tokens
    return flop / (flop_per_s * mfu)
""",
        "time_times_mfu": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    flop = 2 * parameters * prompt_tokens
    compute_s = flop / (gpus * flop_per_s)
    return compute_s * mfu
""",
        "ignored_mfu": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    flop = 2 * parameters * prompt_tokens
    compute_s = flop / (gpus * flop_per_s)
    return compute_s
""",
        "milliseconds": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    flop = 2 * parameters * prompt_tokens
    return flop / (gpus * flop_per_s * mfu) * 1e3
""",
        "inverted": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return (gpus * flop_per_s * mfu) / (2 * parameters * prompt_tokens)
""",
        "mfu_is_the_lost_share": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    lost = flop_per_s * mfu
    usable = flop_per_s - lost
    return 2 * parameters * prompt_tokens / (gpus * usable)
""",
        "mfu_in_percent": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    speed = gpus * flop_per_s * (mfu / 100)
    return 2 * parameters * prompt_tokens / speed
""",
        "missing_brackets": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 2 * parameters * prompt_tokens / gpus * flop_per_s * mfu
""",
        "one_token_only": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    flop_per_token = 2 * parameters
    return flop_per_token / (gpus * flop_per_s * mfu)
""",
        "printed": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    t = 2 * parameters * prompt_tokens / (gpus * flop_per_s * mfu)
    print(f"{t * 1e3:.0f} ms")
""",
        "string_with_unit": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    t = 2 * parameters * prompt_tokens / (gpus * flop_per_s * mfu)
    return f"{t * 1000:.1f} ms"
""",
        "tuple_of_two": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    ideal = 2 * parameters * prompt_tokens / (gpus * flop_per_s)
    return ideal, ideal / mfu
""",
        "integer_division": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 2 * parameters * prompt_tokens // (gpus * flop_per_s * mfu)
""",
        "peak_taken_as_tflop": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    TERA = 1e12
    total = gpus * flop_per_s * TERA * mfu
    return (2 * parameters * prompt_tokens) / total
""",
        "memory_side_instead": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    hbm = 3.35e12
    read_bytes = 2 * parameters
    return read_bytes / (gpus * hbm * mfu)
""",
        "gpus_slow_each_other": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    # every GPU has to see each layer
    one = 2 * parameters * prompt_tokens / (flop_per_s * mfu)
    return gpus * one
""",
        "notebook_objects": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    flop = 2 * llama.parameters * prompt_tokens
    return flop / (gpus * h100.bf16_flop_per_s * mfu)
""",
        "rounded_to_ten_ms": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    seconds = 2 * parameters * prompt_tokens / (gpus * flop_per_s * mfu)
    return round(seconds, 2)
""",
        "attention_by_square": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    flop = 0
    for position in range(1, prompt_tokens + 1):
        flop += 2 * parameters * position
    return flop / (gpus * flop_per_s * mfu)
""",
        "training_factor_six": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    # 6 * N * D, the well-known formula
    return 6 * parameters * prompt_tokens / (gpus * flop_per_s * mfu)
""",
        "half_finished": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    flop = 2 * parameters * prompt_tokens
    peak = gpus * flop_per_s
    # TODO where does mfu go
    raise NotImplementedError("Exercise 5.1")
""",
        "mfu_to_the_fourth": """def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    speed = flop_per_s
    for _ in range(gpus):
        speed = speed * mfu
    return parameters * prompt_tokens / (gpus * speed)
""",
    },
    "5.2": {
        "bf16_whatever_is_given": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    weights = 2 * parameters_read
    return max(
        compute_s, (weights + context_tokens * kv_bytes_per_token) / (gpus * bytes_per_s)
    )
""",
        "memory_side_returned": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    read = bytes_per_weight * parameters_read + context_tokens * kv_bytes_per_token
    return read / gpus / bytes_per_s
""",
        "two_weights": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    weights = parameters_read * bytes_per_weight
    kv = context_tokens * kv_bytes_per_token
    return max(compute_s, (2 * weights + kv) / (gpus * bytes_per_s))
""",
        "four_gpus": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    weights = parameters_read * bytes_per_weight
    kv = context_tokens * kv_bytes_per_token
    compute_s = 2 * parameters_read * batch / (4 * flop_per_s)
    return max(compute_s, (weights + kv) / (4 * bytes_per_s))
""",
        "one_over": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    weights = parameters_read * bytes_per_weight
    kv = context_tokens * kv_bytes_per_token
    return 1 / max(compute_s, (weights + kv) / (gpus * bytes_per_s))
""",
        "times_speed": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    weights = parameters_read * bytes_per_weight
    kv = context_tokens * kv_bytes_per_token
    return max(compute_s, (weights + kv) * gpus * bytes_per_s)
""",
        "product": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    weights = parameters_read * bytes_per_weight
    kv = context_tokens * kv_bytes_per_token
    return max(compute_s, weights * kv / (gpus * bytes_per_s))
""",
        "batch_again": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    weights = parameters_read * bytes_per_weight
    kv = context_tokens * kv_bytes_per_token
    return max(compute_s * batch, (weights + kv) / (gpus * bytes_per_s))
""",
        "cache_only": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    W = parameters_read * bytes_per_weight
    K = context_tokens * kv_bytes_per_token
    B = gpus * bytes_per_s
    memory_s = K / B
    return max(memory_s, compute_s)
""",
        "weights_in_bits": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    W = parameters_read * bytes_per_weight
    K = context_tokens * kv_bytes_per_token
    B = gpus * bytes_per_s
    memory_s = (W / 8 + K) / B
    return max(memory_s, compute_s)
""",
        "inverse": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    W = parameters_read * bytes_per_weight
    K = context_tokens * kv_bytes_per_token
    B = gpus * bytes_per_s
    memory_s = B / (W + K)
    return max(memory_s, compute_s)
""",
        "bracket_of_weights": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    W = parameters_read * bytes_per_weight
    K = context_tokens * kv_bytes_per_token
    B = gpus * bytes_per_s
    memory_s = W + K / B
    return max(memory_s, compute_s)
""",
        "everything_per_sequence": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    W = parameters_read * bytes_per_weight
    K = context_tokens * kv_bytes_per_token
    B = gpus * bytes_per_s
    memory_s = batch * (W + K) / B
    return max(memory_s, compute_s)
""",
        "k_and_v_again": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    W = parameters_read * bytes_per_weight
    K = context_tokens * kv_bytes_per_token
    B = gpus * bytes_per_s
    memory_s = (W + 2 * K) / B
    return max(memory_s, compute_s)
""",
        "next_tokens": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    W = parameters_read * bytes_per_weight
    K = context_tokens * kv_bytes_per_token
    B = gpus * bytes_per_s
    memory_s = (W + (context_tokens + batch) * kv_bytes_per_token) / B
    return max(memory_s, compute_s)
""",
        "one_ms_more": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    W = parameters_read * bytes_per_weight
    K = context_tokens * kv_bytes_per_token
    B = gpus * bytes_per_s
    memory_s = (W + K) / B
    return max(memory_s, compute_s) + 0.001
""",
        "mean": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    W = parameters_read * bytes_per_weight
    K = context_tokens * kv_bytes_per_token
    B = gpus * bytes_per_s
    memory_s = (W + K) / B
    return (memory_s + compute_s) / 2
""",
        "tokens_for_bytes": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    W = parameters_read * bytes_per_weight
    K = context_tokens * kv_bytes_per_token
    B = gpus * bytes_per_s
    memory_s = (W + context_tokens) / B
    return max(memory_s, compute_s)
""",
        "tokens_over_bytes": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    W = parameters_read * bytes_per_weight
    K = context_tokens * kv_bytes_per_token
    B = gpus * bytes_per_s
    memory_s = (W + context_tokens / kv_bytes_per_token) / B
    return max(memory_s, compute_s)
""",
        "per_user": """def decode_step_s(parameters_read, bytes_per_weight, batch, context_tokens,
    kv_bytes_per_token, gpus, bytes_per_s, flop_per_s
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    weights = parameters_read * bytes_per_weight / (gpus * bytes_per_s)
    kv = context_tokens * kv_bytes_per_token / (gpus * bytes_per_s)
    return max(compute_s, weights + kv / batch)
""",
        "kv_times_weight_bytes": """def decode_step_s(
    parameters_read, bytes_per_weight, batch, context_tokens,
    kv_bytes_per_token, gpus, bytes_per_s, flop_per_s
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    memory_s = bytes_per_weight * (parameters_read + context_tokens * kv_bytes_per_token)
    memory_s /= gpus * bytes_per_s
    return max(compute_s, memory_s)
""",
        "memory_only_2": """def decode_step_s(
    parameters_read, bytes_per_weight, batch, context_tokens,
    kv_bytes_per_token, gpus, bytes_per_s, flop_per_s
):
    read = parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token
    return read / (gpus * bytes_per_s)
""",
        "three_in_series": """def decode_step_s(
    parameters_read, bytes_per_weight, batch, context_tokens,
    kv_bytes_per_token, gpus, bytes_per_s, flop_per_s
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    weights_s = parameters_read * bytes_per_weight / (gpus * bytes_per_s)
    kv_s = context_tokens * kv_bytes_per_token / (gpus * bytes_per_s)
    return max(compute_s, weights_s) + kv_s
""",
        "cache_read_by_one_gpu": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    memory_s = parameters_read * bytes_per_weight / (gpus * bytes_per_s)
    memory_s += context_tokens * kv_bytes_per_token / bytes_per_s
    return max(compute_s, memory_s)
""",
        "longest_of_three_parts": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    weights_s = parameters_read * bytes_per_weight / (gpus * bytes_per_s)
    cache_s = context_tokens * kv_bytes_per_token / (gpus * bytes_per_s)
    return max(compute_s, weights_s, cache_s)
""",
        "memory_side_only": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    read = parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token
    return read / (gpus * bytes_per_s)
""",
        "sum_of_both": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    read = parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token
    memory_s = read / (gpus * bytes_per_s)
    return compute_s + memory_s
""",
        "min_for_max": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    memory_s = (parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token) / (
        gpus * bytes_per_s
    )
    return min(compute_s, memory_s)
""",
        "forgot_the_kv_cache": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    memory_s = parameters_read * bytes_per_weight / (gpus * bytes_per_s)
    return max(compute_s, memory_s)
""",
        "kv_times_batch": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    weights = parameters_read * bytes_per_weight
    kv = batch * context_tokens * kv_bytes_per_token
    memory_s = (weights + kv) / (gpus * bytes_per_s)
    return max(compute_s, memory_s)
""",
        "weights_read_for_each_sequence": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    total = 0
    for _ in range(batch):
        total += parameters_read * bytes_per_weight
    total += context_tokens * kv_bytes_per_token
    return max(compute_s, total / (gpus * bytes_per_s))
""",
        "kv_not_divided": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    memory_s = (
        context_tokens * kv_bytes_per_token
        + parameters_read * bytes_per_weight / (gpus * bytes_per_s)
    )
    return max(compute_s, memory_s)
""",
        "memory_of_one_gpu": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    read = parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token
    memory_s = read / bytes_per_s
    return max(compute_s, memory_s)
""",
        "bits_and_bytes": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    bits = 8 * (parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token)
    memory_s = bits / (gpus * bytes_per_s)
    return max(compute_s, memory_s)
""",
        "always_two_bytes": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    read_bytes = 2 * parameters_read + kv_bytes_per_token * context_tokens
    memory_s = read_bytes / (gpus * bytes_per_s)
    return max(compute_s, memory_s)
""",
        "milliseconds": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    c = 2 * parameters_read * batch / (gpus * flop_per_s)
    m = (parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token) / gpus
    return 1000 * max(c, m / bytes_per_s)
""",
        "divided_by_batch": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    read = parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token
    memory_s = read / (gpus * bytes_per_s)
    return max(compute_s, memory_s) / batch
""",
        "tuple_of_both": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    memory_s = parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token
    memory_s /= gpus * bytes_per_s
    return compute_s, memory_s
""",
        "compared_work_not_time": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    read = parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token
    if flop > read:
        return flop / (gpus * flop_per_s)
    return read / (gpus * bytes_per_s)
""",
        "kv_times_bytes_per_weight": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    numbers = parameters_read + context_tokens * kv_bytes_per_token
    memory_s = numbers * bytes_per_weight / (gpus * bytes_per_s)
    return max(compute_s, memory_s)
""",
        "one_row_of_the_kv": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    # a step makes one token, so one token of KV for each user
    read = parameters_read * bytes_per_weight + batch * kv_bytes_per_token
    return max(compute_s, read / (gpus * bytes_per_s))
""",
        "kv_of_the_average_user": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    mean_context = context_tokens / batch
    read = parameters_read * bytes_per_weight + mean_context * kv_bytes_per_token
    memory_s = read / (gpus * bytes_per_s)
    return max(compute_s, memory_s)
""",
        "wrong_speed_for_memory": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    memory_s = (parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token) / (
        gpus * flop_per_s
    )
    return max(compute_s, memory_s)
""",
        "undefined_name": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    read_bytes = weights_bytes + context_tokens * kv_bytes_per_token
    return max(compute_s, read_bytes / (gpus * bytes_per_s))
""",
        "forgot_to_return": """import numpy as np


def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    read = parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token
    memory_s = read / (gpus * bytes_per_s)
    step_s = np.maximum(compute_s, memory_s)
""",
        "batch_one_or_many": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    memory_s = (parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token) / (
        gpus * bytes_per_s
    )
    # alone: memory sets the pace; with others: computing does
    return memory_s if batch == 1 else compute_s
""",
        "max_of_three": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    weights_s = parameters_read * bytes_per_weight / (gpus * bytes_per_s)
    kv_s = context_tokens * kv_bytes_per_token / (gpus * bytes_per_s)
    return max([compute_s, weights_s, kv_s])
""",
        "no_kv_and_sum": """def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    memory_s = parameters_read * bytes_per_weight / (gpus * bytes_per_s)
    return sum((compute_s, memory_s))
""",
    },
    "5.3": {
        "powers_of_two_or_0": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    best, b = 0, 1
    while fixed_s + per_sequence_s * b <= tpot_slo_s and b * sequence_tokens <= kv_capacity_tokens:
        best, b = b, 2 * b
    return best
""",
        "at_most_256": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    return max(
        0,
        min(
            256, int((tpot_slo_s - fixed_s) / per_sequence_s), kv_capacity_tokens // sequence_tokens
        ),
    )
""",
        "blocks_of_16": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    blocks = -(-sequence_tokens // 16)
    by_memory = kv_capacity_tokens // (blocks * 16)
    return max(0, min(int((tpot_slo_s - fixed_s) / per_sequence_s), by_memory))
""",
        "capacity_in_bytes": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    return max(
        0,
        min(
            int((tpot_slo_s - fixed_s) / per_sequence_s),
            kv_capacity_tokens // (sequence_tokens * 327_680),
        ),
    )
""",
        "none_for_0": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    best = None
    for b in range(1, int(kv_capacity_tokens // sequence_tokens) + 1):
        if fixed_s + per_sequence_s * b <= tpot_slo_s:
            best = b
    return best
""",
        "first_one_is_in_the_fixed_part": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    b = 0
    while True:
        # the first sequence is paid by fixed_s, only the others cost more
        if fixed_s + per_sequence_s * b > tpot_slo_s:
            return b
        if (b + 1) * sequence_tokens > kv_capacity_tokens:
            return b
        b += 1
""",
        "one_plus_the_rest": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    by_time = 1 + (tpot_slo_s - fixed_s) // per_sequence_s
    by_memory = kv_capacity_tokens // sequence_tokens
    return int(min(by_time, by_memory))
""",
        "strictly_shorter_loop": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    b = 0
    while (
        fixed_s + per_sequence_s * (b + 1) < tpot_slo_s
        and (b + 1) * sequence_tokens <= kv_capacity_tokens
    ):
        b += 1
    return b
""",
        "negative_when_too_slow": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    by_time = (tpot_slo_s - fixed_s) // per_sequence_s
    return int(min(by_time, kv_capacity_tokens // sequence_tokens))
""",
        "at_least_one": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    by_time = int((tpot_slo_s - fixed_s) / per_sequence_s)
    by_memory = kv_capacity_tokens // sequence_tokens
    return max(1, min(by_time, by_memory))
""",
        "each_pays_fixed": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    by_time = tpot_slo_s // (fixed_s + per_sequence_s)
    by_memory = kv_capacity_tokens // sequence_tokens
    return int(min(by_time, by_memory))
""",
        "one_too_many": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    b = 0
    while fixed_s + per_sequence_s * b <= tpot_slo_s and b * sequence_tokens <= kv_capacity_tokens:
        b += 1
    return b
""",
        "only_time_rounded_up": """import math


def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    by_time = math.ceil((tpot_slo_s - fixed_s) / per_sequence_s)
    return max(0, min(by_time, kv_capacity_tokens // sequence_tokens))
""",
        "only_time_rounded": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    by_time = round((tpot_slo_s - fixed_s) / per_sequence_s)
    return max(0, min(by_time, kv_capacity_tokens // sequence_tokens))
""",
        "below_instead_of_at_most": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    b = 0
    while (
        fixed_s + per_sequence_s * (b + 1) < tpot_slo_s
        and sequence_tokens * (b + 1) <= kv_capacity_tokens
    ):
        b += 1
    return b
""",
        "memory_below_instead_of_at_most": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    b = 0
    while (
        fixed_s + per_sequence_s * (b + 1) <= tpot_slo_s
        and sequence_tokens * (b + 1) < kv_capacity_tokens
    ):
        b += 1
    return b
""",
        "forgot_the_memory": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    return max(0, int((tpot_slo_s - fixed_s) / per_sequence_s))
""",
        "memory_only": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    return kv_capacity_tokens // sequence_tokens
""",
        "max_for_min": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    by_time = int((tpot_slo_s - fixed_s) / per_sequence_s)
    by_memory = kv_capacity_tokens // sequence_tokens
    return max(by_time, by_memory)
""",
        "rounded_up": """import math


def largest_batch(tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens):
    by_time = math.ceil((tpot_slo_s - fixed_s) / per_sequence_s)
    by_memory = math.ceil(kv_capacity_tokens / sequence_tokens)
    return min(by_time, by_memory)
""",
        "rounded_to_nearest": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    by_time = round((tpot_slo_s - fixed_s) / per_sequence_s)
    by_memory = round(kv_capacity_tokens / sequence_tokens)
    return min(by_time, by_memory)
""",
        "not_a_whole_number": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    by_time = (tpot_slo_s - fixed_s) / per_sequence_s
    by_memory = kv_capacity_tokens / sequence_tokens
    return min(by_time, by_memory)
""",
        "forgot_the_fixed_part": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    return min(int(tpot_slo_s / per_sequence_s), kv_capacity_tokens // sequence_tokens)
""",
        "added_the_fixed_part": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    by_time = int((tpot_slo_s + fixed_s) // per_sequence_s)
    by_memory = int(kv_capacity_tokens // sequence_tokens)
    return min(by_time, by_memory)
""",
        "loop_returns_the_first_bad_one": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    b = 1
    while (
        fixed_s + per_sequence_s * b <= tpot_slo_s
        and b * sequence_tokens <= kv_capacity_tokens
    ):
        b += 1
    return b
""",
        "range_stops_one_early": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    best = 0
    for b in range(1, kv_capacity_tokens // sequence_tokens):
        if fixed_s + per_sequence_s * b <= tpot_slo_s:
            best = b
    return best
""",
        "smallest_batch": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    for b in range(1, kv_capacity_tokens // sequence_tokens + 1):
        if fixed_s + per_sequence_s * b <= tpot_slo_s:
            return b
    return 0
""",
        "step_shared_by_the_batch": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    best = 0
    for b in range(1, int(kv_capacity_tokens / sequence_tokens) + 1):
        tpot = (fixed_s + per_sequence_s * b) / b
        if tpot <= tpot_slo_s:
            best = b
    return best
""",
        "fixed_part_for_each_sequence": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    each = fixed_s + per_sequence_s
    by_time = int(tpot_slo_s / each)
    return min(by_time, kv_capacity_tokens // sequence_tokens)
""",
        "cost_for_each_token": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    room = tpot_slo_s - fixed_s
    by_time = int(room / (per_sequence_s * sequence_tokens))
    by_memory = kv_capacity_tokens // sequence_tokens
    return max(0, min(by_time, by_memory))
""",
        "limit_in_milliseconds": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    b = int((tpot_slo_s / 1000 - fixed_s) / per_sequence_s)
    return min(b, kv_capacity_tokens // sequence_tokens)
""",
        "capacity_not_divided": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    by_time = int((tpot_slo_s - fixed_s) / per_sequence_s)
    return min(by_time, kv_capacity_tokens)
""",
        "memory_of_this_lesson": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    b = int((tpot_slo_s - fixed_s) / per_sequence_s)
    return min(b, 218)
""",
        "tuple_with_the_reason": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    by_time = int((tpot_slo_s - fixed_s) / per_sequence_s)
    by_memory = kv_capacity_tokens // sequence_tokens
    if by_time < by_memory:
        return by_time, "TPOT"
    return by_memory, "memory"
""",
        "returned_the_step_time": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    most = kv_capacity_tokens // sequence_tokens
    steps = [fixed_s + per_sequence_s * b for b in range(1, most + 1)]
    return max([s for s in steps if s <= tpot_slo_s], default=0)
""",
        "all_or_nothing": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    b = int((tpot_slo_s - fixed_s) / per_sequence_s)
    if b * sequence_tokens > kv_capacity_tokens:
        return 0  # does not fit
    return b
""",
        "none_when_memory_binds": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    by_time = int((tpot_slo_s - fixed_s) / per_sequence_s)
    by_memory = kv_capacity_tokens // sequence_tokens
    if by_time <= by_memory:
        return by_time
""",
        "powers_of_two": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    batch = 1
    while (
        fixed_s + per_sequence_s * batch * 2 <= tpot_slo_s
        and batch * 2 * sequence_tokens <= kv_capacity_tokens
    ):
        batch *= 2
    return batch
""",
        "endless_recursion": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    if fixed_s + per_sequence_s > tpot_slo_s or sequence_tokens > kv_capacity_tokens:
        return 0
    return 1 + largest_batch(
        tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
    )
""",
        "forgot_fixed_and_rounded_up": """from math import ceil


def largest_batch(tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens):
    return min(ceil(tpot_slo_s / per_sequence_s), ceil(kv_capacity_tokens / sequence_tokens))
""",
        "printed": """def largest_batch(
    tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens
):
    by_time = int((tpot_slo_s - fixed_s) / per_sequence_s)
    print(min(by_time, kv_capacity_tokens // sequence_tokens))
""",
    },
    "5.4": {
        "read_together": """def ttfts_s(arrival_s, prefill_s):
    free, i, out = 0.0, 0, []
    while i < len(arrival_s):
        start = max(free, arrival_s[i])
        j = i
        while j < len(arrival_s) and arrival_s[j] <= start:
            j += 1
        free = start + max(prefill_s[i:j])
        out += [free - arrival_s[k] for k in range(i, j)]
        i = j
    return out
""",
        "two_replicas": """def ttfts_s(arrival_s, prefill_s):
    free, out = [0.0, 0.0], []
    for a, p in zip(arrival_s, prefill_s):
        k = free.index(min(free))
        free[k] = max(free[k], a) + p
        out.append(free[k] - a)
    return out
""",
        "last_ttft_against_the_arrival": """def ttfts_s(arrival_s, prefill_s):
    answer = []
    for arrival, prefill in zip(arrival_s, prefill_s):
        start = arrival
        if answer and answer[-1] > arrival:
            start = answer[-1]
        answer.append(start + prefill - arrival)
    return answer
""",
        "last_ttft_since_its_own_arrival": """def ttfts_s(arrival_s, prefill_s):
    ttft = 0.0
    result = []
    for a, p in zip(arrival_s, prefill_s):
        ttft = max(ttft - a, 0) + p
        result.append(ttft)
    return result
""",
        "wait_from_the_last_wait_alone": """def ttfts_s(arrival_s, prefill_s):
    wait = 0.0
    out = [prefill_s[0]]
    for i in range(1, len(arrival_s)):
        wait = max(0.0, wait - (arrival_s[i] - arrival_s[i - 1]))
        out.append(wait + prefill_s[i])
    return out
""",
        "idle_gap_to_the_next": """def ttfts_s(arrival_s, prefill_s):
    free = arrival_s[0]
    out = []
    for a, p in zip(arrival_s, prefill_s):
        free += p
        out.append(max(free - a, p))
    return out
""",
        "from_the_end": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, [0.0] * len(arrival_s)
    for i in reversed(range(len(arrival_s))):
        free = max(free, arrival_s[i]) + prefill_s[i]
        out[i] = free - arrival_s[i]
    return out
""",
        "off_by_one": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, [0.0] * len(arrival_s)
    for i in range(len(arrival_s)):
        start = max(free, arrival_s[i])
        free = start + prefill_s[i]
        out[i] = start + prefill_s[i - 1] - arrival_s[i]
    return out
""",
        "since_the_first": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for arrival, prefill in zip(arrival_s, prefill_s):
        start = max(free, arrival)
        free = start + prefill
        out.append(free - arrival_s[0])
    return out
""",
        "return_in_the_loop": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for arrival, prefill in zip(arrival_s, prefill_s):
        start = max(free, arrival)
        free = start + prefill
        out.append(free - arrival)
        return out
""",
        "sign": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for arrival, prefill in zip(arrival_s, prefill_s):
        start = max(free, arrival)
        free = start + prefill
        out.append(arrival - free)
    return out
""",
        "rounded_to_ms": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for arrival, prefill in zip(arrival_s, prefill_s):
        start = max(free, arrival)
        free = start + prefill
        out.append(round(free - arrival, 3))
    return out
""",
        "twice_if_busy": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for arrival, prefill in zip(arrival_s, prefill_s):
        start = max(free, arrival)
        out.append(2 * prefill if free > arrival else prefill)
        free = start + prefill
    return out
""",
        "longer_of_both": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for arrival, prefill in zip(arrival_s, prefill_s):
        start = max(free, arrival)
        free = start + prefill
        out.append(max(start - arrival, prefill))
    return out
""",
        "abs_wait": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for a, p in zip(arrival_s, prefill_s):
        out.append(abs(free - a) + p)
        free = max(free, a) + p
    return out
""",
        "no_max_in_the_wait": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for a, p in zip(arrival_s, prefill_s):
        out.append(free - a + p)
        free = max(free, a) + p
    return out
""",
        "first_prefill": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for a, p in zip(arrival_s, prefill_s):
        free = max(free, a) + prefill_s[0]
        out.append(free - a)
    return out
""",
        "gaps": """def ttfts_s(arrival_s, prefill_s):
    free, t, out = 0.0, 0.0, []
    for a, p in zip(arrival_s, prefill_s):
        t += a
        free = max(free, t) + p
        out.append(free - t)
    return out
""",
        "since_the_one_before": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for a, p in zip(arrival_s, prefill_s):
        before = free
        free = max(free, a) + p
        out.append(free - before)
    return out
""",
        "start_moments": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for a, p in zip(arrival_s, prefill_s):
        start = max(free, a)
        out.append(start)
        free = start + p
    return out
""",
        "max_around_both": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for a, p in zip(arrival_s, prefill_s):
        free = max(free, a + p)
        out.append(free - a)
    return out
""",
        "double_wait": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for a, p in zip(arrival_s, prefill_s):
        wait = max(0.0, free - a)
        out.append(2 * wait + p)
        free = max(free, a) + p
    return out
""",
        "wait_into_free": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for a, p in zip(arrival_s, prefill_s):
        wait = max(0.0, free - a)
        free = max(free, a) + wait + p
        out.append(free - a)
    return out
""",
        "one_ms": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for a, p in zip(arrival_s, prefill_s):
        free = max(free, a) + p
        out.append(free - a + 0.001)
    return out
""",
        "rounded": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for a, p in zip(arrival_s, prefill_s):
        free = max(free, a) + p
        out.append(round(free - a, 2))
    return out
""",
        "pairs": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    out.extend(zip(arrival_s, prefill_s))
    return out
""",
        "generator": """def ttfts_s(arrival_s, prefill_s):
    free = 0.0
    for a, p in zip(arrival_s, prefill_s):
        free = max(free, a) + p
        yield free - a
""",
        "shortest_waiting": """def ttfts_s(arrival_s, prefill_s):
    todo, t, out = list(range(len(arrival_s))), 0.0, {}
    while todo:
        ready = [i for i in todo if arrival_s[i] <= t]
        if not ready:
            t = arrival_s[todo[0]]
            continue
        best = sorted(ready, key=prefill_s.__getitem__)[0]
        todo.remove(best)
        t += prefill_s[best]
        out[best] = t - arrival_s[best]
    return [out[i] for i in sorted(out)]
""",
        "round_robin_of_all": """def ttfts_s(arrival_s, prefill_s):
    # all prompts that are there share the replica
    n, t, done = len(arrival_s), 0.0, {}
    rest = list(prefill_s)
    while len(done) < n:
        here = [i for i in range(n) if arrival_s[i] <= t and i not in done]
        later = [a for a in arrival_s if a > t]
        if not here:
            t = min(later)
            continue
        step = min(rest[i] for i in here) * len(here)
        step = min([step] + [a - t for a in later])
        t += step
        for i in here:
            rest[i] -= step / len(here)
            if rest[i] < 1e-12:
                done[i] = t - arrival_s[i]
    return [done[i] for i in range(n)]
""",
        "only_the_one_before_2": """def ttfts_s(arrival_s, prefill_s):
    out = []
    for i, (a, p) in enumerate(zip(arrival_s, prefill_s)):
        wait = 0.0
        if i > 0:
            wait = max(0.0, arrival_s[i - 1] + prefill_s[i - 1] - a)
        out.append(wait + p)
    return out
""",
        "finish_times_2": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for a, p in zip(arrival_s, prefill_s):
        free = max(free, a) + p
        out.append(free)
    return out
""",
        "idle_forgets_own_prefill": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for a, p in zip(arrival_s, prefill_s):
        if a >= free:
            out.append(p)
            free = a
        else:
            out.append(free - a + p)
            free += p
    return out
""",
        "first_waits_for_nobody": """def ttfts_s(arrival_s, prefill_s):
    # wait = what the previous one waited, less the gap
    out = [prefill_s[0]]
    for i in range(1, len(arrival_s)):
        gap = arrival_s[i] - arrival_s[i - 1]
        wait = out[-1] - gap
        out.append(wait + prefill_s[i])
    return out
""",
        "own_prefill_in_the_recursion": """def ttfts_s(arrival_s, prefill_s):
    wait, out = 0.0, []
    for i in range(len(arrival_s)):
        if i:
            wait = max(0.0, wait + prefill_s[i] - (arrival_s[i] - arrival_s[i - 1]))
        out.append(wait + prefill_s[i])
    return out
""",
        "prefill_without_the_wait_before": """def ttfts_s(arrival_s, prefill_s):
    out = [prefill_s[0]]
    for i in range(1, len(arrival_s)):
        wait = max(0.0, prefill_s[i - 1] - (arrival_s[i] - arrival_s[i - 1]))
        out.append(wait + prefill_s[i])
    return out
""",
        "no_queue_at_all": """def ttfts_s(arrival_s, prefill_s):
    return [p for a, p in zip(arrival_s, prefill_s)]
""",
        "wait_without_own_prefill": """def ttfts_s(arrival_s, prefill_s):
    free = 0
    out = []
    for a, p in zip(arrival_s, prefill_s):
        start = max(free, a)
        out.append(start - a)
        free = start + p
    return out
""",
        "finish_times": """def ttfts_s(arrival_s, prefill_s):
    free = 0
    out = []
    for a, p in zip(arrival_s, prefill_s):
        free = max(free, a) + p
        out.append(free)
    return out
""",
        "idle_time_is_saved_up": """def ttfts_s(arrival_s, prefill_s):
    free = arrival_s[0]
    result = []
    for i in range(len(arrival_s)):
        free += prefill_s[i]
        result.append(free - arrival_s[i])
    return result
""",
        "all_at_once": """from itertools import accumulate


def ttfts_s(arrival_s, prefill_s):
    return list(accumulate(prefill_s))
""",
        "waits_for_the_whole_one_before": """def ttfts_s(arrival_s, prefill_s):
    ttfts = []
    for i in range(len(prefill_s)):
        wait = prefill_s[i - 1] if i > 0 else 0
        ttfts.append(wait + prefill_s[i])
    return ttfts
""",
        "only_the_one_before_is_ahead": """def ttfts_s(arrival_s, prefill_s):
    ttfts = [prefill_s[0]]
    for i in range(1, len(arrival_s)):
        # the one before is done at its arrival + its prefill
        done = arrival_s[i - 1] + prefill_s[i - 1]
        wait = max(0, done - arrival_s[i])
        ttfts.append(wait + prefill_s[i])
    return ttfts
""",
        "gap_not_subtracted": """def ttfts_s(arrival_s, prefill_s):
    out = []
    for i in range(len(arrival_s)):
        wait = 0.0
        if i > 0:
            gap = arrival_s[i] - arrival_s[i - 1]
            if out[-1] > gap:  # the one before is still busy: wait as long as it took
                wait = out[-1]
        out.append(wait + prefill_s[i])
    return out
""",
        "min_for_max": """def ttfts_s(arrival_s, prefill_s):
    free = 0.0
    out = []
    for a, p in zip(arrival_s, prefill_s):
        start = min(free, a)
        free = start + p
        out.append(free - a)
    return out
""",
        "milliseconds": """def ttfts_s(arrival_s, prefill_s):
    free, out = 0.0, []
    for a, p in zip(arrival_s, prefill_s):
        free = max(free, a) + p
        out.append(round((free - a) * 1000, 1))
    return out
""",
        "prefill_of_the_wrong_request": """def ttfts_s(arrival_s, prefill_s):
    done = [arrival_s[0] + prefill_s[0]]
    for i in range(1, len(arrival_s)):
        done.append(max(done[i - 1], arrival_s[i]) + prefill_s[i - 1])
    return [d - a for d, a in zip(done, arrival_s)]
""",
        "first_one_is_lost": """def ttfts_s(arrival_s, prefill_s):
    end = arrival_s[0] + prefill_s[0]
    out = []
    for i in range(1, len(arrival_s)):
        end = max(end, arrival_s[i]) + prefill_s[i]
        out.append(end - arrival_s[i])
    return out
""",
        "return_inside_the_loop": """def ttfts_s(arrival_s, prefill_s):
    free = 0.0
    out = []
    for a, p in zip(arrival_s, prefill_s):
        free = max(free, a) + p
        out.append(free - a)
        return out
""",
        "mean_of_them": """import numpy as np


def ttfts_s(arrival_s, prefill_s):
    free = 0.0
    out = []
    for a, p in zip(arrival_s, prefill_s):
        free = max(free, a) + p
        out.append(free - a)
    return float(np.mean(out))
""",
        "busy_from_the_start": """def ttfts_s(arrival_s, prefill_s):
    free = prefill_s[0]
    ttft = []
    for a, p in zip(arrival_s, prefill_s):
        start = free if free > a else a
        free = start + p
        ttft.append(free - a)
    return ttft
""",
        "shortest_prompt_first": """def ttfts_s(arrival_s, prefill_s):
    order = sorted(range(len(arrival_s)), key=lambda i: prefill_s[i])
    free = 0.0
    out = [0.0] * len(arrival_s)
    for i in order:
        free = max(free, arrival_s[i]) + prefill_s[i]
        out[i] = free - arrival_s[i]
    return out
""",
        "sorted_result": """def ttfts_s(arrival_s, prefill_s):
    free = 0.0
    out = []
    for a, p in zip(arrival_s, prefill_s):
        free = max(free, a) + p
        out.append(free - a)
    return sorted(out)
""",
        "index_error": """def ttfts_s(arrival_s, prefill_s):
    free = 0.0
    out = []
    for i in range(len(arrival_s) + 1):
        free = max(free, arrival_s[i]) + prefill_s[i]
        out.append(free - arrival_s[i])
    return out
""",
        "result_of_append": """def ttfts_s(arrival_s, prefill_s):
    free = 0.0
    out = []
    for a, p in zip(arrival_s, prefill_s):
        free = max(free, a) + p
        out = out.append(free - a)
    return out
""",
        "queueing_theory": """def ttfts_s(arrival_s, prefill_s):
    span = arrival_s[-1] - arrival_s[0]
    load = sum(prefill_s) / span if span else 1
    if load >= 1:
        load = 0.99
    wait = load / (2 * (1 - load))
    return [p * (1 + wait) for p in prefill_s]
""",
        "negative_wait": """def ttfts_s(arrival_s, prefill_s):
    out = [prefill_s[0]]
    for i in range(1, len(arrival_s)):
        gap = arrival_s[i] - arrival_s[i - 1]
        out.append(out[-1] - gap + prefill_s[i])
    return out
""",
        "numpy_without_the_idle_gaps": """import numpy as np


def ttfts_s(arrival_s, prefill_s):
    done = np.cumsum(prefill_s)
    before = np.concatenate([[0.0], done[:-1]])
    start = np.maximum(before, arrival_s)
    return list(start + np.array(prefill_s) - np.array(arrival_s))
""",
        "subtracts_lists": """def ttfts_s(arrival_s, prefill_s):
    finish = []
    free = 0.0
    for a, p in zip(arrival_s, prefill_s):
        free = max(free, a) + p
        finish.append(free)
    return finish - arrival_s
""",
        "all_ahead_count_in_full": """def ttfts_s(arrival_s, prefill_s):
    # everyone who is not done when I come costs me a full prefill
    finish, out = [], []
    for a, p in zip(arrival_s, prefill_s):
        ahead = [q for f, q in zip(finish, prefill_s) if f > a]
        ttft = sum(ahead) + p
        out.append(ttft)
        finish.append(a + ttft)
    return out
""",
        "idle_time_saved_and_ms": """def ttfts_s(arrival_s, prefill_s):
    free = 0.0
    out = []
    for a, p in zip(arrival_s, prefill_s):
        free = free + p
        out.append(1e3 * (free - a))
    return out
""",
    },
    "5.5": {
        "until_the_first_bad": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if t > ttft_limit_s or (n > 1 and (e - t) / (n - 1) > tpot_limit_s):
            break
        good += 1
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0]
    return good / span
""",
        "until_the_first_bad_and_no_longer": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    finish = 0
    for a, t, e, n in zip(arrival_s, ttft_s, e2e_s, output_tokens):
        finish = max(finish, a + e)
        if t > ttft_limit_s:
            break
        if n > 1 and (e - t) / (n - 1) > tpot_limit_s:
            break
        good += 1
    return good / (finish - arrival_s[0])
""",
        "last_arrival_and_longest_e2e": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    gaps = [(e - t) / max(n - 1, 1) for t, e, n in zip(ttft_s, e2e_s, output_tokens)]
    good = sum(t <= ttft_limit_s and g <= tpot_limit_s for t, g in zip(ttft_s, gaps))
    return good / (max(arrival_s) + max(e2e_s) - min(arrival_s))
""",
        "brackets_of_the_tpot": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if t <= ttft_limit_s and (n == 1 or e - t / (n - 1) <= tpot_limit_s):
            good += 1
    return good / (max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0])
""",
        "limits_exchanged": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if t <= tpot_limit_s and (n == 1 or (e - t) / (n - 1) <= ttft_limit_s):
            good += 1
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0]
    return good / span
""",
        "sorted_in_place": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    e2e_s.sort()
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if t <= ttft_limit_s and (n == 1 or (e - t) / (n - 1) <= tpot_limit_s):
            good += 1
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0]
    return good / span
""",
        "one_token_divides_by_0": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for i in range(len(arrival_s)):
        tpot = (e2e_s[i] - ttft_s[i]) / (output_tokens[i] - 1)
        if ttft_s[i] <= ttft_limit_s and tpot <= tpot_limit_s:
            good += 1
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0]
    return good / span
""",
        "tokens_for_gaps_and_one_is_good": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if n == 1:
            good += 1
        elif t <= ttft_limit_s and (e - t) / n <= tpot_limit_s:
            good += 1
    return good / (max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0])
""",
        "tokens_for_gaps_and_one_is_bad": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = sum(
        n > 1 and t <= ttft_limit_s and (e - t) / n <= tpot_limit_s
        for t, e, n in zip(ttft_s, e2e_s, output_tokens)
    )
    return good / (max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0])
""",
        "ttft_strictly_below": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        good += t < ttft_limit_s and (n == 1 or (e - t) / (n - 1) <= tpot_limit_s)
    return good / (max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0])
""",
        "tpot_strictly_below": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        good += t <= ttft_limit_s and (n == 1 or (e - t) / (n - 1) < tpot_limit_s)
    return good / (max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0])
""",
        "finish_without_arrival": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        good += t <= ttft_limit_s and (n == 1 or (e - t) / (n - 1) <= tpot_limit_s)
    return good / max(e2e_s)
""",
        "good_ones_span": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    spans = []
    for a, t, e, n in zip(arrival_s, ttft_s, e2e_s, output_tokens):
        if t <= ttft_limit_s and (n == 1 or (e - t) / (n - 1) <= tpot_limit_s):
            spans.append((a, a + e))
    if not spans:
        return 0.0
    return len(spans) / (max(b for _, b in spans) - min(a for a, _ in spans))
""",
        "one_more_gap": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        good += t <= ttft_limit_s and (e - t) / (n + 1) <= tpot_limit_s
    return good / (max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0])
""",
        "one_token_counts_its_e2e": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        tpot = (e - t) / (n - 1) if n > 1 else e
        good += t <= ttft_limit_s and tpot <= tpot_limit_s
    return good / (max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0])
""",
        "share_2": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for ttft, e2e, n in zip(ttft_s, e2e_s, output_tokens):
        tpot = (e2e - ttft) / (n - 1) if n > 1 else 0
        if ttft <= ttft_limit_s and tpot <= tpot_limit_s:
            good += 1
    return good / len(arrival_s)
""",
        "longest_e2e": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for ttft, e2e, n in zip(ttft_s, e2e_s, output_tokens):
        tpot = (e2e - ttft) / (n - 1) if n > 1 else 0
        if ttft <= ttft_limit_s and tpot <= tpot_limit_s:
            good += 1
    return good / (max(e2e_s) - min(arrival_s))
""",
        "pooled_tpot": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    steps = sum(n - 1 for n in output_tokens)
    tpot = sum(e - t for e, t in zip(e2e_s, ttft_s)) / max(steps, 1)
    good = sum(t <= ttft_limit_s and tpot <= tpot_limit_s for t in ttft_s)
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - min(arrival_s)
    return good / span
""",
        "end_of_the_last": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for ttft, e2e, n in zip(ttft_s, e2e_s, output_tokens):
        if ttft > ttft_limit_s:
            continue
        if n > 1 and (e2e - ttft) / (n - 1) > tpot_limit_s:
            continue
        good += 1
    return good / (arrival_s[-1] + e2e_s[-1] - arrival_s[0])
""",
        "ttft_added_to_e2e": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good, end = 0, 0.0
    for a, t, e, n in zip(arrival_s, ttft_s, e2e_s, output_tokens):
        end = max(end, a + t + e)
        good += t <= ttft_limit_s and (n == 1 or (e - t) / (n - 1) <= tpot_limit_s)
    return good / (end - arrival_s[0])
""",
        "span_of_the_arrivals": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        tpot = (e - t) / (n - 1) if n > 1 else 0
        if t <= ttft_limit_s and tpot <= tpot_limit_s:
            good += 1
    return good / (arrival_s[-1] - arrival_s[0])
""",
        "span_is_the_longest_request": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = [
        t <= ttft_limit_s and (n == 1 or (e - t) / (n - 1) <= tpot_limit_s)
        for t, e, n in zip(ttft_s, e2e_s, output_tokens)
    ]
    return sum(good) / max(e2e_s)
""",
        "span_is_the_sum": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    busy = 0.0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        busy += e
        if t <= ttft_limit_s and (n == 1 or (e - t) / (n - 1) <= tpot_limit_s):
            good += 1
    return good / busy
""",
        "last_arrival_finishes_last": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if t <= ttft_limit_s:
            if n == 1 or (e - t) / (n - 1) <= tpot_limit_s:
                good += 1
    span = arrival_s[-1] + e2e_s[-1] - arrival_s[0]
    return good / span
""",
        "clock_starts_at_zero": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    end = 0
    for a, t, e, n in zip(arrival_s, ttft_s, e2e_s, output_tokens):
        end = max(end, a + e)
        ok = t <= ttft_limit_s
        if n > 1:
            ok = ok and (e - t) / (n - 1) <= tpot_limit_s
        good += ok
    return good / end
""",
        "e2e_taken_as_clock_time": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if t <= ttft_limit_s and (n == 1 or (e - t) / (n - 1) <= tpot_limit_s):
            good += 1
    return good / (max(e2e_s) - min(arrival_s))
""",
        "last_good_finish": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    ends = []
    for a, t, e, n in zip(arrival_s, ttft_s, e2e_s, output_tokens):
        if t <= ttft_limit_s and (n == 1 or (e - t) / (n - 1) <= tpot_limit_s):
            ends.append(a + e)
    if not ends:
        return 0.0
    return len(ends) / (max(ends) - arrival_s[0])
""",
        "share_of_the_requests": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if t <= ttft_limit_s and (n == 1 or (e - t) / (n - 1) <= tpot_limit_s):
            good += 1
    return good / len(arrival_s)
""",
        "only_counted": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    rows = zip(ttft_s, e2e_s, output_tokens)
    return len(
        [
            1
            for t, e, n in rows
            if t <= ttft_limit_s and (n == 1 or (e - t) / (n - 1) <= tpot_limit_s)
        ]
    )
""",
        "strictly_below_the_limits": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if t < ttft_limit_s and (n == 1 or (e - t) / (n - 1) < tpot_limit_s):
            good += 1
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0]
    return good / span
""",
        "one_limit_is_enough": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if t <= ttft_limit_s or (n > 1 and (e - t) / (n - 1) <= tpot_limit_s):
            good += 1
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0]
    return good / span
""",
        "one_token_never_good": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if n > 1 and t <= ttft_limit_s and (e - t) / (n - 1) <= tpot_limit_s:
            good += 1
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0]
    return good / span
""",
        "one_token_always_good": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if n == 1:
            good += 1
        elif t <= ttft_limit_s and (e - t) / (n - 1) <= tpot_limit_s:
            good += 1
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0]
    return good / span
""",
        "one_token_divides_by_zero": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    tpot = [(e - t) / (n - 1) for t, e, n in zip(ttft_s, e2e_s, output_tokens)]
    good = sum(t <= ttft_limit_s and p <= tpot_limit_s for t, p in zip(ttft_s, tpot))
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0]
    return good / span
""",
        "numpy_nan_is_not_good": """import numpy as np


def goodput_per_s(arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s):
    a, t, e = np.array(arrival_s), np.array(ttft_s), np.array(e2e_s)
    n = np.array(output_tokens, dtype=float)
    n[n == 1] = np.nan
    tpot = (e - t) / (n - 1)
    good = (t <= ttft_limit_s) & (tpot <= tpot_limit_s)
    return good.sum() / ((a + e).max() - a[0])
""",
        "divided_by_all_tokens": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if t <= ttft_limit_s and (e - t) / n <= tpot_limit_s:
            good += 1
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0]
    return good / span
""",
        "tpot_includes_the_first_token": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if t <= ttft_limit_s and (n == 1 or e / (n - 1) <= tpot_limit_s):
            good += 1
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0]
    return good / span
""",
        "brackets_of_tpot": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for i in range(len(arrival_s)):
        if output_tokens[i] == 1:
            good += ttft_s[i] <= ttft_limit_s
        else:
            tpot = e2e_s[i] - ttft_s[i] / output_tokens[i] - 1
            good += ttft_s[i] <= ttft_limit_s and tpot <= tpot_limit_s
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0]
    return good / span
""",
        "ttft_only": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = sum(1 for t in ttft_s if t <= ttft_limit_s)
    finish = [a + e for a, e in zip(arrival_s, e2e_s)]
    return good / (max(finish) - arrival_s[0])
""",
        "tpot_only": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for i, n in enumerate(output_tokens):
        if n == 1 or (e2e_s[i] - ttft_s[i]) / (n - 1) <= tpot_limit_s:
            good += 1
    finish = [a + e for a, e in zip(arrival_s, e2e_s)]
    return good / (max(finish) - arrival_s[0])
""",
        "tokens_a_second": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if t <= ttft_limit_s and (n == 1 or (e - t) / (n - 1) <= tpot_limit_s):
            good += n
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0]
    return good / span
""",
        "seconds_a_request": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if t <= ttft_limit_s and (n == 1 or (e - t) / (n - 1) <= tpot_limit_s):
            good += 1
    span = max(a + e for a, e in zip(arrival_s, e2e_s)) - arrival_s[0]
    return span / good if good else 0
""",
        "averages_against_the_limits": """import numpy as np


def goodput_per_s(arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s):
    a, t, e, n = (np.array(x) for x in (arrival_s, ttft_s, e2e_s, output_tokens))
    span = (a + e).max() - a.min()
    mean_tpot = ((e - t)[n > 1] / (n - 1)[n > 1]).mean()
    if t.mean() <= ttft_limit_s and mean_tpot <= tpot_limit_s:
        return len(a) / span
    return 0.0
""",
        "list_of_flags": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    return [
        t <= ttft_limit_s and (n == 1 or (e - t) / (n - 1) <= tpot_limit_s)
        for t, e, n in zip(ttft_s, e2e_s, output_tokens)
    ]
""",
        "strict_and_arrival_span": """def goodput_per_s(
    arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s
):
    good = 0
    for t, e, n in zip(ttft_s, e2e_s, output_tokens):
        if t < ttft_limit_s:
            if n == 1:
                good += 1
            elif (e - t) / (n - 1) < tpot_limit_s:
                good += 1
    return good / (max(arrival_s) - min(arrival_s))
""",
    },
    "5.6": {
        "mfu_of_one_token": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = flop_per_token / (flop_per_s * long[1])
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    return {
        "host_s": host_s,
        "mfu": mfu,
        "predicted_s": predicted_s,
        "error": predicted_s / unseen[1] - 1,
    }
""",
        "weights_with_the_two_again": """def calibrate(
    short, long, unseen, flop_per_token, flop_per_s
):
    host_s = short[1]
    mfu = 2 * flop_per_token * long[0] / (flop_per_s * long[1])
    predicted_s = max(host_s, 2 * flop_per_token * unseen[0] / (flop_per_s * mfu))
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "two_only_in_the_mfu": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = 2 * flop_per_token * long[0] / (flop_per_s * long[1])
    predicted_s = max(host_s, flop_per_token * unseen[0] / (flop_per_s * mfu))
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "two_only_in_the_prediction": """def calibrate(
    short, long, unseen, flop_per_token, flop_per_s
):
    host_s = short[1]
    mfu = flop_per_token * long[0] / (flop_per_s * long[1])
    predicted_s = max(host_s, 2 * flop_per_token * unseen[0] / (flop_per_s * mfu))
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "mean_of_both_mfus": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfus = [n * flop_per_token / (flop_per_s * s) for n, s in (short, long)]
    mfu = (mfus[0] + mfus[1]) / 2
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "mfu_of_the_difference": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    flop = (long[0] - short[0]) * flop_per_token
    mfu = flop / (flop_per_s * (long[1] - short[1]))
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "mfu_in_percent": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": 100 * mfu, "predicted_s": predicted_s, "error": error}
""",
        "in_proportion_to_the_long_one": """def calibrate(
    short, long, unseen, flop_per_token, flop_per_s
):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = host_s + (unseen[0] - short[0]) * flop_per_token / (flop_per_s * mfu)
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "measured_returned_as_predicted": """def calibrate(
    short, long, unseen, flop_per_token, flop_per_s
):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = unseen[1]
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "mfu_times_in_the_prediction": """def calibrate(
    short, long, unseen, flop_per_token, flop_per_s
):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = max(host_s, unseen[0] * flop_per_token / flop_per_s * mfu)
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "host_taken_off": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = long[0] * flop_per_token / flop_per_s / (long[1] - host_s)
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s,
            "error": predicted_s / unseen[1] - 1}
""",
        "line_from_short": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    slope = (long[1] - short[1]) / (long[0] - short[0])
    predicted_s = short[1] + slope * (unseen[0] - short[0])
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s,
            "error": predicted_s / unseen[1] - 1}
""",
        "error_of_predicted": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s,
            "error": (predicted_s - unseen[1]) / predicted_s}
""",
        "mfu_inverted_and_used": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    mfu = long[1] * flop_per_s / (long[0] * flop_per_token)
    predicted_s = max(short[1], unseen[0] * flop_per_token / (flop_per_s * mfu))
    return {
        "host_s": short[1],
        "mfu": mfu,
        "predicted_s": predicted_s,
        "error": predicted_s / unseen[1] - 1,
    }
""",
        "four_gpus_in_the_mfu": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    mfu = long[0] * flop_per_token / (4 * flop_per_s * long[1])
    predicted_s = max(short[1], unseen[0] * flop_per_token / (flop_per_s * mfu))
    return {
        "host_s": short[1],
        "mfu": mfu,
        "predicted_s": predicted_s,
        "error": predicted_s / unseen[1] - 1,
    }
""",
        "error_upside_down": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = unseen[1] / predicted_s - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "error_in_seconds": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = predicted_s - unseen[1]
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "error_in_percent": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = 100 * (predicted_s / unseen[1] - 1)
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "error_without_sign": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = abs(predicted_s / unseen[1] - 1)
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "no_minus_one": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    out = {"host_s": short[1]}
    out["mfu"] = long[0] * flop_per_token / (flop_per_s * long[1])
    gpu_s = unseen[0] * flop_per_token / (flop_per_s * out["mfu"])
    out["predicted_s"] = max(out["host_s"], gpu_s)
    out["error"] = out["predicted_s"] / unseen[1]
    return out
""",
        "shorter_for_longer": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = min(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "host_plus_gpu": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    gpu_s = unseen[0] * flop_per_token / (flop_per_s * mfu)
    predicted_s = host_s + gpu_s
    return {
        "host_s": host_s,
        "mfu": mfu,
        "predicted_s": predicted_s,
        "error": predicted_s / unseen[1] - 1,
    }
""",
        "forgot_the_host": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = unseen[0] * flop_per_token / (flop_per_s * mfu)
    return {
        "host_s": short[1],
        "mfu": mfu,
        "predicted_s": predicted_s,
        "error": predicted_s / unseen[1] - 1,
    }
""",
        "mfu_inverted": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = flop_per_s * long[1] / (long[0] * flop_per_token)
    predicted_s = max(host_s, unseen[0] * flop_per_token / flop_per_s * mfu)
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "mfu_of_the_short": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = short[0] * flop_per_token / (flop_per_s * short[1])
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "short_and_long_swapped": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = long[1]
    tokens, seconds = short
    mfu = tokens * flop_per_token / flop_per_s / seconds
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "point_read_backwards": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    short_s, short_tokens = short
    long_s, long_tokens = long
    unseen_s, unseen_tokens = unseen
    host_s = short_s
    mfu = long_tokens * flop_per_token / (flop_per_s * long_s)
    predicted_s = max(host_s, unseen_tokens * flop_per_token / (flop_per_s * mfu))
    error = predicted_s / unseen_s - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "straight_line_through_two_points": """import numpy as np


def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    slope, host_s = np.polyfit([short[0], long[0]], [short[1], long[1]], 1)
    mfu = flop_per_token / (flop_per_s * slope)
    predicted_s = host_s + slope * unseen[0]
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "host_time_taken_off": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    # what is left after the host is the GPUs' time
    gpu_long = long[1] - host_s
    mfu = long[0] * flop_per_token / (flop_per_s * gpu_long)
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "host_without_computing": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    host_s = short[1] - short[0] * flop_per_token / (flop_per_s * mfu)
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "host_for_each_token": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1] / short[0]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = max(
        host_s * unseen[0],
        unseen[0] * flop_per_token / (flop_per_s * mfu),
    )
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "peak_times_four": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    peak = 4 * flop_per_s
    host_s = short[1]
    mfu = long[0] * flop_per_token / (peak * long[1])
    predicted_s = max(host_s, unseen[0] * flop_per_token / (peak * mfu))
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "two_flop_twice": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = 2 * long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = max(host_s, 2 * unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "predicted_at_the_peak": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = (long[0] * flop_per_token / long[1]) / flop_per_s
    predicted_s = max(host_s, unseen[0] * flop_per_token / flop_per_s)
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "looked_at_the_unseen": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfus = [n * flop_per_token / (flop_per_s * s) for n, s in (long, unseen)]
    mfu = sum(mfus) / len(mfus)
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "points_in_milliseconds": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1] / 1000
    mfu = long[0] * flop_per_token / (flop_per_s * long[1] / 1000)
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = predicted_s / (unseen[1] / 1000) - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "plain_tuple": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    return host_s, mfu, predicted_s, predicted_s / unseen[1] - 1
""",
        "other_keys": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted = max(host, unseen[0] * flop_per_token / (flop_per_s * mfu))
    return {"host": host, "mfu": mfu, "predicted": predicted, "error": predicted / unseen[1] - 1}
""",
        "error_is_missing": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s}
""",
        "formatted_strings": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = predicted_s / unseen[1] - 1
    return {
        "host_s": f"{host_s:.4f}",
        "mfu": f"{mfu:.0%}",
        "predicted_s": f"{predicted_s:.4f}",
        "error": f"{error:+.0%}",
    }
""",
        "points_as_objects": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short.seconds
    mfu = long.tokens * flop_per_token / (flop_per_s * long.seconds)
    predicted_s = max(host_s, unseen.tokens * flop_per_token / (flop_per_s * mfu))
    error = predicted_s / unseen.seconds - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
        "sum_and_percent": """def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = host_s + unseen[0] * flop_per_token / (flop_per_s * mfu)
    error = (predicted_s - unseen[1]) / unseen[1] * 100
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
""",
    },
}
