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
from inference_lab.lab.views.base import LabView, script, style_sheet
from inference_lab.lab.views.code import program
from inference_lab.lab.views.goodput_words import SLOS, limits, reading


class GoodputView(LabView):
    """Buttons Run and Stop, a progress bar, and goodput over the rate of arrivals.

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

    _esm = script("goodput")
    _css = style_sheet("goodput")
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
        self._alone, self._stopping = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None
        self.on_msg(self._hear)
        self._show()

    def run(self, slo: str | None = None) -> bool:
        """Start a run; false if one is going.

        Raises
        ------
        ValueError
            When `slo` is not a key of `SLOS`.
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

    def _add(self, point: GoodputAtRate) -> None:
        self.points.append(point)
        self._show()

    def _curve(self) -> dict[str, Any]:
        return {"slo": self.slo, "points": [asdict(point) for point in self.points]}

    def _show(self) -> None:
        if self.state == "failed":
            said = f"The run failed: {self._failure}. Run again starts afresh."
        else:
            said = reading(self.points, self.slo, self.state, len(self.rate_scales), self.requests)
        self.picture = {
            "state": self.state,
            "end_per_s": self._end_per_s,
            "limits": limits(self.slo),
            "curve": self._curve(),
            "former": self._former,
            "reading": said,
            "code": code(self.replica, self.points, self.rate_scales, self.requests, self.slo),
        }

    def still(self) -> bytes:
        """The axes, and the points if a run has brought some."""
        return _still(self.points, self._end_per_s, self.slo)


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


def _still(points: Sequence[GoodputAtRate], end_per_s: float, slo: str) -> bytes:
    import matplotlib.pyplot as plt

    from inference_lab.lab.figure import png
    from inference_lab.lab.plots.style import GREY, LINES, new_axes

    fig, axes = new_axes(3.2)
    axes.set(xlim=(0, end_per_s), ylim=(0, end_per_s))
    axes.set_xlabel("requests/s that arrive")
    axes.set_ylabel("goodput, requests/s")
    axes.set_title(f"Goodput: {limits(slo)}", loc="left")
    axes.plot([0, end_per_s], [0, end_per_s], color=GREY, linestyle=":")
    axes.text(0.46 * end_per_s, 0.52 * end_per_s, "all requests", ha="right")
    if points:
        axes.plot([p.rate_per_s for p in points], [p.goodput_per_s for p in points], **LINES[0])
    else:
        axes.text(0.62, 0.3, "press Run", transform=axes.transAxes)
    bytes_ = png(fig)
    plt.close(fig)
    return bytes_
