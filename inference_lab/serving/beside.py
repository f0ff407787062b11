"""What goes on beside the requests: flows on links, faults, a training job, samples, reports."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import inf
from typing import Any

from inference_lab.serving.cluster import Cluster
from inference_lab.serving.disaggregated import Disaggregated
from inference_lab.serving.fault_calendar import FaultCalendar
from inference_lab.serving.gateway import Gateway
from inference_lab.serving.log import Log
from inference_lab.serving.source import MakeSource, Source
from inference_lab.serving.transfers import Transfers
from inference_lab.training.steps import TrainingSteps


def beside(cluster: Cluster, log: Log, transfers: Transfers | None) -> list[MakeSource]:
    """The sources that a cluster brings along, in the order of one instant."""
    makers: list[MakeSource] = []

    def flows(gateway: Gateway, fleet: Sequence[Any]) -> Source:
        return transfers  # type: ignore[return-value] # asked for only if there is one

    def caches(gateway: Any, fleet: Sequence[Any]) -> Source:
        return gateway.carry(transfers)  # it has two pools

    def faults(gateway: Gateway, fleet: Sequence[Any]) -> Source:
        return FaultCalendar(cluster, gateway, fleet, transfers)

    def goes_on(gateway: Gateway) -> bool:
        return gateway.in_system > 0 or gateway.next_s < inf

    def samples(gateway: Gateway, fleet: Sequence[Any]) -> Source:
        assert log.samples is not None
        seen = log.samples.begin(fleet, partial(goes_on, gateway))
        return seen  # type: ignore[return-value] # its next instant is worked out, not set

    def training(gateway: Gateway, fleet: Sequence[Any]) -> Source:
        job, on = cluster.training, cluster.fabric
        assert job is not None and on is not None and transfers is not None  # `placed` saw to it
        end = partial(goes_on, gateway)
        return TrainingSteps(job, job.hops(on), transfers.send, end, log.steps_s)

    if transfers is not None:
        makers.append(flows)
    if isinstance(cluster, Disaggregated):
        makers.append(caches)
    if cluster.faults:
        makers.append(faults)
    if cluster.training is not None:
        makers.append(training)
    if log.samples is not None:
        makers.append(samples)
    return makers


def reporting(cluster: Cluster) -> list[MakeSource]:
    """The sources of what routers know: the last before the gateway."""
    if not cluster.report_s:
        return []
    makers: list[MakeSource] = [lambda gateway, fleet: gateway.choose]
    if isinstance(cluster, Disaggregated):
        makers.append(lambda gateway, fleet: gateway.choose_decode)
    return makers
