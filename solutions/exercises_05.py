"""The exercises of lesson 05, in the order of the lesson."""

import math

from inference_lab.lab.exercise import Exercise, Misconception, PolicyExercise, Scenario

# ---------------------------------------------------------------- 5.1 a prefill


def _prefill(flop=2, tokens=True, all_gpus=True, power=1, **given):
    """A prefill with one thing done wrongly, or none; `power` is that of the MFU."""
    work = flop * given["parameters"] * (given["prompt_tokens"] if tokens else 1)
    rate = (given["gpus"] if all_gpus else 1) * given["flop_per_s"]
    return work / (rate * given["mfu"] ** power)


def two_forgotten(**given):
    return _prefill(flop=1, **given)


def three_operations(**given):
    return _prefill(flop=6, **given)


def prefill_of_one_token(**given):
    return _prefill(tokens=False, **given)


def prefill_on_one_gpu(**given):
    return _prefill(all_gpus=False, **given)


def mfu_forgotten(**given):
    return _prefill(power=0, **given)


def mfu_multiplied(**given):
    return _prefill(power=-1, **given)


def prefill_in_milliseconds(**given):
    return _prefill(**given) * 1e3


def gpus_multiplied(**given):
    return _prefill(**given) * given["gpus"] ** 2


def prefill_rate(**given):
    return 1 / _prefill(**given)


def draw_prefill(rng):
    return {
        "parameters": int(rng.integers(10**9, 4 * 10**11)),
        "prompt_tokens": int(rng.integers(1, 100_000)),
        "gpus": int(rng.choice([1, 2, 4, 8])),
        "flop_per_s": float(rng.integers(100, 2_500)) * 1e12,
        "mfu": float(rng.uniform(0.05, 1)),
    }


PREFILL = Exercise(
    id="5.1",
    function="prefill_s",
    title="A prefill",
    public=(
        {  # the lesson's example
            "parameters": 70_000_000_000,
            "prompt_tokens": 2_048,
            "gpus": 4,
            "flop_per_s": 989e12,
            "mfu": 0.5,
        },
        {  # Llama-3.1-70B at the peak
            "parameters": 70_553_706_496,
            "prompt_tokens": 8_192,
            "gpus": 8,
            "flop_per_s": 989e12,
            "mfu": 1.0,
        },
        {  # an A100 alone
            "parameters": 8_030_261_248,
            "prompt_tokens": 512,
            "gpus": 1,
            "flop_per_s": 312e12,
            "mfu": 0.4,
        },
    ),
    draw=draw_prefill,
    misconceptions=(
        Misconception(
            two_forgotten,
            "A multiplication and an addition for each weight and token: how many FLOP is that?",
        ),
        Misconception(
            three_operations,
            "Six FLOP for each weight: that is a step of training. Is there a backward pass here?",
        ),
        Misconception(
            prefill_of_one_token, "That is the work of one token. How many has the prompt?"
        ),
        Misconception(prefill_on_one_gpu, "Each GPU takes a part of the work. How many are there?"),
        Misconception(mfu_forgotten, "That is the time at the peak. Which share of it is reached?"),
        Misconception(
            mfu_multiplied, "Does a prefill get shorter when the software reaches less of the peak?"
        ),
        Misconception(prefill_in_milliseconds, "In which unit of time is the answer asked for?"),
        Misconception(gpus_multiplied, "Does a prefill get longer when more GPUs share it?"),
        Misconception(prefill_rate, "That is prefills a second. How long does one of them take?"),
    ),
    hints=(
        "How many FLOP does one token need from one weight? How many weights and tokens are there?",
        "Work: 2 * parameters * prompt_tokens. Speed: what all GPUs reach together.",
        "2 * parameters * prompt_tokens / (gpus * flop_per_s * mfu)",
    ),
)

# ---------------------------------------------------------------- 5.2 the decode step

LLAMA_70B = {
    "parameters_read": 69_503_033_344,
    "bytes_per_weight": 2,
    "kv_bytes_per_token": 327_680,
}
FOUR_H100 = {"gpus": 4, "bytes_per_s": 3.35e12, "flop_per_s": 989e12}


def _step(weight_reads=1, kv_tokens=None, all_gpus=True, join=max, bits=1, **given):
    """A decode step with one thing done wrongly, or none."""
    gpus = given["gpus"] if all_gpus else 1
    flop = 2 * given["parameters_read"] * given["batch"]
    tokens = given["context_tokens"] if kv_tokens is None else kv_tokens
    weights = given["parameters_read"] * given["bytes_per_weight"] * weight_reads
    kv = tokens * given["kv_bytes_per_token"]
    memory_s = (weights + kv) * bits / (gpus * given["bytes_per_s"])
    return join(flop / (given["gpus"] * given["flop_per_s"]), memory_s)


def weights_read_for_each_sequence(**given):
    return _step(weight_reads=given["batch"], **given)


def kv_cache_forgotten(**given):
    return _step(kv_tokens=0, **given)


def context_times_batch(**given):
    return _step(kv_tokens=given["context_tokens"] * given["batch"], **given)


def one_gpu(**given):
    return _step(all_gpus=False, **given)


def both_added(**given):
    return _step(join=lambda compute_s, memory_s: compute_s + memory_s, **given)


def the_smaller(**given):
    return _step(join=min, **given)


def memory_alone(**given):
    return _step(join=lambda compute_s, memory_s: memory_s, **given)


def compute_alone(**given):
    return _step(join=lambda compute_s, memory_s: compute_s, **given)


def bits_for_bytes(**given):
    return _step(bits=8, **given)


def weights_alone(**given):
    return _step(kv_tokens=0, join=lambda compute_s, memory_s: memory_s, **given)


def one_gpu_alone(**given):
    return _step(all_gpus=False, join=lambda compute_s, memory_s: memory_s, **given)


def in_milliseconds(**given):
    return _step(**given) * 1e3


def weights_counted_not_weighed(**given):
    return _step(**{**given, "bytes_per_weight": 1})


def draw_step(rng):
    batch = int(rng.integers(1, 1_000))
    return {
        "parameters_read": int(rng.integers(10**9, 4 * 10**11)),
        "bytes_per_weight": int(rng.integers(1, 3)),
        "batch": batch,
        "context_tokens": batch * int(rng.integers(50, 8_000)),
        "kv_bytes_per_token": int(rng.integers(50, 1_000) * 512),
        "gpus": int(rng.choice([1, 2, 4, 8])),
        "bytes_per_s": float(rng.integers(1_000, 8_000)) * 1e9,
        "flop_per_s": float(rng.integers(100, 2_500)) * 1e12,
    }


DECODE_STEP = Exercise(
    id="5.2",
    function="decode_step_s",
    title="A decode step",
    public=(
        LLAMA_70B | FOUR_H100 | {"batch": 1, "context_tokens": 2_048},
        LLAMA_70B | FOUR_H100 | {"batch": 32, "context_tokens": 65_536},
        LLAMA_70B | FOUR_H100 | {"batch": 512, "context_tokens": 51_200},
        LLAMA_70B | FOUR_H100 | {"bytes_per_weight": 1, "batch": 4, "context_tokens": 8_192},  # fp8
    ),
    draw=draw_step,
    misconceptions=(
        Misconception(
            weights_read_for_each_sequence,
            "All sequences of a batch take the step together. How often must a weight be read?",
        ),
        Misconception(
            kv_cache_forgotten,
            "The weights are in. What else must be read, for every token that came before?",
        ),
        Misconception(
            weights_alone,
            "The weights are in. What else must be read, for every token that came before?",
        ),
        Misconception(
            context_times_batch,
            "context_tokens is the sum over the batch already. How often do you count it?",
        ),
        Misconception(
            one_gpu, "Each GPU holds its own part and reads it. How many read at the same time?"
        ),
        Misconception(
            one_gpu_alone,
            "Each GPU holds its own part and reads it. How many read at the same time?",
        ),
        Misconception(
            both_added,
            "Reading and computing go on at the same time. When is the step over?",
        ),
        Misconception(
            the_smaller,
            "Reading and computing go on at the same time. Does the step end with the faster one?",
        ),
        Misconception(
            memory_alone,
            "Right while the memory is the limit. What of a batch so large that computing takes "
            "longer?",
        ),
        Misconception(
            compute_alone,
            "That is the time to compute. Is the memory done by then? Look at memory_s.",
        ),
        Misconception(
            bits_for_bytes, "Links are sold in bits per second. In what is a memory's speed given?"
        ),
        Misconception(in_milliseconds, "In which unit of time is the answer asked for?"),
        Misconception(
            weights_counted_not_weighed, "You read numbers. How many bytes has each weight?"
        ),
    ),
    hints=(
        "Which two things does a decode step read from the memory, and how large is each?",
        "Weights: parameters x bytes of each, once for the whole batch. KV-cache: tokens x bytes "
        "of each. All GPUs read together.",
        "memory_s = (parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token) / "
        "(gpus * bytes_per_s); the step lasts as long as the slower of the two.",
    ),
)

# ---------------------------------------------------------------- 5.3 the largest batch


def _largest(rounded=math.floor, time=True, memory=True, fixed=True, least=0, **given):
    """A largest batch with one thing done wrongly, or none."""
    left_s = given["tpot_slo_s"] - (given["fixed_s"] if fixed else 0)
    limits = [rounded(left_s / given["per_sequence_s"])] if time else []
    limits += [rounded(given["kv_capacity_tokens"] / given["sequence_tokens"])] if memory else []
    return max(least, min(limits))


def memory_forgotten(**given):
    return _largest(memory=False, **given)


def memory_forgotten_and_negative(**given):
    return _largest(memory=False, least=-math.inf, **given)


def memory_forgotten_and_cut(**given):
    return _largest(rounded=int, memory=False, least=-math.inf, **given)


def time_forgotten(**given):
    return _largest(time=False, **given)


def fixed_part_forgotten(**given):
    return _largest(fixed=False, **given)


def rounded_up(**given):
    return _largest(rounded=math.ceil, **given)


def rounded_up_and_negative(**given):
    return _largest(rounded=math.ceil, least=-math.inf, **given)


def rounded_to_nearest(**given):
    return _largest(rounded=round, **given)


def rounded_to_nearest_and_negative(**given):
    return _largest(rounded=round, least=-math.inf, **given)


def negative_batch(**given):
    return _largest(least=-math.inf, **given)


def negative_batch_cut(**given):
    return _largest(rounded=int, least=-math.inf, **given)


def step_of_one_times_batch(**given):
    by_time = int(given["tpot_slo_s"] // (given["fixed_s"] + given["per_sequence_s"]))
    return min(by_time, given["kv_capacity_tokens"] // given["sequence_tokens"])


def not_rounded(**given):
    return _largest(rounded=float, **given)


def not_rounded_and_negative(**given):
    return _largest(rounded=float, least=-math.inf, **given)


def by_time_not_rounded(**given):
    by_memory = given["kv_capacity_tokens"] // given["sequence_tokens"]
    by_time = (given["tpot_slo_s"] - given["fixed_s"]) / given["per_sequence_s"]
    return max(0, min(by_time, by_memory))


def by_time_not_rounded_and_negative(**given):
    by_memory = given["kv_capacity_tokens"] // given["sequence_tokens"]
    by_time = (given["tpot_slo_s"] - given["fixed_s"]) / given["per_sequence_s"]
    return min(by_time, by_memory)


def time_alone_not_below_0(**given):
    return _largest(rounded=float, memory=False, **given)


def time_alone_not_rounded(**given):
    return _largest(rounded=float, memory=False, least=-math.inf, **given)


def draw_batch(rng):
    """No draw lies on a boundary, where rounding of floats would decide."""
    fixed_s = float(rng.uniform(0.005, 0.060))
    per_sequence_s = float(rng.uniform(0.00003, 0.0008))
    if rng.random() < 0.3:
        slo_s = fixed_s * float(rng.uniform(0.5, 0.95))
    else:
        slo_s = (
            fixed_s + (int(rng.integers(0, 300)) + float(rng.uniform(0.2, 0.8))) * per_sequence_s
        )
    return {
        "tpot_slo_s": slo_s,
        "fixed_s": fixed_s,
        "per_sequence_s": per_sequence_s,
        "sequence_tokens": int(rng.integers(200, 20_000)),
        "kv_capacity_tokens": int(rng.integers(1_000, 1_000_000)),
    }


MEMORY = "Fast enough. But where do all their KV-caches lie?"
ROUND_UP = "Does that last sequence still meet the limit? Compute its step."
NEAREST = "Some of your batches are one too large. To which side must a limit be rounded?"
BELOW_0 = "Can a batch be smaller than nothing? What if one sequence alone is too slow?"
WHOLE = "Can a replica serve a part of a sequence? To which side must a limit be rounded?"

LARGEST_BATCH = Exercise(
    id="5.3",
    function="largest_batch",
    title="The largest batch within an SLO",
    public=(
        {  # step times as measured for Llama-2-70B, TP4, on the serving software of 2023
            "tpot_slo_s": 0.040,
            "fixed_s": 0.029,
            "per_sequence_s": 0.00036,
            "sequence_tokens": 2_304,
            "kv_capacity_tokens": 448_280,
        },
        {  # the ideal replica of this lesson: the memory is full first
            "tpot_slo_s": 0.040,
            "fixed_s": 0.0104,
            "per_sequence_s": 0.00005,
            "sequence_tokens": 2_304,
            "kv_capacity_tokens": 448_280,
        },
        {
            "tpot_slo_s": 0.030,
            "fixed_s": 0.0104,
            "per_sequence_s": 0.00017,
            "sequence_tokens": 2_304,
            "kv_capacity_tokens": 448_280,
        },
        {  # not even one
            "tpot_slo_s": 0.0199,
            "fixed_s": 0.029,
            "per_sequence_s": 0.00036,
            "sequence_tokens": 2_304,
            "kv_capacity_tokens": 448_280,
        },
    ),
    draw=draw_batch,
    misconceptions=(
        Misconception(memory_forgotten, MEMORY),
        Misconception(memory_forgotten_and_negative, MEMORY),
        Misconception(memory_forgotten_and_cut, MEMORY),
        Misconception(time_forgotten, "They fit. But how long is a step with so many?"),
        Misconception(
            fixed_part_forgotten,
            "A step with no sequence at all would cost nothing in your answer. What does "
            "`fixed_s` say?",
        ),
        Misconception(rounded_up, ROUND_UP),
        Misconception(rounded_up_and_negative, ROUND_UP),
        Misconception(rounded_to_nearest, NEAREST),
        Misconception(rounded_to_nearest_and_negative, NEAREST),
        Misconception(negative_batch, BELOW_0),
        Misconception(negative_batch_cut, BELOW_0),
        Misconception(
            step_of_one_times_batch,
            "Does a batch of two take twice the step of one? Which part is paid only once?",
        ),
        Misconception(not_rounded, WHOLE),
        Misconception(not_rounded_and_negative, WHOLE),
        Misconception(by_time_not_rounded, WHOLE),
        Misconception(by_time_not_rounded_and_negative, WHOLE),
        Misconception(time_alone_not_rounded, WHOLE),
        Misconception(time_alone_not_below_0, WHOLE),
    ),
    hints=(
        "Which two limits are there? Each alone gives a largest batch.",
        "By time: how many times does per_sequence_s fit into what fixed_s leaves of the SLO? By "
        "memory: how many sequences fit into the KV-cache?",
        "The smaller of floor((tpot_slo_s - fixed_s) / per_sequence_s) and kv_capacity_tokens // "
        "sequence_tokens, and never below 0.",
    ),
)

# ---------------------------------------------------------------- 5.4 the queue


def _queue(arrival_s, prefill_s, wait=True, idle=True, own=True, since_arrival=True):
    """TTFTs of one queue with one thing done wrongly, or none."""
    free_s, answers = 0.0, []
    for arrival, prefill in zip(arrival_s, prefill_s, strict=True):
        start_s = max(free_s, arrival) if wait and idle else free_s if wait else arrival
        free_s = start_s + prefill
        answers.append((free_s if own else start_s) - (arrival if since_arrival else 0))
    return answers


def nobody_waits(arrival_s, prefill_s):
    return _queue(arrival_s, prefill_s, wait=False)


def never_idle(arrival_s, prefill_s):
    return _queue(arrival_s, prefill_s, idle=False)


def never_idle_and_not_negative(arrival_s, prefill_s):
    """The server is counted from 0, and a wait is cut at 0."""
    free_s, answers = 0.0, []
    for arrival, prefill in zip(arrival_s, prefill_s, strict=True):
        answers.append(max(0.0, free_s - arrival) + prefill)
        free_s += prefill
    return answers


def waits_alone(arrival_s, prefill_s):
    return _queue(arrival_s, prefill_s, own=False)


def moments_instead_of_times(arrival_s, prefill_s):
    return _queue(arrival_s, prefill_s, since_arrival=False)


def only_the_one_before(arrival_s, prefill_s):
    """The one before is taken to start when it arrives."""
    answers, before_s = [], 0.0
    for arrival, prefill in zip(arrival_s, prefill_s, strict=True):
        answers.append(max(0.0, before_s - arrival) + prefill)
        before_s = arrival + prefill
    return answers


def newest_first(arrival_s, prefill_s):
    """The replica takes the newest of those that wait."""
    answers, free_s = [0.0] * len(arrival_s), 0.0
    waiting, coming = [], list(range(len(arrival_s)))
    while waiting or coming:
        while coming and (not waiting or arrival_s[coming[0]] <= free_s):
            waiting.append(coming.pop(0))
            free_s = max(free_s, arrival_s[waiting[-1]]) if len(waiting) == 1 else free_s
        i = waiting.pop()
        free_s = max(free_s, arrival_s[i]) + prefill_s[i]
        answers[i] = free_s - arrival_s[i]
    return answers


def own_prefill_twice(arrival_s, prefill_s):
    times = _queue(arrival_s, prefill_s)
    return [time + own for time, own in zip(times, prefill_s, strict=True)]


def mean_of_all(arrival_s, prefill_s):
    times = _queue(arrival_s, prefill_s)
    return [sum(times) / len(times)] * len(times)


def queue_in_milliseconds(arrival_s, prefill_s):
    return [time * 1e3 for time in _queue(arrival_s, prefill_s)]


def draw_queue(rng):
    requests = int(rng.integers(1, 60))
    prefill_s = rng.uniform(0.01, 0.6, requests)
    gaps_s = rng.exponential(float(prefill_s.mean() / rng.uniform(0.2, 1.2)), requests)
    return {
        "arrival_s": [float(moment) for moment in gaps_s.cumsum()],
        "prefill_s": [float(seconds) for seconds in prefill_s],
    }


IDLE = "The replica has been idle for a while. When does it start on a prompt that comes then?"

QUEUE = Exercise(
    id="5.4",
    function="ttfts_s",
    title="The queue of one replica",
    public=(
        {"arrival_s": [0.0, 0.030], "prefill_s": [0.074, 0.074]},
        {  # a busy spell, an idle one, a long prompt in front of short ones
            "arrival_s": [0.010, 0.020, 0.090, 0.500, 0.510, 0.530, 0.700],
            "prefill_s": [0.074, 0.020, 0.074, 0.314, 0.020, 0.074, 0.050],
        },
        {"arrival_s": [1.0, 2.0, 3.5], "prefill_s": [0.25, 0.5, 0.125]},
    ),
    draw=draw_queue,
    misconceptions=(
        Misconception(
            nobody_waits, "That is the prefill alone. What if another prompt is being read?"
        ),
        Misconception(never_idle, IDLE),
        Misconception(never_idle_and_not_negative, IDLE),
        Misconception(waits_alone, "That is the wait. When does the first token come after it?"),
        Misconception(
            moments_instead_of_times,
            "These are moments on the clock. Since when has each user been waiting?",
        ),
        Misconception(
            only_the_one_before,
            "The one before may have waited itself. When is the replica really free?",
        ),
        Misconception(newest_first, "In which order does this replica take those that wait?"),
        Misconception(own_prefill_twice, "How often is each prompt read?"),
        Misconception(mean_of_all, "Asked for is the list, one number for each request."),
        Misconception(queue_in_milliseconds, "In which unit of time is the answer asked for?"),
    ),
    hints=(
        "Keep one number: when the replica is free again. What is it after the next prompt?",
        "A prompt starts at the later of two moments: its arrival, and when the replica is free.",
        "free_s = max(free_s, arrival) + prefill; TTFT is free_s - arrival.",
    ),
)

# ---------------------------------------------------------------- 5.5 goodput


def _goodput(meets, span=None, single=0.0, intervals=lambda n: n - 1, first=True, **given):
    """A goodput with one thing done wrongly, or none."""
    columns = ("arrival_s", "ttft_s", "e2e_s", "output_tokens")
    rows = list(zip(*(given[name] for name in columns), strict=True))
    good = 0
    for _, ttft_s, e2e_s, tokens in rows:
        decode_s = e2e_s - (ttft_s if first else 0)
        tpot_s = decode_s / intervals(tokens) if intervals(tokens) > 0 else single
        good += meets(ttft_s <= given["ttft_limit_s"], tpot_s <= given["tpot_limit_s"])
    finish_s = max(arrival_s + e2e_s for arrival_s, _, e2e_s, _ in rows)
    return good / (span(given) if span else finish_s - given["arrival_s"][0])


def _both(ttft_met, tpot_met):
    return ttft_met and tpot_met


def either_limit(**given):
    return _goodput(lambda a, b: a or b, **given)


def ttft_alone(**given):
    return _goodput(lambda a, b: a, **given)


def tpot_alone(**given):
    return _goodput(lambda a, b: b, **given)


def all_requests(**given):
    return _goodput(lambda a, b: True, **given)


def bad_requests(**given):
    return _goodput(lambda a, b: not (a and b), **given)


def whole_answer_over_tokens(**given):
    return _goodput(_both, first=False, intervals=lambda n: n, **given)


def whole_answer_over_gaps(**given):
    return _goodput(_both, first=False, **given)


def gaps_counted_as_tokens(**given):
    return _goodput(_both, intervals=lambda n: n, **given)


def one_token_is_bad(**given):
    return _goodput(_both, single=float("inf"), **given)


def until_the_last_arrival(**given):
    return _goodput(_both, span=lambda g: g["arrival_s"][-1] - g["arrival_s"][0], **given)


def from_time_zero(**given):
    ends = lambda g: max(a + e for a, e in zip(g["arrival_s"], g["e2e_s"], strict=True))  # noqa: E731
    return _goodput(_both, span=ends, **given)


def until_the_last_one_ends(**given):
    last = lambda g: g["arrival_s"][-1] + g["e2e_s"][-1] - g["arrival_s"][0]  # noqa: E731
    return _goodput(_both, span=last, **given)


def summed_times(**given):
    return _goodput(_both, span=lambda g: sum(g["e2e_s"]), **given)


def share_of_requests(**given):
    return _goodput(_both, span=lambda g: len(g["arrival_s"]), **given)


def count_of_requests(**given):
    return _goodput(_both, span=lambda g: 1, **given)


def draw_goodput(rng):
    """No time lies within a millionth of its limit, and the last arrival does not end last."""
    requests = int(rng.integers(6, 60))
    ttft_limit_s, tpot_limit_s = float(rng.uniform(0.2, 2)), float(rng.uniform(0.02, 0.2))
    tokens = rng.integers(2, 300, requests)
    tokens[rng.random(requests) < 0.2] = 1
    ttft_s = ttft_limit_s * rng.uniform(0.3, 1.4, requests)
    e2e_s = ttft_s + tpot_limit_s * rng.uniform(0.3, 1.4, requests) * (tokens - 1)
    arrival_s = 5 + rng.exponential(0.5, requests).cumsum()
    return {
        "arrival_s": arrival_s.tolist(),
        "ttft_s": ttft_s.tolist(),
        "e2e_s": e2e_s.tolist(),
        "output_tokens": tokens.tolist(),
        "ttft_limit_s": ttft_limit_s,
        "tpot_limit_s": tpot_limit_s,
    }


LIMITS = {"ttft_limit_s": 2.0, "tpot_limit_s": 0.2}
SPAN = "From the first arrival to the last finish: which request finishes last?"
TPOT = "How many gaps lie between n tokens, and does the first gap begin at the first token?"

GOODPUT = Exercise(
    id="5.5",
    function="goodput_per_s",
    title="Goodput",
    public=(
        LIMITS
        | {  # good, TTFT bad, TPOT bad, both bad, one token good, good at both limits
            "arrival_s": [1.0, 1.5, 2.0, 2.5, 4.0, 5.0, 5.5],
            "ttft_s": [0.5, 2.5, 0.5, 3.0, 1.0, 2.0, 2.25],
            "e2e_s": [10.5, 3.5, 30.5, 33.0, 1.0, 22.0, 2.25],
            "output_tokens": [101, 11, 101, 101, 1, 101, 1],
        },
        LIMITS
        | {  # TPOT 0.2 by its gaps: a shade less by its tokens, far more with TTFT in it
            "arrival_s": [2.0, 3.0, 4.0, 5.0],
            "ttft_s": [1.5, 0.25, 0.5, 1.0],
            "e2e_s": [2.125, 0.875, 1.3125, 5.0],
            "output_tokens": [4, 4, 5, 21],
        },
        LIMITS
        | {
            "arrival_s": [0.5, 1.0],
            "ttft_s": [0.5, 0.5],
            "e2e_s": [4.5, 1.0],
            "output_tokens": [9, 3],
        },
    ),
    draw=draw_goodput,
    misconceptions=(
        Misconception(either_limit, "One limit met is enough in your answer. Is it for the user?"),
        Misconception(ttft_alone, "These have their first token in time. And the other limit?"),
        Misconception(tpot_alone, "These get their tokens fast enough. And the other limit?"),
        Misconception(all_requests, "That is the throughput. Which requests met both limits?"),
        Misconception(bad_requests, "You count those that miss a limit. Which ones are good?"),
        Misconception(whole_answer_over_tokens, TPOT),
        Misconception(whole_answer_over_gaps, TPOT),
        Misconception(gaps_counted_as_tokens, TPOT),
        Misconception(
            one_token_is_bad, "A single token has no gap. Which limit is left for that request?"
        ),
        Misconception(
            until_the_last_arrival, "The replica still works after the last arrival. Until when?"
        ),
        Misconception(from_time_zero, "When does the time span begin?"),
        Misconception(until_the_last_one_ends, SPAN),
        Misconception(
            summed_times, "Requests overlap. How long is it from the first arrival to the end?"
        ),
        Misconception(share_of_requests, "That is a share. How many good requests in a second?"),
        Misconception(count_of_requests, "That is a number. How many good requests in a second?"),
    ),
    hints=(
        "Which requests are good? Count them first, then ask for how long the service worked.",
        "TPOT is (e2e - ttft) / (tokens - 1), and no test at all for one token. The last finish is "
        "the largest arrival + e2e.",
        "good / (max(arrival + e2e) - arrival_s[0])",
    ),
)

# ---------------------------------------------------------------- 5.6 calibrate


def _calibrated(floor=max, mfu=None, error=lambda p, m: p / m - 1, host=None, **given):
    """A calibration with one thing done wrongly, or none."""
    (short, long, unseen), flop = (given[k] for k in ("short", "long", "unseen")), given
    peak_s = flop["flop_per_token"] / flop["flop_per_s"]
    host_s = short[1] if host is None else host(given)
    share = long[0] * peak_s / long[1] if mfu is None else mfu(given, peak_s)
    predicted_s = floor(host_s, unseen[0] * peak_s / share)
    return {
        "host_s": host_s,
        "mfu": share,
        "predicted_s": predicted_s,
        "error": error(predicted_s, unseen[1]),
    }


def both_parts_added(**given):
    return _calibrated(floor=lambda host_s, gpu_s: host_s + gpu_s, **given)


def the_shorter_part(**given):
    return _calibrated(floor=min, **given)


def host_forgotten(**given):
    return _calibrated(floor=lambda host_s, gpu_s: gpu_s, **given)


def host_taken_off(**given):
    """A straight line: what the host needs is taken off the long prompt."""
    return _calibrated(
        floor=lambda host_s, gpu_s: host_s + gpu_s,
        mfu=lambda g, peak_s: g["long"][0] * peak_s / (g["long"][1] - g["short"][1]),
        **given,
    )


def host_taken_off_and_longer(**given):
    return _calibrated(
        mfu=lambda g, peak_s: g["long"][0] * peak_s / (g["long"][1] - g["short"][1]), **given
    )


def mfu_of_the_short_prompt(**given):
    return _calibrated(mfu=lambda g, peak_s: g["short"][0] * peak_s / g["short"][1], **given)


def mfu_upside_down(**given):
    right = _calibrated(**given)
    return right | {"mfu": 1 / right["mfu"]}


def measured_over_predicted(**given):
    return _calibrated(error=lambda p, m: m / p - 1, **given)


def measured_minus_predicted(**given):
    return _calibrated(error=lambda p, m: 1 - p / m, **given)


def error_without_sign(**given):
    return _calibrated(error=lambda p, m: abs(p / m - 1), **given)


def error_in_percent(**given):
    return _calibrated(error=lambda p, m: 100 * (p / m - 1), **given)


def error_in_seconds(**given):
    return _calibrated(error=lambda p, m: p - m, **given)


def ratio_for_error(**given):
    return _calibrated(error=lambda p, m: p / m, **given)


def draw_calibration(rng):
    """Two of five unseen prompts wait for the host, and no prompt is near the bend."""
    flop_per_token = float(rng.uniform(1e10, 8e11))
    flop_per_s = float(rng.integers(3, 80)) * 1e14
    per_token_s = flop_per_token / (flop_per_s * float(rng.uniform(0.1, 0.9)))
    bend = int(rng.integers(200, 5_000))  # tokens whose prefill takes the GPUs as long as the host
    unseen = int(bend * (rng.uniform(0.1, 0.8) if rng.random() < 0.4 else rng.uniform(1.3, 30)))
    unseen_s = max(bend, unseen) * per_token_s * float(rng.uniform(0.8, 1.25))
    long = int(bend * rng.uniform(2, 20))
    return {
        "short": [int(bend * rng.uniform(0.1, 0.7)), bend * per_token_s],
        "long": [long, long * per_token_s],
        "unseen": [unseen, unseen_s],
        "flop_per_token": flop_per_token,
        "flop_per_s": flop_per_s,
    }


# Medians of five runs each, Llama-2-70B, TP4, eager serving software of 2023, H100-SXM5-80GB: the
# data published with Patel et al., Splitwise, ISCA 2024 (GitHub Mutinifni/splitwise-sim, MIT).
MEASURED = {
    "short": [128, 0.0491],
    "long": [2_048, 0.2007],
    "flop_per_token": 137.95e9,
    "flop_per_s": 3.956e15,
}

CALIBRATE = Exercise(
    id="5.6",
    function="calibrate",
    title="Calibrate two constants",
    public=(
        MEASURED | {"unseen": [1_024, 0.1056]},
        MEASURED | {"unseen": [4_096, 0.4635]},
        MEASURED | {"unseen": [256, 0.0510]},
        MEASURED | {"short": [256, 0.0510], "long": [4_096, 0.4635], "unseen": [2_048, 0.2007]},
    ),
    draw=draw_calibration,
    misconceptions=(
        Misconception(
            both_parts_added,
            "The host launches while the GPUs compute. Is it the sum, or the longer of the two?",
        ),
        Misconception(the_shorter_part, "Is a prefill over when the faster of the two is done?"),
        Misconception(
            host_forgotten, "Right for long prompts. What does the model say of 256 tokens?"
        ),
        Misconception(
            host_taken_off,
            "That is a straight line. This model takes the longer part; how long was the host's "
            "part of the long prompt then?",
        ),
        Misconception(
            host_taken_off_and_longer,
            "The long prompt's time is all GPU in this model. What did you take off?",
        ),
        Misconception(
            mfu_of_the_short_prompt,
            "The short prompt waits for the host. Which point shows how fast the GPUs are?",
        ),
        Misconception(mfu_upside_down, "MFU is a share: can it be above 1?"),
        Misconception(
            measured_over_predicted, "Which one stands below the line in a relative error?"
        ),
        Misconception(
            measured_minus_predicted, "Predicted too high is a positive error. Which sign is yours?"
        ),
        Misconception(
            error_without_sign, "Too high or too low? The reader wants to know: keep the sign."
        ),
        Misconception(error_in_percent, "Is the error asked for as a share or in per cent?"),
        Misconception(error_in_seconds, "That is a difference in seconds. Relative to what?"),
        Misconception(ratio_for_error, "A perfect prediction has the error 0. Has yours?"),
    ),
    hints=(
        "Which of the two known prompts shows the host alone, and which the GPUs alone?",
        "mfu: what the long prompt needs at the peak, divided by what it took. The prediction is "
        "the larger of host_s and tokens * flop_per_token / (flop_per_s * mfu).",
        "mfu = long[0] * flop_per_token / (flop_per_s * long[1]); "
        "error = predicted_s / unseen[1] - 1",
    ),
)

# ---------------------------------------------------------------- 5.7 a router


def taking_turns(request, replicas, rng):
    return request.index % len(replicas)


def any_replica(request, replicas, rng):
    return int(rng.integers(len(replicas)))


def fewest_requests(request, replicas, rng):
    return min(range(len(replicas)), key=lambda i: replicas[i].outstanding)


def most_memory(request, replicas, rng):
    return max(range(len(replicas)), key=lambda i: replicas[i].free_blocks)


def always_the_first(request, replicas, rng):
    return 0


ROUTER = PolicyExercise(
    id="5.7",
    function="route",
    title="A router that balances the right thing",
    scenario=Scenario(
        replica={"llm": "Llama-3.1-70B", "gpu": "H100-SXM5-80GB", "tp": 4},
        replicas=8,
        workload={
            "kind": "like",
            "name": "azure-2023-conv",
            "rate_scale": 16.0,
            "requests": 8_000,
        },
    ),
    baseline="round_robin",
    metric="p99_ttft_s",
    # 120 seeds, p99 TTFT over that of round robin (smallest, median, largest): the solution .566
    # .692 .750; fewest_requests .830 1.037 1.209; any_replica 1.245 1.520 1.928. The solution
    # passes with every seed, no misconception with any:
    #     python tests/benchmarks/policy_margin.py 5.7 --seeds 120
    ratio=0.8,
    public_seeds=(0, 1),
    misconceptions=(
        Misconception(
            taking_turns, "That is round robin itself. What do you know of each replica's queue?"
        ),
        Misconception(any_replica, "That is random. What do you know of each replica's queue?"),
        Misconception(
            fewest_requests,
            "You count requests. Most of them only decode, and prefill goes first. What does a new "
            "request really wait for?",
        ),
        Misconception(
            most_memory,
            "Free memory says how many answers are being written. Does a prompt wait for them?",
        ),
        Misconception(
            always_the_first,  # so do the most requests, the longest queue, and its length as index
            "All requests went to one replica. Is it `min` or `max` that you want? And do you "
            "return the index, not the amount?",
        ),
    ),
    hints=(
        "Which of `outstanding`, `queued_tokens` and `free_blocks` says how long a prompt waits?",
        "Prefill goes before decode. So a prompt waits for the prompts before it, and long ones "
        "count more than short ones.",
        "Take the index i with the smallest replicas[i].queued_tokens.",
    ),
)

EXERCISES = (PREFILL, DECODE_STEP, LARGEST_BATCH, QUEUE, GOODPUT, CALIBRATE, ROUTER)
