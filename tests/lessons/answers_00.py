"""Answers to lesson 00, written from the course notebook alone: right ones and wrong ones."""

RIGHT = {
    "0.2": [
        """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / link_gbit_per_s / 1e6
"""
    ]
}

WRONG = {
    "0.1": {
        "rate_cut": """def transfer_s(size_bytes, link_gbit_per_s):
    rate = int(link_gbit_per_s) * 10**9
    return size_bytes * 8 / rate
"""
    },
    "0.2": {
        "rate_cut": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / (int(link_gbit_per_s) * 10**6)
""",
        "at_least_1_ms": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return max(1.0, prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e6))
""",
        "giga_after_bar": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / link_gbit_per_s * 1e9 * 1e3
""",
        "sum_of_both": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return (prompt_tokens + kv_bytes_per_token) * 8 / (link_gbit_per_s * 1e9) * 1e3
""",
        "mega": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e6) * 1e3
""",
        "giga_nowhere": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / link_gbit_per_s * 1e3
""",
        "divided_by_8": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token / 8 / (link_gbit_per_s * 1e9) * 1e3
""",
        "link_over_bits": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return link_gbit_per_s * 1e9 / (prompt_tokens * kv_bytes_per_token * 8) * 1e3
""",
        "ms_upside_down": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9) / 1e3
""",
        "two_units": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token / (link_gbit_per_s * 1e9)
""",
        "text_bytes": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * 4 * 8 / (link_gbit_per_s * 1e9) * 1e3
""",
        "hard_coded": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * 327_680 * 8 / (link_gbit_per_s * 1e9) * 1e3
""",
        "hard_tokens": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return 2_048 * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9) * 1e3
""",
        "rounded_to_2": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return round(prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9) * 1e3, 2)
""",
        "rounded_to_0": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return round(prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9) * 1e3)
""",
        "whole_ms": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 * 1_000 // (link_gbit_per_s * 10**9)
""",
        "rtt_added": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9) * 1e3 + 1
""",
        "framing": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9) * 1e3 * 1538 / 1500
""",
        "k_and_v": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return 2 * prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9) * 1e3
""",
        "token_more": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return (prompt_tokens + 1) * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9) * 1e3
""",
        "cache_and_id": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * (kv_bytes_per_token + 4) * 8 / (link_gbit_per_s * 1e9) * 1e3
""",
        "mebibytes": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token / 2**20 * 8 / (link_gbit_per_s * 1e3) * 1e3
""",
        "other_names": """def kv_transfer_ms(tokens, size, link):
    return tokens * size * 8 / (link * 1e9) * 1e3
""",
        "microseconds": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9) * 1e6
""",
        "seconds": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / (link_gbit_per_s * 1e9)
""",
        "giga_forgotten": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / link_gbit_per_s * 1000
""",
        "times_giga": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / link_gbit_per_s * 1e9
""",
        "bytes_for_bits": """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token / (link_gbit_per_s * 1e9) * 1e3
""",
    },
}
