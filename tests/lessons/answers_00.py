"""Answers to lesson 00, written from the course notebook alone: right ones and wrong ones."""

RIGHT = {
    "0.2": [
        """def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    return prompt_tokens * kv_bytes_per_token * 8 / link_gbit_per_s / 1e6
"""
    ]
}

WRONG = {
    "0.2": {
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
    }
}
