"""Transports: what moving one message costs beside its bytes on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from inference_lab.checks import one_of, real, whole
from inference_lab.physics.llm import LLM
from inference_lab.physics.units import GBIT_PER_S, US

_CATALOGUE: dict[str, Transport] = {}


@dataclass(frozen=True, kw_only=True)
class Transport:
    """A way to move messages between hosts: t = latency + descriptors x t_desc + bytes / rate.

    Descriptors are posted one by one before the bytes move, by one thread: engines that post from
    several threads, or while bytes move, are faster.

    Parameters
    ----------
    name : str
        Protocol.
    message_s : float
        Of a small message, one way, in an idle network.
    flow_bytes_per_s : float
        Most that one flow can reach, whatever the link; ``inf`` if no processor touches the bytes.
    descriptor_s : float
        To post one piece of a message that is scattered in memory.
    source : str
        Where the figures come from.

    Examples
    --------
    >>> Transport.named("TCP").seconds(671_088_640, link_bytes_per_s=50e9)
    0.127...
    >>> Transport.named("RDMA").seconds(671_088_640, link_bytes_per_s=50e9)
    0.0134...
    """

    name: str
    message_s: float
    flow_bytes_per_s: float = inf
    descriptor_s: float = 0.0
    source: str = "given by the caller"

    def __post_init__(self) -> None:
        real("message_s", self.message_s)
        real("descriptor_s", self.descriptor_s)
        if self.flow_bytes_per_s != inf:
            real("flow_bytes_per_s", self.flow_bytes_per_s, above=0)

    @classmethod
    def named(cls, name: str) -> Transport:
        """The transport of the catalogue with this name.

        Raises
        ------
        ValueError
            If there is none, with the near matches.
        """
        return _CATALOGUE[one_of("transport", name, _CATALOGUE)]

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names in the catalogue."""
        return tuple(_CATALOGUE)

    def start_s(self, descriptors: int = 1) -> float:
        """Seconds before the bytes move: the message's latency, and its descriptors.

        Raises
        ------
        TypeError, ValueError
            If `descriptors` is below 1.
        """
        return self.message_s + whole("descriptors", descriptors, at_least=1) * self.descriptor_s

    def seconds(
        self, message_bytes: float, link_bytes_per_s: float, descriptors: int = 1, flows: int = 1
    ) -> float:
        """Seconds to move one message over a link of its own.

        Parameters
        ----------
        message_bytes : float
            Size.
        link_bytes_per_s : float
            Of the narrowest link.
        descriptors : int
            Pieces that the message lies in.
        flows : int
            Flows that share the bytes, each on a core of its own.

        Raises
        ------
        TypeError, ValueError
            If an argument is out of range.
        """
        size = real("message_bytes", message_bytes)
        ends = whole("flows", flows, at_least=1) * self.flow_bytes_per_s
        rate = min(real("link_bytes_per_s", link_bytes_per_s, above=0), ends)
        return self.start_s(descriptors) + size / rate


def kv_descriptors(llm: LLM, tokens: int, block_tokens: int = 16, merged: bool = False) -> int:
    """Pieces of a KV-cache: a key and a value for each layer and block; latents are one.

    Blocks that lie side by side can be merged into one piece for each layer.

    Raises
    ------
    TypeError, ValueError
        If a count is below 1.

    Examples
    --------
    >>> kv_descriptors(LLM.named("Llama-3.1-70B"), 2048)
    20480
    >>> kv_descriptors(LLM.named("Llama-3.1-70B"), 2048, merged=True)
    160
    """
    size = whole("block_tokens", block_tokens, at_least=1)
    blocks = -(-whole("tokens", tokens, at_least=1) // size)
    kinds = 1 if llm.kv_latent_dim else 2
    return kinds * llm.layers * (1 if merged else blocks)


def _add(name: str, message_us: float, flow_gbit_per_s: float, source: str) -> None:
    # One thread of NIXL's libfabric backend posted 18,880 descriptors in 46 ms of processor time
    # (GitHub ai-dynamo/nixl, issue 1514, 2026); the list is walked alike for every transport.
    _CATALOGUE[name] = Transport(
        name=name,
        message_s=message_us * US,
        flow_bytes_per_s=flow_gbit_per_s * GBIT_PER_S,
        descriptor_s=46e-3 / 18_880,
        source=source,
    )


_add(
    "RDMA",
    3.9 / 2,
    inf,
    "half of 3.9 us, the median round trip of 100 bytes over InfiniBand (RAMCloud, clusterperf of "
    "24 November 2018); the NIC moves the bytes",
)
_add(
    "TCP",
    23 / 2,
    42,
    "half of 23 us, a kernel TCP round trip (Marty et al., Snap, SOSP 2019); one core "
    "moves 42 Gb/s (Cai et al., SIGCOMM 2021)",
)
_add(
    "gRPC",
    650 / 2,
    42,
    "half of 0.65 ms, a Python call with TLS between two small servers of one data centre "
    "(A. Vuorinen, A crude gRPC benchmark, 2021: 0.6 to 0.7 ms, an upper end); bytes as TCP",
)
