"""Clients: senders of requests, each with a rate, a burstiness and lengths of its own.

What reaches a provider is a sum of clients, of which a few send most; its rate, bursts and lengths
change with who is at work (Xiang et al., ServeGen, arXiv:2505.09999).
"""

from __future__ import annotations

import csv
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference_lab.checks import real
from inference_lab.traffic.arrivals import MOST_CV, MOST_REQUESTS, Times, checked_count, scaled
from inference_lab.traffic.laws import Geometric
from inference_lab.traffic.lengths import Lengths, draw_lengths
from inference_lab.traffic.streams import stream

COLUMNS = (
    "client",
    "mean_rps",
    "mean_cv_active",
    "mean_input_tokens",
    "mean_output_tokens",
)
"""What a table says of a client: its name, requests a second, burstiness and mean lengths."""

FURTHER = 1.5
"""If fewer requests than were asked for arrive in some time, so many times as long is looked at."""


@dataclass(frozen=True)
class Client:
    """One client, whose requests are those of a tenant.

    Parameters
    ----------
    name : str or number
        The tenant.
    rate_per_s : float
        Mean requests a second.
    cv : float
        Standard deviation of a gap divided by its mean: 1 is Poisson, more comes in bursts.
    prompt_tokens, output_tokens : int, (low, high) or law
        See `inference_lab.traffic.lengths.draw_lengths`.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> Client("batch", rate_per_s=0.5, cv=4, prompt_tokens=(2000, 8000), output_tokens=400)
    Client('batch', 0.5 requests/s, cv 4)
    """

    name: Hashable
    rate_per_s: float
    cv: float
    prompt_tokens: Lengths
    output_tokens: Lengths

    def __post_init__(self) -> None:
        if not isinstance(self.name, Hashable):
            raise TypeError(f"name={self.name!r} must be a name: give text or a number")
        real("rate_per_s", self.rate_per_s, above=0, at_most=MOST_REQUESTS)
        real("cv", self.cv, at_most=MOST_CV)
        for name in ("prompt_tokens", "output_tokens"):
            draw_lengths(name, getattr(self, name), 1, np.random.default_rng(0))

    def __repr__(self) -> str:
        return f"Client({self.name!r}, {self.rate_per_s:g} requests/s, cv {self.cv:g})"

    def arrivals_s(self, until_s: float, rng: np.random.Generator) -> Times:
        """Its arrivals up to a time, as one who looks at any moment finds them.

        Gaps have a Gamma law. The clock starts within a gap, and so rather within a long one: the
        first arrival is uniform in a gap drawn by its length. Without that a client that sends in
        bursts would begin with one, and send (cv² - 1)/2 requests too many.
        """
        mean_s = 1 / self.rate_per_s
        if self.cv**2 < 1e-16:  # what a double does not tell from 0
            return np.arange(rng.random() * mean_s, until_s, mean_s)
        shape, scale_s = self.cv**-2, self.cv**2 * mean_s
        times = np.array([rng.random() * rng.standard_gamma(shape + 1) * scale_s])
        while times[-1] <= until_s:
            gaps_s = rng.standard_gamma(shape, len(times) + 16) * scale_s
            times = np.append(times, times[-1] + np.cumsum(gaps_s))
        return times[times <= until_s]


def draw_clients(
    clients: Sequence[Client], requests: int, rate_scale: float, seed: int
) -> dict[str, Any]:
    """The first requests of several clients together: the columns of a `Workload` by name.

    Each draws from random streams of its own, so a further client leaves the others as they are.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, there are no clients, or two have one name.
    """
    if isinstance(clients, str) or not isinstance(clients, Sequence) or not clients:
        raise TypeError(f"clients={clients!r} must be a list of Client, or the path of a table")
    if not all(isinstance(client, Client) for client in clients):
        raise TypeError(f"clients={clients!r} must hold Client(...) only")
    names = [client.name for client in clients]
    if len(set(names)) < len(names):
        raise ValueError(f"clients={clients!r} have one name twice: use a name for each")
    n = checked_count(requests)
    until_s = n / sum(client.rate_per_s for client in clients)
    while True:
        streams = stream(seed, "arrivals").spawn(len(clients))
        each_s = [c.arrivals_s(until_s, rng) for c, rng in zip(clients, streams, strict=True)]
        if sum(map(len, each_s)) >= n:
            break
        until_s *= FURTHER
    order = np.argsort(np.concatenate(each_s), kind="stable")[:n]

    def lengths(name: str, purpose: str) -> NDArray[np.int64]:
        streams = stream(seed, purpose).spawn(len(clients))
        drawn = [
            draw_lengths(name, getattr(client, name), len(times), rng)
            for client, times, rng in zip(clients, each_s, streams, strict=True)
            if len(times)
        ]
        return np.concatenate(drawn)[order]

    sender = np.repeat(np.arange(len(clients)), [len(times) for times in each_s])[order]
    return {
        "arrival_s": scaled(np.concatenate(each_s)[order], rate_scale, f"clients={names!r}"),
        "prompt_tokens": lengths("prompt_tokens", "prompts"),
        "output_tokens": lengths("output_tokens", "outputs"),
        "tenant": [names[k] for k in sender],
    }


def read_clients(
    clients: Sequence[Client] | str | PathLike[str],
) -> tuple[Sequence[Client], str]:
    """The clients of a list as they are, or of a table; and what the table was.

    A table is a CSV with the `COLUMNS`, such as can be derived from the data of ServeGen; others
    are not read. Lengths are geometric with the client's means, the law that assumes least beside
    a mean. A client without means is left out, and the text says how much of the traffic that is.
    Rates are means over all the time: that a client is away for hours, or has a peak, is not in
    them.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a column is missing, or a cell is no number that a client can have.
    """
    if not isinstance(clients, str | PathLike):
        return clients, ""
    path = clients
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise ValueError(
                f"{fspath(path)} has no column {', '.join(missing)}: give a table of clients with "
                f"{', '.join(COLUMNS)}"
            )
        found = [_client(row, f"{fspath(path)}, line {rows.line_num}") for row in rows]
    known = [client for client, _ in found if client is not None]
    if not known:
        raise ValueError(f"{fspath(path)} has no client with token means: give one at least")
    rates = [rate for _, rate in found]
    away = 1 - sum(client.rate_per_s for client in known) / sum(rates)
    source = f"a table of {len(found)} clients"
    if len(known) < len(found):
        source += (
            f"; {len(found) - len(known)} of them, {away:.0%} of the rate, have no token means "
            "and are left out"
        )
    return known, source


def _client(row: dict[str, str], where: str) -> tuple[Client | None, float]:
    """The client of a row, or None if its lengths are unknown, and its rate."""
    cells = [row[name] for name in COLUMNS[1:]]
    try:
        rate, cv, prompt, output = map(float, cells)
    except (TypeError, ValueError):
        raise ValueError(f"{where}: {cells} are not four numbers: give {COLUMNS[1:]}") from None
    if np.isnan(prompt) or np.isnan(output):
        return None, rate
    try:
        return Client(row["client"], rate, cv, Geometric(mean=prompt), Geometric(mean=output)), rate
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
