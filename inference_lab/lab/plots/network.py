"""What of the time to the first token is network, one situation a bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inference_lab.experiments.network import Situation
from inference_lab.lab.plots.style import HAIRLINE, LOOKS, SOFT, Drawn, in_style, new_axes
from inference_lab.lab.tokens import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEIGHT = 0.52  # of a bar, in rows
WIDE_ENOUGH = 10  # per cent of TTFT that have room for a name


@in_style
def network_shares(situations: Sequence[Situation]) -> Drawn:
    """A bar of 100 % for each situation: its network, then all the rest."""
    fig, axes = new_axes(height=1 + 0.56 * len(situations))
    said, named = [], set()
    for row, each in enumerate(situations):
        share = 100 * each.network_share
        part = "kv_transfer" if each.kv_moves else "network"
        axes.barh(row, share, height=HEIGHT, **LOOKS[part])
        axes.barh(row, 100 - share, left=share, height=HEIGHT, **LOOKS["prefill"])
        if part not in named and share > WIDE_ENOUGH:
            _name_part(axes, part, row, 0)
            named.add(part)
        if "prefill" not in named:
            _name_part(axes, "prefill", row, share)
            named.add("prefill")
        whole_ms = 1e3 * (each.network_s + each.other_s)
        said.append(
            f"{each.name}: {whole_ms:,.0f} ms, of which {1e3 * each.network_s:,.0f} ms network "
            f"({share:.0f} %)."
        )
        axes.text(102, row, f"{whole_ms:,.0f} ms", va="center")
    axes.axvline(50, color=HAIRLINE, linewidth=0.75, zorder=0)
    axes.set_yticks(range(len(situations)), [each.name for each in situations])
    axes.invert_yaxis()
    axes.set(
        xlim=(0, 118),
        xlabel="% of TTFT",
        title="KV-cache is not the only thing that can make the network dominate",
    )
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return fig, "\n".join(said)


def _name_part(axes: Axes, part: str, row: int, left: float) -> None:
    """The name of a part on the first bar that shows it."""
    spot = (left, row - HEIGHT / 2)
    axes.annotate(
        label(part), spot, xytext=(1, 2), textcoords="offset points", color=SOFT, fontsize="small"
    )
