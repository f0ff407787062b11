"""The exercises of lesson 01, in the order of the lesson."""

import math

from inference_lab.lab.exercise import Exercise, Misconception, PolicyExercise, Scenario

# ---------------------------------------------------------------- 1.1 bytes of KV-cache per token


def _kv(sets=2, which="kv_heads", left_out="", factor=1, **given):
    """Bytes of KV-cache per token with one thing done wrongly, or none."""
    numbers = sets * given[which]
    for name in {"layers", "head_dim"} - {left_out}:
        numbers *= given[name]
    return numbers * given["bytes_per_number"] * factor


def keys_only(**given):
    return _kv(sets=1, **given)


def three_sets(**given):
    return _kv(sets=3, **given)


def query_heads(**given):
    return _kv(which="heads", **given)


def query_heads_and_keys_only(**given):
    return _kv(sets=1, which="heads", **given)


def one_layer(**given):
    return _kv(left_out="layers", **given)


def one_number_a_head(**given):
    return _kv(left_out="head_dim", **given)


def in_bits(**given):
    return _kv(factor=8, **given)


def numbers_not_bytes(**given):
    return _kv(**{**given, "bytes_per_number": 1})


def always_two_bytes(**given):
    return _kv(**{**given, "bytes_per_number": 2})


def both_kinds_of_heads(**given):
    return _kv(factor=given["heads"], **given)


def group_for_heads(**given):
    return _kv(**given) / given["kv_heads"] * given["heads"] / given["kv_heads"]


def divided_by_the_group(**given):
    return _kv(**given) / (given["heads"] / given["kv_heads"])


def all_heads_added(**given):
    return _kv(**{**given, "kv_heads": given["heads"] + given["kv_heads"]})


def two_kv_heads_and_queries(**given):
    return _kv(sets=1, **{**given, "kv_heads": given["heads"] + 2 * given["kv_heads"]})


def in_kilobytes(**given):
    return _kv(factor=1e-3, **given)


def in_kibibytes(**given):
    return _kv(factor=1 / 1024, **given)


def split_over_heads(**given):
    return _kv(factor=1 / given["heads"], **given)


def draw_kv(rng):
    kv_heads = int(rng.choice([1, 2, 4, 8, 16]))
    return {
        "layers": int(rng.integers(12, 130)),
        "heads": kv_heads * int(rng.choice([3, 4, 5, 6, 7, 10, 12])),
        "kv_heads": kv_heads,
        "head_dim": int(rng.choice([64, 80, 96, 128, 256])),
        "bytes_per_number": int(rng.choice([1, 2, 4])),
    }


KV_BYTES = Exercise(
    id="1.1",
    function="kv_bytes_per_token",
    title="The KV-cache of one token",
    public=(
        {  # Llama-3.1-8B: four query heads share a KV head
            "layers": 32,
            "heads": 32,
            "kv_heads": 8,
            "head_dim": 128,
            "bytes_per_number": 2,
        },
        {  # Llama-3.1-70B
            "layers": 80,
            "heads": 64,
            "kv_heads": 8,
            "head_dim": 128,
            "bytes_per_number": 2,
        },
        {  # a small one in 4-byte numbers, one KV head for all
            "layers": 18,
            "heads": 12,
            "kv_heads": 1,
            "head_dim": 256,
            "bytes_per_number": 4,
        },
        {  # Llama-3.1-405B with an 8-bit cache
            "layers": 126,
            "heads": 128,
            "kv_heads": 8,
            "head_dim": 128,
            "bytes_per_number": 1,
        },
    ),
    draw=draw_kv,
    misconceptions=(
        Misconception(
            keys_only, "A key and a value: how many vectors does a head keep for each token?"
        ),
        Misconception(
            three_sets,
            "The query of a token is used once, when it is read. What is kept for later tokens?",
        ),
        Misconception(
            query_heads,
            "Several query heads share one pair of key and value. Which heads keep something?",
        ),
        Misconception(
            query_heads_and_keys_only,
            "Which heads keep something, and how many vectors does each of them keep for a token?",
        ),
        Misconception(one_layer, "That is one layer. How many layers keep their keys and values?"),
        Misconception(
            one_number_a_head, "A key is a vector. How many numbers does it have in each head?"
        ),
        Misconception(in_bits, "Where do the 8 bits of a byte come in? Memory is sold in bytes."),
        Misconception(numbers_not_bytes, "You count numbers. How many bytes does each one take?"),
        Misconception(
            always_two_bytes,
            "Two bytes are bf16. What does `bytes_per_number` say of an 8-bit cache?",
        ),
        Misconception(
            both_kinds_of_heads,
            "`heads` and `kv_heads` are both in your product. Which of the two keep keys and "
            "values?",
        ),
        Misconception(
            group_for_heads,
            "heads / kv_heads says how many query heads share a pair. How many pairs are there?",
        ),
        Misconception(
            divided_by_the_group,
            "`kv_heads` counts the shared pairs already. Why divide once more?",
        ),
        Misconception(
            all_heads_added,
            "Are the queries kept? A later token looks at keys and values alone.",
        ),
        Misconception(
            two_kv_heads_and_queries,
            "Are the queries kept? A later token looks at keys and values alone.",
        ),
        Misconception(in_kilobytes, "Which unit does the exercise ask for? 1,000 bytes are 1 kB."),
        Misconception(in_kibibytes, "Which unit does the exercise ask for? 1,024 bytes are 1 KiB."),
        Misconception(
            split_over_heads,
            "Each head keeps a vector of its own. Do more heads need less memory?",
        ),
    ),
    hints=(
        "What is kept of a token, in which heads, and in how many layers?",
        "A key and a value of head_dim numbers each, in each KV head of each layer.",
        "2 * layers * kv_heads * head_dim * bytes_per_number",
    ),
)

# ---------------------------------------------------------------- 1.2 users that fit


def _room(reserve=True, share=True, weights=1, **given):
    """Bytes left for KV-cache with one thing done wrongly, or none."""
    each = given["gpu_bytes"] * (given["usable_share"] if share else 1)
    each -= given["reserve_bytes"] if reserve else 0
    return given["gpus"] * each - weights * given["weight_bytes"]


def _user(prompt=True, answer=True, **given):
    """Bytes of KV-cache of one user with one thing done wrongly, or none."""
    tokens = given["prompt_tokens"] * prompt + given["answer_tokens"] * answer
    return tokens * given["kv_bytes_per_token"]


def _users(room, user):
    return max(0, math.floor(room / user))


def weights_on_every_gpu(**given):
    return _users(_room(weights=given["gpus"], **given), _user(**given))


def all_of_the_memory(**given):
    return _users(_room(share=False, **given), _user(**given))


def reserve_forgotten(**given):
    return _users(_room(reserve=False, **given), _user(**given))


def share_and_reserve_forgotten(**given):
    return _users(_room(share=False, reserve=False, **given), _user(**given))


def reserve_once(**given):
    once = given["reserve_bytes"] * (given["gpus"] - 1)
    return _users(_room(**given) + once, _user(**given))


def share_after_the_weights(**given):
    room = given["gpus"] * given["gpu_bytes"] - given["weight_bytes"]
    room = room * given["usable_share"] - given["gpus"] * given["reserve_bytes"]
    return _users(room, _user(**given))


def share_after_the_reserve(**given):
    each = (given["gpu_bytes"] - given["reserve_bytes"]) * given["usable_share"]
    return _users(given["gpus"] * each - given["weight_bytes"], _user(**given))


def one_gpu_only(**given):
    return _users(_room(**{**given, "gpus": 1}), _user(**given))


def weights_forgotten(**given):
    return _users(_room(weights=0, **given), _user(**given))


def rounded_up(**given):
    return max(0, math.ceil(_room(**given) / _user(**given)))


def rounded(**given):
    return max(0, round(_room(**given) / _user(**given)))


def not_whole(**given):
    return max(0, _room(**given) / _user(**given))


def below_zero(**given):
    return math.floor(_room(**given) / _user(**given))


def prompt_only(**given):
    return _users(_room(**given), _user(answer=False, **given))


def answer_only(**given):
    return _users(_room(**given), _user(prompt=False, **given))


def tokens_not_users(**given):
    return _users(_room(**given), given["kv_bytes_per_token"])


def reserve_added(**given):
    return _users(_room(**given) + 2 * given["gpus"] * given["reserve_bytes"], _user(**given))


def at_least_one(**given):
    return max(1, _users(_room(**given), _user(**given)))


def draw_room(rng):
    """One of five does not fit; the others hold 1 to 600 users, seldom near a whole number."""
    gpus = int(rng.choice([2, 4, 8]))
    gpu_bytes = int(rng.choice([40, 80, 96, 141, 192])) * 10**9
    reserve_bytes = int(rng.integers(300, 4_000)) * 10**6
    usable_share = float(rng.choice([0.8, 0.85, 0.9, 0.92]))
    usable = gpus * (gpu_bytes * usable_share - reserve_bytes)
    share = rng.uniform(1.05, 1.6) if rng.random() < 0.2 else rng.uniform(0.2, 0.9)
    return {
        "gpus": gpus,
        "gpu_bytes": gpu_bytes,
        "usable_share": usable_share,
        "reserve_bytes": reserve_bytes,
        "weight_bytes": int(usable * share),
        "kv_bytes_per_token": int(rng.integers(100, 1_000)) * 512,
        "prompt_tokens": int(rng.integers(200, 8_000)),
        "answer_tokens": int(rng.integers(100, 2_000)),
    }


# H100 of 80 GB; 90 % is vLLM's default gpu_memory_utilization; the reserve is that of the stack
# vllm-2025 in inference_lab.physics.stack.
ON_H100 = {
    "gpu_bytes": 80_000_000_000,
    "usable_share": 0.9,
    "reserve_bytes": 454_000_000,
    "prompt_tokens": 2_048,
    "answer_tokens": 256,
}
LLAMA_70B = {"weight_bytes": 141_107_412_992, "kv_bytes_per_token": 327_680}

USERS = Exercise(
    id="1.2",
    function="users_that_fit",
    title="Users that fit",
    public=(
        {"gpus": 2} | ON_H100 | LLAMA_70B,
        {"gpus": 4} | ON_H100 | LLAMA_70B,
        {"gpus": 8} | ON_H100 | LLAMA_70B,
        {"gpus": 1} | ON_H100 | LLAMA_70B,
        {"gpus": 2}  # Llama-3.1-8B, long answers, more kept back
        | ON_H100
        | {"weight_bytes": 16_060_522_496, "kv_bytes_per_token": 131_072}
        | {"reserve_bytes": 4_000_000_000, "prompt_tokens": 700, "answer_tokens": 1_500},
    ),
    draw=draw_room,
    misconceptions=(
        Misconception(
            weights_on_every_gpu,
            "With tensor parallelism each GPU holds a part of the weights. How often are they "
            "there?",
        ),
        Misconception(
            all_of_the_memory, "Which share of the memory may the engine use? See usable_share."
        ),
        Misconception(
            reserve_forgotten, "What does each GPU keep back beside the weights? See reserve_bytes."
        ),
        Misconception(
            share_and_reserve_forgotten,
            "You give the engine all of the memory. What do usable_share and reserve_bytes say?",
        ),
        Misconception(reserve_once, "The reserve is that of one GPU. How many of them keep it?"),
        Misconception(
            share_after_the_weights,
            "usable_share is a share of each GPU's whole memory, not of what the weights leave.",
        ),
        Misconception(
            share_after_the_reserve,
            "usable_share is a share of each GPU's whole memory. What do you take it of?",
        ),
        Misconception(reserve_added, "Does the reserve make room, or take it?"),
        Misconception(one_gpu_only, "That is the room on one GPU. How many are there?"),
        Misconception(
            weights_forgotten, "The weights lie in the same memory. What is left beside them?"
        ),
        Misconception(rounded_up, "The last user fits in part. Can you serve a part of a user?"),
        Misconception(rounded, "Half a user and more is no user. Which way must you round?"),
        Misconception(not_whole, "Users are whole. What becomes of the part of a user?"),
        Misconception(
            below_zero, "The weights alone do not fit. Can fewer users than none be served?"
        ),
        Misconception(
            prompt_only, "The answer's tokens are cached as well. How long is a user at the end?"
        ),
        Misconception(
            answer_only, "The prompt's tokens are cached as well. How long is a user at the end?"
        ),
        Misconception(
            tokens_not_users, "That is the number of tokens. How many tokens does a user have?"
        ),
        Misconception(at_least_one, "What if not even one user fits?"),
    ),
    hints=(
        "How many bytes do all GPUs together give the engine, and what lies there already?",
        "Room: what the GPUs give, less the weights. One user: all tokens, prompt and answer, "
        "times the bytes of a token.",
        "room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes; whole users "
        "only, and never fewer than 0.",
    ),
)

# ---------------------------------------------------------------- 1.3 a router


def taking_turns(request, replicas, rng):
    return request.index % len(replicas)


def any_replica(request, replicas, rng):
    return int(rng.integers(len(replicas)))


def fewest_requests(request, replicas, rng):
    return min(range(len(replicas)), key=lambda i: replicas[i].outstanding)


def fewest_requests_then_tokens(request, replicas, rng):
    return min(
        range(len(replicas)), key=lambda i: (replicas[i].outstanding, replicas[i].queued_tokens)
    )


def most_memory(request, replicas, rng):
    return max(range(len(replicas)), key=lambda i: replicas[i].free_blocks)


def better_of_two(request, replicas, rng):
    first, second = rng.integers(len(replicas), size=2)
    return int(min(first, second, key=lambda i: replicas[i].outstanding))


def better_of_two_others(request, replicas, rng):
    pair = rng.choice(len(replicas), size=2, replace=False)
    return int(min(pair, key=lambda i: replicas[i].outstanding))


def shorter_of_two(request, replicas, rng):
    first, second = rng.integers(len(replicas), size=2)
    return int(min(first, second, key=lambda i: replicas[i].queued_tokens))


def shorter_of_two_others(request, replicas, rng):
    pair = rng.choice(len(replicas), size=2, replace=False)
    return int(min(pair, key=lambda i: replicas[i].queued_tokens))


def ties_by_index(request, replicas, rng):
    queued = [replica.queued_tokens for replica in replicas]
    return queued.index(min(queued))


def ties_to_the_last(request, replicas, rng):
    return min(range(len(replicas)), key=lambda i: (replicas[i].queued_tokens, -i))


def idle_or_any(request, replicas, rng):
    idle = [i for i, replica in enumerate(replicas) if replica.outstanding == 0]
    return idle[0] if idle else int(rng.integers(len(replicas)))


def always_the_first(request, replicas, rng):
    return 0


TWO_REQUESTS = (
    "Two drawn at random, and you count requests. You see all replicas: why look at two? And does "
    "a new request wait for requests, or for prompts that are not read yet?"
)
TWO_TOKENS = "You compare the right thing, of two replicas drawn at random. Why not of all of them?"
TIES = (
    "The wait is balanced, but not the answers. Often no replica has a prompt waiting: which one "
    "does your router pick then, time after time? Break the tie by what is still being written."
)
FEWEST = (
    "You count requests. Most of them only decode, and four short prompts weigh less than one long "
    "one. What does a new request really wait for?"
)

ROUTER = PolicyExercise(
    id="1.3",
    function="route",
    title="A router that balances the right thing",
    scenario=Scenario(
        replica={
            "llm": "Llama-3.1-70B",
            "gpu": "H100-SXM5-80GB",
            "tp": 4,
            "stack": "vllm-2025",
        },
        replicas=8,
        workload={
            "kind": "like",
            "name": "azure-2023-conv",
            "rate_scale": 8.0,
            "requests": 8_000,
        },
        token_budget=4_096,
    ),
    baseline="round_robin",
    limits={"p99_ttft_s": 0.75, "p99_tpot_s": 1.0},
    public_seeds=(0, 1, 2),
    misconceptions=(
        Misconception(
            taking_turns, "That is round robin itself. What do you know of each replica's queue?"
        ),
        Misconception(any_replica, "That is random. What do you know of each replica's queue?"),
        Misconception(fewest_requests, FEWEST),
        Misconception(fewest_requests_then_tokens, FEWEST),
        Misconception(
            most_memory,
            "Free memory says how many answers are being written. Does a prompt wait for them?",
        ),
        Misconception(better_of_two, TWO_REQUESTS),
        Misconception(better_of_two_others, TWO_REQUESTS),
        Misconception(shorter_of_two, TWO_TOKENS),
        Misconception(shorter_of_two_others, TWO_TOKENS),
        Misconception(ties_by_index, TIES),
        Misconception(ties_to_the_last, TIES),
        Misconception(
            idle_or_any,
            "Nearly always every replica is writing answers, so none is idle. Which of the busy "
            "ones has least to read?",
        ),
        Misconception(
            always_the_first,  # so do the most requests, the longest queue, and its length as index
            "All requests went to one replica. Is it `min` or `max` that you want? And do you "
            "return the index, not the amount?",
        ),
    ),
    hints=(
        "Which of `outstanding`, `queued_tokens` and `free_blocks` says how long a prompt waits?",
        "A prompt waits for the prompts before it, and long ones count more than short ones. And "
        "when nobody waits anywhere, the answers that are being written should be spread.",
        "Take the index i with the smallest pair (queued_tokens, outstanding) of replicas[i].",
    ),
)

# ---------------------------------------------------------------- 1.4 a cost that sees the cache


def _cheapest(cost, choose=min, shift=0, **given):
    """The place of the best cost; `shift` is added to it."""
    pairs = zip(given["prefill_blocks"], given["decode_blocks"], strict=True)
    costs = [cost(prefill, decode, given["overlap_weight"]) for prefill, decode in pairs]
    return costs.index(choose(costs)) + shift


def _right_cost(prefill, decode, weight):
    return weight * prefill + decode


def weight_on_decode(**given):
    return _cheapest(lambda prefill, decode, weight: prefill + weight * decode, **given)


def weight_on_both(**given):
    return _cheapest(lambda prefill, decode, weight: weight * (prefill + decode), **given)


def weight_added(**given):
    return _cheapest(lambda prefill, decode, weight: weight + prefill + decode, **given)


def weight_divides(**given):
    return _cheapest(lambda prefill, decode, weight: prefill / weight + decode, **given)


def decode_subtracted(**given):
    return _cheapest(lambda prefill, decode, weight: weight * prefill - decode, **given)


def prefill_alone(**given):
    return _cheapest(lambda prefill, decode, weight: prefill, **given)


def decode_alone(**given):
    return _cheapest(lambda prefill, decode, weight: decode, **given)


def multiplied(**given):
    return _cheapest(lambda prefill, decode, weight: weight * prefill * decode, **given)


def dearest(**given):
    return _cheapest(_right_cost, choose=max, **given)


def counted_from_one(**given):
    return _cheapest(_right_cost, shift=1, **given)


def cost_for_index(prefill_blocks, decode_blocks, overlap_weight):
    pairs = zip(prefill_blocks, decode_blocks, strict=True)
    return min(_right_cost(prefill, decode, overlap_weight) for prefill, decode in pairs)


def all_costs(prefill_blocks, decode_blocks, overlap_weight):
    pairs = zip(prefill_blocks, decode_blocks, strict=True)
    return [_right_cost(prefill, decode, overlap_weight) for prefill, decode in pairs]


def draw_workers(rng):
    """No two workers cost the same."""
    workers = int(rng.integers(3, 9))
    prefill = [int(n) for n in rng.integers(0, 60, size=workers)]
    decode = [int(n) for n in rng.permutation(200)[:workers]]
    weight = float(rng.choice([0.5, 1.5, 2.5, 3.5])) + 0.01
    return {"prefill_blocks": prefill, "decode_blocks": decode, "overlap_weight": weight}


THREE = {"prefill_blocks": [8, 5, 2], "decode_blocks": [10, 5, 9]}

NO_CHANGE = "Does your weight change any choice? Reading should count more, and writing should not."

CACHE_COST = Exercise(
    id="1.4",
    function="cheapest",
    title="A cost that sees the cache",
    public=(
        THREE | {"overlap_weight": 1},
        THREE | {"overlap_weight": 4},
        THREE | {"overlap_weight": 2},
        {
            "prefill_blocks": [30, 12, 11, 0, 25],
            "decode_blocks": [0, 20, 24, 90, 1],
            "overlap_weight": 2.5,
        },
        {
            "prefill_blocks": [9, 20, 1, 14],
            "decode_blocks": [30, 6, 31, 22],
            "overlap_weight": 0.5,
        },
        {
            "prefill_blocks": [10, 9, 14],
            "decode_blocks": [2, 30, 40],
            "overlap_weight": 0.5,
        },
    ),
    draw=draw_workers,
    misconceptions=(
        Misconception(weight_on_decode, "Which of the two does the weight make dearer?"),
        Misconception(weight_on_both, NO_CHANGE),
        Misconception(weight_added, NO_CHANGE),
        Misconception(weight_divides, "Which of the two does the weight make dearer?"),
        Misconception(
            decode_subtracted, "Do blocks that are being written make a replica cheaper?"
        ),
        Misconception(prefill_alone, "That is the prefill. What else keeps the replica busy?"),
        Misconception(
            decode_alone, "That is the decode. What must the replica read before the first token?"
        ),
        Misconception(multiplied, "A replica without answers would cost nothing. Sum, or product?"),
        Misconception(dearest, "Is it `min` or `max` that you want?"),
        Misconception(counted_from_one, "Python counts from 0. What is the index of the first?"),
        Misconception(cost_for_index, "That is the cost. Which replica has it?"),
        Misconception(all_costs, "Those are all the costs. Which replica has the smallest?"),
    ),
    hints=(
        "What does each replica have to do before and beside the new request, in blocks?",
        "cost = overlap_weight * prefill_blocks + decode_blocks, one for each replica.",
        "costs.index(min(costs))",
    ),
)

EXERCISES = (KV_BYTES, USERS, ROUTER, CACHE_COST)
