"""The view of goodput: a long run, point after point, that can be watched and stopped."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import traitlets

import inference_lab as il
from inference_lab.experiments.goodput import (
    TRACE,
    GoodputAtRate,
    checked_scales,
    goodput_curve,
    rate_per_s,
)
from inference_lab.lab.views.axis import axis_end
from inference_lab.lab.views.base import LabView, view
from inference_lab.lab.views.code import program
from inference_lab.lab.views.goodput_still import drawn
from inference_lab.lab.views.goodput_words import SLOS, faint, limits, reading

SHORT_REQUESTS, SHORT_RUNS = 600, 3  # of the range that is there before a run
LEAST_PER_S = 1e-3  # an axis has a length even where no request is good


@view("goodput")
class GoodputView(LabView):
    """Buttons Run and Stop, a progress bar, and goodput over the rate of arrivals.

    The range of a few short runs is there from the start, faintly; the run draws its curve in it.

    A run has a thread of its own, so that the kernel hears Stop meanwhile. Each run starts afresh;
    the curve of the run before stays in grey.

    Parameters
    ----------
    replica : Replica or AffineReplica
        What is simulated.
    rate_scales : sequence of float
        One simulation each: how many times as fast as in the trace requests arrive.
    requests : int
        Of each simulation.
    """

    choices = traitlets.List(list(SLOS)).tag(sync=True)
    percent = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        replica: il.Replica | il.AffineReplica,
        rate_scales: Sequence[float],
        requests: int,
        slo: str,
        **traits: Any,
    ) -> None:
        super().__init__(**traits)
        self.replica, self.requests = replica, requests
        self.rate_scales = checked_scales(rate_scales)
        slowest = il.Workload.like(TRACE, requests=requests)
        self._end_per_s = axis_end(rate_per_s(slowest) * max(self.rate_scales))
        self.slo, self.state = slo, "idle"
        self.points: list[GoodputAtRate] = []
        self._former: dict[str, Any] | None = None
        self._failure = ""
        self._ranges: dict[str, list[list[float]]] = {}
        self._alone, self._stopping = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None
        self.on_msg(self._hear)
        self._show()

    def run(self, slo: str | None = None) -> bool:
        """Start a run; false if one is going.

        Raises
        ------
        ValueError
            If `slo` is not a key of `SLOS`.
        """
        if slo is not None and slo not in SLOS:
            raise ValueError(f"slo={slo!r} is not offered: use one of {', '.join(SLOS)}")
        with self._alone:
            if self.state == "running":
                return False
            self.state = "running"
            self._stopping.clear()
        if self.points:
            self._former = self._curve()
        self.slo, self.points, self.percent = slo or self.slo, [], 0
        self._show()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        return True

    def stop(self) -> None:
        """Ask a run to stop; the points that are there stay."""
        self._stopping.set()

    def wait(self, timeout_s: float | None = None) -> None:
        """Until the run has ended."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _hear(self, widget: object, message: dict[str, Any], buffers: object) -> None:
        """What the buttons say."""
        if message.get("do") == "run":
            self.run(message.get("slo"))
        elif message.get("do") == "stop":
            self.stop()
        elif message.get("do") == "choose":
            self.choose(message.get("slo"))

    def choose(self, slo: str) -> None:
        """Set the limits of the next run; what a run has drawn stays as the one before.

        Raises
        ------
        ValueError
            If `slo` is not a key of `SLOS`.
        """
        if slo not in SLOS:
            raise ValueError(f"slo={slo!r} is not offered: use one of {', '.join(SLOS)}")
        if self.state == "running" or slo == self.slo:
            return
        if self.points:
            self._former = self._curve()
        self.slo, self.points, self.state, self.percent = slo, [], "idle", 0
        self._show()

    def _work(self) -> None:
        """The run, in its thread."""
        ended, total = 0, self.requests * len(self.rate_scales)

        def count(now: int) -> None:
            nonlocal ended
            ended += now
            percent = 100 * ended // total
            if percent > self.percent:
                self.percent = percent

        state = "failed"
        try:
            goodput_curve(
                self.replica,
                self.rate_scales,
                self.requests,
                SLOS[self.slo],
                on_point=self._add,
                stop=self._stopping.is_set,
                progress=count,
            )
            state = "done" if len(self.points) == len(self.rate_scales) else "stopped"
        except Exception as error:  # in a thread nobody else would see it
            self._failure = str(error)
        self.state = state
        self._show()
        self.renew_stand_in()

    def _add(self, point: GoodputAtRate) -> None:
        self.points.append(point)
        self._show()

    def _curve(self) -> dict[str, Any]:
        return {"slo": self.slo, "points": [asdict(point) for point in self.points]}

    def _range(self) -> list[list[float]]:
        """Rate, least and largest goodput of the short runs."""
        if self.slo not in self._ranges:
            requests, slo = min(SHORT_REQUESTS, self.requests), SLOS[self.slo]
            runs = [
                goodput_curve(self.replica, self.rate_scales, requests, slo, seed=seed)
                for seed in range(SHORT_RUNS)
            ]
            self._ranges[self.slo] = [
                [
                    points[0].rate_per_s,
                    min(point.goodput_per_s for point in points),
                    max(point.goodput_per_s for point in points),
                ]
                for points in zip(*runs, strict=True)
            ]
        return self._ranges[self.slo]

    def _show(self) -> None:
        if self.state == "failed":
            said = f"The run failed: {self._failure}. Run again starts afresh."
        else:
            said = reading(self.points, self.slo, self.state, len(self.rate_scales), self.requests)
        range_ = self._range()
        range_words = f"{SHORT_RUNS} runs of {min(SHORT_REQUESTS, self.requests)} requests"
        if self.state == "idle":
            said = f"{faint(range_, range_words)} {said}"
        known = [high for _, _, high in range_] + [p.goodput_per_s for p in self.points]
        self.picture = {
            "state": self.state,
            "range": range_,
            "range_words": range_words,
            "goodput_end_per_s": axis_end(1.15 * max([*known, LEAST_PER_S])),
            "end_per_s": self._end_per_s,
            "limits": limits(self.slo),
            "curve": self._curve(),
            "former": self._former,
            "reading": said,
            "code": code(self.replica, self.points, self.rate_scales, self.requests, self.slo),
        }

    def still(self) -> str:
        """The range, and the points if a run has brought some."""
        return drawn(self.picture)


def code(
    replica: object,
    points: Sequence[GoodputAtRate],
    rate_scales: Sequence[float],
    requests: int,
    slo: str,
) -> str:
    """The program that gives the points shown; all of them if there are none yet."""
    scales = [point.rate_scale for point in points] or list(rate_scales)
    return program(
        replica,
        "goodput import goodput_curve",
        f"rate_scales = {scales}",
        f"points = goodput_curve(replica, rate_scales, requests={requests}, slo={SLOS[slo]})",
        "for point in points:",
        "    print(point)",
    )
