"""Answers to lesson 01: right ones in several styles, and wrong ones."""

RIGHT = {
    "1.1": [
        """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads * head_dim * bytes_per_number
""",
        """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    key = head_dim * bytes_per_number
    value = head_dim * bytes_per_number
    return layers * kv_heads * (key + value)
""",
        """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    total = 0
    for _ in range(layers):
        for _ in range(kv_heads):
            total += 2 * head_dim * bytes_per_number
    return total
""",
        """\
import numpy as np


def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return int(np.prod([2, layers, kv_heads, head_dim, bytes_per_number]))
""",
        """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    share = heads // kv_heads  # query heads that share one pair
    return 2 * layers * (heads // share) * head_dim * bytes_per_number
""",
    ],
    "1.2": [
        """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (usable_share * gpu_bytes - reserve_bytes) - weight_bytes
    return max(0, int(room / user))
""",
        """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = usable_share * gpu_bytes * gpus
    room -= gpus * reserve_bytes
    room -= weight_bytes
    if room < user:
        return 0
    return int(room // user)
""",
        """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    each = gpu_bytes * usable_share - reserve_bytes - weight_bytes / gpus
    tokens = max(0, gpus * each // kv_bytes_per_token)
    return int(tokens // (prompt_tokens + answer_tokens))
""",
        """\
import math


def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (usable_share * gpu_bytes - reserve_bytes) - weight_bytes
    return max(0, math.floor(room / user))
""",
        """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    left, users = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes, 0
    while left >= user:
        left, users = left - user, users + 1
    return users
""",
    ],
    "1.3": [
        """\
def route(request, replicas, rng):
    def key(i):
        return replicas[i].queued_tokens, replicas[i].outstanding

    return min(range(len(replicas)), key=key)
""",
        """\
def route(request, replicas, rng):
    least = min(r.queued_tokens for r in replicas)
    ties = [i for i, r in enumerate(replicas) if r.queued_tokens == least]
    return int(ties[rng.integers(len(ties))])
""",
        """\
def route(request, replicas, rng):
    best = 0
    for i in range(1, len(replicas)):
        mine, other = replicas[i], replicas[best]
        if mine.queued_tokens < other.queued_tokens:
            best = i
        elif mine.queued_tokens == other.queued_tokens:
            if mine.free_blocks > other.free_blocks:
                best = i
    return best
""",
        """\
def route(request, replicas, rng):
    loads = [(one.queued_tokens, one.outstanding) for one in replicas]
    return loads.index(min(loads))
""",
        """\
def route(request, replicas, rng):
    loads = [one.queued_tokens + one.outstanding for one in replicas]
    return loads.index(min(loads))
""",
        """\
def route(request, replicas, rng):
    mine = request.prompt_tokens
    costs = [(one.queued_tokens + mine, one.outstanding) for one in replicas]
    return costs.index(min(costs))
""",
    ],
    "1.4": [
        """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [overlap_weight * p + d for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(min(costs))
""",
        """\
import numpy as np


def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = overlap_weight * np.array(prefill_blocks) + np.array(decode_blocks)
    return int(np.argmin(costs))
""",
        """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    best, least = 0, float("inf")
    for i in range(len(prefill_blocks)):
        cost = overlap_weight * prefill_blocks[i] + decode_blocks[i]
        if cost < least:
            best, least = i, cost
    return best
""",
        """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    def cost(i):
        return prefill_blocks[i] * overlap_weight + decode_blocks[i]

    return min(range(len(decode_blocks)), key=cost)
""",
    ],
    "1.5": [
        """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load ** ((choices**i - choices) / (choices - 1)) for i in range(1, 30))
""",
        """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    total, power = 0.0, 0
    while load**power > 1e-15:
        total += load**power
        power = power * choices + choices
    return total
""",
        """\
def mean_time(load, choices):
    if choices < 2:
        return 1.0 / (1.0 - load)
    d, total = choices, 1.0
    for i in range(2, 60):
        exponent = sum(d**k for k in range(1, i))  # (d**i - d) / (d - 1)
        if exponent > 10_000:
            break
        total += load**exponent
    return total
""",
        """\
import numpy as np


def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    i = np.arange(1, 25, dtype=float)
    return float(np.sum(load ** ((choices**i - choices) / (choices - 1))))
""",
    ],
    "1.6": [
        """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = {}, []  # a dict keeps the order in which keys come in
    for blocks in requests:
        run = 0
        for block in blocks:
            if block not in cache:
                break
            run += 1
        hits.append(run)
        for block in blocks[::-1]:
            cache.pop(block, None)
            cache[block] = True
        while len(cache) > capacity_blocks:
            del cache[next(iter(cache))]
    return hits
""",
        """\
from collections import OrderedDict
from itertools import takewhile


def prefix_hits(requests, capacity_blocks):
    cache, hits = OrderedDict(), []
    for blocks in requests:
        hits.append(len(list(takewhile(cache.__contains__, blocks))))
        for block in reversed(blocks):
            cache[block] = None
            cache.move_to_end(block)
        while len(cache) > capacity_blocks:
            cache.popitem(last=False)
    return hits
""",
        """\
def prefix_hits(requests, capacity_blocks):
    touched, now, hits = {}, 0, []
    for blocks in requests:
        there = [block in touched for block in blocks]
        hits.append(there.index(False) if False in there else len(there))
        for block in reversed(blocks):
            now += 1
            touched[block] = now
        while len(touched) > capacity_blocks:
            del touched[min(touched, key=touched.get)]
    return hits
""",
        """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []  # the newest first
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        cache = blocks + [block for block in cache if block not in blocks]
        cache = cache[:capacity_blocks]
    return hits
""",
    ],
    "1.7": [
        """\
import math


def guarded(cached_tokens, outstanding, factor):
    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return max(allowed, key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        """\
def guarded(cached_tokens, outstanding, factor):
    n = len(outstanding)
    limit = -(-factor * (sum(outstanding) + 1) // n)
    ranked = sorted(range(n), key=lambda i: (-cached_tokens[i], outstanding[i], i))
    return next(i for i in ranked if outstanding[i] < limit)
""",
        """\
import numpy as np


def guarded(cached_tokens, outstanding, factor):
    load = np.array(outstanding)
    limit = np.ceil(factor * (load.sum() + 1) / len(load))
    best = -1
    for i in np.flatnonzero(load < limit):
        if best < 0 or (cached_tokens[i], -load[i]) > (cached_tokens[best], -load[best]):
            best = int(i)
    return best
""",
        """\
def guarded(cached_tokens, outstanding, factor):
    import math

    limit = math.ceil(factor * (sum(outstanding) + 1) / len(outstanding))
    keys = [(c, -o) if o < limit else (-1, 0) for c, o in zip(cached_tokens, outstanding)]
    return keys.index(max(keys))
""",
    ],
}

WRONG = {
    "1.1": {
        "keys_only": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return layers * kv_heads * head_dim * bytes_per_number
""",
        "query_heads": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * heads * head_dim * bytes_per_number
""",
        "one_layer": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * kv_heads * head_dim * bytes_per_number
""",
        "bits": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads * head_dim * bytes_per_number * 8
""",
        "bits_and_keys_only": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return layers * kv_heads * head_dim * bytes_per_number * 8
""",
        "numbers": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads * head_dim
""",
        "bf16_always": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads * head_dim * 2
""",
        "no_head_dim": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads * bytes_per_number
""",
        "query_key_value": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 3 * layers * kv_heads * head_dim * bytes_per_number
""",
        "query_heads_one_vector": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return layers * heads * head_dim * bytes_per_number
""",
        "both_heads": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * heads * kv_heads * head_dim * bytes_per_number
""",
        "heads_added": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * (heads + kv_heads) * head_dim * bytes_per_number
""",
        "q_and_kv": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return layers * (heads + 2 * kv_heads) * head_dim * bytes_per_number
""",
        "kilobytes": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads * head_dim * bytes_per_number / 1000
""",
        "kib": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads * head_dim * bytes_per_number / 1024
""",
        "group": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * (heads // kv_heads) * head_dim * bytes_per_number
""",
        "divided_by_group": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads * head_dim * bytes_per_number / (heads / kv_heads)
""",
        "per_head": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads * head_dim * bytes_per_number / heads
""",
        "gqa_halves": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * heads * head_dim * bytes_per_number / 2
""",
        "bytes_of_a_layer_added": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * (layers + kv_heads) * head_dim * bytes_per_number
""",
        "forgot_two_and_bytes": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return layers * kv_heads * head_dim
""",
        "squared_head_dim": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads * head_dim**2 * bytes_per_number
""",
        "four": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 4 * layers * kv_heads * head_dim * bytes_per_number
""",
        "difference_of_heads": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * (heads - kv_heads) * head_dim * bytes_per_number
""",
        "megabytes": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads * head_dim * bytes_per_number / 1e6
""",
        "one_kv_head": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * head_dim * bytes_per_number
""",
        "the_example": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 327_680
""",
        "queries_for_values": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return layers * (heads + kv_heads) * head_dim * bytes_per_number
""",
        "eighth": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads * head_dim * bytes_per_number / 8
""",
        "quarter": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads * head_dim * bytes_per_number / 4
""",
        "brackets": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return layers * kv_heads * head_dim * bytes_per_number + head_dim * bytes_per_number
""",
        "brackets_inside": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return layers * kv_heads * (head_dim + head_dim * bytes_per_number)
""",
        "bytes_added": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads * head_dim + bytes_per_number
""",
        "vector_added": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads + head_dim * bytes_per_number
""",
        "key_times_value": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return layers * kv_heads * head_dim**2 * bytes_per_number
""",
        "one_number_of_the_keys": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return layers * kv_heads * bytes_per_number
""",
        "heads_alone": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads
""",
        "head_divided": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * kv_heads * (head_dim // heads) * bytes_per_number
""",
        "head_divided_without_kv_heads": """\
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    return 2 * layers * (head_dim // heads) * bytes_per_number
""",
    },
    "1.2": {
        "weights_on_each": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (gpu_bytes * usable_share - reserve_bytes - weight_bytes)
    return max(0, int(room // user))
""",
        "all_memory": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (gpu_bytes - reserve_bytes) - weight_bytes
    return max(0, int(room // user))
""",
        "no_reserve": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * gpu_bytes * usable_share - weight_bytes
    return max(0, int(room // user))
""",
        "neither": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * gpu_bytes - weight_bytes
    return max(0, int(room // user))
""",
        "reserve_once": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * gpu_bytes * usable_share - reserve_bytes - weight_bytes
    return max(0, int(room // user))
""",
        "share_of_the_rest": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = (gpus * gpu_bytes - weight_bytes) * usable_share - gpus * reserve_bytes
    return max(0, int(room // user))
""",
        "share_of_less": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (gpu_bytes - reserve_bytes) * usable_share - weight_bytes
    return max(0, int(room // user))
""",
        "one_gpu": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpu_bytes * usable_share - reserve_bytes - weight_bytes
    return max(0, int(room // user))
""",
        "no_weights": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (gpu_bytes * usable_share - reserve_bytes)
    return max(0, int(room // user))
""",
        "ceil": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return max(0, -int(-room // user))
""",
        "round": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return max(0, round(room / user))
""",
        "fraction": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return max(0, room / user)
""",
        "negative": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return int(room // user)
""",
        "prompt_only": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return max(0, int(room // (prompt_tokens * kv_bytes_per_token)))
""",
        "answer_only": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return max(0, int(room // (answer_tokens * kv_bytes_per_token)))
""",
        "tokens": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return max(0, int(room // kv_bytes_per_token))
""",
        "plus_reserve": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (gpu_bytes * usable_share + reserve_bytes) - weight_bytes
    return max(0, int(room // user))
""",
        "at_least_one": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return max(1, int(room // user))
""",
        "none_if_too_small": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    if room < 0:
        return None
    return int(room // user)
""",
        "fraction_and_negative": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return room / user
""",
        "absolute": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return int(abs(room) // user)
""",
        "gpus_forgotten_for_the_memory": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpu_bytes * usable_share - gpus * reserve_bytes - weight_bytes
    return max(0, int(room // user))
""",
        "bytes_of_room": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return max(0, int(room))
""",
        "in_text": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return str(max(0, int(room // user)))
""",
        "kv_of_the_prompt_times_answer": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    user = prompt_tokens * answer_tokens * kv_bytes_per_token
    return max(0, int(room // user))
""",
        "weights_and_memory_swapped": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = weight_bytes - gpus * (gpu_bytes * usable_share - reserve_bytes)
    return max(0, int(room // user))
""",
        "forgot_return": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    users = max(0, int(room // user))
""",
        "prompt_only_ceil": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    room = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return max(0, -int(-room // (prompt_tokens * kv_bytes_per_token)))
""",
        "cut_off_below_zero": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return int(free / one_user)
""",
        "brackets": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return int(gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes / one_user)
""",
        "brackets_and_floor": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return max(0, gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes // one_user)
""",
        "tokens_alone": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return max(0, int(free // (prompt_tokens + answer_tokens)))
""",
        "tokens_alone_below_zero": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return int(free // (prompt_tokens + answer_tokens))
""",
        "per_gpu": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    each = gpu_bytes * usable_share - reserve_bytes - weight_bytes / gpus
    return max(0, int(each // one_user))
""",
        "per_gpu_times": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    each = gpu_bytes * usable_share - reserve_bytes - weight_bytes / gpus
    return gpus * max(0, int(each // one_user))
""",
        "user_on_each": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return int(free // (one_user * gpus))
""",
        "by_gpus": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return int(free / one_user / gpus)
""",
        "bits": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return max(0, int(free * 8 // one_user))
""",
        "one_minus": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    free = gpus * (gpu_bytes * (1 - usable_share) - reserve_bytes) - weight_bytes
    return int(free // one_user)
""",
        "one_minus_no_fewer": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    free = gpus * (gpu_bytes * (1 - usable_share) - reserve_bytes) - weight_bytes
    return max(0, int(free // one_user))
""",
        "absolute_at_last": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return abs(int(free // one_user))
""",
        "minus_one": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    if free < 0:
        return -1
    return int(free // one_user)
""",
        "none": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    if free < 0:
        return None
    return int(free // one_user)
""",
        "prompt_only_below_zero": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return int(free // (prompt_tokens * kv_bytes_per_token))
""",
        "weights_on_each_below_zero": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    free = gpus * (gpu_bytes * usable_share - reserve_bytes) - gpus * weight_bytes
    return int(free // one_user)
""",
        "share of what weights and reserve leave": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user_bytes = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    free = (gpus * (gpu_bytes - reserve_bytes) - weight_bytes) * usable_share
    return max(0, int(free // one_user_bytes))
""",
        "0 if the weights do not fit on a single GPU": """\
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    one_user_bytes = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    usable = gpu_bytes * usable_share - reserve_bytes
    if weight_bytes > usable:
        return 0
    return int((gpus * usable - weight_bytes) // one_user_bytes)
""",
    },
    "1.3": {
        "first_of_equals": """\
def route(request, replicas, rng):
    queued = [replica.queued_tokens for replica in replicas]
    return queued.index(min(queued))
""",
        "argmin": """\
import numpy as np


def route(request, replicas, rng):
    return int(np.argmin([r.queued_tokens for r in replicas]))
""",
        "roomy_then_shortest": """\
def route(request, replicas, rng):
    need = -(-request.prompt_tokens // 16)
    indexes = range(len(replicas))
    roomy = [i for i in indexes if replicas[i].free_blocks >= need]
    candidates = roomy or indexes  # nobody has room: take all
    return sorted(candidates, key=lambda i: replicas[i].queued_tokens)[0]
""",
        "first_idle_else_random": """\
def route(request, replicas, rng):
    for i, r in enumerate(replicas):
        if r.outstanding == 0:
            return i
    return int(rng.integers(len(replicas)))
""",
        "two_choices_without_return_of_the_same": """\
def route(request, replicas, rng):
    a, b = rng.choice(len(replicas), 2, replace=False)
    return int(a) if replicas[a].outstanding <= replicas[b].outstanding else int(b)
""",
        "two_choices_by_queued_tokens": """\
def route(request, replicas, rng):
    a, b = rng.integers(0, len(replicas), 2)
    return int(a if replicas[a].queued_tokens <= replicas[b].queued_tokens else b)
""",
        "dice": """\
def route(request, replicas, rng):
    return int(rng.integers(len(replicas)))
""",
        "round_robin_again": """\
turn = -1


def route(request, replicas, rng):
    global turn
    turn = (turn + 1) % len(replicas)
    return turn
""",
        "always_the_first": """\
def route(request, replicas, rng):
    return 0
""",
        "most_queued_tokens": """\
def route(request, replicas, rng):
    queued = [replica.queued_tokens for replica in replicas]
    return queued.index(max(queued))
""",
        "least_outstanding_again": """\
def route(request, replicas, rng):
    indexes = range(len(replicas))
    return min(indexes, key=lambda i: replicas[i].outstanding)
""",
        "most_free_memory": """\
def route(request, replicas, rng):
    free = [replica.free_blocks for replica in replicas]
    return free.index(max(free))
""",
        "least_free_memory": """\
def route(request, replicas, rng):
    # fewest blocks in use ... I think
    return min(range(len(replicas)), key=lambda i: replicas[i].free_blocks)
""",
        "first_fit": """\
def route(request, replicas, rng):
    for i, replica in enumerate(replicas):
        if replica.free_blocks * 16 >= request.prompt_tokens:
            return i
    return 0
""",
        "best_fit": """\
def route(request, replicas, rng):
    need = request.prompt_tokens / 16
    fits = [i for i, r in enumerate(replicas) if r.free_blocks >= need]
    if not fits:
        return int(rng.integers(len(replicas)))
    return min(fits, key=lambda i: replicas[i].free_blocks - need)
""",
        "hash_of_the_length": """\
def route(request, replicas, rng):
    # like ECMP: the same flow always takes the same path
    return request.prompt_tokens % len(replicas)
""",
        "lane_by_length": """\
def route(request, replicas, rng):
    # one lane for each size class
    lane = request.prompt_tokens // 512
    return min(lane, len(replicas) - 1)
""",
        "two_choices_the_wrong_one": """\
def route(request, replicas, rng):
    a, b = rng.integers(len(replicas), size=2)
    return int(a if replicas[a].queued_tokens > replicas[b].queued_tokens else b)
""",
        "neighbour_of_the_best": """\
def route(request, replicas, rng):
    queued = [r.queued_tokens for r in replicas]
    best = queued.index(min(queued)) + 1  # replicas are numbered from 1
    return best % len(replicas)
""",
        "index_from_one": """\
def route(request, replicas, rng):
    best = 1
    for i, replica in enumerate(replicas, start=1):
        if replica.queued_tokens < replicas[best - 1].queued_tokens:
            best = i
    return best
""",
        "replica_instead_of_index": """\
def route(request, replicas, rng):
    return min(replicas, key=lambda replica: replica.queued_tokens)
""",
        "tokens_instead_of_index": """\
def route(request, replicas, rng):
    return min(r.queued_tokens for r in replicas)
""",
        "pair_of_tokens_and_index": """\
def route(request, replicas, rng):
    return min((r.queued_tokens, i) for i, r in enumerate(replicas))
""",
        "whole_ranking": """\
import numpy as np


def route(request, replicas, rng):
    return np.argsort([r.queued_tokens for r in replicas])
""",
        "last_of_the_ranking": """\
import numpy as np


def route(request, replicas, rng):
    order = np.argsort([r.queued_tokens for r in replicas])
    return int(order[-1])
""",
        "name_of_a_router": """\
def route(request, replicas, rng):
    return "least_queued_tokens"
""",
        "forgot_to_return": """\
def route(request, replicas, rng):
    queued = [replica.queued_tokens for replica in replicas]
    best = queued.index(min(queued))
    print("request goes to", best)
""",
        "attribute_of_the_list": """\
def route(request, replicas, rng):
    return replicas.queued_tokens.index(min(replicas.queued_tokens))
""",
        "dict_access": """\
def route(request, replicas, rng):
    queued = [replica["queued_tokens"] for replica in replicas]
    return queued.index(min(queued))
""",
        "wrong_attribute": """\
def route(request, replicas, rng):
    lengths = [len(replica.queue) for replica in replicas]
    return lengths.index(min(lengths))
""",
        "long_prompts_to_the_long_queue": """\
def route(request, replicas, rng):
    # long prompts are slow anyway, keep them out of the way of the short ones
    order = sorted(range(len(replicas)), key=lambda i: replicas[i].queued_tokens)
    return order[0] if request.prompt_tokens < 1024 else order[-1]
""",
        "queue_like_my_prompt": """\
def route(request, replicas, rng):
    def distance(i):
        return abs(replicas[i].queued_tokens - request.prompt_tokens)

    return min(range(len(replicas)), key=distance)
""",
        "tokens_for_each_request": """\
def route(request, replicas, rng):
    def mean_prompt(r):
        if r.outstanding == 0:
            return 0
        return -r.outstanding / (r.queued_tokens + 1)

    scores = [mean_prompt(r) for r in replicas]
    return scores.index(min(scores))
""",
        "weighted_the_wrong_way": """\
import numpy as np


def route(request, replicas, rng):
    weight = np.array([r.queued_tokens + 1.0 for r in replicas])
    return int(rng.choice(len(replicas), p=weight / weight.sum()))
""",
        "fill_up_one_then_the_next": """\
def route(request, replicas, rng):
    limit = 20_000  # queued tokens that one replica may hold
    for i in range(len(replicas)):
        if replicas[i].queued_tokens + request.prompt_tokens < limit:
            return i
    return len(replicas) - 1
""",
        "half_the_replicas": """\
def route(request, replicas, rng):
    # keep the second half in reserve
    half = replicas[: len(replicas) // 2]
    queued = [r.queued_tokens for r in half]
    return queued.index(min(queued))
""",
        "requests_then_tokens": """\
def route(request, replicas, rng):
    loads = [(one.outstanding, one.queued_tokens) for one in replicas]
    return loads.index(min(loads))
""",
        "last_of_equals": """\
def route(request, replicas, rng):
    best = 0
    for i, one in enumerate(replicas):
        if one.queued_tokens <= replicas[best].queued_tokens:
            best = i
    return best
""",
        "new_iterator": """\
def route(request, replicas, rng):
    import itertools

    return next(itertools.cycle(range(len(replicas))))
""",
        "best_plus_one": """\
def route(request, replicas, rng):
    q = [one.queued_tokens for one in replicas]
    return q.index(min(q)) + 1
""",
        "two_draws": """\
def route(request, replicas, rng):
    a, b = int(rng.integers(8)), int(rng.integers(8))
    if replicas[a].queued_tokens < replicas[b].queued_tokens:
        return a
    return b
""",
        "two_of_python": """\
def route(request, replicas, rng):
    import random

    pair = random.sample(range(8), 2)
    return min(pair, key=lambda i: replicas[i].queued_tokens)
""",
        "roomiest_of_equals_inverted": """\
def route(request, replicas, rng):
    q = [(one.queued_tokens, one.free_blocks) for one in replicas]
    return q.index(min(q))
""",
        "most_of_equals": """\
def route(request, replicas, rng):
    q = [(one.queued_tokens, -one.outstanding) for one in replicas]
    return q.index(min(q))
""",
        "blind_random": """\
def route(request, replicas, rng):
    import random

    return random.randrange(len(replicas))
""",
        "blind_length": """\
def route(request, replicas, rng):
    return request.prompt_tokens % 8
""",
        "whole_steps": """\
def route(request, replicas, rng):
    q = [one.queued_tokens // 4096 for one in replicas]
    return q.index(min(q))
""",
        "product": """\
def route(request, replicas, rng):
    q = [one.queued_tokens * one.outstanding for one in replicas]
    return q.index(min(q))
""",
        "mean_prompt": """\
def route(request, replicas, rng):
    q = [one.queued_tokens / (one.outstanding + 1) for one in replicas]
    return q.index(min(q))
""",
        "second": """\
def route(request, replicas, rng):
    order = sorted(range(8), key=lambda i: (replicas[i].queued_tokens, replicas[i].outstanding))
    return order[1]
""",
        "seven": """\
def route(request, replicas, rng):
    return min(range(7), key=lambda i: (replicas[i].queued_tokens, replicas[i].outstanding))
""",
        "queued tokens per request": """\
def route(request, replicas, rng):
    means = [one.queued_tokens / max(1, one.outstanding) for one in replicas]
    return means.index(min(means))
""",
        "long prompts to one replica, the rest by least connections": """\
def route(request, replicas, rng):
    if request.prompt_tokens > 2048:
        return len(replicas) - 1
    unfinished = [one.outstanding for one in replicas[:-1]]
    return unfinished.index(min(unfinished))
""",
        "the queue nearest to the prompt's length, like with like": """\
def route(request, replicas, rng):
    gaps = [abs(one.queued_tokens - request.prompt_tokens) for one in replicas]
    return gaps.index(min(gaps))
""",
    },
    "1.4": {
        "weight_on_decode": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [p + overlap_weight * d for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(min(costs))
""",
        "weight_on_both": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [overlap_weight * (p + d) for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(min(costs))
""",
        "no_weight": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [p + d for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(min(costs))
""",
        "weight_added": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [overlap_weight + p + d for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(min(costs))
""",
        "divided": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [p / overlap_weight + d for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(min(costs))
""",
        "minus_decode": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [overlap_weight * p - d for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(min(costs))
""",
        "prefill": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    return prefill_blocks.index(min(prefill_blocks))
""",
        "decode": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    return decode_blocks.index(min(decode_blocks))
""",
        "product": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [overlap_weight * p * d for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(min(costs))
""",
        "max": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [overlap_weight * p + d for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(max(costs))
""",
        "from_one": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [overlap_weight * p + d for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(min(costs)) + 1
""",
        "cost": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    return min(overlap_weight * p + d for p, d in zip(prefill_blocks, decode_blocks))
""",
        "costs": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    return [overlap_weight * p + d for p, d in zip(prefill_blocks, decode_blocks)]
""",
        "pair": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    both = enumerate(zip(prefill_blocks, decode_blocks))
    return min((overlap_weight * p + d, i) for i, (p, d) in both)
""",
        "forgot_return": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [overlap_weight * p + d for p, d in zip(prefill_blocks, decode_blocks)]
    costs.index(min(costs))
""",
        "decode_minus_prefill": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [d - overlap_weight * p for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(min(costs))
""",
        "most_decode": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    return decode_blocks.index(max(decode_blocks))
""",
        "most_prefill": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    return prefill_blocks.index(max(prefill_blocks))
""",
        "always_first": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    return 0
""",
        "larger_of_the_two": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [max(overlap_weight * p, d) for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(min(costs))
""",
        "prefill_then_decode": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [(p, d) for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(min(costs))
""",
        "text": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [overlap_weight * p + d for p, d in zip(prefill_blocks, decode_blocks)]
    return str(costs.index(min(costs)))
""",
        "from_one_and_swapped": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [p + overlap_weight * d for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(min(costs)) + 1
""",
        "name_missing": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [weight * p + d for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(min(costs))
""",
        "list_times_number": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = overlap_weight * prefill_blocks + decode_blocks
    return costs.index(min(costs))
""",
        "last_of_equals": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    pairs = list(zip(prefill_blocks, decode_blocks))
    costs = [overlap_weight * p + d for p, d in pairs]
    best = 0
    for i, cost in enumerate(costs):
        if cost <= costs[best]:
            best = i
    return best
""",
        "fewer_decode": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    pairs = list(zip(prefill_blocks, decode_blocks))
    costs = [(overlap_weight * p + d, d) for p, d in pairs]
    return costs.index(min(costs))
""",
        "int_weight": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    pairs = list(zip(prefill_blocks, decode_blocks))
    costs = [int(overlap_weight) * p + d for p, d in pairs]
    return costs.index(min(costs))
""",
        "power": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    pairs = list(zip(prefill_blocks, decode_blocks))
    costs = [p**overlap_weight + d for p, d in pairs]
    return costs.index(min(costs))
""",
        "mean": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    pairs = list(zip(prefill_blocks, decode_blocks))
    costs = [overlap_weight * p + (1 - overlap_weight) * d for p, d in pairs]
    return costs.index(min(costs))
""",
        "tokens": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    pairs = list(zip(prefill_blocks, decode_blocks))
    costs = [16 * overlap_weight * p + d for p, d in pairs]
    return costs.index(min(costs))
""",
        "weight discounts the overlap of both": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [p + d - overlap_weight * min(p, d) for p, d in zip(prefill_blocks, decode_blocks)]
    return costs.index(min(costs))
""",
        "weight above 1 means only reading, else only decode": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    counts = prefill_blocks if overlap_weight > 1 else decode_blocks
    return list(counts).index(min(counts))
""",
        "compares with the neighbour, not with the best": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    costs = [overlap_weight * p + d for p, d in zip(prefill_blocks, decode_blocks)]
    best = 0
    for i in range(1, len(costs)):
        if costs[i] < costs[i - 1]:
            best = i
    return best
""",
        "normalises both counts by their largest": """\
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    top_p, top_d = max(prefill_blocks) or 1, max(decode_blocks) or 1
    costs = [
        overlap_weight * p / top_p + d / top_d for p, d in zip(prefill_blocks, decode_blocks)
    ]
    return costs.index(min(costs))
""",
    },
    "1.5": {
        "wait": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load ** ((choices**i - choices) / (choices - 1)) for i in range(2, 30))
""",
        "from_zero": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load ** ((choices**i - choices) / (choices - 1)) for i in range(0, 30))
""",
        "two_terms": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load ** ((choices**i - choices) / (choices - 1)) for i in (1, 2))
""",
        "three_terms": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load ** ((choices**i - choices) / (choices - 1)) for i in (1, 2, 3))
""",
        "queue": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load ** ((choices**i - 1) / (choices - 1)) for i in range(1, 30))
""",
        "no_division": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load ** (choices**i - choices) for i in range(1, 20))
""",
        "powers": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load ** (choices**i) for i in range(1, 20))
""",
        "mm1": """\
def mean_time(load, choices):
    return 1 / (1 - load)
""",
        "shared_out": """\
def mean_time(load, choices):
    return 1 / (1 - load) / choices
""",
        "load_to_the_d": """\
def mean_time(load, choices):
    return 1 / (1 - load**choices)
""",
        "load_divided": """\
def mean_time(load, choices):
    return 1 / (1 - load / choices)
""",
        "mm1_wait": """\
def mean_time(load, choices):
    return load / (1 - load)
""",
        "times_i": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load ** ((choices * i - choices) / (choices - 1)) for i in range(1, 5000))
""",
        "rounded": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return round(sum(load ** ((choices**i - choices) / (choices - 1)) for i in range(1, 30)), 3)
""",
        "rounded_2": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return round(sum(load ** ((choices**i - choices) / (choices - 1)) for i in range(1, 30)), 2)
""",
        "wait_for_one": """\
def mean_time(load, choices):
    if choices == 1:
        return load / (1 - load)
    return sum(load ** ((choices**i - choices) / (choices - 1)) for i in range(1, 30))
""",
        "divides_by_zero": """\
def mean_time(load, choices):
    return sum(load ** ((choices**i - choices) / (choices - 1)) for i in range(1, 30))
""",
        "whole_exponent_wrong": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load ** (choices**i - choices / (choices - 1)) for i in range(1, 20))
""",
        "products": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load * ((choices**i - choices) / (choices - 1)) for i in range(1, 20))
""",
        "percent": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return 100 * sum(load ** ((choices**i - choices) / (choices - 1)) for i in range(1, 30))
""",
        "square_root": """\
def mean_time(load, choices):
    return (1 / (1 - load)) ** (1 / choices)
""",
        "logarithm": """\
import math


def mean_time(load, choices):
    return math.log(1 / (1 - load)) / math.log(choices + 1)
""",
        "only_the_last": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    for i in range(1, 30):
        total = load ** ((choices**i - choices) / (choices - 1))
    return total
""",
        "returns_early": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    total = 0
    for i in range(1, 30):
        total += load ** ((choices**i - choices) / (choices - 1))
        return total
""",
        "table": """\
def mean_time(load, choices):
    return {1: 10.0, 2: 2.614, 3: 2.028}[choices]
""",
        "wait_and_queue": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return load * sum(load ** ((choices**i - choices) / (choices - 1)) for i in range(1, 30))
""",
        "six_terms": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load ** ((choices**i - choices) / (choices - 1)) for i in range(1, 7))
""",
        "eight_terms": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load ** ((choices**i - choices) / (choices - 1)) for i in range(1, 9))
""",
        "power_divided": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load ** (choices**i - choices) / (choices - 1) for i in range(1, 25))
""",
        "multiples": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load ** (choices * i) for i in range(1, 1000))
""",
        "short_series": """\
def mean_time(load, choices):
    if choices == 1:
        return sum(load**k for k in range(20))
    return sum(load ** ((choices**i - choices) / (choices - 1)) for i in range(1, 20))
""",
        "range(1, 5) for five terms and one choice by its sum": """\
def mean_time(load, choices):
    if choices == 1:
        return sum(load ** (i - 1) for i in range(1, 5))
    return sum(load ** ((choices**i - choices) / (choices - 1)) for i in range(1, 5))
""",
        "stops at the first term below 0.1": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    total, i = 0, 1
    while True:
        term = load ** ((choices**i - choices) / (choices - 1))
        if term < 0.1:
            return total
        total += term
        i += 1
""",
        "sums d terms, one per choice": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(
        load ** ((choices**i - choices) / (choices - 1)) for i in range(1, choices + 1)
    )
""",
        "recursion forgets the extra factor: term**d from load": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    term, total = load, 1.0
    while term > 1e-15:
        total += term
        term = term**choices
    return total
""",
        "the famous logarithm instead of the sum": """\
import math


def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return math.log(1 / (1 - load)) / math.log(choices)
""",
        "^ for power, as in a spreadsheet": """\
def mean_time(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return sum(load ** (((choices ^ i) - choices) / (choices - 1)) for i in range(1, 1000))
""",
    },
    "1.6": {
        "any_block": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        hits.append(sum(block in cache for block in blocks))
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return hits
""",
        "fifo": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                continue
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return hits
""",
        "front_first": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in blocks:
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return hits
""",
        "newest_leaves": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop()
    return hits
""",
        "endless": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
    return hits
""",
        "one_fewer": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) >= capacity_blocks:
            cache.pop(0)
    return hits
""",
        "one_more": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks + 1:
            cache.pop(0)
    return hits
""",
        "sum": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return sum(hits)
""",
        "shares": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return [hit / len(blocks) for hit, blocks in zip(hits, requests)]
""",
        "misses": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return [len(blocks) - hit for hit, blocks in zip(hits, requests)]
""",
        "yes_no": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        hits.append(1 if blocks[0] in cache else 0)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return hits
""",
        "bools": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        hits.append(blocks[0] in cache)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return hits
""",
        "last_prompt": """\
def prefix_hits(requests, capacity_blocks):
    before, hits = [], []
    for blocks in requests:
        run = 0
        for one, other in zip(blocks, before):
            if one != other:
                break
            run += 1
        hits.append(run)
        before = blocks
    return hits
""",
        "counted_after": """\
def prefix_hits(requests, capacity_blocks):
    return [min(len(blocks), capacity_blocks) for blocks in requests]
""",
        "drops_one": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        if len(cache) > capacity_blocks:
            cache.pop(0)
    return hits
""",
        "emptied": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        if len(cache) > capacity_blocks:
            cache = []
    return hits
""",
        "set_kept": """\
def prefix_hits(requests, capacity_blocks):
    seen, hits = set(), []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in seen:
            run += 1
        hits.append(run)
        seen.update(blocks)
    return hits
""",
        "total_share": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return sum(hits) / sum(map(len, requests))
""",
        "any_and_sum": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        hits.append(sum(block in cache for block in blocks))
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return sum(hits)
""",
        "any_and_front": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        hits.append(sum(block in cache for block in blocks))
        for block in blocks:
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return hits
""",
        "fifo_front": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in blocks:
            if block in cache:
                continue
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return hits
""",
        "forgot_return": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    hits
""",
        "cache_returned": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return cache
""",
        "nothing": """\
def prefix_hits(requests, capacity_blocks):
    return [0 for _ in requests]
""",
        "trailing": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[-1 - run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return hits
""",
        "capacity_times": """\
def prefix_hits(requests, capacity_blocks):
    return [capacity_blocks for _ in requests]
""",
        "counted_before_break": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        for block in blocks:
            run += 1
            if block not in cache:
                break
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return hits
""",
        "only_new": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block not in cache:
                cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return hits
""",
        "only_new_of_the_run": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        cache += reversed(blocks[run:])
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return hits
""",
        "a_set": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = set(), []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        cache |= set(blocks)
        while len(cache) > capacity_blocks:
            cache.pop()
    return hits
""",
        "compares with the previous request only": """\
def prefix_hits(requests, capacity_blocks):
    hits, previous = [], []
    for blocks in requests:
        n = 0
        for old, new in zip(previous, blocks):
            if old != new:
                break
            n += 1
        hits.append(min(n, capacity_blocks))
        previous = blocks
    return hits
""",
        "least frequently instead of least recently": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = {}, []
    for blocks in requests:
        n = 0
        while n < len(blocks) and blocks[n] in cache:
            n += 1
        hits.append(n)
        for block in reversed(blocks):
            cache[block] = cache.get(block, 0) + 1
        while len(cache) > capacity_blocks:
            del cache[min(cache, key=cache.get)]
    return hits
""",
        "the smallest block number leaves": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = set(), []
    for blocks in requests:
        n = 0
        while n < len(blocks) and blocks[n] in cache:
            n += 1
        hits.append(n)
        cache.update(blocks)
        while len(cache) > capacity_blocks:
            cache.remove(min(cache))
    return hits
""",
        "the largest block number leaves (sorted set cut)": """\
def prefix_hits(requests, capacity_blocks):
    cache, hits = set(), []
    for blocks in requests:
        n = 0
        while n < len(blocks) and blocks[n] in cache:
            n += 1
        hits.append(n)
        cache = set(sorted(cache | set(blocks))[:capacity_blocks])
    return hits
""",
        "longest run of hits anywhere": """\
from collections import OrderedDict


def prefix_hits(requests, capacity_blocks):
    cache = OrderedDict()
    hits = []
    for blocks in requests:
        n = best = 0
        for block in blocks:
            n = n + 1 if block in cache else 0
            best = max(best, n)
        hits.append(best)
        for block in reversed(blocks):
            cache[block] = True
            cache.move_to_end(block)
        while len(cache) > capacity_blocks:
            cache.popitem(last=False)
    return hits
""",
        "whole prompt or nothing": """\
from collections import OrderedDict


def prefix_hits(requests, capacity_blocks):
    cache = OrderedDict()
    hits = []
    for blocks in requests:
        hits.append(len(blocks) if all(block in cache for block in blocks) else 0)
        for block in reversed(blocks):
            cache[block] = True
            cache.move_to_end(block)
        while len(cache) > capacity_blocks:
            cache.popitem(last=False)
    return hits
""",
        "only the new blocks are touched and hits moved in prompt order": """\
from collections import OrderedDict


def prefix_hits(requests, capacity_blocks):
    cache = OrderedDict()
    hits = []
    for blocks in requests:
        n = 0
        for block in blocks:
            if block not in cache:
                break
            n += 1
        hits.append(n)
        for block in blocks:
            if block in cache:
                cache.move_to_end(block)
        for block in reversed(blocks):
            cache.setdefault(block, True)
        while len(cache) > capacity_blocks:
            cache.popitem(last=False)
    return hits
""",
        "all hits counted and first block touched first": """\
from collections import OrderedDict


def prefix_hits(requests, capacity_blocks):
    cache = OrderedDict()
    hits = []
    for blocks in requests:
        hits.append(len(set(blocks) & set(cache)))
        for block in blocks:
            cache[block] = True
            cache.move_to_end(block)
        while len(cache) > capacity_blocks:
            cache.popitem(last=False)
    return hits
""",
        "a miss resets the count instead of ending it": """\
from collections import OrderedDict


def prefix_hits(requests, capacity_blocks):
    cache = OrderedDict()
    hits = []
    for blocks in requests:
        n = 0
        for block in blocks:
            n = n + 1 if block in cache else 0
        hits.append(n)
        for block in reversed(blocks):
            cache[block] = True
            cache.move_to_end(block)
        while len(cache) > capacity_blocks:
            cache.popitem(last=False)
    return hits
""",
    },
    "1.7": {
        "no_guard": """\
def guarded(cached_tokens, outstanding, factor):
    return max(range(len(outstanding)), key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "longest": """\
def guarded(cached_tokens, outstanding, factor):
    return cached_tokens.index(max(cached_tokens))
""",
        "first_of_equals": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return max(allowed, key=lambda i: cached_tokens[i])
""",
        "least_loaded": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return max(allowed, key=lambda i: -outstanding[i])
""",
        "just_least_loaded": """\
def guarded(cached_tokens, outstanding, factor):
    return outstanding.index(min(outstanding))
""",
        "least_cached": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return max(allowed, key=lambda i: (-cached_tokens[i], -outstanding[i]))
""",
        "most_loaded": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return max(allowed, key=lambda i: (cached_tokens[i], outstanding[i]))
""",
        "up_to": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] <= limit]
    return max(allowed, key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "no_new_one": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * sum(outstanding) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return max(allowed, key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "floor": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.floor(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return max(allowed or range(n), key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "int": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = int(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return max(allowed or range(n), key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "no_factor": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil((sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return max(allowed, key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "share_of_all": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = factor * (sum(outstanding) + 1)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return max(allowed, key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "then_least_loaded": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    limit = math.ceil(factor * (sum(outstanding) + 1) / len(outstanding))
    best = max(range(len(outstanding)), key=lambda i: (cached_tokens[i], -outstanding[i]))
    if outstanding[best] < limit:
        return best
    return outstanding.index(min(outstanding))
""",
        "tokens": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return cached_tokens[max(allowed, key=lambda i: (cached_tokens[i], -outstanding[i]))]
""",
        "list_of_allowed": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return allowed
""",
        "from_one": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return 1 + max(allowed, key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "only_the_overloaded": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] >= limit]
    return max(allowed or range(n), key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "load_first": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return max(allowed, key=lambda i: (-outstanding[i], cached_tokens[i]))
""",
        "min": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return min(allowed, key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "pair": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return max((cached_tokens[i], -outstanding[i], i) for i in allowed)
""",
        "place_among_allowed": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return max(range(len(allowed)), key=lambda j: cached_tokens[allowed[j]])
""",
        "forgot_return": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    max(allowed, key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "first_allowed": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * (sum(outstanding) + 1) / n)
    allowed = [i for i in range(n) if outstanding[i] < limit]
    return allowed[0]
""",
        "guard_on_tokens": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = factor * sum(cached_tokens) / n
    allowed = [i for i in range(n) if cached_tokens[i] <= limit]
    return max(allowed, key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "difference": """\
def guarded(cached_tokens, outstanding, factor):
    return max(range(len(outstanding)), key=lambda i: cached_tokens[i] - factor * outstanding[i])
""",
        "up_to_without_new": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n = len(outstanding)
    limit = math.ceil(factor * sum(outstanding) / n)
    allowed = [i for i in range(n) if outstanding[i] <= limit]
    return max(allowed, key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "nearest": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n, total = len(outstanding), sum(outstanding)
    limit = round(factor * (total + 1) / n)
    ok = [i for i in range(n) if outstanding[i] < limit]
    return max(ok or range(n), key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "mean_rounded_down": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n, total = len(outstanding), sum(outstanding)
    limit = math.ceil(factor * ((total + 1) // n))
    ok = [i for i in range(n) if outstanding[i] < limit]
    return max(ok or range(n), key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "mean_rounded_up": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n, total = len(outstanding), sum(outstanding)
    limit = factor * math.ceil((total + 1) / n)
    ok = [i for i in range(n) if outstanding[i] < limit]
    return max(ok or range(n), key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "one_after": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n, total = len(outstanding), sum(outstanding)
    limit = math.ceil(factor * total / n) + 1
    ok = [i for i in range(n) if outstanding[i] < limit]
    return max(ok or range(n), key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "first_ok": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n, total = len(outstanding), sum(outstanding)
    limit = math.ceil(factor * (total + 1) / n)
    ok = [i for i in range(n) if outstanding[i] < limit]
    return ok[0]
""",
        "less_the_load": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n, total = len(outstanding), sum(outstanding)
    limit = math.ceil(factor * (total + 1) / n)
    ok = [i for i in range(n) if outstanding[i] < limit]
    return max(ok, key=lambda i: cached_tokens[i] - outstanding[i])
""",
        "nobody": """\
def guarded(cached_tokens, outstanding, factor):
    import math

    n, total = len(outstanding), sum(outstanding)
    limit = factor * total // n
    ok = [i for i in range(n) if outstanding[i] < limit]
    return max(ok, key=lambda i: (cached_tokens[i], -outstanding[i]))
""",
        "equals in both: the last": """\
import math


def guarded(cached_tokens, outstanding, factor):
    limit = math.ceil(factor * (sum(outstanding) + 1) / len(outstanding))
    allowed = [i for i, n in enumerate(outstanding) if n < limit]
    if not allowed:
        allowed = list(range(len(outstanding)))
    return max(allowed, key=lambda i: (cached_tokens[i], -outstanding[i], i))
""",
        "position in the list of the allowed": """\
import math


def guarded(cached_tokens, outstanding, factor):
    limit = math.ceil(factor * (sum(outstanding) + 1) / len(outstanding))
    allowed = [i for i, n in enumerate(outstanding) if n < limit]
    if not allowed:
        allowed = list(range(len(outstanding)))
    keys = [(-cached_tokens[i], outstanding[i]) for i in allowed]
    return keys.index(min(keys))
""",
        "limit from the busiest instead of the mean": """\
import math


def guarded(cached_tokens, outstanding, factor):
    limit = math.ceil(factor * max(outstanding) / len(outstanding))
    allowed = [i for i, n in enumerate(outstanding) if n < limit]
    if not allowed:
        allowed = list(range(len(outstanding)))
    return min(allowed, key=lambda i: (-cached_tokens[i], outstanding[i]))
""",
        "limit from the least busy": """\
import math


def guarded(cached_tokens, outstanding, factor):
    limit = math.ceil(factor * (min(outstanding) + 1))
    allowed = [i for i, n in enumerate(outstanding) if n < limit]
    if not allowed:
        allowed = list(range(len(outstanding)))
    return min(allowed, key=lambda i: (-cached_tokens[i], outstanding[i]))
""",
        "limit from the median": """\
import math


def guarded(cached_tokens, outstanding, factor):
    middle = sorted(outstanding)[len(outstanding) // 2]
    limit = math.ceil(factor * (middle + 1))
    allowed = [i for i, n in enumerate(outstanding) if n < limit]
    if not allowed:
        allowed = list(range(len(outstanding)))
    return min(allowed, key=lambda i: (-cached_tokens[i], outstanding[i]))
""",
        "starts with best = 0 tokens: nothing cached gives replica 0": """\
import math


def guarded(cached_tokens, outstanding, factor):
    limit = math.ceil(factor * (sum(outstanding) + 1) / len(outstanding))
    best, best_cached = 0, 0
    for i in range(len(outstanding)):
        if outstanding[i] < limit and cached_tokens[i] > best_cached:
            best, best_cached = i, cached_tokens[i]
    return best
""",
        "longest of all, then filters, else replica 0": """\
import math


def guarded(cached_tokens, outstanding, factor):
    limit = math.ceil(factor * (sum(outstanding) + 1) / len(outstanding))
    longest = max(cached_tokens)
    found = [i for i, c in enumerate(cached_tokens) if c == longest and outstanding[i] < limit]
    if not found:
        return 0
    return min(found, key=lambda i: outstanding[i])
""",
        "only the longest prefix is taken out if it is too busy, once": """\
import math


def guarded(cached_tokens, outstanding, factor):
    limit = math.ceil(factor * (sum(outstanding) + 1) / len(outstanding))
    order = sorted(
        range(len(outstanding)), key=lambda i: (-cached_tokens[i], outstanding[i])
    )
    if outstanding[order[0]] < limit or len(order) == 1:
        return order[0]
    return order[1]
""",
        "divides by busy replicas only": """\
import math


def guarded(cached_tokens, outstanding, factor):
    busy = sum(1 for n in outstanding if n > 0) or 1
    limit = math.ceil(factor * (sum(outstanding) + 1) / busy)
    allowed = [i for i, n in enumerate(outstanding) if n < limit]
    if not allowed:
        allowed = list(range(len(outstanding)))
    return min(allowed, key=lambda i: (-cached_tokens[i], outstanding[i]))
""",
        "divides by replicas that have something cached": """\
import math


def guarded(cached_tokens, outstanding, factor):
    holders = sum(1 for c in cached_tokens if c > 0) or 1
    limit = math.ceil(factor * (sum(outstanding) + 1) / holders)
    allowed = [i for i, n in enumerate(outstanding) if n < limit]
    if not allowed:
        allowed = list(range(len(outstanding)))
    return min(allowed, key=lambda i: (-cached_tokens[i], outstanding[i]))
""",
        "compares with the others' mean": """\
import math


def guarded(cached_tokens, outstanding, factor):
    n, total = len(outstanding), sum(outstanding)
    allowed = [
        i for i in range(n)
        if outstanding[i] < math.ceil(factor * (total - outstanding[i] + 1) / max(n - 1, 1))
    ] or list(range(n))
    return min(allowed, key=lambda i: (-cached_tokens[i], outstanding[i]))
""",
        "one score: cached tokens per request": """\
def guarded(cached_tokens, outstanding, factor):
    scores = [c / (n + 1) for c, n in zip(cached_tokens, outstanding)]
    return scores.index(max(scores))
""",
    },
}
