"""The still of a cluster view: the instant at which the request arrives that it is about."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inference_lab.lab.replay import TICK_S, ReplayLog
from inference_lab.lab.still import image, themed
from inference_lab.lab.tokens import TOKENS, colour
from inference_lab.lab.views.cluster_words import reading

if TYPE_CHECKING:
    from inference_lab.lab.views.cluster import Side

WIDTH, GUTTER, LEFT, TOP, STRIP, AXIS = 1000, 24, 24, 30, 90, 24  # px
MARGIN = 64  # px left of the strip: its ticks
LANE, THIN, MANY = 26, 6, 17  # px a lane; from so many lanes they are thin
SCALE = 1.5  # the belt and the strip reach to so many limits
BREAK = (5, 10)  # px from the edge: the two gaps in a box that goes on beyond it


def drawn(sides: Sequence[Side], focus: int, limit_s: float, lanes: int) -> str:
    """HTML of the still: the belts of each policy, and TTFT over time below."""
    lane = THIN if lanes >= MANY else LANE
    height = TOP + lanes * lane + AXIS + STRIP + AXIS
    each = (WIDTH - GUTTER * (len(sides) - 1)) / len(sides)
    shapes = []
    for index, side in enumerate(sides):
        half = _Half(side.log, focus, limit_s, each, lane, lanes)
        left = index * (each + GUTTER)
        inside = half.head(side.router) + half.belts() + half.strip()
        shapes.append(f'<g transform="translate({left:.0f} 0)">{inside}</g>')
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'font-size="{TOKENS["type"]["label_px"]}">{"".join(shapes)}</svg>'
    )
    return image(themed(svg), reading(sides, focus, limit_s))


class _Half:
    """One policy, drawn from its left upper corner on."""

    def __init__(
        self, log: ReplayLog, focus: int, limit_s: float, width: float, lane: int, lanes: int
    ) -> None:
        self.log, self.focus, self.limit_s = log, focus, limit_s
        self.width, self.lane, self.bottom = width, lane, TOP + lanes * lane
        self.lanes = lanes
        self.now = int(log["arrival"][focus])
        self.scale = (width - LEFT) / (SCALE * limit_s)

    def head(self, router: str) -> str:
        """The policy and how many are late."""
        late = int((self.log.ttft_s > self.limit_s).sum())
        words = _text(0, 16, escape(router), 'font-weight="600"')
        return words + _text(self.width, 16, f"{late:,} late", 'text-anchor="end"')

    def belts(self) -> str:
        """Prompts where they will be read: the distance from the right is the wait that remains."""
        log, parts = self.log, []
        limit_x = self.width - self.limit_s * self.scale
        for lane in range(self.lanes if self.lane == LANE else 0):
            y = TOP + lane * self.lane
            parts.append(_box(0, y, self.width, 1, "faint"))
            parts.append(_text(0, y + self.lane / 2 + 4, str(lane), f'fill="{colour("soft")}"'))
        there = (log["queued"] >= 0) & (log["queued"] <= self.now) & (log["read_until"] > self.now)
        order = sorted(np.flatnonzero(there), key=lambda i: (i == self.focus, log["read_from"][i]))
        for i in order:
            starts, ends = (
                (log[name][i] - self.now) * TICK_S for name in ("read_from", "read_until")
            )
            right = max(LEFT + 7, self.width - max(0, starts) * self.scale)
            left = max(LEFT, self.width - ends * self.scale)
            y = TOP + log["replica"][i] * self.lane + (self.lane - self._high) / 2
            line = f'stroke="{colour("ground")}"'
            if i == self.focus:
                line = f'stroke="{colour("ink")}" stroke-width="{TOKENS["line"]["outline_px"]}"'
            part = "queue" if starts > 0 else "prefill"
            parts.append(_box(left, y, right - left, self._high, part, line))
            if ends * self.scale > self.width - LEFT:  # it goes on beyond the edge: broken off
                parts += [_box(LEFT + x, y, 2, self._high, "ground") for x in BREAK]
        parts.append(_box(limit_x, TOP, 1.5, self.bottom - TOP + 4, "ink"))
        parts.append(_box(self.width - 1, TOP, 1, self.bottom - TOP + 4, "soft"))
        limit = f"in {self.limit_s * 1e3:,.0f} ms"
        parts.append(_text(limit_x, self.bottom + 18, limit, 'text-anchor="middle"'))
        edge = f"in {SCALE * self.limit_s * 1e3:,.0f} ms"
        parts.append(_text(LEFT, self.bottom + 18, edge, f'fill="{colour("soft")}"'))
        between = (limit_x + self.width) / 2
        said = f'text-anchor="middle" fill="{colour("soft")}"'
        parts.append(_text(between, self.bottom + 18, "orange waits, blue is read", said))
        return "".join(parts) + _text(self.width, self.bottom + 18, "now", 'text-anchor="end"')

    @property
    def _high(self) -> float:
        return self.lane - (1 if self.lane == THIN else 8)

    def strip(self) -> str:
        """TTFT of each request over its arrival; what lies beyond the scale lies at its edge."""
        log, top = self.log, self.bottom + AXIS
        limit, end_s = f"{self.limit_s * 1e3:,.0f} ms", log["arrival"][-1] * TICK_S
        ttft_s = np.nan_to_num(log.ttft_s, nan=np.inf)
        x = log["arrival"] / max(1, log["arrival"][-1]) * (self.width - MARGIN - 4) + MARGIN + 2
        share = np.minimum(ttft_s / (SCALE * self.limit_s), 1)
        y = top + STRIP - 2 - share * (STRIP - 8)
        late = ttft_s > self.limit_s
        dots = _dots(x[~late], y[~late], "soft", 1.6) + _dots(x[late], y[late], "ink", 5)
        limit_y = top + STRIP - 2 - (STRIP - 8) / SCALE
        i = self.focus
        ring = (
            f'<circle cx="{x[i]:.1f}" cy="{y[i]:.1f}" r="6" fill="none" stroke="{colour("ink")}"/>'
        )
        return (
            dots
            + ring
            + _box(MARGIN, limit_y, self.width - MARGIN, 1, "ink")
            + _box(MARGIN, top + STRIP, self.width - MARGIN, 1, "hairline")
            + _box(x[i], top, 1.5, STRIP, "ink")
            + _text(MARGIN - 8, limit_y - 9, "limit", 'text-anchor="end"')
            + _text(MARGIN - 8, limit_y + 6, limit, 'text-anchor="end"')
            + _text(MARGIN - 8, top + STRIP, "0", 'text-anchor="end"')
            + _text(MARGIN, top + STRIP + 17, "first token after, over its arrival")
            + _text(self.width, top + STRIP + 17, f"arrival, s: {end_s:.0f}", 'text-anchor="end"')
        )


def _box(x: float, y: float, w: float, h: float, name: str, more: str = "") -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(w, 0.5):.1f}" height="{h:.1f}" '
        f'fill="{colour(name)}" {more}/>'
    )


def _dots(x: NDArray[np.float64], y: NDArray[np.float64], name: str, size: float) -> str:
    """Round marks as one path, so that thousands stay small."""
    path = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(x, y, strict=True))
    line = f'stroke="{colour(name)}" stroke-width="{size}" stroke-linecap="round"'
    return f'<path d="{path}" {line}/>'


def _text(x: float, y: float, words: str, more: str = "") -> str:
    ink = "" if "fill=" in more else f'fill="{colour("ink")}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {ink} {more}>{words}</text>'
