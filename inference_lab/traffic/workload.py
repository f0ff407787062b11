"""Workloads: which requests arrive, when, and how long they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inference_lab.physics.checks import one_of, real, whole
from inference_lab.traffic.lengths import Lengths, draw_lengths, token_counts
from inference_lab.traffic.likeness import SHIPPED, draw_like
from inference_lab.traffic.request import Request
from inference_lab.traffic.streams import stream
from inference_lab.traffic.traces import read_trace


@dataclass(frozen=True, eq=False)
class Workload:
    """Requests in the order of their arrival.

    Use `poisson`, `like`, `from_trace`, `from_arrays` or `closed_loop`.

    Parameters
    ----------
    arrival_s : array of float, shape (n,)
        When each request leaves its client; all zero in a closed loop, where the run decides.
    prompt_tokens, output_tokens : array of int, shape (n,)
        Lengths, at least 1.
    prefix_blocks, session, tenant : sequence of length n, or None
        What routers and caches may know of a request.
    concurrency : int or None
        Requests that a closed loop keeps in flight; None for an open workload.
    """

    arrival_s: NDArray[np.float64]
    prompt_tokens: NDArray[np.int64]
    output_tokens: NDArray[np.int64]
    prefix_blocks: Sequence[tuple[int, ...]] | None = None
    session: Sequence[Any] | None = None
    tenant: Sequence[Any] | None = None
    concurrency: int | None = None

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
    ) -> Workload:
        """Independent arrivals at a constant rate.

        Parameters
        ----------
        rate_per_s : float
            Mean arrivals per second.
        requests : int
            How many.
        prompt_tokens, output_tokens : int, (low, high) or array
            See `inference_lab.traffic.lengths.draw_lengths`.
        seed : int
            The same seed gives the same requests.

        Raises
        ------
        TypeError, ValueError
            If an argument is out of range.

        Examples
        --------
        >>> Workload.poisson(rate_per_s=8, requests=100, prompt_tokens=512, output_tokens=(1, 9))
        Workload(100 requests, open)
        """
        rate = real("rate_per_s", rate_per_s, above=0)
        n = whole("requests", requests, at_least=1)
        arrival_s = np.cumsum(stream(seed, "arrivals").exponential(1 / rate, size=n))
        return cls(
            arrival_s,
            draw_lengths("prompt_tokens", prompt_tokens, n, stream(seed, "prompts")),
            draw_lengths("output_tokens", output_tokens, n, stream(seed, "outputs")),
        )

    @classmethod
    def from_arrays(
        cls,
        *,
        arrival_s: ArrayLike,
        prompt_tokens: ArrayLike,
        output_tokens: ArrayLike,
        prefix_blocks: Sequence[tuple[int, ...]] | None = None,
        session: Sequence[Any] | None = None,
        tenant: Sequence[Any] | None = None,
    ) -> Workload:
        """Requests given one by one, sorted by arrival.

        Raises
        ------
        TypeError, ValueError
            If a time is negative, not finite or out of order, a length below 1, or a shape differs.
        """
        try:
            times = np.array(arrival_s, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise TypeError(f"arrival_s must be an array of seconds: {error}") from None
        if times.ndim != 1 or not len(times):
            raise ValueError(f"arrival_s has shape {times.shape}: give one time for each request")
        wrong = ~(np.isfinite(times) & (times >= 0))
        if wrong.any():
            at = int(wrong.argmax())
            raise ValueError(f"arrival_s[{at}]={times[at]} must be a finite number of seconds >= 0")
        backwards = np.diff(times) < 0
        if backwards.any():
            at = int(backwards.argmax()) + 1
            raise ValueError(
                f"arrival_s[{at}]={times[at]} is before arrival_s[{at - 1}]={times[at - 1]}: "
                "sort all arrays by arrival"
            )
        for name, column in (
            ("prefix_blocks", prefix_blocks),
            ("session", session),
            ("tenant", tenant),
        ):
            if column is not None and len(column) != len(times):
                raise ValueError(f"{name} has {len(column)} entries: give {len(times)}, or None")
        return cls(
            times,
            token_counts("prompt_tokens", prompt_tokens, len(times)),
            token_counts("output_tokens", output_tokens, len(times)),
            prefix_blocks,
            session,
            tenant,
        )

    @classmethod
    def from_trace(
        cls,
        path: str | Path,
        rate_scale: float = 1.0,
        progress: Callable[[Iterable], Iterable] = iter,
    ) -> Workload:
        """Replay a trace file (Azure CSV or Mooncake JSONL) from its first request on.

        Parameters
        ----------
        path : str or Path
            The file; requests that are out of order are sorted by their time stamps.
        rate_scale : float
            2 replays it twice as fast.
        progress : callable
            Wraps the iterable of lines, for a progress bar.

        Raises
        ------
        FileNotFoundError, ValueError
            See `inference_lab.traffic.traces.read_trace`.
        """
        scale = real("rate_scale", rate_scale, above=0)
        trace = read_trace(path, progress)
        time_ns = np.array(trace.time_ns)
        order = np.argsort(time_ns, kind="stable")
        blocks = trace.prefix_blocks
        return cls.from_arrays(
            arrival_s=(time_ns[order] - time_ns[order[0]]) / 1e9 / scale,
            prompt_tokens=np.array(trace.prompt_tokens)[order],
            output_tokens=np.array(trace.output_tokens)[order],
            prefix_blocks=None if blocks is None else [blocks[i] for i in order],
        )

    @classmethod
    def like(
        cls, name: str, rate_scale: float = 1.0, requests: int | None = None, seed: int = 0
    ) -> Workload:
        """Requests with the statistics of a public trace, without the file.

        The count of each minute is kept, arrivals are uniform within it, lengths are drawn
        independently from
        the quantile tables, with straight lines between the points.

        Parameters
        ----------
        name : str
            One of `SHIPPED`.
        rate_scale : float
            2 replays it twice as fast.
        requests : int or None
            The first so many, the trace being repeated if it is shorter; None for all of it once.
        seed : int
            The same seed gives the same requests.

        Raises
        ------
        TypeError, ValueError
            If the name is not known or an argument is out of range.
        """
        one_of("name", name, SHIPPED)
        scale = real("rate_scale", rate_scale, above=0)
        n = None if requests is None else whole("requests", requests, at_least=1)
        arrival_s, prompt_tokens, output_tokens = draw_like(name, n, seed)
        return cls(arrival_s / scale, prompt_tokens, output_tokens)

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
        """A fixed number of users: each starts its next request the instant its last one ends.

        Parameters
        ----------
        concurrency : int
            Users; the first so many requests start at t = 0.
        requests : int or None
            All together; ten for each user if None.
        prompt_tokens, output_tokens : int, (low, high) or array
            See `inference_lab.traffic.lengths.draw_lengths`.
        seed : int
            The same seed gives the same lengths.

        Raises
        ------
        TypeError, ValueError
            If an argument is out of range.
        """
        users = whole("concurrency", concurrency, at_least=1)
        n = 10 * users if requests is None else whole("requests", requests, at_least=1)
        return cls(
            np.zeros(n),
            draw_lengths("prompt_tokens", prompt_tokens, n, stream(seed, "prompts")),
            draw_lengths("output_tokens", output_tokens, n, stream(seed, "outputs")),
            concurrency=users,
        )

    def request(self, index: int, arrival_s: float | None = None) -> Request:
        """What a router may see of request `index`."""

        def entry(column: Sequence[Any] | None) -> Any:
            return None if column is None else column[index]

        return Request(
            index,
            float(self.arrival_s[index]) if arrival_s is None else arrival_s,
            int(self.prompt_tokens[index]),
            entry(self.prefix_blocks),
            entry(self.session),
            entry(self.tenant),
        )
