"""What a load puts on the wire: text, and KV-cache when prefill and decode stand apart."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

import inference_lab as il
from inference_lab.checks import real, whole
from inference_lab.fabric.flows import Flows
from inference_lab.fabric.transport import Transport
from inference_lab.physics.units import GBIT_PER_S
from inference_lab.traffic.streams import stream

TEXT_BYTES = (4, 200)
"""Bytes on the wire for a token in, and for one out: about four letters of English, and one event
of a stream with its JSON envelope."""


@dataclass(frozen=True)
class Demand:
    """What a load asks of the network, in Gb/s.

    Parameters
    ----------
    mean, worst : float
        Over the whole load, and in its worst window.
    window_s : float
        Length of that window.
    """

    mean: float
    worst: float
    window_s: float


def kv_demand(load: il.Workload, bytes_per_token: float, window_s: float = 30.0) -> Demand:
    """KV-cache that a load ships when every prompt is read on another host than it is answered.

    Parameters
    ----------
    load : Workload
        An open one, longer than the window.
    bytes_per_token : float
        Of the KV-cache.
    window_s : float
        Sliding: it may begin at any request.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or the load is shorter than the window.

    Examples
    --------
    >>> load = il.Workload.gamma(1, cv=0, requests=100, prompt_tokens=1000, output_tokens=1)
    >>> kv_demand(load, bytes_per_token=125_000)
    Demand(mean=1.0101..., worst=1.0, window_s=30.0)
    """
    window = real("window_s", window_s, above=0)
    span_s = float(load.arrival_s[-1] - load.arrival_s[0])
    if span_s < window:
        raise ValueError(f"window_s={window_s!r} is longer than the load ({span_s:g} s)")
    sent = np.concatenate([[0.0], np.cumsum(load.prompt_tokens * real("bytes", bytes_per_token))])
    ends = np.searchsorted(load.arrival_s, load.arrival_s + window)
    worst = float((sent[ends] - sent[:-1]).max()) / window
    return Demand(float(sent[-1]) / span_s / GBIT_PER_S, worst / GBIT_PER_S, window)


def text_gbit_per_s(rate_per_s: float, prompt_tokens: float, output_tokens: float) -> float:
    """Text of a chat service, both ways together, in Gb/s.

    Raises
    ------
    TypeError, ValueError
        If an argument is negative.

    Examples
    --------
    >>> round(1e3 * text_gbit_per_s(11, 1155, 211), 1)  # in Mb/s, of two replicas at their limit
    4.1
    """
    bytes_in, bytes_out = TEXT_BYTES
    request = real("prompt_tokens", prompt_tokens) * bytes_in
    request += real("output_tokens", output_tokens) * bytes_out
    return real("rate_per_s", rate_per_s) * request / GBIT_PER_S


LONG_PROMPTS = (3.39, 8.784, 1.105)
"""Requests a second, and mean and deviation of the logarithm of the prompt: 12,035 tokens on
average and 85,400 in the p99, as Mooncake's conversation trace of one hour (Qin et al., FAST 2025,
arXiv:2407.00079) has them."""


def long_prompts(requests: int = 12_000, seed: int = 0) -> il.Workload:
    """A load of long prompts, with the rate and the lengths of Mooncake's conversation trace.

    Arrivals are independent and lengths log-normal, up to 128K tokens; answers have one token.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> bool(11_000 < long_prompts().prompt_tokens.mean() < 13_000)
    True
    """
    rate_per_s, mean, deviation = LONG_PROMPTS
    n = whole("requests", requests, at_least=1)
    drawn = stream(whole("seed", seed), "prompts").lognormal(mean, deviation, n)
    tokens = np.clip(np.ceil(drawn), 1, 131_072).astype(np.int64)
    return il.Workload.poisson(rate_per_s, n, tokens, 1, seed=seed)


@dataclass(frozen=True)
class KvOnANic:
    """KV-cache of many requests through one NIC.

    Parameters
    ----------
    busy : float
        Share of the time in which anything moves.
    mean_gbit_per_s : float
        Over the whole run.
    moving_gbit_per_s : float
        While anything moves.
    mean_s, p99_s : float
        Time of a transfer, with the NIC shared.
    """

    busy: float
    mean_gbit_per_s: float
    moving_gbit_per_s: float
    mean_s: float
    p99_s: float


def kv_on_a_nic(
    load: il.Workload, bytes_per_token: float, nic_gbit_per_s: float = 100.0
) -> KvOnANic:
    """Send the KV-cache of each prompt through one NIC as soon as the request arrives.

    A flow takes all of the NIC that the others leave: what is low is the mean, not the rate of a
    flow. With independent arrivals it is a queue with processor sharing, whose mean time is that of
    an empty NIC / (1 - busy), whatever the law of the sizes (`inference_lab.theory.mm1_time`).

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> load = il.Workload.gamma(10, cv=0, requests=50, prompt_tokens=1000, output_tokens=1)
    >>> nic = kv_on_a_nic(load, bytes_per_token=312_500)
    >>> round(nic.busy, 3), round(nic.moving_gbit_per_s, 3), round(nic.mean_s, 3)
    (0.254, 100.0, 0.025)
    """
    sizes = (load.prompt_tokens * real("bytes_per_token", bytes_per_token)).tolist()
    flows = Flows([real("nic_gbit_per_s", nic_gbit_per_s, above=0) * GBIT_PER_S])
    taken_s: list[float] = []
    busy_s = 0.0
    for start_s, size in zip([*load.arrival_s.tolist(), inf], [*sizes, 0.0], strict=True):
        while len(flows) and flows.next_s <= start_s:
            before_s = flows.now_s
            taken_s += [flow.end_s - flow.start_s for flow in flows.fire(flows.next_s)]
            busy_s += flows.now_s - before_s
        if start_s < inf:
            busy_s += (start_s - flows.now_s) if len(flows) else 0.0
            flows.add(size, (0,), start_s)
    flows.check()
    span_s = flows.now_s - float(load.arrival_s[0])
    gbit = sum(sizes) / GBIT_PER_S
    times_s = np.array(taken_s)
    return KvOnANic(
        busy_s / span_s,
        gbit / span_s,
        gbit / busy_s,
        float(times_s.mean()),
        float(np.percentile(times_s, 99)),
    )


def first_token_s(
    transport: str, other_s: float, prompt_tokens: int = 2048, link_gbit_per_s: float = 100.0
) -> float:
    """TTFT of a request that reaches its replica by this transport: its text there, a token back.

    Parameters
    ----------
    transport : str
        One of `inference_lab.fabric.transport.Transport.names`.
    other_s : float
        All but the way between router and replica.
    prompt_tokens : int
        Length of the prompt.
    link_gbit_per_s : float
        Of the narrowest link on the way.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> [round(1e3 * first_token_s(name, 0.2), 2) for name in ("RDMA", "TCP", "gRPC")]
    [200.01, 200.03, 200.66]
    """
    way = Transport.named(transport)
    link = real("link_gbit_per_s", link_gbit_per_s, above=0) * GBIT_PER_S
    bytes_in, bytes_out = TEXT_BYTES
    there_s = way.seconds(whole("prompt_tokens", prompt_tokens, at_least=1) * bytes_in, link)
    return real("other_s", other_s) + there_s + way.seconds(bytes_out, link)
