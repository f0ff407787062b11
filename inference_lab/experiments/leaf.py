"""One leaf over time: what its hosts have to send, and what its uplinks carry."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

import inference_lab as il
from inference_lab.checks import real, whole
from inference_lab.experiments.kv_traffic import TEXT_BYTES
from inference_lab.fabric.flows import Flows
from inference_lab.physics.units import GBIT_PER_S
from inference_lab.traffic.streams import stream

FRAME_S = 0.1
"""What moves within a frame is summed."""

HOSTS, NIC_GBIT_PER_S = 16, 100
RATE_PER_S = 11
"""Requests a second of a host: two replicas of four GPUs, each at 5.5."""


@dataclass(frozen=True)
class LeafRun:
    """A leaf under load, frame by frame.

    Parameters
    ----------
    uplinks_gbit_per_s : float
        What the uplinks of the leaf carry together.
    wanted_gbit_per_s : array of float, shape (frames,)
        What its hosts have got to send, together.
    sent_gbit_per_s : array of float, shape (frames, hosts)
        What each host sends.
    waiting_gbit : array of float, shape (frames, hosts)
        What each host has still to send at the end of the frame.
    message_s : array of float, shape (messages,)
        From when a message could have been sent until it has left, of those that have.
    """

    uplinks_gbit_per_s: float
    wanted_gbit_per_s: NDArray[np.float64]
    sent_gbit_per_s: NDArray[np.float64]
    waiting_gbit: NDArray[np.float64]
    message_s: NDArray[np.float64]

    @property
    def uplinks_use(self) -> NDArray[np.float64]:
        """Share of the uplinks that is used, shape (frames,)."""
        return self.sent_gbit_per_s.sum(axis=1) / self.uplinks_gbit_per_s


def leaf_run(
    fabric: il.LeafSpine, load: il.Workload, message_bytes: ArrayLike, seed: int = 0
) -> LeafRun:
    """Let the hosts of the first leaf send a message for each request, to hosts of other leaves.

    Each request belongs to a host drawn at random, which sends its messages one after the other,
    each as soon as its request arrives. Nobody receives from two hosts.

    Parameters
    ----------
    fabric : LeafSpine
        With as many hosts under other leaves as under the first.
    load : Workload
        When messages can be sent; its whole frames are looked at.
    message_bytes : array of float, shape (requests,)
        Their sizes.
    seed : int
        Of the hosts.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or the load ends within the first frame.

    Examples
    --------
    >>> fabric = il.LeafSpine(hosts=2, hosts_per_leaf=1, nic_gbit_per_s=100, spray="ideal")
    >>> load = il.Workload.gamma(10, cv=0, requests=11, prompt_tokens=1, output_tokens=1)
    >>> run = leaf_run(fabric, load, np.full(11, 625e6))
    >>> run.sent_gbit_per_s[:3, 0].round(6), run.message_s[:3].round(6)
    (array([50., 50., 50.]), array([0.05, 0.05, 0.05]))
    """
    width = fabric.hosts_per_leaf
    if fabric.hosts < 2 * width:
        raise ValueError(f"hosts={fabric.hosts} leaves no other leaf to send to: give {2 * width}")
    sizes = np.asarray(message_bytes, dtype=float)
    if sizes.shape != (len(load),):
        raise ValueError(f"message_bytes has shape {sizes.shape}: give one size a request")
    start_s = load.arrival_s - load.arrival_s[0]
    frames = int(start_s[-1] / FRAME_S + 1e-9)
    if frames < 1:
        raise ValueError(f"load lasts {start_s[-1]:g} s: give one of at least {FRAME_S:g} s")
    edges_s = FRAME_S * np.arange(frames + 1)
    sends = start_s < edges_s[-1]
    hosts = stream(whole("seed", seed), "router").integers(0, width, len(load))[sends]
    frame = (start_s[sends] / FRAME_S).astype(int)
    offered = np.zeros((frames + 1, width))
    np.add.at(offered, (frame + 1, hosts), sizes[sends] / GBIT_PER_S)
    sent, message_s = _sent(fabric, start_s[sends], hosts, sizes[sends], edges_s)
    return LeafRun(
        fabric.uplinks * fabric.uplink_gbit_per_s,
        offered[1:].sum(axis=1) / FRAME_S,
        np.diff(sent, axis=0) / FRAME_S,
        np.maximum(np.cumsum(offered, axis=0) - sent, 0.0)[1:],
        message_s,
    )


def _sent(
    fabric: il.LeafSpine,
    start_s: NDArray[np.float64],
    hosts: NDArray[np.int64],
    sizes: NDArray[np.float64],
    edges_s: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What each host has sent at each edge, in Gb, and how long each message took."""
    width = fabric.hosts_per_leaf
    flows, queues = Flows(fabric.link_bytes_per_s), [deque[int]() for _ in range(width)]
    times_s, rates, taken_s = [0.0], [[0.0] * width], []  # rates[i] hold from times_s[i] on

    def send(host: int, now_s: float) -> None:
        which = queues[host][0]
        flows.add(sizes[which], fabric.route(host, width + host, which), now_s, tag=host)

    def note(now_s: float) -> None:
        if flows.next_s < now_s:  # never: asking for the next end shares out the rates
            raise RuntimeError("an end was jumped over")
        times_s.append(now_s)
        rates.append(row := [0.0] * width)
        for flow in flows:
            row[flow.tag] = flow.bytes_per_s

    def fire_until(limit_s: float) -> None:
        while (now_s := flows.next_s) <= limit_s:
            for flow in flows.fire(now_s):
                taken_s.append(now_s - start_s[queues[flow.tag].popleft()])
                if queues[flow.tag]:
                    send(flow.tag, now_s)
            note(now_s)

    for which, (now_s, host) in enumerate(zip(start_s.tolist(), hosts.tolist(), strict=True)):
        fire_until(now_s)
        queues[host].append(which)
        if len(queues[host]) == 1:
            send(host, now_s)
            note(now_s)
    fire_until(float(edges_s[-1]))
    flows.check()
    knots_s = np.array([*times_s, edges_s[-1]])
    moved = np.cumsum(np.array(rates) * np.diff(knots_s)[:, None], axis=0) / GBIT_PER_S
    moved = np.vstack([np.zeros(width), moved])
    return (
        np.column_stack([np.interp(edges_s, knots_s, each) for each in moved.T]),
        np.array(taken_s),
    )


def chat_on_a_leaf(
    uplinks_gbit_per_s: float = 400.0,
    kv_moves: bool = True,
    seconds: float = 10.0,
    seed: int = 0,
    nic_gbit_per_s: float = NIC_GBIT_PER_S,
) -> LeafRun:
    """Sixteen hosts with two replicas each that serve chat: their text alone, or their KV-cache.

    Prompts and answers are as long as those of a public chat service; 176 requests arrive a second,
    independently. The uplinks are shared ideally, packet by packet.

    Parameters
    ----------
    uplinks_gbit_per_s : float
        Of the leaf, together; at most what its NICs carry, 1,600 of 100 Gb/s each.
    kv_moves : bool
        Whether prompts are read on these hosts and answered on others. If not, text moves, in and
        out, all of it counted as sent.
    seconds, seed : float, int
        How long, and which arrivals, lengths and hosts.
    nic_gbit_per_s : float
        Of each host.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> text = chat_on_a_leaf(kv_moves=False, seconds=2)
    >>> bool(text.uplinks_use.max() < 0.001)
    True
    """
    nics = HOSTS * real("nic_gbit_per_s", nic_gbit_per_s, above=0)
    fabric = il.LeafSpine(
        hosts=2 * HOSTS,
        hosts_per_leaf=HOSTS,
        nic_gbit_per_s=nic_gbit_per_s,
        oversubscription=nics / real("uplinks_gbit_per_s", uplinks_gbit_per_s, above=0),
        spray="ideal",
    )
    rate_per_s = HOSTS * RATE_PER_S
    requests = int(rate_per_s * real("seconds", seconds, above=0)) + 1
    chat = il.Workload.like("azure-2023-conv", requests=requests, seed=seed)
    load = il.Workload.poisson(
        rate_per_s, requests, chat.prompt_tokens, chat.output_tokens, seed=seed
    )
    kv_bytes = il.LLM.named("Llama-3.1-70B").kv_bytes_per_token("bf16")
    bytes_in, bytes_out = TEXT_BYTES
    text_bytes = load.prompt_tokens * bytes_in + load.output_tokens * bytes_out
    return leaf_run(fabric, load, load.prompt_tokens * kv_bytes if kv_moves else text_bytes, seed)


def largest_ratio_within(p99_s: float, step_gbit_per_s: int = 50, seed: int = 0) -> float:
    """The largest oversubscription at which KV-caches leave the leaf of `chat_on_a_leaf` in time.

    Parameters
    ----------
    p99_s : float
        In so many seconds 99 of 100 transfers must be done.
    step_gbit_per_s, seed : int
        Uplinks are tried in steps of this, and which run.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or even 1:1 is too slow.

    Examples
    --------
    >>> 2 <= largest_ratio_within(p99_s=0.250) <= 2.7
    True
    """
    most, step = HOSTS * NIC_GBIT_PER_S, whole("step_gbit_per_s", step_gbit_per_s, at_least=1)
    limit_s = real("p99_s", p99_s, above=0)
    tried = range(most % step or step, most + 1, step)

    def is_in_time(uplinks: int) -> bool:
        return float(np.percentile(chat_on_a_leaf(uplinks, seed=seed).message_s, 99)) <= limit_s

    first = bisect_left(tried, True, key=is_in_time)
    if first == len(tried):
        raise ValueError(f"p99_s={p99_s!r} is not kept at 1:1 either: give a longer one")
    return most / tried[first]
