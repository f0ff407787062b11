"""C07, C08: is a storage layer for KV-cache needed, and is retrieval a small addition?"""

from __future__ import annotations

from inference_lab.lab.claims.verdict import FAILS, HOLDS, Verdict

LESS = 0.9
"""It is worth having if the mean TTFT is a tenth lower."""


def decode_needs_storage(most_tokens: int, room_tokens: int) -> Verdict:
    """Claim C07, "model state during decode": does the running KV-cache outgrow the GPUs?

    Parameters
    ----------
    most_tokens, room_tokens : int
        Of KV-cache at the fullest replica, and what the memory of its GPUs holds.

    Examples
    --------
    >>> print(decode_needs_storage(90_000, 442_738))
    does not hold (at most 90,000 of 442,738 tokens in the memory of the GPUs)
    """
    because = f"at most {most_tokens:,} of {room_tokens:,} tokens in the memory of the GPUs"
    return Verdict(HOLDS if most_tokens > room_tokens else FAILS, because)


def reuse_is_worth_it(without_s: float, with_s: float, hit_share: float) -> Verdict:
    """Claim C07: kept prompts make first tokens come sooner.

    Parameters
    ----------
    without_s, with_s : float
        Mean TTFT without kept prompts, and with them.
    hit_share : float
        Of the prompt tokens that were found.

    Examples
    --------
    >>> print(reuse_is_worth_it(0.2, 0.1, 0.75))
    holds (75 % of the prompt tokens found; mean TTFT 200 ms without, 100 ms with)
    """
    because = f"{100 * hit_share:.0f} % of the prompt tokens found; "
    because += f"mean TTFT {1e3 * without_s:.0f} ms without, {1e3 * with_s:.0f} ms with"
    return Verdict(HOLDS if with_s <= LESS * without_s else FAILS, because)


def retrieval_is_small(hop_s: float, reading_s: float, network_s: float) -> Verdict:
    """Claim C08: retrieval is an option that adds no more than the text's whole network share.

    Parameters
    ----------
    hop_s, reading_s : float
        What the mean TTFT grows by: retrieval itself, and queue and prefill of what it adds.
    network_s : float
        What the text gives the network.

    Examples
    --------
    >>> print(retrieval_is_small(0.085, 0.2, 0.010))
    does not hold (85 ms for the hop, 200 ms to read what it adds; small is up to 10 ms)
    """
    because = f"{1e3 * hop_s:.0f} ms for the hop, {1e3 * reading_s:.0f} ms to read what it adds; "
    because += f"small is up to {1e3 * network_s:.0f} ms"
    return Verdict(HOLDS if hop_s + reading_s <= network_s else FAILS, because)
