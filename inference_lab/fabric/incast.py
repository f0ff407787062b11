"""Incast: many senders into one port at once, as closed forms."""

from __future__ import annotations

from math import inf

from inference_lab.checks import real, whole
from inference_lab.physics.units import KB, MS

FIRST_WINDOW_BYTES = 10 * 1.46 * KB
"""What a TCP sender may send before it has heard anything: ten segments of an Ethernet frame (RFC
6928)."""

LEAST_TIMEOUT_S = 200 * MS
"""Least wait of Linux before a sender repeats what was lost (``TCP_RTO_MIN``; Vasudevan et al.,
SIGCOMM 2009, show what it does to incast, and that 1 ms or less mends it)."""


def incast_s(
    senders: int,
    bytes_each: float,
    port_bytes_per_s: float,
    buffer_bytes: float = inf,
    least_timeout_s: float = LEAST_TIMEOUT_S,
    window_bytes: float = FIRST_WINDOW_BYTES,
) -> float:
    """Seconds until the last of equal messages into one port has arrived.

    Without loss N S / B, as max-min fairness gives it: the port is busy all the time. With loss one
    timeout more, in which the port is idle.

    Limits: all senders start at once, each from a NIC as fast as the port, and the whole message of
    at least one of them waits for the timeout. Windows that grow, timeouts that follow each other,
    and congestion control that slows senders down before the buffer is full (ECN, as DCTCP and
    DCQCN use it) are left out: the first two make it worse, the last one better. With PFC or
    credits (InfiniBand) nothing is lost: leave `buffer_bytes` at ``inf``.

    Parameters
    ----------
    senders : int
        At least 1.
    bytes_each, port_bytes_per_s : float
        Message of each sender, and rate of the port.
    buffer_bytes : float
        That the switch has for this port; ``inf``: nothing is ever lost.
    least_timeout_s : float
        Before a sender repeats what was lost.
    window_bytes : float
        That each sender sends at once.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range.

    Examples
    --------
    >>> incast_s(32, 64e3, port_bytes_per_s=12.5e9) < 0.0002
    True
    >>> incast_s(32, 64e3, port_bytes_per_s=12.5e9, buffer_bytes=200e3) > 0.2
    True
    """
    sent_s = whole("senders", senders, at_least=1) * real("bytes_each", bytes_each)
    sent_s /= real("port_bytes_per_s", port_bytes_per_s, above=0)
    timeout_s = real("least_timeout_s", least_timeout_s)
    lost = incast_loses(senders, bytes_each, buffer_bytes, window_bytes)
    return sent_s + (timeout_s if lost else 0.0)


def incast_loses(
    senders: int,
    bytes_each: float,
    buffer_bytes: float,
    window_bytes: float = FIRST_WINDOW_BYTES,
) -> bool:
    """Whether the first windows overflow the buffer; arguments as in `incast_s`.

    While the windows arrive, N times as fast as the port drains, one of them leaves.

    Examples
    --------
    >>> [incast_loses(n, 64e3, buffer_bytes=200e3) for n in (14, 15)]
    [False, True]
    """
    window = min(real("bytes_each", bytes_each), real("window_bytes", window_bytes, above=0))
    room = buffer_bytes if buffer_bytes == inf else real("buffer_bytes", buffer_bytes)
    return (whole("senders", senders, at_least=1) - 1) * window > room
