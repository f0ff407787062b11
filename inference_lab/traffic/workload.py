"""Workloads: which requests arrive, when, and how long they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inference_lab.checks import one_of, whole
from inference_lab.traffic import arrivals
from inference_lab.traffic.clients import Client, draw_clients, read_clients
from inference_lab.traffic.lengths import Lengths, draw_both, token_counts
from inference_lab.traffic.likeness import SHIPPED, draw_like
from inference_lab.traffic.prefix_blocks import block_tokens, packed
from inference_lab.traffic.request import Request, check_column
from inference_lab.traffic.streams import stream
from inference_lab.traffic.traces import read_trace


@dataclass(frozen=True, eq=False)
class Workload:
    """Requests in the order of their arrival; every field is checked.

    Parameters
    ----------
    arrival_s : array of float, shape (n,)
        When each request leaves its client; all zero in a closed loop, where the run decides.
    prompt_tokens, output_tokens : array of int, shape (n,)
        Lengths, at least 1.
    prefix_blocks : sequence of n sequences of int or str, or None
        Hashes of the blocks of each prompt.
    session, tenant : sequence of length n, or None
        What routers and caches may know of a request.
    concurrency : int or None
        Requests that a closed loop keeps in flight; None for an open workload.
    prefix_block_tokens : int or None
        Tokens that a hash of `prefix_blocks` stands for, a multiple of 16; 512 unless said.
    source : str
        As what a trace file was read, and which of its columns were not.

    Raises
    ------
    TypeError, ValueError
        If a time, a length, a shape or another argument is out of range.

    Notes
    -----
    Arguments that constructors share. ``requests``: how many. ``prompt_tokens``,
    ``output_tokens``: see `inference_lab.traffic.lengths.draw_lengths`. ``seed``: the same seed
    gives the same requests. ``rate_scale``: 2 lets them arrive twice as fast.
    """

    arrival_s: NDArray[np.float64]
    prompt_tokens: NDArray[np.int64]
    output_tokens: NDArray[np.int64]
    prefix_blocks: Sequence[Sequence[int | str]] | None = None
    session: Sequence[Any] | None = None
    tenant: Sequence[Any] | None = None
    concurrency: int | None = None
    prefix_block_tokens: int | None = None
    source: str = ""

    def __post_init__(self) -> None:
        store = object.__setattr__
        store(self, "arrival_s", arrivals.checked_times(self.arrival_s))
        n = len(self)
        for name in ("prompt_tokens", "output_tokens"):
            store(self, name, token_counts(name, getattr(self, name), n))
        for name in ("prefix_blocks", "session", "tenant"):
            check_column(name, getattr(self, name), n)
        store(self, "prefix_blocks", blocks := packed(self.prefix_blocks))
        tokens = block_tokens(self.prefix_block_tokens, blocks)
        store(self, "prefix_block_tokens", tokens)
        if not isinstance(self.source, str):
            raise TypeError(f"source={self.source!r} must be text: leave it out")
        if self.concurrency is not None:
            whole("concurrency", self.concurrency, at_least=1)

    def __len__(self) -> int:
        return len(self.arrival_s)

    def __repr__(self) -> str:
        kind = f"closed loop of {self.concurrency}" if self.concurrency else "open"
        return f"Workload({len(self):,} requests, {kind})"

    @classmethod
    def poisson(
        cls,
        rate_per_s: float,
        requests: int,
        prompt_tokens: Lengths,
        output_tokens: Lengths,
        seed: int = 0,
        rate_scale: float = 1.0,
    ) -> Workload:
        """Independent arrivals at a constant mean rate.

        Examples
        --------
        >>> Workload.poisson(rate_per_s=8, requests=100, prompt_tokens=512, output_tokens=(1, 9))
        Workload(100 requests, open)
        """
        return cls.gamma(rate_per_s, 1.0, requests, prompt_tokens, output_tokens, seed, rate_scale)

    @classmethod
    def gamma(
        cls,
        rate_per_s: float,
        cv: float,
        requests: int,
        prompt_tokens: Lengths,
        output_tokens: Lengths,
        seed: int = 0,
        rate_scale: float = 1.0,
    ) -> Workload:
        """Gaps with a Gamma law: `cv` 0 is a metronome, 1 is Poisson, more comes in bursts."""
        times = arrivals.renewal_s(rate_per_s, cv, requests, stream(seed, "arrivals"))
        times = arrivals.scaled(times, rate_scale, f"rate_per_s={rate_per_s!r}")
        return cls(times, *draw_both(len(times), prompt_tokens, output_tokens, seed))

    @classmethod
    def piecewise(
        cls,
        pieces: Sequence[tuple[float, float]],
        prompt_tokens: Lengths,
        output_tokens: Lengths,
        requests: int | None = None,
        seed: int = 0,
        rate_scale: float = 1.0,
    ) -> Workload:
        """Poisson arrivals whose rate changes: `pieces` are (duration_s, rate_per_s).

        `requests` gives the first so many, the pieces being repeated; None, those of one round,
        whose number is left to chance.

        Examples
        --------
        >>> day = [(8 * 3600, 0.2), (12 * 3600, 2), (4 * 3600, 0.5)]
        >>> Workload.piecewise(day, 512, 128, requests=10_000)
        Workload(10,000 requests, open)
        """
        times = arrivals.piecewise_s(pieces, requests, stream(seed, "arrivals"))
        times = arrivals.scaled(times, rate_scale, f"pieces={pieces!r}")
        return cls(times, *draw_both(len(times), prompt_tokens, output_tokens, seed))

    @classmethod
    def from_arrays(
        cls,
        *,
        arrival_s: ArrayLike,
        prompt_tokens: ArrayLike,
        output_tokens: ArrayLike,
        prefix_blocks: Sequence[Sequence[int | str]] | None = None,
        session: Sequence[Any] | None = None,
        tenant: Sequence[Any] | None = None,
        rate_scale: float = 1.0,
        prefix_block_tokens: int | None = None,
    ) -> Workload:
        """Requests given one by one, sorted by arrival."""
        times = arrivals.scaled(arrivals.checked_times(arrival_s), rate_scale, "arrival_s")
        tokens: tuple[Any, Any] = (prompt_tokens, output_tokens)
        return cls(times, *tokens, prefix_blocks, session, tenant, None, prefix_block_tokens)

    @classmethod
    def from_trace(
        cls,
        path: str | PathLike[str],
        rate_scale: float = 1.0,
        progress: Callable[[Iterable], Iterable] = iter,
        *,
        jitter_s: float = 0.0,
        seed: int = 0,
        columns: str | Mapping[str, str] | None = None,
        time_unit: str | None = None,
        first: int | None = None,
        between_s: tuple[float, float] | None = None,
        every: int | None = None,
        skip_empty: bool = False,
    ) -> Workload:
        """Replay a trace file from the first request that is kept on, in order of time.

        Where time stamps are rounded down, as in the Mooncake traces to 3 s, `jitter_s` delays each
        request by its own uniform time below that, before `rate_scale`. Formats, the other
        arguments and errors: see `inference_lab.traffic.traces.read_trace`.
        """
        trace = read_trace(path, progress, columns, time_unit, first, between_s, every, skip_empty)
        times, order = arrivals.replayed_s(trace.time_ns, jitter_s, stream(seed, "jitter"))
        return cls(arrivals.scaled(times, rate_scale, f"{path}"), **trace.columns(order))

    @classmethod
    def like(
        cls, name: str, rate_scale: float = 1.0, requests: int | None = None, seed: int = 0
    ) -> Workload:
        """Requests with the statistics of a public trace of `SHIPPED`, without the file.

        The count of each minute is kept, lengths are drawn independently from quantile tables.
        `requests` gives the first so many, the trace being repeated; None, all of it once.
        """
        n = None if requests is None else arrivals.checked_count(requests)
        times, prompts, outputs = draw_like(one_of("name", name, SHIPPED), n, seed)
        return cls(arrivals.scaled(times, rate_scale, name), prompts, outputs)

    @classmethod
    def clients(
        cls,
        clients: Sequence[Client] | str | PathLike[str],
        requests: int,
        rate_scale: float = 1.0,
        seed: int = 0,
    ) -> Workload:
        """The first requests of several clients together, each of them a tenant.

        A list of `il.Client`, or the path of a table: see `inference_lab.traffic.clients`.
        """
        several, source = read_clients(clients)
        return cls(**draw_clients(several, requests, rate_scale, seed), source=source)

    @classmethod
    def closed_loop(
        cls,
        concurrency: int,
        *,
        requests: int | None = None,
        prompt_tokens: Lengths,
        output_tokens: Lengths,
        seed: int = 0,
    ) -> Workload:
        """So many users, each of whom starts a request the instant the last one has ended.

        The first ones start at t = 0; `requests` counts all, ten for each user if None.
        """
        users = whole("concurrency", concurrency, at_least=1)
        n = arrivals.checked_count(10 * users if requests is None else requests)
        lengths = draw_both(n, prompt_tokens, output_tokens, seed)
        return cls(np.zeros(n), *lengths, concurrency=users)

    def request(self, index: int, arrival_s: float | None = None) -> Request:
        """What a router may see of request `index`."""
        labels: tuple[Any, ...] = (self.prefix_blocks, self.session, self.tenant)
        blocks, session, tenant = [None if each is None else each[index] for each in labels]
        sent_s = float(self.arrival_s[index]) if arrival_s is None else arrival_s
        return Request(index, sent_s, int(self.prompt_tokens[index]), blocks, session, tenant)
