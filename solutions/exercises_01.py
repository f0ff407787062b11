"""The exercises of lesson 01, in the order of the lesson."""

import math

import numpy as np
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


def each_twice(**given):
    return _kv(sets=4, **given)


def in_megabytes(**given):
    return _kv(factor=1e-6, **given)


def keys_in_bits(**given):
    return _kv(sets=1, factor=8, **given)


def numbers_of_the_keys(**given):
    return _kv(sets=1, **{**given, "bytes_per_number": 1})


def head_dim_squared(**given):
    return _kv(factor=given["head_dim"], **given)


def heads_without_a_pair(**given):
    return _kv(**{**given, "kv_heads": given["heads"] - given["kv_heads"]})


def layers_and_heads_added(**given):
    return _kv(left_out="layers", **{**given, "kv_heads": given["kv_heads"] + given["layers"]})


def one_kv_head(**given):
    return _kv(**{**given, "kv_heads": 1})


def always_llama_70b(**given):
    return 327_680


def queries_added(**given):
    return _kv(sets=1, **{**given, "kv_heads": given["heads"] + given["kv_heads"]})


def bytes_by_eight(**given):
    return _kv(factor=1 / 8, **given)


def on_one_of_four(**given):
    return _kv(factor=1 / 4, **given)


def head_divided(**given):
    return _kv(**{**given, "head_dim": given["head_dim"] // given["heads"]})


def head_of_all_divided(**given):
    return head_divided(**{**given, "kv_heads": 1})


def query_head_divided(**given):
    return _kv(which="heads", **{**given, "head_dim": given["head_dim"] // given["heads"]})


def key_times_value(**given):
    return _kv(sets=1, factor=given["head_dim"], **given)


def one_number_of_the_keys(**given):
    return _kv(sets=1, left_out="head_dim", **given)


def heads_alone(**given):
    return _kv(left_out="head_dim", **{**given, "bytes_per_number": 1})


def value_added_last(**given):
    return _kv(sets=1, **given) + given["head_dim"] * given["bytes_per_number"]


def key_in_numbers(**given):
    return _kv(sets=1, **given) + _kv(sets=1, **{**given, "bytes_per_number": 1})


def bytes_added(**given):
    return _kv(**{**given, "bytes_per_number": 1}) + given["bytes_per_number"]


def head_added(**given):
    vector = given["head_dim"] * given["bytes_per_number"]
    return 2 * given["layers"] * given["kv_heads"] + vector


def two_added(**given):
    return 2 + _kv(sets=1, **given)


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
        Misconception(each_twice, "A key and a value: do you count one of the two twice?"),
        Misconception(
            in_megabytes, "Which unit does the exercise ask for? 1,000,000 bytes are 1 MB."
        ),
        Misconception(
            keys_in_bits,
            "Four times too much: a copy on each of four GPUs, or the bits of the keys alone?",
        ),
        Misconception(
            numbers_of_the_keys,
            "How many vectors does a head keep, and how many bytes does a number take?",
        ),
        Misconception(
            head_dim_squared, "A key has head_dim numbers. Why is `head_dim` in your product twice?"
        ),
        Misconception(
            heads_without_a_pair,
            "How many pairs of key and value does a layer keep: that is which argument?",
        ),
        Misconception(layers_and_heads_added, "Each layer has its own KV heads. Sum, or product?"),
        Misconception(
            one_kv_head, "That is one KV head of each layer. How many does a layer have?"
        ),
        Misconception(
            always_llama_70b, "That is the example's number. What is it for another model?"
        ),
        Misconception(
            queries_added, "Are the queries kept? A later token looks at keys and values alone."
        ),
        Misconception(
            bytes_by_eight, "`bytes_per_number` counts bytes already. What do you divide by 8?"
        ),
        Misconception(
            on_one_of_four,
            "That is a quarter. Do you want what lies on one GPU, or on the whole replica?",
        ),
        *(
            Misconception(
                wrong, "`head_dim` is the length of one head's vector. Why divide it by the heads?"
            )
            for wrong in (head_divided, head_of_all_divided, query_head_divided)
        ),
        Misconception(
            key_times_value,
            "A key has head_dim numbers and a value as many. Sum, or product of the two?",
        ),
        Misconception(
            one_number_of_the_keys,
            "A key is a vector, and it has a value beside it. How many numbers are the two?",
        ),
        Misconception(
            heads_alone,
            "You count vectors. How many numbers does each have, and how many bytes a number?",
        ),
        *(
            Misconception(
                wrong, "Python multiplies before it adds. What must every layer and head multiply?"
            )
            for wrong in (value_added_last, key_in_numbers, bytes_added, head_added, two_added)
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


def share_after_all_else(**given):
    return _users(_room(share=False, **given) * given["usable_share"], _user(**given))


def weights_on_one_gpu(**given):
    on_one = _room(**{**given, "gpus": 1})
    return 0 if on_one < 0 else _users(_room(**given), _user(**given))


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


def fraction_below_zero(**given):
    return _room(**given) / _user(**given)


def without_the_sign(**given):
    return math.floor(abs(_room(**given)) / _user(**given))


def memory_of_one_gpu(**given):
    others = (given["gpus"] - 1) * given["gpu_bytes"] * given["usable_share"]
    return _users(_room(**given) - others, _user(**given))


def bytes_for_users(**given):
    return max(0, int(_room(**given)))


def prompt_times_answer(**given):
    tokens = given["prompt_tokens"] * given["answer_tokens"]
    return _users(_room(**given), tokens * given["kv_bytes_per_token"])


def weights_less_the_room(**given):
    return _users(-_room(**given), _user(**given))


def prompt_only_rounded_up(**given):
    return max(0, math.ceil(_room(**given) / _user(answer=False, **given)))


def cut_off_below_zero(**given):
    return int(_room(**given) / _user(**given))


def weights_divided_alone(**given):
    return _room(weights=0, **given) - given["weight_bytes"] / _user(**given)


def weights_divided_alone_and_down(**given):
    return int(_room(weights=0, **given)) - given["weight_bytes"] // _user(**given)


def tokens_for_bytes(**given):
    return _users(_room(**given), given["prompt_tokens"] + given["answer_tokens"])


def tokens_for_bytes_below_zero(**given):
    return math.floor(_room(**given) / (given["prompt_tokens"] + given["answer_tokens"]))


def _of_a_gpu(**given):
    return _room(**given) / _user(**given) / given["gpus"]


def users_of_a_gpu(**given):
    return max(0, math.floor(_of_a_gpu(**given)))


def users_of_a_gpu_below_zero(**given):
    return math.floor(_of_a_gpu(**given))


def users_of_a_gpu_cut_off(**given):
    return int(_of_a_gpu(**given))


def rounded_on_each_gpu(**given):
    return given["gpus"] * max(0, math.floor(_of_a_gpu(**given)))


def rounded_on_each_gpu_below_zero(**given):
    return given["gpus"] * math.floor(_of_a_gpu(**given))


def rounded_on_each_gpu_cut_off(**given):
    return given["gpus"] * int(_of_a_gpu(**given))


def room_in_bits(**given):
    return _users(8 * _room(**given), _user(**given))


def room_in_bits_below_zero(**given):
    return math.floor(8 * _room(**given) / _user(**given))


def _unusable(**given):
    return _room(**{**given, "usable_share": 1 - given["usable_share"]})


def never_any_user(**given):
    return _users(_unusable(**given), _user(**given))


def unusable_share(**given):
    return math.floor(_unusable(**given) / _user(**given))


def unusable_share_cut_off(**given):
    return int(_unusable(**given) / _user(**given))


def sign_lost_after_rounding(**given):
    return abs(math.floor(_room(**given) / _user(**given)))


def minus_one(**given):
    return -1 if _room(**given) < 0 else _users(_room(**given), _user(**given))


def none_of_them(**given):
    return None if _room(**given) < 0 else _users(_room(**given), _user(**given))


def _no_fewer_than_none(change):
    """A mistake of the room or of a user, and numbers below zero besides."""

    def wrong(**given):
        room, user = change(**given)
        return math.floor(room / user)

    def cut_off(**given):
        room, user = change(**given)
        return int(room / user)

    return wrong, cut_off


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
        # weights that fit into the memory, but not into what may be used of it
        {"gpus": 2} | ON_H100 | LLAMA_70B | {"weight_bytes": 160_000_000_000},
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
        Misconception(
            share_after_all_else,
            "usable_share is a share of each GPU's whole memory. What do you take it of?",
        ),
        Misconception(
            weights_on_one_gpu,
            "You ask whether the weights fit on one GPU. Which memory do they lie in?",
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
        Misconception(
            fraction_below_zero,
            "Users are whole, and never fewer than 0. What becomes of the rest?",
        ),
        Misconception(
            without_the_sign, "If the weights do not fit there is no room. How many users are that?"
        ),
        Misconception(memory_of_one_gpu, "That is the memory of one GPU. How many are there?"),
        Misconception(
            bytes_for_users, "That is the room in bytes. How many bytes does one user take?"
        ),
        Misconception(
            prompt_times_answer,
            "A user has a prompt and an answer. Are their tokens added or multiplied?",
        ),
        Misconception(
            weights_less_the_room, "Which of the two must be larger: the memory or the weights?"
        ),
        Misconception(
            cut_off_below_zero,
            "The weights alone do not fit. Can fewer users than none be served?",
        ),
        *(
            Misconception(wrong, "a - b / c divides b alone. What belongs in the brackets?")
            for wrong in (weights_divided_alone, weights_divided_alone_and_down)
        ),
        *(
            Misconception(
                wrong, "You divide bytes by tokens. How many bytes does each token of a user take?"
            )
            for wrong in (tokens_for_bytes, tokens_for_bytes_below_zero)
        ),
        *(
            Misconception(
                wrong,
                "That is one GPU's share. A user's cache is spread over all of the group: how many "
                "does the whole group hold?",
            )
            for wrong in (users_of_a_gpu, users_of_a_gpu_below_zero, users_of_a_gpu_cut_off)
        ),
        *(
            Misconception(
                wrong,
                "You round on each GPU. A user's cache is spread over all of the group: when must "
                "you round?",
            )
            for wrong in (
                rounded_on_each_gpu,
                rounded_on_each_gpu_below_zero,
                rounded_on_each_gpu_cut_off,
            )
        ),
        *(
            Misconception(wrong, "Eight times too many: memory is in bytes. Where is your 8 from?")
            for wrong in (room_in_bits, room_in_bits_below_zero)
        ),
        Misconception(
            never_any_user,
            "Always 0: does the memory come out below zero? Which share of it may the engine use?",
        ),
        *(
            Misconception(
                wrong, "`usable_share` is the part that the engine may use. Which part do you take?"
            )
            for wrong in (unusable_share, unusable_share_cut_off)
        ),
        Misconception(
            sign_lost_after_rounding,
            "If the weights do not fit there is no room. How many users are that?",
        ),
        Misconception(
            minus_one, "The weights alone do not fit. Can fewer users than none be served?"
        ),
        Misconception(
            none_of_them,
            "If the weights do not fit you return None. Which number of users is that?",
        ),
        *(
            Misconception(wrong, f"{hint} And what if the weights do not fit?")
            for change, hint in (
                (
                    lambda **given: (_room(weights=given["gpus"], **given), _user(**given)),
                    "How often are the weights there: once, or on each GPU?",
                ),
                (
                    lambda **given: (_room(share=False, **given), _user(**given)),
                    "Which share of the memory may the engine use?",
                ),
                (
                    lambda **given: (_room(reserve=False, **given), _user(**given)),
                    "What does each GPU keep back beside the weights?",
                ),
                (
                    lambda **given: (
                        _room(**given) + (given["gpus"] - 1) * given["reserve_bytes"],
                        _user(**given),
                    ),
                    "The reserve is that of one GPU. How many of them keep it?",
                ),
                (
                    lambda **given: (_room(**given), _user(answer=False, **given)),
                    "The answer is cached as well. How long is a user at the end?",
                ),
                (
                    lambda **given: (_room(**given), _user(prompt=False, **given)),
                    "The prompt is cached as well. How long is a user at the end?",
                ),
                (
                    lambda **given: (_room(**{**given, "gpus": 1}), _user(**given)),
                    "That is the room on one GPU. How many are there?",
                ),
            )
            for wrong in _no_fewer_than_none(change)
        ),
        Misconception(
            prompt_only_rounded_up,
            "The answer is cached as well; and can you serve a part of a user?",
        ),
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


def shorter_of_two_or_the_second(request, replicas, rng):
    first, second = (int(place) for place in rng.integers(len(replicas), size=2))
    return first if replicas[first].queued_tokens < replicas[second].queued_tokens else second


def least_room_of_equals(request, replicas, rng):
    waiting = [(one.queued_tokens, one.free_blocks) for one in replicas]
    return waiting.index(min(waiting))


def most_requests_of_equals(request, replicas, rng):
    waiting = [(one.queued_tokens, -one.outstanding) for one in replicas]
    return waiting.index(min(waiting))


def whole_steps(request, replicas, rng):
    waiting = [one.queued_tokens // 4096 for one in replicas]
    return waiting.index(min(waiting))


def whole_steps_then_requests(request, replicas, rng):
    waiting = [(one.queued_tokens // 4096, one.outstanding) for one in replicas]
    return waiting.index(min(waiting))


def tokens_times_requests(request, replicas, rng):
    waiting = [one.queued_tokens * one.outstanding for one in replicas]
    return waiting.index(min(waiting))


def tokens_for_each_request(request, replicas, rng):
    waiting = [one.queued_tokens / (one.outstanding + 1) for one in replicas]
    return waiting.index(min(waiting))


def tokens_of_a_request(request, replicas, rng):
    waiting = [one.queued_tokens / max(1, one.outstanding) for one in replicas]
    return waiting.index(min(waiting))


def tokens_for_each_block(request, replicas, rng):
    waiting = [one.queued_tokens / (one.free_blocks + 1) for one in replicas]
    return waiting.index(min(waiting))


def all_but_the_last(request, replicas, rng):
    waiting = [(one.queued_tokens, one.outstanding) for one in replicas[:-1]]
    return waiting.index(min(waiting))


def all_but_the_last_by_tokens(request, replicas, rng):
    return ties_by_index(request, replicas[:-1], rng)


def long_ones_apart(request, replicas, rng):
    lane = range(2) if request.prompt_tokens > 4096 else range(2, len(replicas))
    return min(lane, key=lambda i: (replicas[i].queued_tokens, replicas[i].outstanding))


def long_ones_apart_at_2048(request, replicas, rng):
    lane = range(2) if request.prompt_tokens > 2048 else range(2, len(replicas))
    return min(lane, key=lambda i: (replicas[i].queued_tokens, replicas[i].outstanding))


def long_ones_to_the_last(request, replicas, rng):
    if request.prompt_tokens > 2048:
        return len(replicas) - 1
    return fewest_requests(request, replicas[:-1], rng)


def queue_like_the_prompt(request, replicas, rng):
    gaps = [abs(one.queued_tokens - request.prompt_tokens) for one in replicas]
    return gaps.index(min(gaps))


TWO_REQUESTS = (
    "Two drawn at random, and you count requests. You see all replicas: why look at two? And does "
    "a new request wait for requests, or for prompts that are not read yet?"
)
TWO_TOKENS = (
    "Two random choices, by the right count: the way of a network that cannot ask everybody. You "
    "see all eight replicas. What do you lose by looking at two?"
)
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
    # 201 seeds, p99 TTFT and p99 TPOT over those of round robin (smallest, median, largest):
    # solution .512 .587 .622 and .820 .894 .991; fewest_requests .861 .988 1.029; better_of_two
    # 1.041 1.208 1.360; most_memory 1.660 2.046 2.470; ties_by_index .522 .596 .636 and TPOT 1.004
    # 1.118 1.230. The solution passes with every seed, the others with none.
    #     python tests/benchmarks/policy_margin.py 1.3 --seeds 201 --only solution fewest_requests \
    #         better_of_two most_memory ties_by_index
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
            "All requests went to one replica. Does your function return the same index whatever "
            "it sees: `max` for `min`, an amount or its place in another list, 1 added, or a "
            "counter that begins anew in each call?",
        ),
        Misconception(shorter_of_two_or_the_second, TWO_TOKENS),
        *(
            Misconception(
                wrong,
                "Your tie goes to the replica that writes most. When no prompt waits anywhere, "
                "which one should get the next?",
            )
            for wrong in (least_room_of_equals, most_requests_of_equals)
        ),
        *(
            Misconception(
                wrong,
                "In whole steps, 100 queued tokens and 4,000 are the same. Do they wait alike?",
            )
            for wrong in (whole_steps, whole_steps_then_requests)
        ),
        *(
            Misconception(
                wrong,
                "You make one number of two. Is it to be combined, or compared: first the one, and "
                "the other where that is equal?",
            )
            for wrong in (
                tokens_times_requests,
                tokens_for_each_request,
                tokens_of_a_request,
                tokens_for_each_block,
            )
        ),
        *(
            Misconception(
                wrong,
                "One replica gets nothing. Do you look at all eight, and take the first of your "
                "ranking?",
            )
            for wrong in (all_but_the_last, all_but_the_last_by_tokens)
        ),
        *(
            Misconception(
                wrong,
                "Long prompts now wait for each other while other replicas have time. Must a lane "
                "be kept free for them?",
            )
            for wrong in (long_ones_apart, long_ones_apart_at_2048, long_ones_to_the_last)
        ),
        Misconception(
            queue_like_the_prompt,
            "You send a long prompt behind a long queue. Which queue is the shortest wait for it?",
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


def prefill_subtracted(**given):
    return _cheapest(lambda prefill, decode, weight: decode - weight * prefill, **given)


def most_decode(**given):
    return _cheapest(lambda prefill, decode, weight: decode, choose=max, **given)


def most_prefill(**given):
    return _cheapest(lambda prefill, decode, weight: prefill, choose=max, **given)


def the_larger_part(**given):
    return _cheapest(lambda prefill, decode, weight: max(weight * prefill, decode), **given)


def first_replica(**given):
    return 0


def _costs(**given):
    pairs = zip(given["prefill_blocks"], given["decode_blocks"], strict=True)
    return [_right_cost(prefill, decode, given["overlap_weight"]) for prefill, decode in pairs]


def last_of_the_cheapest(**given):
    costs = _costs(**given)
    return max(i for i, cost in enumerate(costs) if cost == min(costs))


def fewest_decode_of_the_cheapest(**given):
    costs = list(zip(_costs(**given), given["decode_blocks"], strict=True))
    return costs.index(min(costs))


def fewest_prefill_of_the_cheapest(**given):
    costs = list(zip(_costs(**given), given["prefill_blocks"], strict=True))
    return costs.index(min(costs))


def whole_weight(**given):
    return _cheapest(_right_cost, **{**given, "overlap_weight": int(given["overlap_weight"])})


def nearest_weight(**given):
    return _cheapest(_right_cost, **{**given, "overlap_weight": round(given["overlap_weight"])})


def to_the_weight(**given):
    return _cheapest(lambda prefill, decode, weight: prefill**weight + decode, **given)


def weighted_mean(**given):
    return _cheapest(
        lambda prefill, decode, weight: weight * prefill + (1 - weight) * decode, **given
    )


def prefill_in_tokens(**given):
    return _cheapest(lambda prefill, decode, weight: 16 * weight * prefill + decode, **given)


def weight_on_decode_from_one(**given):
    return weight_on_decode(**given) + 1


def overlap_subtracted(**given):
    return _cheapest(
        lambda prefill, decode, weight: prefill + decode - weight * min(prefill, decode), **given
    )


def shares_of_the_largest(prefill_blocks, decode_blocks, overlap_weight):
    return _cheapest(
        _right_cost,
        prefill_blocks=[n / max(prefill_blocks) for n in prefill_blocks],
        decode_blocks=[n / max(decode_blocks) for n in decode_blocks],
        overlap_weight=overlap_weight,
    )


def weight_chooses(**given):
    return prefill_alone(**given) if given["overlap_weight"] > 1 else decode_alone(**given)


def last_below_its_neighbour(**given):
    costs = _costs(**given)
    return max(i for i in range(len(costs)) if i == 0 or costs[i] < costs[i - 1])


def draw_workers(rng):
    """Often two workers cost the same, and nobody costs less."""
    workers = int(rng.integers(3, 9))
    prefill = [int(n) for n in rng.integers(0, 60, size=workers)]
    decode = [int(n) for n in rng.permutation(200)[:workers]]
    weight = float(rng.choice([0.5, 1.5, 2.5, 3.5]))
    given = {"prefill_blocks": prefill, "decode_blocks": decode, "overlap_weight": weight}
    best = _cheapest(_right_cost, **given)
    if rng.random() < 0.6:
        twin = (best + int(rng.integers(1, workers))) % workers
        more = 2 if decode[best] >= 2 * weight else -2 * (prefill[best] >= 2)
        prefill[twin] = prefill[best] + more
        decode[twin] = int(decode[best] - more * weight)
    return given


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
        {  # half a block decides, and a dearer one lies between
            "prefill_blocks": [5, 40, 4],
            "decode_blocks": [8, 3, 8],
            "overlap_weight": 0.5,
        },
        {  # nothing to read is cheap
            "prefill_blocks": [5, 0, 4],
            "decode_blocks": [8, 9, 8],
            "overlap_weight": 0.5,
        },
        {  # three that cost the same, and a fourth
            "prefill_blocks": [4, 6, 2, 9],
            "decode_blocks": [8, 4, 12, 1],
            "overlap_weight": 2,
        },
        {"prefill_blocks": [3, 2, 5], "decode_blocks": [7, 9, 4], "overlap_weight": 2},
        {"prefill_blocks": [4, 2, 7], "decode_blocks": [4, 6, 3], "overlap_weight": 1.5},
        {"prefill_blocks": [6, 2, 9], "decode_blocks": [2, 9, 1], "overlap_weight": 1.5},
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
        Misconception(prefill_subtracted, "Do blocks that must be read make a replica cheaper?"),
        Misconception(most_decode, "That is the replica that writes most. Is it the cheapest?"),
        Misconception(
            most_prefill, "That is the replica that would have to read most. Is it the cheapest?"
        ),
        Misconception(
            the_larger_part, "The replica does both. Is the cost the larger part, or the sum?"
        ),
        Misconception(first_replica, "Your answer is always 0. What does it depend on?"),
        Misconception(
            weight_on_decode_from_one,
            "Python counts from 0; and which of the two does the weight make dearer?",
        ),
        *(
            Misconception(wrong, "Several cost the same. Which of them does the exercise ask for?")
            for wrong in (
                last_of_the_cheapest,
                fewest_decode_of_the_cheapest,
                fewest_prefill_of_the_cheapest,
            )
        ),
        *(
            Misconception(wrong, "A weight may be 1.5. What becomes of its fraction?")
            for wrong in (whole_weight, nearest_weight)
        ),
        Misconception(
            to_the_weight, "`**` is a power. If reading is twice as dear, what is the cost of 8?"
        ),
        Misconception(
            weighted_mean,
            "The weight may be above 1. What does 1 - weight do to the answers being written then?",
        ),
        Misconception(
            prefill_in_tokens, "Both counts are in blocks. Why are only some of them in tokens?"
        ),
        Misconception(
            overlap_subtracted, "Reading and writing both cost. What does your cost subtract?"
        ),
        Misconception(
            shares_of_the_largest,
            "Both counts are in blocks already. Why divide each by another number?",
        ),
        Misconception(
            weight_chooses, "You look at one of the two counts. Where does the other one come in?"
        ),
        Misconception(
            last_below_its_neighbour,
            "Cheaper than the one before is not cheapest. What must each cost be compared with?",
        ),
    ),
    hints=(
        "What does each replica have to do before and beside the new request, in blocks?",
        "cost = overlap_weight * prefill_blocks + decode_blocks, one for each replica.",
        "costs.index(min(costs))",
    ),
)

# ---------------------------------------------------------------- 1.5 the better of d


def _sum(load, exponent, first=1, terms=200):
    total = 0.0
    for i in range(first, first + terms):
        power = exponent(i)
        if power > 1e5:
            break
        total += load**power
    return total


def _time(load, choices, first=1, terms=200):
    if choices == 1:
        return 1 / (1 - load)
    return _sum(load, lambda i: (choices**i - choices) / (choices - 1), first, terms)


def wait_alone(load, choices):
    return _time(load, choices) - 1


def one_term_too_many(load, choices):
    return _time(load, choices) + 1 / load


def first_terms(load, choices):
    return 1 / (1 - load) if choices == 1 else _time(load, choices, terms=2)


def queue_length(load, choices):
    return _time(load, choices) * load


def without_the_division(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return _sum(load, lambda i: choices**i - choices)


def plain_powers(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return _sum(load, lambda i: choices**i)


def any_of_them(load, choices):
    return 1 / (1 - load)


def divided_by_choices(load, choices):
    return 1 / (1 - load) / choices


def divided_by_the_load(load, choices):
    return 1 / (1 - load**choices)


def load_shared(load, choices):
    return 1 / (1 - load / choices)


def wait_of_one_queue(load, choices):
    return load / (1 - load) if choices == 1 else _time(load, choices)


def rounded_time(load, choices):
    return round(_time(load, choices), 2)


def multiplied_exponent(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return _sum(load, lambda i: (choices * i - choices) / (choices - 1), terms=20_000)


def _of_several(change):
    """A mistake that only shows with two choices or more."""

    def wrong(load, choices):
        return 1 / (1 - load) if choices == 1 else change(load, choices)

    wrong.__name__ = f"several_{change.__name__}"
    return wrong


def wait_of_every_queue(load, choices):
    return load / (1 - load)


def rounded_to_three(load, choices):
    return round(_time(load, choices), 3)


def three_terms(load, choices):
    return _time(load, choices, terms=3)


def first_term_alone(load, choices):
    return _time(load, choices, terms=1)


def in_percent(load, choices):
    return 100 * _time(load, choices)


def last_term_alone(load, choices):
    return 0.0


def brackets_forgotten(load, choices):
    return _sum(load, lambda i: choices**i - choices / (choices - 1))


def power_divided(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    powers = [load ** (choices**i - choices) for i in range(1, 12) if choices**i < 1e5]
    return sum(powers) / (choices - 1)


def multiples(load, choices):
    if choices == 1:
        return 1 / (1 - load)
    return _sum(load, lambda i: choices * i, terms=20_000)


def _few_terms(terms):
    """The sum cut short, where that shows: at a high load."""

    def wrong(load, choices):
        return 1 / (1 - load) if choices == 1 else _time(load, choices, terms=terms)

    wrong.__name__ = f"{terms}_terms"
    return wrong


def _few_terms_always(terms):
    """The same few terms for one choice and for several."""

    def wrong(load, choices):
        if choices == 1:
            return (1 - load**terms) / (1 - load)
        return _time(load, choices, terms=terms)

    wrong.__name__ = f"always_{terms}_terms"
    return wrong


def _stops_at(smallest, last=0):
    """The sum ends at a term that still counts; `last` is 1 where that one is added."""

    def wrong(load, choices):
        i = 1
        while load ** ((choices**i - choices) / (choices - 1)) >= smallest:
            i += 1
        return _time(load, choices, terms=i - 1 + last)

    wrong.__name__ = f"stops_at_{smallest}_{last}"
    return _of_several(wrong)


def as_many_terms_as_choices(load, choices):
    return _time(load, choices, terms=choices)


def term_to_the_choices(load, choices):
    return 1 + _sum(load, lambda i: choices ** (i - 1))


def logarithm(load, choices):
    return math.log(1 / (1 - load), choices)


def _carets(terms):
    """`^` for `**`, in this many terms."""

    def carets(load, choices):
        return _sum(load, lambda i: ((choices ^ i) - choices) / (choices - 1), terms=terms)

    carets.__name__ = f"carets_{terms}"
    return _of_several(carets)


def _short_series(terms):
    """The geometric series of d = 1, cut short."""

    def wrong(load, choices):
        if choices == 1:
            return (1 - load**terms) / (1 - load)
        return _time(load, choices)

    wrong.__name__ = f"{terms}_terms_of_the_series"
    return wrong


def draw_load(rng):
    """One in four is a high load and two choices, which need the most terms."""
    load, choices = float(rng.uniform(0.3, 0.98)), int(rng.integers(1, 6))
    if rng.random() < 0.25:
        load, choices = float(rng.uniform(0.985, 0.995)), int(rng.integers(1, 3))
    return {"load": load, "choices": choices}


CHOICES = Exercise(
    id="1.5",
    function="mean_time",
    title="The better of d",
    public=(
        {"load": 0.9, "choices": 1},
        {"load": 0.9, "choices": 2},
        {"load": 0.9, "choices": 3},
        {"load": 0.7, "choices": 2},
        {"load": 0.98, "choices": 5},
        {"load": 0.99, "choices": 2},
        {"load": 0.99, "choices": 1},
    ),
    draw=draw_load,
    misconceptions=(
        Misconception(
            wait_alone,
            "One service time is missing: does the time in the system include one's own?",
        ),
        Misconception(one_term_too_many, "The sum begins at i = 1. Where does yours begin?"),
        Misconception(
            first_terms, "The first terms alone. When are the others small enough to leave out?"
        ),
        Misconception(
            queue_length, "That is a number of requests. What does Little's law make a time of it?"
        ),
        Misconception(
            without_the_division, "What is the exponent divided by? With d = 2 it does not show."
        ),
        Misconception(plain_powers, "Is the exponent of the first term 0? Then the term is 1."),
        Misconception(any_of_them, "That is d = 1. What changes when the router looks at d?"),
        Misconception(
            divided_by_choices, "Do two choices halve the time? The values above say otherwise."
        ),
        Misconception(
            divided_by_the_load, "Is that the sum? Compare your value for d = 2 with 2.61."
        ),
        Misconception(
            load_shared, "Looking at two replicas takes no load off them. What is summed up here?"
        ),
        Misconception(
            wait_of_one_queue, "With one choice you return the wait. What about one's own service?"
        ),
        Misconception(rounded_time, "Nearly: return the number as it is, not rounded."),
        Misconception(
            multiplied_exponent,
            "Is it d times i, or d to the power of i? The terms fall very fast.",
        ),
        Misconception(
            _of_several(wait_alone),
            "One service time is missing: does the time in the system include one's own?",
        ),
        Misconception(
            _of_several(one_term_too_many), "The sum begins at i = 1. Where does yours begin?"
        ),
        Misconception(
            _of_several(queue_length),
            "Is the exponent of the first term 0? Then the first term is 1.",
        ),
        Misconception(
            _of_several(three_terms),
            "The first terms alone. When are the others small enough to leave out?",
        ),
        Misconception(
            _of_several(first_term_alone),
            "Your sum ends with its first term. Where does the `return` stand?",
        ),
        Misconception(
            _of_several(last_term_alone), "Your total is only the last term. Is anything added up?"
        ),
        Misconception(
            _of_several(in_percent),
            "In service times, not in per cent of one. Where does the 100 come from?",
        ),
        Misconception(
            _of_several(brackets_forgotten),
            "a - b / c divides b alone. What belongs in the brackets?",
        ),
        Misconception(
            wait_of_every_queue, "That is the wait of a single queue. What do the choices change?"
        ),
        Misconception(
            power_divided, "Is the power divided by d - 1, or its exponent? Look at the brackets."
        ),
        Misconception(
            multiples, "Is it d times i, or d to the power of i? The terms fall very fast."
        ),
        *(
            Misconception(
                _few_terms(terms),
                "Nearly: at a high load more terms count. How small is the first that you leave "
                "out?",
            )
            for terms in range(4, 10)
        ),
        *(
            Misconception(
                _short_series(terms),
                "With d = 1 every term counts and they fall slowly. What is the whole sum?",
            )
            for terms in (10, 19, 20, 29, 30, 49, 50, 99, 100, 199, 200, 999, 1000)
        ),
        *(
            Misconception(
                _few_terms_always(terms),
                f"You add {terms} terms. How small must the first be that you leave out?",
            )
            for terms in range(2, 10)
        ),
        *(
            Misconception(
                _stops_at(smallest, last), f"You stop at {smallest}. How small must a term be?"
            )
            for smallest, last in ((0.1, 0), (0.1, 1), (0.01, 0), (0.01, 1), (0.001, 0))
        ),
        Misconception(
            _of_several(as_many_terms_as_choices),
            "You add d terms. How small must the first be that you leave out?",
        ),
        Misconception(
            _of_several(term_to_the_choices),
            "Your exponents are 0, 1, d, d**2 ... Which does the formula give for i = 2 and i = 3?",
        ),
        Misconception(
            _of_several(logarithm),
            "A logarithm tells how the time grows near a load of 1. Where is the sum?",
        ),
        *(
            Misconception(_carets(terms), "In Python `^` is no power. Which sign is?")
            for terms in (20, 50, 100, 200, 999, 1000)
        ),
        Misconception(rounded_to_three, "Nearly: return the number as it is, not rounded."),
    ),
    hints=(
        "What is the first term of the sum, and how fast do the others fall?",
        "d = 1 is a case of its own. Else add load ** ((d**i - d) / (d - 1)) for i = 1, 2, 3 ... "
        "until a term is below 1e-12.",
        "Start with total, i = 0.0, 1; in a loop: compute the term, add it, stop if it is small, "
        "else i += 1. (Twenty terms are enough for any d above 1.)",
    ),
)

# ---------------------------------------------------------------- 1.6 least recently used


COUNTS = {  # other things than the leading run of the blocks that are there
    "anywhere": sum,
    "longest": lambda there: max(
        len(run) for run in "".join(".x"[one] for one in there).split(".")
    ),
    "last": lambda there: there[::-1].index(False) if False in there else len(there),
    "whole": lambda there: len(there) * all(there),
}


def _lru(
    requests, capacity_blocks, lead="start", refresh=True, backwards=True, oldest=True, drop="rest"
):
    """Hits of each request with one thing done wrongly, or none."""
    cache, hits = [], []  # the least recently used first
    for blocks in requests:
        there = [block in cache for block in blocks]
        run = there.index(False) if False in there else len(there)
        hits.append(COUNTS[lead](there) if lead in COUNTS else run)
        for block in reversed(blocks) if backwards else blocks:
            if block in cache:
                if not refresh:
                    continue
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0 if oldest else -1)
            if drop == "one":
                break
            if drop == "all":
                cache.clear()
    return hits


def all_that_are_there(**given):
    return _lru(lead="anywhere", **given)


def first_in_first_out(**given):
    return _lru(refresh=False, **given)


def front_first(**given):
    return _lru(backwards=False, **given)


def newest_leaves(**given):
    return _lru(oldest=False, **given)


def endless(requests, capacity_blocks):
    return _lru(requests, 10**9)


def one_block_fewer(requests, capacity_blocks):
    return _lru(requests, capacity_blocks - 1)


def one_block_more(requests, capacity_blocks):
    return _lru(requests, capacity_blocks + 1)


def summed_up(**given):
    return sum(_lru(**given))


def share_of_each(requests, capacity_blocks):
    hits = _lru(requests, capacity_blocks)
    return [hit / len(blocks) for hit, blocks in zip(hits, requests, strict=True)]


def missed_blocks(requests, capacity_blocks):
    hits = _lru(requests, capacity_blocks)
    return [len(blocks) - hit for hit, blocks in zip(hits, requests, strict=True)]


def yes_or_no(**given):
    return [int(hit > 0) for hit in _lru(**given)]


def last_prompt_only(requests, capacity_blocks):
    hits, before = [], []
    for blocks in requests:
        run = 0
        while run < min(len(blocks), len(before)) and blocks[run] == before[run]:
            run += 1
        hits.append(run)
        before = blocks
    return hits


def counted_afterwards(requests, capacity_blocks):
    return [min(len(blocks), capacity_blocks) for blocks in requests]


def true_or_false(**given):
    return [hit > 0 for hit in _lru(**given)]


def oldest_and_no_more(requests, capacity_blocks):
    return _lru(requests, capacity_blocks, drop="one")


def emptied_when_full(requests, capacity_blocks):
    return _lru(requests, capacity_blocks, drop="all")


def front_first_and_never_refreshed(**given):
    return _lru(refresh=False, backwards=False, **given)


def no_hits(requests, capacity_blocks):
    return [0] * len(requests)


def capacity_for_hits(requests, capacity_blocks):
    return [capacity_blocks] * len(requests)


def trailing_run(**given):
    return _lru(lead="last", **given)


def miss_counted(requests, capacity_blocks):
    hits = _lru(requests, capacity_blocks)
    return [min(hit + 1, len(blocks)) for hit, blocks in zip(hits, requests, strict=True)]


def longest_run(**given):
    return _lru(lead="longest", **given)


def whole_prompt_or_nothing(**given):
    return _lru(lead="whole", **given)


def all_there_and_front_first(**given):
    return _lru(lead="anywhere", backwards=False, **given)


def last_prompt_that_fits(requests, capacity_blocks):
    hits = last_prompt_only(requests, capacity_blocks)
    return [min(hit, capacity_blocks) for hit in hits]


def _kept(requests, capacity_blocks, touch, leaves):
    """Leading hits of a cache {block: mark} that marks and evicts in another way."""
    cache, found = {}, []
    for blocks in requests:
        there = [block in cache for block in blocks]
        found.append(there.index(False) if False in there else len(there))
        touch(cache, blocks)
        while len(cache) > capacity_blocks:
            del cache[leaves(cache)]
    return found


def least_frequently_used(**given):
    def touch(cache, blocks):
        cache.update({block: cache.get(block, 0) + 1 for block in reversed(blocks)})

    return _kept(touch=touch, leaves=lambda cache: min(cache, key=cache.get), **given)


def _come_in(cache, blocks):
    cache.update(dict.fromkeys(blocks))


def smallest_number_leaves(**given):
    return _kept(touch=_come_in, leaves=min, **given)


def largest_number_leaves(**given):
    return _kept(touch=_come_in, leaves=max, **given)


def hits_front_first(**given):
    def touch(cache, blocks):
        for block in [one for one in blocks if one in cache]:
            cache[block] = cache.pop(block)
        _come_in(cache, [block for block in reversed(blocks) if block not in cache])

    return _kept(touch=touch, leaves=lambda cache: next(iter(cache)), **given)


def only_the_hits_are_refreshed(requests, capacity_blocks):
    cache, found = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        found.append(run)
        for block in reversed(blocks):
            if block in cache and block not in blocks[:run]:
                continue
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return found


def only_the_new_are_touched(requests, capacity_blocks):
    cache, found = [], []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        found.append(run)
        cache += reversed(blocks[run:])
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return found


def any_block_leaves(requests, capacity_blocks):
    cache, found = set(), []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        found.append(run)
        cache.update(blocks)
        while len(cache) > capacity_blocks:
            cache.pop()
    return found


def any_block_of_two_sets_leaves(requests, capacity_blocks):
    cache, found = set(), []
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        found.append(run)
        cache |= set(blocks)
        while len(cache) > capacity_blocks:
            cache.pop()
    return found


def draw_prompts(rng):
    """A few conversations that share a system prompt, in turns, and a cache that is too small."""
    talks, length = int(rng.integers(3, 6)), [2] * 6
    requests = []
    for _ in range(int(rng.integers(14, 22))):
        talk = int(rng.integers(talks))
        length[talk] += int(rng.integers(0, 3))
        own = [100 * (talk + 1) + i for i in range(length[talk])]
        if rng.random() < 0.4:  # the same document behind another question
            own[1] = 1_000 + len(requests)
        requests.append([1, 2, *own])
    return {"requests": requests, "capacity_blocks": int(rng.integers(8, 16))}


PREFIX_HITS = Exercise(
    id="1.6",
    function="prefix_hits",
    title="Hits of a prefix cache",
    public=(
        {"requests": [[1, 2, 3], [1, 2, 4], [1, 2, 3], [5], [1, 9, 3]], "capacity_blocks": 4},
        {
            "requests": [[1, 2], [3, 4], [1, 2], [5, 6], [1, 2], [3, 4], [7, 2], [1, 2, 3]],
            "capacity_blocks": 4,
        },
        # prompts longer than the cache
        {"requests": [[1, 2, 3, 4, 5], [1, 2, 3, 4], [1, 2]], "capacity_blocks": 3},
        {
            "requests": [[1, 2, 3, 4], [8, 9], [1, 2, 3, 4], [1, 5, 3], [8, 9], [1, 2, 6, 4]],
            "capacity_blocks": 5,
        },
        {
            "requests": [
                [1, 2, 10, 11],
                [1, 2, 20],
                [1, 2, 10, 11, 12],
                [1, 2, 30, 31, 32],
                [1, 2, 20, 21],
                [1, 2, 10, 11, 12, 13],
                [1, 2, 20, 21, 22],
            ],
            "capacity_blocks": 8,
        },
    ),
    draw=draw_prompts,
    misconceptions=(
        Misconception(
            all_that_are_there,
            "A block's KV-cache depends on all that comes before it. Can it be used if an earlier "
            "block is missing?",
        ),
        Misconception(
            first_in_first_out,
            "That is first in, first out. What does a hit do to the age of a block?",
        ),
        Misconception(
            front_first,
            "You touch the first block first, so it is the oldest of the prompt. What can the "
            "others be used for once it has left?",
        ),
        Misconception(newest_leaves, "Which block leaves: the one just touched?"),
        Misconception(endless, "Nothing ever leaves your cache. How many blocks does it hold?"),
        Misconception(one_block_fewer, "The cache may be full: blocks leave when there are more."),
        Misconception(one_block_more, "How many blocks are left at most after a request?"),
        Misconception(summed_up, "That is the sum. How many hits does each request have?"),
        Misconception(share_of_each, "Is a share asked for, or a number of blocks?"),
        Misconception(missed_blocks, "Those are the misses. How many blocks were there?"),
        Misconception(yes_or_no, "A hit is a block. How many does the request find?"),
        Misconception(
            last_prompt_only, "You compare with the prompt before. What else is in the cache?"
        ),
        Misconception(
            counted_afterwards, "Count the hits before the request's own blocks come in."
        ),
        Misconception(
            true_or_false, "True or False is no number. How many blocks does the request find?"
        ),
        Misconception(
            oldest_and_no_more, "A long prompt may bring several new blocks. How many must leave?"
        ),
        Misconception(emptied_when_full, "How many blocks must leave when there is one too many?"),
        Misconception(
            front_first_and_never_refreshed,
            "What does a hit do to the age of a block, and which block is touched last?",
        ),
        Misconception(
            no_hits,
            "Always 0: does the cache remember anything from one request to the next?",
        ),
        Misconception(
            capacity_for_hits,
            "That is the size of the cache. How many of a request's blocks are in it?",
        ),
        Misconception(
            trailing_run,
            "You count the blocks behind the last that is missing. Where does a prefix begin?",
        ),
        Misconception(
            longest_run, "A run in the middle has no beginning. Where must a prefix begin?"
        ),
        Misconception(
            whole_prompt_or_nothing, "A part of a prompt helps too. How many leading blocks?"
        ),
        Misconception(
            all_there_and_front_first,
            "Can a block be used if an earlier one is missing? And which is touched last?",
        ),
        Misconception(
            last_prompt_that_fits, "You compare with the prompt before. What else is in the cache?"
        ),
        Misconception(
            least_frequently_used,
            "The least often touched leaves. Which one was touched longest ago?",
        ),
        *(
            Misconception(wrong, "A block's number is its name. What tells when it was touched?")
            for wrong in (smallest_number_leaves, largest_number_leaves)
        ),
        Misconception(
            hits_front_first,
            "Your hits are touched front first. Which block of a prompt must be touched last?",
        ),
        Misconception(
            miss_counted, "One too many where a block is missing: do you count, or stop first?"
        ),
        Misconception(
            only_the_hits_are_refreshed,
            "A block behind the first that is missing may be there too. Is it touched?",
        ),
        Misconception(
            only_the_new_are_touched, "You touch only the new blocks. What does a hit do to an age?"
        ),
        *(
            Misconception(
                wrong, "A set has no order. How do you know which block was touched first?"
            )
            for wrong in (any_block_leaves, any_block_of_two_sets_leaves)
        ),
    ),
    hints=(
        "In which order does the list of blocks tell who was touched last?",
        "For each request: count the leading blocks that are there; then take each of its blocks, "
        "the last one first, out of the list and append it; then drop from the front.",
        "for block in reversed(blocks): remove it if it is there, then append it; "
        "while len(cache) > capacity_blocks: cache.pop(0)",
    ),
)

# ---------------------------------------------------------------- 1.7 a guard


def _guarded(cached_tokens, outstanding, factor, most=None, key=None):
    """The choice with one thing done wrongly, or none."""
    limit = math.ceil(factor * (sum(outstanding) + 1) / len(outstanding))
    allowed = most or (lambda load: load < limit)
    key = key or (lambda i: (cached_tokens[i], -outstanding[i]))
    places = [i for i, load in enumerate(outstanding) if allowed(load)]
    return max(places or range(len(outstanding)), key=key)


def no_guard(**given):
    return _guarded(most=lambda load: True, **given)


def first_of_equals(**given):
    return _guarded(key=lambda i: given["cached_tokens"][i], **given)


def least_loaded(**given):
    return _guarded(key=lambda i: -given["outstanding"][i], **given)


def least_cached(**given):
    return _guarded(key=lambda i: (-given["cached_tokens"][i], -given["outstanding"][i]), **given)


def most_loaded_of_equals(**given):
    return _guarded(key=lambda i: (given["cached_tokens"][i], given["outstanding"][i]), **given)


def up_to_the_limit(**given):
    load = given["outstanding"]
    limit = math.ceil(given["factor"] * (sum(load) + 1) / len(load))
    return _guarded(most=lambda one: one <= limit, **given)


def without_the_new_one(**given):
    load = given["outstanding"]
    limit = math.ceil(given["factor"] * sum(load) / len(load))
    return _guarded(most=lambda one: one < limit, **given)


def rounded_down(**given):
    load = given["outstanding"]
    limit = math.floor(given["factor"] * (sum(load) + 1) / len(load))
    return _guarded(most=lambda one: one < limit, **given)


def factor_forgotten(**given):
    return _guarded(**{**given, "factor": 1})


def share_of_all(**given):
    load = given["outstanding"]
    return _guarded(most=lambda one: one < given["factor"] * (sum(load) + 1), **given)


def then_the_least_loaded(**given):
    best = _guarded(most=lambda load: True, **given)
    load = given["outstanding"]
    limit = math.ceil(given["factor"] * (sum(load) + 1) / len(load))
    return best if load[best] < limit else load.index(min(load))


def tokens_for_index(**given):
    return given["cached_tokens"][_guarded(**given)]


def counted_from_one_again(**given):
    return _guarded(**given) + 1


def worst_of_the_allowed(**given):
    return _guarded(key=lambda i: (-given["cached_tokens"][i], given["outstanding"][i]), **given)


def place_among_the_allowed(**given):
    load = given["outstanding"]
    limit = math.ceil(given["factor"] * (sum(load) + 1) / len(load))
    cached = [c for c, one in zip(given["cached_tokens"], load, strict=True) if one < limit]
    return cached.index(max(cached))


def guard_on_the_tokens(**given):
    cached, load = given["cached_tokens"], given["outstanding"]
    limit = given["factor"] * sum(cached) / len(cached)
    places = [i for i in range(len(cached)) if cached[i] <= limit]
    return max(places, key=lambda i: (cached[i], -load[i]))


def only_the_loaded(**given):
    load = given["outstanding"]
    limit = math.ceil(given["factor"] * (sum(load) + 1) / len(load))
    return _guarded(most=lambda one: one >= limit, **given)


def _with_limit(limit, **given):
    """The choice under another limit; of all, where it lets nobody pass."""
    load = given["outstanding"]
    most = limit(sum(load), len(load), given["factor"])
    return _guarded(most=lambda one: one < most, **given)


def nearest_limit(**given):
    return _with_limit(lambda all_, n, factor: round(factor * (all_ + 1) / n), **given)


def mean_rounded_down(**given):
    return _with_limit(lambda all_, n, factor: math.ceil(factor * ((all_ + 1) // n)), **given)


def mean_rounded_up(**given):
    return _with_limit(lambda all_, n, factor: factor * math.ceil((all_ + 1) / n), **given)


def mean_rounded_up_twice(**given):
    return _with_limit(
        lambda all_, n, factor: math.ceil(factor * math.ceil((all_ + 1) / n)), **given
    )


def one_added_to_the_limit(**given):
    return _with_limit(lambda all_, n, factor: math.ceil(factor * all_ / n) + 1, **given)


def limit_of_the_busiest(**given):
    most = max(given["outstanding"])
    return _with_limit(lambda all_, n, factor: math.ceil(factor * most / n), **given)


def limit_of_the_least_busy(**given):
    least = min(given["outstanding"])
    return _with_limit(lambda all_, n, factor: math.ceil(factor * (least + 1)), **given)


def limit_of_the_median(**given):
    load = sorted(given["outstanding"])
    middle = load[len(load) // 2]
    return _with_limit(lambda all_, n, factor: math.ceil(factor * (middle + 1)), **given)


def divided_by_the_busy(**given):
    busy = sum(one > 0 for one in given["outstanding"]) or 1
    return _with_limit(lambda all_, n, factor: math.ceil(factor * (all_ + 1) / busy), **given)


def divided_by_the_holders(**given):
    holders = sum(one > 0 for one in given["cached_tokens"]) or 1
    return _with_limit(lambda all_, n, factor: math.ceil(factor * (all_ + 1) / holders), **given)


def mean_of_the_others(**given):
    all_, others = sum(given["outstanding"]) + 1, len(given["outstanding"]) - 1
    return _guarded(
        most=lambda one: one < math.ceil(given["factor"] * (all_ - one) / others), **given
    )


def cached_for_each_request(**given):
    cached, load = given["cached_tokens"], given["outstanding"]
    return _guarded(most=lambda one: True, key=lambda i: cached[i] / (load[i] + 1), **given)


def last_of_equals(**given):
    return _guarded(key=lambda i: (given["cached_tokens"][i], -given["outstanding"][i], i), **given)


def best_place_among_the_allowed(**given):
    load = given["outstanding"]
    limit = math.ceil(given["factor"] * (sum(load) + 1) / len(load))
    return sum(one < limit for one in load[: _guarded(**given)])


def from_no_tokens(**given):
    first = first_of_equals(**given)
    return first if given["cached_tokens"][first] else 0


def longest_or_the_first(**given):
    best = _guarded(**given)
    return best if given["cached_tokens"][best] == max(given["cached_tokens"]) else 0


def second_best(**given):
    cached, load = given["cached_tokens"], given["outstanding"]
    limit = math.ceil(given["factor"] * (sum(load) + 1) / len(load))
    order = sorted(range(len(load)), key=lambda i: (-cached[i], load[i]))
    return order[load[order[0]] >= limit]


def first_allowed(**given):
    return _guarded(key=lambda i: 0, **given)


def cached_less_the_load(**given):
    cached, load = given["cached_tokens"], given["outstanding"]
    return _guarded(key=lambda i: cached[i] - load[i], **given)


def draw_replicas(rng):
    """The longest prefix is at a busy replica, often just at the limit; some have equal ones."""
    n = int(rng.integers(3, 9))
    outstanding = [int(k) for k in rng.integers(0, 12, size=n)]
    cached = [int(k) * 4 for k in rng.integers(0, 6, size=n)]
    factor = float(rng.choice([1.0, 1.25, 1.5, 2.0]))
    busiest, kind = int(np.argmax(outstanding)), rng.random()
    if kind < 0.8:
        cached[busiest] = 4 * 9
        outstanding[busiest] += int(rng.integers(0, 6))
    if kind < 0.4:  # the least load that the guard refuses
        outstanding[busiest] = 0
        while outstanding[busiest] < math.ceil(factor * (sum(outstanding) + 1) / n):
            outstanding[busiest] += 1
    if kind >= 0.8:  # the longest prefix twice, often at replicas with as much to do
        best, twin = rng.choice(n, size=2, replace=False)
        cached[best] = cached[twin] = 4 * 9
        outstanding[best], outstanding[twin] = (int(k) for k in rng.integers(0, 2, size=2))
    return {"cached_tokens": cached, "outstanding": outstanding, "factor": factor}


NO_GUARD = "Your guard never says no. Which share of the requests may one of n replicas have?"

GUARD = Exercise(
    id="1.7",
    function="guarded",
    title="A guard against the hot spot",
    public=(
        {"cached_tokens": [960, 640, 0, 0], "outstanding": [8, 3, 3, 4], "factor": 1.5},
        {"cached_tokens": [960, 640, 640, 0], "outstanding": [7, 5, 3, 0], "factor": 1.5},
        {"cached_tokens": [96, 64, 32, 0], "outstanding": [9, 9, 1, 1], "factor": 1.0},
        {"cached_tokens": [64, 0, 0], "outstanding": [2, 1, 3], "factor": 1.25},
        {"cached_tokens": [512, 512, 0, 64], "outstanding": [4, 4, 3, 1], "factor": 1.25},
        {"cached_tokens": [64, 0, 0, 0], "outstanding": [1, 1, 1, 0], "factor": 1.0},
        {"cached_tokens": [128, 64, 0, 0], "outstanding": [3, 2, 2, 0], "factor": 1.5},
        {"cached_tokens": [64, 192, 0, 0], "outstanding": [1, 2, 2, 2], "factor": 1.0},
        {"cached_tokens": [128, 0, 64, 0], "outstanding": [2, 0, 1, 1], "factor": 1.5},
        {"cached_tokens": [16, 32, 0, 0], "outstanding": [0, 20, 22, 22], "factor": 2.0},
        {"cached_tokens": [64, 32, 0, 0], "outstanding": [2, 1, 1, 0], "factor": 1.0},
        {"cached_tokens": [32, 0, 64, 0], "outstanding": [1, 1, 2, 2], "factor": 1.0},
        {"cached_tokens": [32, 0, 0, 0, 64], "outstanding": [1, 1, 1, 1, 2], "factor": 1.0},
    ),
    draw=draw_replicas,
    misconceptions=(
        Misconception(no_guard, NO_GUARD),
        Misconception(first_of_equals, "Equal prefixes: which of their replicas is less loaded?"),
        Misconception(least_loaded, "You keep the guard and forget the prefix. What is cached?"),
        Misconception(least_cached, "Is it `min` or `max` of the cached tokens?"),
        Misconception(
            most_loaded_of_equals, "Equal prefixes: which of their replicas is less loaded?"
        ),
        Misconception(
            up_to_the_limit,
            "At the limit already, the replica would be above it with this request.",
        ),
        Misconception(without_the_new_one, "The new request counts as well. Where do you add it?"),
        Misconception(rounded_down, "Up or down: which of the two leaves somebody allowed?"),
        Misconception(factor_forgotten, "What does `factor` do in your limit?"),
        Misconception(share_of_all, NO_GUARD),
        Misconception(
            then_the_least_loaded,
            "If the best is too loaded, another may still have a part of the prefix. Which one?",
        ),
        Misconception(tokens_for_index, "Those are the tokens. Which replica has them?"),
        Misconception(
            counted_from_one_again, "Python counts from 0. What is the index of the first replica?"
        ),
        Misconception(worst_of_the_allowed, "Is it `min` or `max` of the cached tokens?"),
        Misconception(
            place_among_the_allowed,
            "That is a place among the allowed ones. Which replica of all is it?",
        ),
        Misconception(
            guard_on_the_tokens,
            "What must be limited: what a replica has cached, or what it has to do?",
        ),
        Misconception(
            only_the_loaded,
            "Which replicas may get the request: those below the limit, or above it?",
        ),
        Misconception(
            nearest_limit, "`round` goes to the nearest whole number. Which way does the limit go?"
        ),
        *(
            Misconception(wrong, "What is rounded up: the mean, or factor times the mean?")
            for wrong in (mean_rounded_down, mean_rounded_up, mean_rounded_up_twice)
        ),
        Misconception(
            one_added_to_the_limit,
            "The new request counts in the sum. Do you add the 1 before or after you divide?",
        ),
        *(
            Misconception(wrong, "The limit is a share of all unfinished requests. What is yours?")
            for wrong in (limit_of_the_busiest, limit_of_the_least_busy, limit_of_the_median)
        ),
        *(
            Misconception(wrong, "The load is shared by all replicas. How many do you divide by?")
            for wrong in (divided_by_the_busy, divided_by_the_holders)
        ),
        Misconception(  # so does "at most" the mean before the new request
            mean_of_the_others,
            "The limit counts all requests, and the new one. Which does yours leave out?",
        ),
        Misconception(
            cached_for_each_request,
            "You make one number of two. Which of the two decides, and when the other?",
        ),
        Misconception(last_of_equals, "Equal in both: which of them does the exercise ask for?"),
        Misconception(
            best_place_among_the_allowed,
            "That is a place among the allowed ones. Which replica of all is it?",
        ),
        Misconception(
            from_no_tokens,
            "Equal prefixes, or nothing cached: which of the allowed is less loaded?",
        ),
        Misconception(
            longest_or_the_first,
            "If the longest is too loaded you take replica 0. Who else is allowed?",
        ),
        Misconception(
            second_best, "The second best may be too loaded as well. Which ones are allowed?"
        ),
        Misconception(
            first_allowed, "That is the first that is allowed. Which of them has most cached?"
        ),
        Misconception(
            cached_less_the_load,
            "You subtract requests from tokens. Which of the two decides, and when the other?",
        ),
    ),
    hints=(
        "Which replicas may get the request at all, and which of those is best?",
        "limit = math.ceil(factor * (sum(outstanding) + 1) / n); a replica with fewer is allowed.",
        "max(allowed, key=lambda i: (cached_tokens[i], -outstanding[i]))",
    ),
)

EXERCISES = (KV_BYTES, USERS, ROUTER, CACHE_COST, CHOICES, PREFIX_HITS, GUARD)
