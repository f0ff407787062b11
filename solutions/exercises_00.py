"""The exercises of lesson 00: how long bytes need on a link."""

from inference_lab.lab.exercise import Exercise, Misconception

NO_GIGA = (
    "How many bits a second are 1 Gb/s, and how many milliseconds are a second? "
    "Look for both factors in your line."
)
WHOLE_RATE = "A link may have 2.5 Gb/s. What becomes of that in your line?"
RATES_GBIT_PER_S = (2.5, 10, 25, 100, 200, 400, 800)
GIGA = "How many bits a second are 1 Gb/s? Look where that factor stands in your line."


def transfer_without_bits(size_bytes, link_gbit_per_s):
    return size_bytes / (link_gbit_per_s * 1e9)


def transfer_in_ms(size_bytes, link_gbit_per_s):
    return size_bytes * 8 / (link_gbit_per_s * 1e6)


def transfer_at_a_whole_rate(size_bytes, link_gbit_per_s):
    return size_bytes * 8 / (int(link_gbit_per_s) * 1e9)


def kv_at_a_whole_rate(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / (int(link_gbit_per_s) * 1e6)


def kv_at_least_1_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return max(1.0, prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e6))


def kv_without_bits(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token / (link_gbit_per_s * 1e6)


def kv_in_seconds(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9)


def kv_of_one_token(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return kv_bytes_per_token * 8 / (link_gbit_per_s * 1e6)


def kv_with_binary_giga(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 2**30) * 1e3


def kv_in_us(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9) * 1e6


def kv_without_giga(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / link_gbit_per_s * 1e3


def kv_without_giga_in_seconds(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / link_gbit_per_s


def kv_times_giga(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / link_gbit_per_s * 1e9


def kv_times_giga_in_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / link_gbit_per_s * 1e9 * 1e3


def kv_tokens_and_bytes_added(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return (prompt_tokens + kv_bytes_per_token) * 8 / (link_gbit_per_s * 1e9) * 1e3


def kv_ms_upside_down(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9) / 1e3


def kv_bits_divided(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token / 8 / (link_gbit_per_s * 1e9) * 1e3


def kv_inverted(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return link_gbit_per_s * 1e9 / (prompt_tokens * kv_bytes_per_token * 8) * 1e3


def kv_bytes_and_seconds(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token / (link_gbit_per_s * 1e9)


def kv_of_the_text(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * 4 * 8 / (link_gbit_per_s * 1e9) * 1e3


def kv_of_one_model(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * 327_680 * 8 / (link_gbit_per_s * 1e9) * 1e3


def kv_framed(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9) * 1e3 * 1538 / 1500


def kv_twice(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return 2 * prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9) * 1e3


def kv_one_token_more(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return (prompt_tokens + 1) * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9) * 1e3


def kv_and_text(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * (kv_bytes_per_token + 4) * 8 / (link_gbit_per_s * 1e9) * 1e3


def kv_binary_mega(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token / 2**20 * 8 / (link_gbit_per_s * 1e3) * 1e3


EXERCISES = (
    Exercise(
        id="0.1",
        function="transfer_s",
        title="Bytes on a link",
        public=(
            {"size_bytes": 1_000_000_000, "link_gbit_per_s": 100},
            {"size_bytes": 8_192, "link_gbit_per_s": 2.5},
            {"size_bytes": 1, "link_gbit_per_s": 400},
        ),
        draw=lambda rng: {
            "size_bytes": int(rng.integers(10**3, 10**10)),
            "link_gbit_per_s": RATES_GBIT_PER_S[rng.integers(len(RATES_GBIT_PER_S))],
        },
        misconceptions=(
            Misconception(
                transfer_without_bits,
                "The size is in bytes, the link's speed in bits: how many bits does a byte have?",
            ),
            Misconception(
                transfer_in_ms, "Is G mega or giga, and which unit of time is asked for?"
            ),
            Misconception(transfer_at_a_whole_rate, WHOLE_RATE),
        ),
        hints=(
            "Write the unit beside each number. Which two do not fit together?",
            "Bring the size to bits, the link to bits per second, and divide.",
        ),
        points=0,
    ),
    Exercise(
        id="0.2",
        function="kv_transfer_ms",
        title="A KV-cache on a link",
        public=(
            {"prompt_tokens": 1_000, "kv_bytes_per_token": 2_000, "link_gbit_per_s": 16},
            {"prompt_tokens": 2_048, "kv_bytes_per_token": 327_680, "link_gbit_per_s": 100},
            {"prompt_tokens": 2_048, "kv_bytes_per_token": 327_680, "link_gbit_per_s": 10},
            {"prompt_tokens": 12, "kv_bytes_per_token": 20_480, "link_gbit_per_s": 2.5},
        ),
        draw=lambda rng: {  # a third of the prompts are a few words
            "prompt_tokens": int(rng.integers(1, 9 if rng.random() < 1 / 3 else 32_768)),
            "kv_bytes_per_token": int(rng.integers(10, 2_000) * 512),
            "link_gbit_per_s": RATES_GBIT_PER_S[rng.integers(len(RATES_GBIT_PER_S))],
        },
        misconceptions=(
            Misconception(
                kv_without_bits,
                "The cache is in bytes, the link's speed in bits: how many bits does a byte have?",
            ),
            Misconception(kv_in_seconds, "Which unit of time does the exercise ask for?"),
            Misconception(
                kv_in_us,
                "Is G mega or giga, and which unit of time is asked for? One factor does not fit.",
            ),
            Misconception(kv_without_giga, NO_GIGA),
            Misconception(kv_without_giga_in_seconds, NO_GIGA),
            Misconception(kv_times_giga, GIGA),
            Misconception(kv_times_giga_in_ms, GIGA),
            Misconception(
                kv_tokens_and_bytes_added,
                "Each token has so many bytes. What do you do with the two numbers?",
            ),
            Misconception(
                kv_ms_upside_down,
                "How many milliseconds are a second: do you multiply by 1,000 or divide by it?",
            ),
            Misconception(
                kv_bits_divided, "Has a byte 8 bits, or a bit 8 bytes? Which way do you convert?"
            ),
            Misconception(
                kv_inverted,
                "Does a cache take longer on a faster link? Look at numerator and denominator.",
            ),
            Misconception(
                kv_bytes_and_seconds,
                "Two units: how many bits does a byte have, and which unit of time is asked for?",
            ),
            Misconception(
                kv_of_the_text,
                "Is it the text of the prompt that goes over the link, or its KV-cache?",
            ),
            Misconception(
                kv_of_one_model,
                "327,680 belongs to one model. Which argument has the bytes of a token here?",
            ),
            Misconception(
                kv_framed, "Headers are left out here: which bytes does the exercise ask for?"
            ),
            Misconception(
                kv_twice, "kv_bytes_per_token holds K and V already. How often do you count them?"
            ),
            Misconception(
                kv_one_token_more,
                "The cache of which tokens goes over the link? Which one do you add?",
            ),
            Misconception(
                kv_and_text,
                "What do you add to the bytes of each token? Only its KV-cache goes over the link.",
            ),
            Misconception(
                kv_binary_mega,
                "A link's speed counts in powers of 10. In what do you count the bytes?",
            ),
            Misconception(
                kv_of_one_token,
                "That is the state of one token. How many tokens does the prompt have?",
            ),
            Misconception(kv_at_a_whole_rate, WHOLE_RATE),
            Misconception(
                kv_at_least_1_ms,
                "You never answer less than 1 ms. How long does a prompt of a few tokens take?",
            ),
            Misconception(kv_with_binary_giga, "Is the G in Gb/s of a link 10**9, or is it 2**30?"),
        ),
        hints=(
            "How many bytes of state does the whole prompt leave behind?",
            "Exercise 0.1 divides bits by bits per second. What must you do to get milliseconds?",
            "tokens x bytes per token x 8 / (Gb/s x 10**9), and then x 1,000.",
        ),
    ),
)
