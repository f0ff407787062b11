"""The exercises of lesson 05, in the order of the lesson."""

import math

import numpy as np
from inference_lab.lab.exercise import Exercise, Misconception

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


def mfu_as_percent(**given):
    return _prefill(**given) * 100


def brackets_forgotten(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    return 2 * parameters * prompt_tokens / gpus * flop_per_s * mfu


def peak_in_teraflop(**given):
    return _prefill(**given) / 1e12


def whole_seconds(**given):
    return _prefill(**given) // 1


def rounded_prefill(**given):
    return round(_prefill(**given), 2)


def prefill_in_bits(**given):
    return _prefill(**given) * 8


def square_of_the_tokens(**given):
    return _prefill(**given) * given["prompt_tokens"]


def half_the_square_of_the_tokens(**given):
    return _prefill(**given) * (given["prompt_tokens"] + 1) / 2


def lost_share_added(**given):
    return _prefill(power=0, **given) * (2 - given["mfu"])


def share_added(**given):
    return _prefill(power=0, **given) * (1 + given["mfu"])


def lost_share_used(**given):
    return _prefill(**{**given, "mfu": 1 - given["mfu"]})


def four_operations(**given):
    return _prefill(flop=4, **given)


def factor_of_a_ring(**given):
    return _prefill(**given) * 2 * (given["gpus"] - 1) / given["gpus"]


def one_token_more(**given):
    return _prefill(**{**given, "prompt_tokens": given["prompt_tokens"] + 1})


def two_and_gpus_forgotten(**given):
    return _prefill(flop=1, all_gpus=False, **given)


def longer_of_compute_and_weights(**given):
    return max(_prefill(**given), 2 * given["parameters"] / (given["gpus"] * 3.35e12))


def longer_of_compute_and_weights_at_the_mfu(**given):
    rate = given["gpus"] * 3.35e12 * given["mfu"]
    return max(_prefill(**given), 2 * given["parameters"] / rate)


def prefill_in_microseconds(**given):
    return _prefill(**given) * 1e6


def two_in_the_denominator(**given):
    return _prefill(flop=0.5, **given)


def parameters_in_billions(**given):
    return _prefill(flop=2e9, **given)


def one_token_less(**given):
    return _prefill(**{**given, "prompt_tokens": given["prompt_tokens"] - 1})


def tokens_in_the_denominator(**given):
    return _prefill(**{**given, "prompt_tokens": 1 / given["prompt_tokens"]})


def draw_prefill(rng):
    few = rng.random() < 0.3  # prompts so short that reading the weights would take longer
    return {
        "parameters": int(rng.integers(10**9, 4 * 10**11)),
        "prompt_tokens": int(rng.integers(1, 30 if few else 100_000)),
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
        {  # Llama-3.1-70B, 80 % of the peak
            "parameters": 70_553_706_496,
            "prompt_tokens": 8_192,
            "gpus": 8,
            "flop_per_s": 989e12,
            "mfu": 0.8,
        },
        {  # an A100 alone
            "parameters": 8_030_261_248,
            "prompt_tokens": 512,
            "gpus": 1,
            "flop_per_s": 312e12,
            "mfu": 0.4,
        },
        {  # a prompt of a few words
            "parameters": 70_000_000_000,
            "prompt_tokens": 8,
            "gpus": 4,
            "flop_per_s": 989e12,
            "mfu": 0.5,
        },
    ),
    draw=draw_prefill,
    misconceptions=(
        Misconception(
            two_forgotten,
            "A multiplication and an addition for each weight and token: how many FLOP are they, "
            "with all the factors of your line?",
        ),
        Misconception(
            three_operations,
            "Six FLOP per weight belong to a training step. Is there a backward pass here?",
        ),
        Misconception(
            prefill_of_one_token,
            "That is the work of one token. How many tokens does the prompt have?",
        ),
        Misconception(prefill_on_one_gpu, "The GPUs share the work. How many are there?"),
        Misconception(mfu_forgotten, "That is the time at the peak. Which share of it is reached?"),
        Misconception(
            mfu_multiplied, "Does a prefill get shorter when the software reaches less of the peak?"
        ),
        Misconception(prefill_in_milliseconds, "Which unit of time does the exercise ask for?"),
        Misconception(gpus_multiplied, "Does a prefill get longer when more GPUs share it?"),
        Misconception(
            prefill_in_bits, "Where do the 8 bits of a byte come in? Computing is counted in FLOP."
        ),
        Misconception(mfu_as_percent, "The MFU is given as a share already: 0.5 is 50 %."),
        Misconception(
            brackets_forgotten,
            "a / b * c divides by b alone. Which factors belong in the denominator?",
        ),
        Misconception(peak_in_teraflop, "flop_per_s is in FLOP/s already: 989e12, not 989."),
        Misconception(
            square_of_the_tokens,
            "How often does each token meet each weight? (Attention is left out.)",
        ),
        Misconception(
            half_the_square_of_the_tokens,
            "How often does each token meet each weight? (Attention is left out.)",
        ),
        Misconception(
            lost_share_added,
            "With an MFU of 0.5 the GPUs run at half of their peak. How long does the work take?",
        ),
        Misconception(
            share_added,
            "With an MFU of 0.5 the GPUs run at half of their peak. How long does the work take?",
        ),
        Misconception(
            whole_seconds, "`//` drops everything after the decimal point. Do you want that?"
        ),
        Misconception(rounded_prefill, "Nearly: return the number as it is, not rounded."),
        Misconception(
            lost_share_used, "Is the MFU the share of the peak that is lost, or that is reached?"
        ),
        Misconception(
            four_operations, "A multiplication and an addition: how many FLOP are these two?"
        ),
        Misconception(
            factor_of_a_ring,
            "2 (n - 1) / n belongs to an all-reduce. Which traffic do you count in the work?",
        ),
        Misconception(
            one_token_more,
            "The first token comes at the end of prefill. Which tokens does prefill read?",
        ),
        Misconception(
            two_and_gpus_forgotten,
            "How many FLOP are there per weight and token, and how many GPUs share them?",
        ),
        Misconception(
            longer_of_compute_and_weights,
            "Is the time to read the weights asked for? Which arguments does the exercise give?",
        ),
        Misconception(
            longer_of_compute_and_weights_at_the_mfu,
            "Is the time to read the weights asked for? Which arguments does the exercise give?",
        ),
        Misconception(prefill_in_microseconds, "Which unit of time does the exercise ask for?"),
        Misconception(
            two_in_the_denominator,
            "Does the 2 make the work longer or shorter? On which side of the fraction is it?",
        ),
        Misconception(
            parameters_in_billions, "The parameters are a whole number already, not in billions."
        ),
        Misconception(
            one_token_less,
            "Prefill reads every token of the prompt, also the last. Which one do you leave out?",
        ),
        Misconception(
            tokens_in_the_denominator, "Does a longer prompt take less time? Where do tokens stand?"
        ),
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


def weights_alone_divided(**given):
    """Brackets forgotten: only the weights are divided by the speed."""
    speed = given["gpus"] * given["bytes_per_s"]
    weights_s = given["parameters_read"] * given["bytes_per_weight"] / speed
    return given["context_tokens"] * given["kv_bytes_per_token"] + weights_s


def always_bf16(**given):
    return _step(**{**given, "bytes_per_weight": 2})


def divided_by_the_batch(**given):
    return _step(**given) / given["batch"]


def work_compared(**given):
    flop = 2 * given["parameters_read"] * given["batch"]
    read = given["parameters_read"] * given["bytes_per_weight"]
    read += given["context_tokens"] * given["kv_bytes_per_token"]
    if flop > read:
        return flop / (given["gpus"] * given["flop_per_s"])
    return read / (given["gpus"] * given["bytes_per_s"])


def cache_weighed_as_weights(**given):
    weight = given["bytes_per_weight"]
    return _step(kv_tokens=given["context_tokens"] * weight, **given)


def one_token_of_cache_each(**given):
    return _step(kv_tokens=given["batch"], **given)


def cache_of_one_sequence(**given):
    return _step(kv_tokens=given["context_tokens"] / given["batch"], **given)


def memory_at_computing_speed(**given):
    return _step(**{**given, "bytes_per_s": given["flop_per_s"]})


def weights_and_computing_added(**given):
    return _step(kv_tokens=0, join=lambda compute_s, memory_s: compute_s + memory_s, **given)


def _three_times(**given):
    """Seconds to compute, to read the weights, and to read the KV-cache."""
    speed = given["gpus"] * given["bytes_per_s"]
    compute_s = 2 * given["parameters_read"] * given["batch"] / given["gpus"] / given["flop_per_s"]
    weights_s = given["parameters_read"] * given["bytes_per_weight"] / speed
    return compute_s, weights_s, given["context_tokens"] * given["kv_bytes_per_token"] / speed


def cache_read_by_one_gpu(**given):
    compute_s, weights_s, cache_s = _three_times(**given)
    return max(compute_s, weights_s + cache_s * given["gpus"])


def weights_read_by_one_gpu(**given):
    compute_s, weights_s, cache_s = _three_times(**given)
    return max(compute_s, weights_s * given["gpus"] + cache_s)


def cache_read_afterwards(**given):
    compute_s, weights_s, cache_s = _three_times(**given)
    return max(compute_s, weights_s) + cache_s


def longest_of_three(**given):
    return max(_three_times(**given))


def _step_over(read, **given):
    """A step as long as `read(weights, kv, speed, given)` takes, or the computing."""
    weights = given["parameters_read"] * given["bytes_per_weight"]
    kv = given["context_tokens"] * given["kv_bytes_per_token"]
    return _longer(read(weights, kv, given["gpus"] * given["bytes_per_s"]), **given)


def _longer(memory_s, **given):
    flop = 2 * given["parameters_read"] * given["batch"]
    return max(flop / (given["gpus"] * given["flop_per_s"]), memory_s)


def cache_alone(**given):
    return _step_over(lambda weights, kv, speed: kv / speed, **given)


def bits_to_bytes_of_weights(**given):
    return _step_over(lambda weights, kv, speed: (weights / 8 + kv) / speed, **given)


def steps_a_second(**given):
    return _step_over(lambda weights, kv, speed: speed / (weights + kv), **given)


def cache_alone_divided(**given):
    return _step_over(lambda weights, kv, speed: weights + kv / speed, **given)


def all_read_for_each_sequence(**given):
    times = given["batch"]
    return _step_over(lambda weights, kv, speed: times * (weights + kv) / speed, **given)


def cache_twice(**given):
    return _step_over(lambda weights, kv, speed: (weights + 2 * kv) / speed, **given)


def new_tokens_too(**given):
    new = given["batch"] * given["kv_bytes_per_token"]
    return _step_over(lambda weights, kv, speed: (weights + kv + new) / speed, **given)


def mean_of_both(**given):
    return _step(join=lambda compute_s, memory_s: (compute_s + memory_s) / 2, **given)


def tokens_counted_not_weighed(**given):
    tokens = given["context_tokens"]
    return _step_over(lambda weights, kv, speed: (weights + tokens) / speed, **given)


def tokens_divided_by_their_bytes(**given):
    tokens = given["context_tokens"] / given["kv_bytes_per_token"]
    return _step_over(lambda weights, kv, speed: (weights + tokens) / speed, **given)


def weights_twice(**given):
    return _step(weight_reads=2, **given)


def four_gpus_always(**given):
    return _step(**{**given, "gpus": 4})


def steps_in_a_second(**given):
    return 1 / _step(**given)


def speed_multiplied(**given):
    return _step_over(lambda weights, kv, speed: (weights + kv) * speed, **given)


def weights_times_cache(**given):
    return _step_over(lambda weights, kv, speed: weights * kv / speed, **given)


def computing_for_each_sequence(**given):
    return _step(
        join=lambda compute_s, memory_s: max(given["batch"] * compute_s, memory_s), **given
    )


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
        LLAMA_70B
        | FOUR_H100
        | {"batch": 218, "context_tokens": 446_464},  # as much cache as weights
        {  # small numbers, to follow with a pencil
            "parameters_read": 1_000,
            "bytes_per_weight": 2,
            "batch": 2,
            "context_tokens": 3_000,
            "kv_bytes_per_token": 10,
            "gpus": 1,
            "bytes_per_s": 1_000.0,
            "flop_per_s": 300_000.0,
        },
    ),
    draw=draw_step,
    misconceptions=(
        Misconception(
            weights_twice,
            "The 2 belongs to the FLOP: multiply and add. How often is each weight read?",
        ),
        Misconception(
            four_gpus_always, "Are there always four GPUs? Which argument tells how many?"
        ),
        Misconception(steps_in_a_second, "That is steps a second. How long does one of them take?"),
        Misconception(
            speed_multiplied, "Bytes and bytes a second: does a faster memory take longer?"
        ),
        Misconception(
            weights_times_cache,
            "Weights and KV-cache are both read in a step. What do you do with the two?",
        ),
        Misconception(
            computing_for_each_sequence,
            "The FLOP of the given line count the whole batch. What do you multiply them by?",
        ),
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
            cache_read_by_one_gpu,
            "The KV-cache is split over the GPUs as well. How many of them read at the same time?",
        ),
        Misconception(
            weights_read_by_one_gpu,
            "The weights are split over the GPUs as well. How many of them read at the same time?",
        ),
        Misconception(
            longest_of_three,
            "Weights and KV-cache lie in one memory. Can it read both at the same time?",
        ),
        Misconception(
            cache_read_afterwards,
            "The KV-cache is read by the memory as well. On which side of the comparison is it?",
        ),
        Misconception(
            both_added,
            "The GPU reads and computes at the same time. When is the step over?",
        ),
        Misconception(
            the_smaller,
            "The GPU reads and computes at the same time. Does the faster one end the step?",
        ),
        Misconception(
            memory_alone,
            "Right while the step is memory-bound. What about a batch so large that compute takes "
            "longer?",
        ),
        Misconception(
            compute_alone,
            "That is the compute side. Is the memory done by then? Look at memory_s.",
        ),
        Misconception(
            weights_alone_divided,
            "a + b / c divides b alone. Must the KV-cache not be divided by the speed as well?",
        ),
        Misconception(
            always_bf16, "Two bytes belong to bf16. What does `bytes_per_weight` say of fp8?"
        ),
        Misconception(
            divided_by_the_batch,
            "All sequences wait for the whole step, each gets one token. Why divide by the batch?",
        ),
        Misconception(
            work_compared, "You compare FLOP with bytes. Which two times should you compare?"
        ),
        Misconception(
            cache_weighed_as_weights,
            "kv_bytes_per_token is in bytes already. Which part is counted in numbers?",
        ),
        Misconception(
            one_token_of_cache_each,
            "A step looks at all tokens that came before. How many are in the cache?",
        ),
        Misconception(
            cache_of_one_sequence,
            "Each sequence has a cache of its own. Which of them does a step read?",
        ),
        Misconception(
            memory_at_computing_speed,
            "Reading goes at the speed of the memory. Which argument is that?",
        ),
        Misconception(
            weights_and_computing_added,
            "The GPU reads and computes at the same time. And what else must it read?",
        ),
        Misconception(
            bits_for_bytes,
            "Links are sold in bits per second. Which unit does a memory's speed have?",
        ),
        Misconception(
            cache_alone, "The KV-cache is in. What else is read in each step, whatever came before?"
        ),
        Misconception(
            bits_to_bytes_of_weights, "bytes_per_weight is in bytes already. What is the 8 for?"
        ),
        Misconception(
            steps_a_second,
            "Is that a time? Divide bytes by bytes per second and look at the units.",
        ),
        Misconception(
            cache_alone_divided,
            "a + b / c divides b alone. Must the weights not be divided by the speed as well?",
        ),
        Misconception(
            all_read_for_each_sequence,
            "One step serves the whole batch. How often is each part read in it?",
        ),
        Misconception(
            cache_twice,
            "kv_bytes_per_token holds K and V of all layers already. How often do you count it?",
        ),
        Misconception(
            new_tokens_too,
            "You add new tokens to the batch's context. Which tokens does the exercise count?",
        ),
        Misconception(
            mean_of_both, "The GPU reads and computes at the same time. When are both of them over?"
        ),
        Misconception(
            tokens_counted_not_weighed,
            "You count the tokens of the context. How many bytes does each one have in the cache?",
        ),
        Misconception(
            tokens_divided_by_their_bytes,
            "Tokens / (bytes per token): which unit is that? You are looking for bytes.",
        ),
        Misconception(in_milliseconds, "Which unit of time does the exercise ask for?"),
        Misconception(
            weights_counted_not_weighed, "You count weights. How many bytes does each one have?"
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


def _largest(
    rounded=math.floor, time=True, memory=True, fixed=True, least=0, memory_rounded=None, **given
):
    """A largest batch with one thing done wrongly, or none."""
    left_s = given["tpot_slo_s"] - (given["fixed_s"] if fixed else 0)
    limits = [rounded(left_s / given["per_sequence_s"])] if time else []
    if memory:
        by_memory = given["kv_capacity_tokens"] / given["sequence_tokens"]
        limits.append((memory_rounded or rounded)(by_memory))
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


def time_rounded_up(**given):
    return _largest(rounded=math.ceil, memory_rounded=math.floor, **given)


def time_rounded_up_and_negative(**given):
    return _largest(rounded=math.ceil, memory_rounded=math.floor, least=-math.inf, **given)


def memory_rounded_up(**given):
    return _largest(memory_rounded=math.ceil, **given)


def memory_rounded_up_and_negative(**given):
    return _largest(memory_rounded=math.ceil, least=-math.inf, **given)


def time_rounded_to_nearest(**given):
    return _largest(rounded=round, memory_rounded=math.floor, **given)


def time_rounded_to_nearest_and_negative(**given):
    return _largest(rounded=round, memory_rounded=math.floor, least=-math.inf, **given)


def _below(number):
    """The largest whole number that is smaller."""
    return math.ceil(number) - 1


def time_strictly_below(**given):
    return _largest(rounded=_below, memory_rounded=math.floor, **given)


def memory_strictly_below(**given):
    return _largest(memory_rounded=_below, **given)


def both_strictly_below(**given):
    return _largest(rounded=_below, **given)


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


def _limits(**given):
    """Both limits, rounded down, and never below 0."""
    by_time = int((given["tpot_slo_s"] - given["fixed_s"]) // given["per_sequence_s"])
    return max(0, by_time), given["kv_capacity_tokens"] // given["sequence_tokens"]


def the_larger_limit(**given):
    return max(_limits(**given))


def fixed_part_added(**given):
    return _largest(**{**given, "fixed_s": -given["fixed_s"]})


def first_that_fails(**given):
    return min(_limits(**given)) + 1


def first_that_fails_or_none(**given):
    """A loop that counts up while the last batch was good, and starts from none."""
    most = min(_limits(**given))
    too_slow = given["fixed_s"] > given["tpot_slo_s"]
    return 0 if too_slow else most + 1


def at_least_one(**given):
    return max(1, min(_limits(**given)))


def one_too_few(**given):
    by_time, by_memory = _limits(**given)
    return min(by_time, by_memory - 1)


def smallest_batch(**given):
    return min(1, *_limits(**given))


def paid_for_each_token(**given):
    each_s = given["per_sequence_s"] * given["sequence_tokens"]
    return _largest(**{**given, "per_sequence_s": each_s})


def paid_for_each_token_and_negative(**given):
    each_s = given["per_sequence_s"] * given["sequence_tokens"]
    return _largest(least=-math.inf, **{**given, "per_sequence_s": each_s})


def first_one_in_the_fixed_part(**given):
    """The step of a batch of one is taken to be `fixed_s`."""
    return _first_one_free(math.floor, **given)


def first_one_in_the_fixed_part_and_negative(**given):
    return _first_one_free(math.floor, least=-math.inf, **given)


def _first_one_free(rounded, least=0, **given):
    limit_s = given["tpot_slo_s"] + given["per_sequence_s"]
    return _largest(rounded, least=least, **{**given, "tpot_slo_s": limit_s})


def time_of_the_step(**given):
    batch = min(_limits(**given))
    return given["fixed_s"] + given["per_sequence_s"] * batch if batch else 0


def all_or_nothing(**given):
    by_time, by_memory = _limits(**given)
    return by_time if by_time <= by_memory else 0


def all_or_nothing_and_negative(**given):
    by_time = int((given["tpot_slo_s"] - given["fixed_s"]) / given["per_sequence_s"])
    return by_time if by_time <= _limits(**given)[1] else 0


def power_of_two(**given):
    most = min(_limits(**given))
    return 2 ** int(math.log2(most)) if most else 1


def power_of_two_or_none(**given):
    return power_of_two(**given) if min(_limits(**given)) else 0


def at_most_256(**given):
    return min(256, _largest(**given))


def blocks_of_16_tokens(**given):
    tokens = 16 * math.ceil(given["sequence_tokens"] / 16)
    return _largest(**{**given, "sequence_tokens": tokens})


def fixed_part_forgotten_and_rounded_up(**given):
    return _largest(fixed=False, rounded=math.ceil, **given)


def limit_in_milliseconds(**given):
    limit_s = given["tpot_slo_s"] / 1000
    return _largest(rounded=int, least=-math.inf, **{**given, "tpot_slo_s": limit_s})


def memory_of_the_lesson(**given):
    return _largest(rounded=int, least=-math.inf, **{**given, **LESSON_MEMORY})


def draw_batch(rng):
    """On a boundary in powers of two, which floats hold exactly, or not near one."""
    kind = rng.choice(["exact", "too slow", "many", "between"], p=[0.4, 0.1, 0.2, 0.3])
    many = kind == "many"  # more than a server's usual limit of 256
    tokens = int(rng.integers(20, 500) if many else rng.integers(200, 6_000))
    capacity = int(rng.integers(400_000 if many else 1_000, 500_000))
    if kind == "exact":
        fixed_s = per_sequence_s = 2.0**-12
        slo_s = fixed_s + int(rng.integers(1, 200)) * per_sequence_s
        capacity = int(rng.integers(1, 200)) * tokens
    else:
        fixed_s = float(rng.uniform(0.005, 0.060))
        per_sequence_s = float(rng.uniform(0.00003, 0.0008))
        most = int(rng.integers(257, 800) if many else rng.integers(0, 200))
        left_s = (most + float(rng.uniform(0.2, 0.8))) * per_sequence_s
        slo_s = fixed_s * float(rng.uniform(0.5, 0.95)) if kind == "too slow" else fixed_s + left_s
    return {
        "tpot_slo_s": slo_s,
        "fixed_s": fixed_s,
        "per_sequence_s": per_sequence_s,
        "sequence_tokens": tokens,
        "kv_capacity_tokens": capacity,
    }


LESSON_MEMORY = {"kv_capacity_tokens": 218, "sequence_tokens": 1}
MEMORY = "Fast enough. But do all their KV-caches fit into the memory?"
ROUND_UP = "Does that last sequence still meet the limit? Compute its step."
EQUAL = "And a batch that meets a limit exactly? *At most* 40 ms allows 40 ms."
NEAREST = "Some of your batches are one too large. To which side must a limit be rounded?"
BELOW_0 = "Can a batch be smaller than nothing? What if one sequence alone is too slow?"
PER_SEQUENCE = "per_sequence_s is for one whole sequence. Why do you count its tokens?"
FIRST_ONE = "How long is the step of a batch of one: is its sequence in `fixed_s` already?"
NOT_ALL = "If not all of them fit, must the replica send everybody away? How many do fit?"
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
            "per_sequence_s": 0.0000501,
            "sequence_tokens": 2_290,
            "kv_capacity_tokens": 448_280,
        },
        {  # short sequences, of which it holds more than time allows
            "tpot_slo_s": 0.040,
            "fixed_s": 0.0104,
            "per_sequence_s": 0.0000501,
            "sequence_tokens": 60,
            "kv_capacity_tokens": 448_280,
        },
        {
            "tpot_slo_s": 0.030,
            "fixed_s": 0.0104,
            "per_sequence_s": 0.00017,
            "sequence_tokens": 2_304,
            "kv_capacity_tokens": 448_280,
        },
        {  # 64 sequences meet the limit of time exactly, and 100 that of the memory
            "tpot_slo_s": 0.03125,
            "fixed_s": 0.015625,
            "per_sequence_s": 0.000244140625,
            "sequence_tokens": 2_048,
            "kv_capacity_tokens": 204_800,
        },
        {  # 50 meet that of the memory exactly
            "tpot_slo_s": 0.03125,
            "fixed_s": 0.015625,
            "per_sequence_s": 0.000244140625,
            "sequence_tokens": 2_048,
            "kv_capacity_tokens": 102_400,
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
        Misconception(time_rounded_up, ROUND_UP),
        Misconception(time_rounded_up_and_negative, ROUND_UP),
        Misconception(memory_rounded_up, "Do the last sequence's tokens still fit the memory?"),
        Misconception(
            memory_rounded_up_and_negative, "Do the last sequence's tokens still fit the memory?"
        ),
        Misconception(time_rounded_to_nearest, NEAREST),
        Misconception(time_rounded_to_nearest_and_negative, NEAREST),
        Misconception(time_strictly_below, EQUAL),
        Misconception(memory_strictly_below, EQUAL),
        Misconception(both_strictly_below, EQUAL),
        Misconception(negative_batch, BELOW_0),
        Misconception(negative_batch_cut, BELOW_0),
        Misconception(
            step_of_one_times_batch,
            "Does a batch of two take twice the step of one? Which part is paid only once?",
        ),
        Misconception(
            the_larger_limit,
            "Both limits must be kept. Is the larger batch within the smaller limit?",
        ),
        Misconception(
            fixed_part_added, "The fixed part is in every step. What does it leave of the limit?"
        ),
        Misconception(
            first_that_fails, "That batch breaks a limit already. Which was the last good one?"
        ),
        Misconception(
            first_that_fails_or_none,
            "That batch breaks a limit already. Which was the last good one?",
        ),
        Misconception(at_least_one, "What if one sequence alone is too slow, or does not fit?"),
        Misconception(one_too_few, "One more would still fit. Where does `range` end?"),
        Misconception(smallest_batch, "That batch is good. Is it the largest good one?"),
        Misconception(paid_for_each_token, PER_SEQUENCE),
        Misconception(paid_for_each_token_and_negative, PER_SEQUENCE),
        Misconception(first_one_in_the_fixed_part, FIRST_ONE),
        Misconception(first_one_in_the_fixed_part_and_negative, FIRST_ONE),
        Misconception(time_of_the_step, "That is a time. How many sequences are in that step?"),
        Misconception(all_or_nothing, NOT_ALL),
        Misconception(all_or_nothing_and_negative, NOT_ALL),
        Misconception(power_of_two, "Must a batch be a power of two? Try one more."),
        Misconception(power_of_two_or_none, "Must a batch be a power of two? Try one more."),
        Misconception(
            at_most_256,
            "Which two limits does the exercise name? A server's own limit is not one of them.",
        ),
        Misconception(
            blocks_of_16_tokens,
            "Is a sequence rounded up to whole blocks here, or does it hold `sequence_tokens`?",
        ),
        Misconception(
            fixed_part_forgotten_and_rounded_up,
            "What does `fixed_s` say, and does the last sequence still meet the limit?",
        ),
        Misconception(limit_in_milliseconds, "All times are in seconds already."),
        Misconception(
            memory_of_the_lesson, "218 is this lesson's replica. What about another memory?"
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


def idle_time_saved_up(arrival_s, prefill_s):
    """As never idle, from the first arrival on."""
    start_s = arrival_s[0]
    moved = [arrival - start_s for arrival in arrival_s]
    return _queue(moved, prefill_s, idle=False)


def idle_time_saved_up_and_not_negative(arrival_s, prefill_s):
    start_s = arrival_s[0]
    return never_idle_and_not_negative([each - start_s for each in arrival_s], prefill_s)


def all_at_once(arrival_s, prefill_s):
    return [sum(prefill_s[: i + 1]) for i in range(len(prefill_s))]


def whole_prefill_of_the_one_before(arrival_s, prefill_s):
    pairs = zip([0.0, *prefill_s], prefill_s, strict=False)
    return [before + own for before, own in pairs]


def whole_wait_of_the_one_before(arrival_s, prefill_s):
    answers = []
    for i, own in enumerate(prefill_s):
        busy = i > 0 and answers[-1] > arrival_s[i] - arrival_s[i - 1]
        answers.append(own + (answers[-1] if busy else 0.0))
    return answers


def all_before_in_full(arrival_s, prefill_s):
    finish_s, answers = [], []
    for arrival, own in zip(arrival_s, prefill_s, strict=True):
        ahead = zip(finish_s, prefill_s, strict=False)
        answers.append(own + sum(each for end, each in ahead if end > arrival))
        finish_s.append(arrival + answers[-1])
    return answers


def the_earlier_moment(arrival_s, prefill_s):
    free_s, answers = 0.0, []
    for arrival, prefill in zip(arrival_s, prefill_s, strict=True):
        free_s = min(free_s, arrival) + prefill
        answers.append(free_s - arrival)
    return answers


def busy_from_the_start(arrival_s, prefill_s):
    free_s, answers = prefill_s[0], []
    for arrival, prefill in zip(arrival_s, prefill_s, strict=True):
        free_s = max(free_s, arrival) + prefill
        answers.append(free_s - arrival)
    return answers


def prefill_of_the_one_before(arrival_s, prefill_s):
    free_s = arrival_s[0] + prefill_s[0]
    answers = [prefill_s[0]]
    for arrival, before in zip(arrival_s[1:], prefill_s, strict=False):
        free_s = max(free_s, arrival) + before
        answers.append(free_s - arrival)
    return answers


def shortest_first(arrival_s, prefill_s):
    free_s, answers = 0.0, [0.0] * len(arrival_s)
    for i in sorted(range(len(arrival_s)), key=lambda i: prefill_s[i]):
        free_s = max(free_s, arrival_s[i]) + prefill_s[i]
        answers[i] = free_s - arrival_s[i]
    return answers


def sorted_times(arrival_s, prefill_s):
    return sorted(_queue(arrival_s, prefill_s))


def idle_time_saved_up_in_milliseconds(arrival_s, prefill_s):
    return [1e3 * time for time in _queue(arrival_s, prefill_s, idle=False)]


def _recursion(arrival_s, prefill_s, term):
    """Lindley's recursion for the wait, with another term in place of the work before."""
    wait_s, answers = 0.0, []
    for i, own_s in enumerate(prefill_s):
        if i > 0:
            wait_s = max(0.0, term(wait_s, i) - (arrival_s[i] - arrival_s[i - 1]))
        answers.append(wait_s + own_s)
    return answers


def own_prefill_for_the_one_before(arrival_s, prefill_s):
    return _recursion(arrival_s, prefill_s, lambda wait_s, i: wait_s + prefill_s[i])


def prefill_of_the_one_before_alone(arrival_s, prefill_s):
    return _recursion(arrival_s, prefill_s, lambda wait_s, i: prefill_s[i - 1])


def own_prefill_alone(arrival_s, prefill_s):
    return _recursion(arrival_s, prefill_s, lambda wait_s, i: prefill_s[i])


def wait_and_both_prefills(arrival_s, prefill_s):
    both = [*zip([0.0, *prefill_s], prefill_s, strict=False)]
    return _recursion(arrival_s, prefill_s, lambda wait_s, i: wait_s + sum(both[i]))


def wait_without_sign(arrival_s, prefill_s):
    return _queue_answering(lambda start, free, a, p: abs(free - a) + p, arrival_s, prefill_s)


def wait_below_0(arrival_s, prefill_s):
    return _queue_answering(lambda start, free, a, p: free - a + p, arrival_s, prefill_s)


def wait_twice(arrival_s, prefill_s):
    return _queue_answering(lambda start, free, a, p: 2 * (start - a) + p, arrival_s, prefill_s)


def starts(arrival_s, prefill_s):
    return _queue_answering(lambda start, free, a, p: start, arrival_s, prefill_s)


def since_the_one_before_ended(arrival_s, prefill_s):
    return _queue_answering(lambda start, free, a, p: start + p - free, arrival_s, prefill_s)


def pairs_of_inputs(arrival_s, prefill_s):
    return [list(pair) for pair in zip(arrival_s, prefill_s, strict=True)]


def _queue_answering(answer, arrival_s, prefill_s):
    """The right queue, of which `answer(start, free, arrival, prefill)` tells something else."""
    free_s, answers = 0.0, []
    for arrival, prefill in zip(arrival_s, prefill_s, strict=True):
        start_s = max(free_s, arrival)
        answers.append(answer(start_s, free_s, arrival, prefill))
        free_s = start_s + prefill
    return answers


def first_prefill_for_all(arrival_s, prefill_s):
    return _queue(arrival_s, [prefill_s[0]] * len(prefill_s))


def arrivals_as_gaps(arrival_s, prefill_s):
    """The same number: an arrival compared with the TTFT of the one before, a duration."""
    moments = [sum(arrival_s[: i + 1]) for i in range(len(arrival_s))]
    return _queue(moments, prefill_s)


def prefill_inside_the_max(arrival_s, prefill_s):
    free_s, answers = 0.0, []
    for arrival, prefill in zip(arrival_s, prefill_s, strict=True):
        free_s = max(free_s, arrival + prefill)
        answers.append(free_s - arrival)
    return answers


def wait_in_the_next_start_too(arrival_s, prefill_s):
    free_s, answers = 0.0, []
    for arrival, prefill in zip(arrival_s, prefill_s, strict=True):
        wait_s = max(0.0, free_s - arrival)
        free_s = max(free_s, arrival) + wait_s + prefill
        answers.append(free_s - arrival)
    return answers


def shortest_of_those_that_wait(arrival_s, prefill_s):
    left, free_s, answers = set(range(len(arrival_s))), 0.0, [0.0] * len(arrival_s)
    while left:
        free_s = max(free_s, min(arrival_s[i] for i in left))
        i = min((i for i in left if arrival_s[i] <= free_s), key=lambda i: (prefill_s[i], i))
        left.remove(i)
        free_s += prefill_s[i]
        answers[i] = free_s - arrival_s[i]
    return answers


def all_share_the_replica(arrival_s, prefill_s):
    """Processor sharing: each of n prompts is read at an n-th of the speed."""
    now_s, coming, left_s = 0.0, list(range(len(arrival_s))), {}
    answers = [0.0] * len(arrival_s)
    while coming or left_s:
        if not left_s:
            now_s = arrival_s[coming[0]]
        while coming and arrival_s[coming[0]] <= now_s:
            i = coming.pop(0)
            left_s[i] = prefill_s[i]
        first = min(left_s, key=left_s.get)
        step_s = left_s[first] * len(left_s)
        if coming and arrival_s[coming[0]] - now_s < step_s:
            done_s = (arrival_s[coming[0]] - now_s) / len(left_s)
            left_s = {i: rest - done_s for i, rest in left_s.items()}
            now_s = arrival_s[coming[0]]
            continue
        now_s += step_s
        done_s = left_s.pop(first)
        left_s = {i: rest - done_s for i, rest in left_s.items()}
        answers[first] = now_s - arrival_s[first]
    return answers


def all_that_wait_at_once(arrival_s, prefill_s):
    """Those that wait are read together, in the time of the longest of them."""
    answers, free_s = [], 0.0
    while len(answers) < len(arrival_s):
        first = len(answers)
        start_s = max(free_s, arrival_s[first])
        waiting = [i for i in range(first, len(arrival_s)) if arrival_s[i] <= start_s]
        free_s = start_s + max(prefill_s[i] for i in waiting)
        answers += [free_s - arrival_s[i] for i in waiting]
    return answers


def two_replicas(arrival_s, prefill_s):
    """Whichever of two replicas is free first reads the prompt."""
    free_s, answers = [0.0, 0.0], []
    for arrival, prefill in zip(arrival_s, prefill_s, strict=True):
        end_s = max(free_s[0], arrival) + prefill
        free_s = sorted((free_s[1], end_s))
        answers.append(end_s - arrival)
    return answers


def since_the_first_arrival(arrival_s, prefill_s):
    return _queue_answering(
        lambda start, free, a, p: start + p - arrival_s[0], arrival_s, prefill_s
    )


def prefill_of_the_one_before_in_the_answer(arrival_s, prefill_s):
    before = [prefill_s[-1], *prefill_s[:-1]]
    starts = _queue(arrival_s, prefill_s, own=False)
    return [start + own for start, own in zip(starts, before, strict=True)]


def the_first_alone(arrival_s, prefill_s):
    return _queue(arrival_s, prefill_s)[:1]


def sign_turned(arrival_s, prefill_s):
    return [-time for time in _queue(arrival_s, prefill_s)]


def arrivals_from_the_end(arrival_s, prefill_s):
    free_s, answers = 0.0, [0.0] * len(arrival_s)
    for i in reversed(range(len(arrival_s))):
        free_s = max(free_s, arrival_s[i]) + prefill_s[i]
        answers[i] = free_s - arrival_s[i]
    return answers


def twice_where_it_waits(arrival_s, prefill_s):
    return _queue_answering(
        lambda start, free, a, p: 2 * p if free > a else p, arrival_s, prefill_s
    )


def the_longer_of_wait_and_prefill(arrival_s, prefill_s):
    return _queue_answering(lambda start, free, a, p: max(start - a, p), arrival_s, prefill_s)


def draw_queue(rng):
    requests = int(rng.integers(1, 60))
    prefill_s = rng.uniform(0.01, 0.6, requests)
    gaps_s = rng.exponential(float(prefill_s.mean() / rng.uniform(0.2, 1.2)), requests)
    return {
        "arrival_s": [float(moment) for moment in gaps_s.cumsum()],
        "prefill_s": [float(seconds) for seconds in prefill_s],
    }


IDLE = "The replica has been idle for a while. When does it start on a prompt that comes then?"

AT_ONCE = "One replica reads the prompts one after the other. How many does yours read at a time?"
TERM = "What stands between you and the replica: your own prompt, or what is before it?"
PART = "A part of what is before it may be done when it arrives. How much is left then?"

QUEUE = Exercise(
    id="5.4",
    function="ttfts_s",
    title="The queue of one replica",
    public=(
        {  # the lesson's example
            "arrival_s": [0.0, 0.030, 0.040, 0.500],
            "prefill_s": [0.074, 0.074, 0.020, 0.050],
        },
        {  # a busy spell, an idle one, a long prompt in front of short ones
            "arrival_s": [0.010, 0.020, 0.090, 0.500, 0.510, 0.530, 0.700],
            "prefill_s": [0.074, 0.020, 0.074, 0.314, 0.020, 0.074, 0.050],
        },
        {"arrival_s": [1.0, 2.0, 3.5], "prefill_s": [0.25, 0.5, 0.125]},
        {"arrival_s": [0.0, 0.01234], "prefill_s": [0.07407, 0.02021]},
        {  # a busy spell long after time 0
            "arrival_s": [60.0, 60.05, 60.10, 60.15, 63.0],
            "prefill_s": [0.2, 0.1, 0.3, 0.05, 0.1],
        },
    ),
    draw=draw_queue,
    misconceptions=(
        Misconception(all_that_wait_at_once, AT_ONCE),
        Misconception(two_replicas, AT_ONCE),
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
        Misconception(idle_time_saved_up, IDLE),
        Misconception(idle_time_saved_up_and_not_negative, IDLE),
        Misconception(idle_time_saved_up_in_milliseconds, IDLE),
        Misconception(all_at_once, "Your requests all come at time 0. When does each one arrive?"),
        Misconception(whole_prefill_of_the_one_before, PART),
        Misconception(whole_wait_of_the_one_before, PART),
        Misconception(all_before_in_full, PART),
        Misconception(
            the_earlier_moment,
            "Can a prompt start before it is there, or before the replica is free?",
        ),
        Misconception(
            busy_from_the_start, "At first the replica is idle. For what does the first one wait?"
        ),
        Misconception(
            prefill_of_the_one_before, "Whose prompt is read when this request's turn has come?"
        ),
        Misconception(own_prefill_for_the_one_before, TERM),
        Misconception(own_prefill_alone, TERM),
        Misconception(wait_and_both_prefills, TERM),
        Misconception(
            prefill_of_the_one_before_alone,
            "The one before may have waited itself. When is the replica really free?",
        ),
        Misconception(shortest_first, "In which order does this replica take those that wait?"),
        Misconception(sorted_times, "The list is in the order of arrival. Why sort it?"),
        Misconception(newest_first, "In which order does this replica take those that wait?"),
        Misconception(own_prefill_twice, "How often is each prompt read?"),
        Misconception(mean_of_all, "The exercise asks for the list, one number for each request."),
        Misconception(
            wait_without_sign,
            "What is `free - arrival` after an idle spell? Can a wait be that?",
        ),
        Misconception(
            wait_below_0,
            "What is `free - arrival` after an idle spell? Can a wait be that?",
        ),
        Misconception(
            wait_twice,
            "How often does a request sit through the same wait? Follow the second one by hand.",
        ),
        Misconception(
            wait_in_the_next_start_too,
            "How often does a request sit through the same wait? Follow the second one by hand.",
        ),
        Misconception(
            starts,
            "These are the moments of the starts. Since when has each user waited, and until when?",
        ),
        Misconception(
            since_the_one_before_ended,
            "You count from when the replica was free. Since when has the user been waiting?",
        ),
        Misconception(
            pairs_of_inputs, "These are the inputs. Which one number does each request get?"
        ),
        Misconception(
            first_prefill_for_all,
            "Is every prompt as long as the first one? Whose prefill is added?",
        ),
        Misconception(
            arrivals_as_gaps,
            "arrival_s is a moment on the clock, no gap, and a TTFT is a duration. At which moment "
            "is the replica free?",
        ),
        Misconception(
            prefill_inside_the_max,
            "A prompt that waited has still to be read. Does your `max` leave time for that?",
        ),
        Misconception(
            shortest_of_those_that_wait, "In which order does this replica take those that wait?"
        ),
        Misconception(
            all_share_the_replica,
            "Does this replica read several prompts at once, or one after the other?",
        ),
        Misconception(
            since_the_first_arrival,
            "You count from when the first request came. Since when has this user been waiting?",
        ),
        Misconception(
            prefill_of_the_one_before_in_the_answer,
            "Whose prefill do you add to the start: its own, or that of the one before?",
        ),
        Misconception(
            the_first_alone, "Only the first is answered. Does `return` stand inside your loop?"
        ),
        Misconception(
            sign_turned, "Which of two moments is the later one? A time to wait is not below 0."
        ),
        Misconception(
            arrivals_from_the_end, "In which order does this replica take those that wait?"
        ),
        Misconception(
            twice_where_it_waits,
            "How long is the wait: as long as its own prefill, or until the replica is free?",
        ),
        Misconception(
            the_longer_of_wait_and_prefill,
            "First it waits, then it is read. Is the longer of the two the time of both?",
        ),
        Misconception(queue_in_milliseconds, "Which unit of time does the exercise ask for?"),
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


def gaps_counted_as_tokens_and_one_is_bad(**given):
    return _goodput(_both, single=float("inf"), intervals=lambda n: n if n > 1 else 0, **given)


def gaps_counted_as_tokens_and_one_is_good(**given):
    columns = ("ttft_s", "e2e_s", "output_tokens")
    good = 0
    for ttft_s, e2e_s, tokens in zip(*(given[name] for name in columns), strict=True):
        fast = (e2e_s - ttft_s) / tokens <= given["tpot_limit_s"]
        good += tokens == 1 or (fast and ttft_s <= given["ttft_limit_s"])
    return good / _span_s(given)


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


def _good(given):
    """Which requests are good."""
    columns = ("ttft_s", "e2e_s", "output_tokens")
    for ttft_s, e2e_s, tokens in zip(*(given[name] for name in columns), strict=True):
        tpot_s = (e2e_s - ttft_s) / (tokens - 1) if tokens > 1 else 0.0
        yield ttft_s <= given["ttft_limit_s"] and tpot_s <= given["tpot_limit_s"]


def _finish_s(given):
    return [a + e for a, e in zip(given["arrival_s"], given["e2e_s"], strict=True)]


def _span_s(given):
    return max(_finish_s(given)) - given["arrival_s"][0]


def until_the_first_bad_one(**given):
    good = [*_good(given), False]
    return good.index(False) / _span_s(given)


def nothing_after_the_first_bad_one(**given):
    good = [*_good(given), False]
    seen = _finish_s(given)[: good.index(False) + 1]
    return good.index(False) / (max(seen) - given["arrival_s"][0])


def last_arrival_and_longest_answer(**given):
    return _goodput(
        _both, span=lambda g: g["arrival_s"][-1] + max(g["e2e_s"]) - g["arrival_s"][0], **given
    )


def brackets_of_the_tpot_forgotten(**given):
    columns = ("ttft_s", "e2e_s", "output_tokens")
    rows = zip(*(given[name] for name in columns), strict=True)
    good = sum(
        ttft_s <= given["ttft_limit_s"]
        and (n == 1 or e2e_s - ttft_s / (n - 1) <= given["tpot_limit_s"])
        for ttft_s, e2e_s, n in rows
    )
    return good / _span_s(given)


def limits_exchanged(**given):
    limits = {"ttft_limit_s": given["tpot_limit_s"], "tpot_limit_s": given["ttft_limit_s"]}
    return _goodput(_both, **{**given, **limits})


def longest_request(**given):
    return _goodput(_both, span=lambda g: max(g["e2e_s"]), **given)


def durations_as_moments(**given):
    return _goodput(_both, span=lambda g: max(g["e2e_s"]) - g["arrival_s"][0], **given)


def until_the_last_good_one(**given):
    ends = [end for end, good in zip(_finish_s(given), _good(given), strict=True) if good]
    return len(ends) / (max(ends) - given["arrival_s"][0]) if ends else 0.0


def while_the_good_ones_ran(**given):
    rows = zip(given["arrival_s"], _finish_s(given), _good(given), strict=True)
    spans = [(arrival_s, finish_s) for arrival_s, finish_s, good in rows if good]
    starts_s, ends_s = zip(*spans, strict=True) if spans else ([0], [1])
    return len(spans) / (max(ends_s) - min(starts_s))


def one_token_is_good(**given):
    singles = zip(given["output_tokens"], _good(given), strict=True)
    return sum(tokens == 1 or good for tokens, good in singles) / _span_s(given)


def either_limit_and_none_for_one_token(**given):
    columns = ("ttft_s", "e2e_s", "output_tokens")
    good = 0
    for ttft_s, e2e_s, tokens in zip(*(given[name] for name in columns), strict=True):
        fast = tokens > 1 and (e2e_s - ttft_s) / (tokens - 1) <= given["tpot_limit_s"]
        good += ttft_s <= given["ttft_limit_s"] or fast
    return good / _span_s(given)


def brackets_of_tpot(**given):
    columns = ("ttft_s", "e2e_s", "output_tokens")
    good = 0
    for ttft_s, e2e_s, tokens in zip(*(given[name] for name in columns), strict=True):
        tpot_s = e2e_s - ttft_s / tokens - 1 if tokens > 1 else 0.0
        good += ttft_s <= given["ttft_limit_s"] and tpot_s <= given["tpot_limit_s"]
    return good / _span_s(given)


def strictly_below(**given):
    limits = {name: given[name] * (1 - 1e-9) for name in ("ttft_limit_s", "tpot_limit_s")}
    return _goodput(_both, **{**given, **limits})


def ttft_strictly_below(**given):
    return _goodput(_both, **{**given, "ttft_limit_s": given["ttft_limit_s"] * (1 - 1e-9)})


def tpot_strictly_below(**given):
    return _goodput(_both, **{**given, "tpot_limit_s": given["tpot_limit_s"] * (1 - 1e-9)})


def strictly_below_until_the_last_arrival(**given):
    span_s = given["arrival_s"][-1] - given["arrival_s"][0]
    return strictly_below(**given) * _span_s(given) / span_s


def tokens_of_good_requests(**given):
    pairs = zip(given["output_tokens"], _good(given), strict=True)
    return sum(tokens for tokens, good in pairs if good) / _span_s(given)


def seconds_for_a_request(**given):
    good = sum(_good(given))
    return _span_s(given) / good if good else 0


def means_within_limits(**given):
    columns = ("ttft_s", "e2e_s", "output_tokens")
    rows = list(zip(*(given[name] for name in columns), strict=True))
    gaps = [(e2e_s - ttft_s) / (n - 1) for ttft_s, e2e_s, n in rows if n > 1]
    tpot_s = sum(gaps) / len(gaps) if gaps else 0.0
    ttft_s = sum(given["ttft_s"]) / len(rows)
    met = ttft_s <= given["ttft_limit_s"] and tpot_s <= given["tpot_limit_s"]
    return len(rows) / _span_s(given) if met else 0.0


def tpot_of_all_tokens(**given):
    """One TPOT of the whole run, and each request's own TTFT."""
    gaps = sum(given["output_tokens"]) - len(given["output_tokens"])
    tpot_s = (sum(given["e2e_s"]) - sum(given["ttft_s"])) / max(gaps, 1)
    met = tpot_s <= given["tpot_limit_s"]
    return sum(met and s <= given["ttft_limit_s"] for s in given["ttft_s"]) / _span_s(given)


def ttft_added_to_e2e(**given):
    span_s = max(map(sum, zip(given["arrival_s"], given["ttft_s"], given["e2e_s"], strict=True)))
    return sum(_good(given)) / (span_s - given["arrival_s"][0])


def ttft_added_everywhere(**given):
    """E2E is taken for the time of decode: TPOT has the whole answer in it, too."""
    after = [t + e for t, e in zip(given["ttft_s"], given["e2e_s"], strict=True)]
    return _goodput(_both, **{**given, "e2e_s": after})


TICK_S = 2.0**-20  # times in whole ticks: their sums, and a TPOT at its limit, are exact


def draw_goodput(rng):
    """Some times come exactly at their limit, in numbers that floats hold; none is near it."""
    requests = int(rng.integers(6, 60))
    ttft_limit, tpot_limit = (int(rng.integers(lo, 10 * lo)) for lo in (200_000, 20_000))
    tokens = rng.integers(2, 300, requests)
    tokens[rng.random(requests) < 0.2] = 1
    ttft, tpot = (
        np.where(rng.random(requests) < 0.2, limit, limit * _off_the_limit(rng, requests))
        for limit in (ttft_limit, tpot_limit)
    )
    ttft, decode = ttft.astype(int), (tpot * (tokens - 1)).astype(int)
    arrival = (2**20 * (5 + rng.exponential(0.5, requests).cumsum())).astype(int)
    return {
        "arrival_s": (TICK_S * arrival).tolist(),
        "ttft_s": (TICK_S * ttft).tolist(),
        "e2e_s": (TICK_S * (ttft + decode)).tolist(),
        "output_tokens": tokens.tolist(),
        "ttft_limit_s": TICK_S * ttft_limit,
        "tpot_limit_s": TICK_S * tpot_limit,
    }


def _off_the_limit(rng, requests):
    """Shares of a limit, below or above it."""
    return np.where(
        rng.random(requests) < 0.64,
        rng.uniform(0.3, 0.99, requests),
        rng.uniform(1.01, 1.4, requests),
    )


LIMITS = {"ttft_limit_s": 2.0, "tpot_limit_s": 0.25}  # floats hold both
SPAN = "From the first arrival to the last finish: which request finishes last?"
E2E = "E2E runs from the request to its last token. Is the first token's time not in it?"
TPOT_AND_ONE = "How many gaps lie between n tokens? And which limit applies to a single token?"
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
            "e2e_s": [10.5, 3.5, 30.5, 33.0, 1.0, 27.0, 2.25],
            "output_tokens": [101, 11, 101, 101, 1, 101, 1],
        },
        LIMITS
        | {  # bad by their gaps, good by their tokens; then at the limit, bad with TTFT in it
            "arrival_s": [2.0, 3.0, 4.0, 5.0],
            "ttft_s": [1.5, 0.25, 0.5, 1.0],
            "e2e_s": [2.28125, 1.03125, 1.5625, 6.0],
            "output_tokens": [4, 4, 5, 21],
        },
        LIMITS
        | {
            "arrival_s": [0.5, 1.0],
            "ttft_s": [0.5, 0.5],
            "e2e_s": [4.5, 1.125],
            "output_tokens": [9, 3],
        },
        LIMITS
        | {  # good by its gaps, bad with TTFT in them
            "arrival_s": [0.5, 1.0],
            "ttft_s": [1.5, 0.5],
            "e2e_s": [9.5, 0.5],
            "output_tokens": [37, 1],
        },
        LIMITS
        | {  # good, TTFT bad, two of one token, TPOT bad, good at both limits
            "arrival_s": [1.0, 1.25, 1.5, 2.0, 2.5, 3.0],
            "ttft_s": [1.0, 2.5, 0.5, 1.5, 1.0, 2.0],
            "e2e_s": [3.0, 4.5, 0.5, 1.5, 5.0, 4.5],
            "output_tokens": [11, 11, 1, 1, 11, 11],
        },
    ),
    draw=draw_goodput,
    misconceptions=(
        Misconception(
            either_limit, "In your answer one limit is enough. Is it enough for the user?"
        ),
        Misconception(
            until_the_first_bad_one, "You stop at the first bad request. Which later ones are good?"
        ),
        Misconception(
            nothing_after_the_first_bad_one,
            "You stop at the first bad request. Which later ones are good?",
        ),
        Misconception(
            last_arrival_and_longest_answer,
            "Need the request with the longest E2E be the last one to arrive?",
        ),
        Misconception(
            brackets_of_the_tpot_forgotten,
            "a - b / c divides b alone. What is divided by the number of gaps?",
        ),
        Misconception(
            limits_exchanged, "Which of the two limits is that of the TTFT, and which of the TPOT?"
        ),
        Misconception(ttft_alone, "These have their first token in time. And the other limit?"),
        Misconception(tpot_alone, "These get their tokens fast enough. And the other limit?"),
        Misconception(all_requests, "That is throughput. Which requests met both limits?"),
        Misconception(bad_requests, "You count those that miss a limit. Which ones are good?"),
        Misconception(whole_answer_over_tokens, TPOT),
        Misconception(whole_answer_over_gaps, TPOT),
        Misconception(gaps_counted_as_tokens, TPOT),
        Misconception(gaps_counted_as_tokens_and_one_is_bad, TPOT_AND_ONE),
        Misconception(gaps_counted_as_tokens_and_one_is_good, TPOT_AND_ONE),
        Misconception(
            one_token_is_bad,
            "A single token has no gap. Which limit still applies to that request?",
        ),
        Misconception(
            until_the_last_arrival, "The replica still works after the last arrival. Until when?"
        ),
        Misconception(ttft_added_to_e2e, E2E),
        Misconception(ttft_added_everywhere, E2E),
        Misconception(from_time_zero, "When does the time span begin?"),
        Misconception(
            longest_request, "That is the time of one request. How long did the service work?"
        ),
        Misconception(
            durations_as_moments, "E2E is a duration. At which moment does a request finish?"
        ),
        Misconception(
            until_the_last_good_one, "The service worked for the bad ones too. Until when?"
        ),
        Misconception(
            while_the_good_ones_ran,
            "The service worked for the bad ones too. From when, and until when?",
        ),
        Misconception(
            one_token_is_good, "A single token has no gap. But what of its first, and only, token?"
        ),
        Misconception(
            either_limit_and_none_for_one_token,
            "In your answer one limit is enough. Is it enough for the user?",
        ),
        Misconception(
            brackets_of_tpot, "a - b / n - 1 divides b alone. What are numerator and denominator?"
        ),
        Misconception(strictly_below, "What about a time that equals its limit?"),
        Misconception(ttft_strictly_below, "What about a time that equals its limit?"),
        Misconception(tpot_strictly_below, "What about a time that equals its limit?"),
        Misconception(
            strictly_below_until_the_last_arrival,
            "Until when does the replica work? And what about a time that equals its limit?",
        ),
        Misconception(
            tokens_of_good_requests, "These are tokens a second. What does goodput count?"
        ),
        Misconception(
            seconds_for_a_request,
            "These are seconds per good request. The exercise asks for the inverse.",
        ),
        Misconception(
            means_within_limits, "You test the averages. Which single requests are good?"
        ),
        Misconception(
            tpot_of_all_tokens, "That is one TPOT of all requests together. What is that of each?"
        ),
        Misconception(until_the_last_one_ends, SPAN),
        Misconception(
            summed_times, "Requests overlap. How long is it from the first arrival to the end?"
        ),
        Misconception(
            share_of_requests, "That is a share. How many good requests are there in a second?"
        ),
        Misconception(
            count_of_requests, "That is a count. How many good requests are there in a second?"
        ),
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


def mfu_upside_down_and_divided(**given):
    return _calibrated(mfu=lambda g, peak_s: g["long"][1] / (g["long"][0] * peak_s), **given)


def peak_times_four_in_the_mfu(**given):
    return _calibrated(mfu=lambda g, peak_s: g["long"][0] * peak_s / g["long"][1] / 4, **given)


def peak_times_four_in_the_prediction(**given):
    right = _calibrated(**given)
    gpu_s = given["unseen"][0] * given["flop_per_token"] / (4 * given["flop_per_s"] * right["mfu"])
    predicted_s = max(right["host_s"], gpu_s)
    return right | {"predicted_s": predicted_s, "error": predicted_s / given["unseen"][1] - 1}


def measured_over_predicted(**given):
    return _calibrated(error=lambda p, m: m / p - 1, **given)


def measured_minus_predicted(**given):
    return _calibrated(error=lambda p, m: 1 - p / m, **given)


def relative_to_the_prediction(**given):
    return _calibrated(error=lambda p, m: 1 - m / p, **given)


def error_without_sign(**given):
    return _calibrated(error=lambda p, m: abs(p / m - 1), **given)


def error_in_percent(**given):
    return _calibrated(error=lambda p, m: 100 * (p / m - 1), **given)


def error_in_seconds(**given):
    return _calibrated(error=lambda p, m: p - m, **given)


def ratio_for_error(**given):
    return _calibrated(error=lambda p, m: p / m, **given)


def points_swapped(**given):
    return _calibrated(**{**given, "short": given["long"], "long": given["short"]})


def host_without_the_gpus(**given):
    """What the GPUs need is taken off the short prompt."""
    return _calibrated(
        host=lambda g: g["short"][1] - g["short"][0] * g["long"][1] / g["long"][0], **given
    )


def line_through_both_points(**given):
    (few, short_s), (many, long_s), (n, measured_s) = (
        given[name] for name in ("short", "long", "unseen")
    )
    slope_s = (long_s - short_s) / (many - few)
    host_s = short_s - slope_s * few
    predicted_s = host_s + slope_s * n
    return {
        "host_s": host_s,
        "mfu": given["flop_per_token"] / (given["flop_per_s"] * slope_s),
        "predicted_s": predicted_s,
        "error": predicted_s / measured_s - 1,
    }


def line_from_the_short_prompt(**given):
    """The two constants are right, the prediction is a straight line through both points."""
    (few, short_s), (many, long_s), (n, measured_s) = (
        given[name] for name in ("short", "long", "unseen")
    )
    predicted_s = short_s + (long_s - short_s) / (many - few) * (n - few)
    return _calibrated(**given) | {
        "predicted_s": predicted_s,
        "error": predicted_s / measured_s - 1,
    }


def host_for_each_token(**given):
    per_token_s = given["short"][1] / given["short"][0]
    rate_s = max(per_token_s, given["long"][1] / given["long"][0])
    right = _calibrated(**given)
    predicted_s = rate_s * given["unseen"][0]
    return right | {
        "host_s": per_token_s,
        "predicted_s": predicted_s,
        "error": predicted_s / given["unseen"][1] - 1,
    }


def peak_times_four(**given):
    right = _calibrated(**given)
    return right | {"mfu": right["mfu"] / 4}


def two_counted_twice(**given):
    right = _calibrated(**given)
    return right | {"mfu": right["mfu"] * 2}


def predicted_at_the_peak(**given):
    at_peak_s = given["unseen"][0] * given["flop_per_token"] / given["flop_per_s"]
    right = _calibrated(**given)
    predicted_s = max(right["host_s"], at_peak_s)
    return right | {"predicted_s": predicted_s, "error": predicted_s / given["unseen"][1] - 1}


def unseen_point_used(**given):
    def mean_mfu(g, peak_s):
        return sum(g[name][0] * peak_s / g[name][1] for name in ("long", "unseen")) / 2

    return _calibrated(mfu=mean_mfu, **given)


def parts_added_and_percent(**given):
    return _calibrated(
        floor=lambda host_s, gpu_s: host_s + gpu_s, error=lambda p, m: 100 * (p / m - 1), **given
    )


def mfu_of_one_token(**given):
    return _calibrated(mfu=lambda g, peak_s: peak_s / g["long"][1], **given)


def two_in_the_mfu_alone(**given):
    return _calibrated(mfu=lambda g, peak_s: 2 * g["long"][0] * peak_s / g["long"][1], **given)


def two_in_the_prediction_alone(**given):
    return _calibrated(floor=lambda host_s, gpu_s: max(host_s, 2 * gpu_s), **given)


def mean_of_both_mfus(**given):
    def mean_mfu(g, peak_s):
        return sum(g[name][0] * peak_s / g[name][1] for name in ("short", "long")) / 2

    return _calibrated(mfu=mean_mfu, **given)


def _slope_mfu(given, peak_s):
    (few, short_s), (many, long_s) = given["short"], given["long"]
    return (many - few) * peak_s / (long_s - short_s)


def mfu_of_the_difference(**given):
    return _calibrated(mfu=_slope_mfu, **given)


def mfu_in_percent(**given):
    right = _calibrated(**given)
    return right | {"mfu": 100 * right["mfu"]}


def all_in_percent(**given):
    right = _calibrated(**given)
    return right | {"mfu": 100 * right["mfu"], "error": 100 * right["error"]}


def _predicting(predicted_s, **given):
    """The two constants are right, the prediction is another."""
    error = predicted_s / given["unseen"][1] - 1
    return _calibrated(**given) | {"predicted_s": predicted_s, "error": error}


def further_tokens_on_top_of_the_host(**given):
    (few, short_s), (many, long_s), (n, _) = (given[k] for k in ("short", "long", "unseen"))
    return _predicting(short_s + (n - few) * long_s / many, **given)


def measured_for_predicted(**given):
    return _predicting(given["unseen"][1], **given)


def mfu_multiplied_in_the_prediction(**given):
    n, peak_s = given["unseen"][0], given["flop_per_token"] / given["flop_per_s"]
    right = _calibrated(**given)
    return _predicting(max(right["host_s"], n * peak_s * right["mfu"]), **given)


def points_read_backwards(**given):
    points = {name: given[name][::-1] for name in ("short", "long", "unseen")}
    return _calibrated(**{**given, **points})


def points_in_milliseconds(**given):
    points = {name: [given[name][0], given[name][1] / 1e3] for name in ("short", "long", "unseen")}
    return _calibrated(**{**given, **points})


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
        Misconception(
            points_swapped, "Which of the two points waits for the host: the short or the long one?"
        ),
        Misconception(
            host_without_the_gpus,
            "In this model the host and the GPUs work at the same time. What did you take off?",
        ),
        Misconception(
            line_through_both_points,
            "That is a straight line. This model is flat first: which point gives the flat part?",
        ),
        Misconception(
            line_from_the_short_prompt,
            "Your two constants are right. But does the prediction use them, or a straight line?",
        ),
        Misconception(
            host_for_each_token, "Does the host's time grow with the tokens? Compare 128 and 256."
        ),
        Misconception(peak_times_four, "flop_per_s is the peak of all GPUs already."),
        Misconception(peak_times_four_in_the_mfu, "flop_per_s is the peak of all GPUs already."),
        Misconception(
            peak_times_four_in_the_prediction, "flop_per_s is the peak of all GPUs already."
        ),
        Misconception(mfu_upside_down_and_divided, "MFU is a share: can it be above 1?"),
        Misconception(two_counted_twice, "flop_per_token has the factor 2 in it already."),
        Misconception(
            predicted_at_the_peak, "You have found the MFU. Does your prediction use it?"
        ),
        Misconception(
            unseen_point_used, "A prediction must not look at what it predicts. Which point is new?"
        ),
        Misconception(
            parts_added_and_percent,
            "The longer of the two, not the sum; and is the error a share or in per cent?",
        ),
        Misconception(
            mfu_of_one_token, "That is one token's share. How many tokens does the long one have?"
        ),
        Misconception(two_in_the_mfu_alone, "flop_per_token has the factor 2 in it already."),
        Misconception(
            two_in_the_prediction_alone, "flop_per_token has the factor 2 in it already."
        ),
        Misconception(
            mean_of_both_mfus,
            "The short prompt waits for the host. Which point shows how fast the GPUs are?",
        ),
        Misconception(
            mfu_of_the_difference,
            "The long prompt's time is all GPU in this model. What did you take off?",
        ),
        Misconception(mfu_in_percent, "MFU is a share: 0.5 is 50 %."),
        Misconception(all_in_percent, "Are MFU and error asked for as shares or in per cent?"),
        Misconception(
            further_tokens_on_top_of_the_host,
            "The host launches while the GPUs compute. Is it the sum, or the longer of the two?",
        ),
        Misconception(
            measured_for_predicted,
            "That is the measured time. What would the model say if nobody had measured it?",
        ),
        Misconception(
            mfu_multiplied_in_the_prediction,
            "Does a prefill take longer when the GPUs reach more of their peak?",
        ),
        Misconception(points_read_backwards, "A point is [tokens, seconds]. Which comes first?"),
        Misconception(points_in_milliseconds, "The points are in seconds already."),
        Misconception(mfu_upside_down, "MFU is a share: can it be above 1?"),
        Misconception(
            measured_over_predicted, "Which of the two is the denominator of a relative error?"
        ),
        Misconception(
            relative_to_the_prediction,
            "Which of the two is the denominator of a relative error?",
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

EXERCISES = (PREFILL, DECODE_STEP, LARGEST_BATCH, QUEUE, GOODPUT, CALIBRATE)
