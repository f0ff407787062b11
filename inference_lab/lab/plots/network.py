"""What of the time to the first token is network, one situation a bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inference_lab.experiments.network import Situation
from inference_lab.lab.plots.style import LOOKS, SOFT, Drawn, in_style, new_axes
from inference_lab.lab.tokens import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEIGHT = 0.52  # of a bar, in rows
WIDE_ENOUGH = 10  # per cent of TTFT that have room for a name


@in_style
def network_shares(situations: Sequence[Situation]) -> Drawn:
    """A bar of 100 % for each situation: its network, what of it moves KV-cache, all the rest."""
    fig, axes = new_axes(height=1 + 0.56 * len(situations))
    said, named = [], set[str]()
    for row, each in enumerate(situations):
        whole_s, left = each.network_s + each.other_s, 0.0
        pieces_s = {
            "network": each.network_s - each.kv_transfer_s,
            "kv_transfer": each.kv_transfer_s,
            "prefill": each.other_s,
        }
        for part, piece_s in pieces_s.items():
            share = 100 * piece_s / whole_s
            if piece_s:
                axes.barh(row, share, left=left, height=HEIGHT, **LOOKS[part])
            if part not in named and share > WIDE_ENOUGH:
                _name(axes, label(part), row, left)
                named.add(part)
            left += share
        whole_ms = 1e3 * whole_s
        moved = f"; {1e3 * each.kv_transfer_s:,.0f} ms of it KV transfer" if each.kv_moves else ""
        said.append(
            f"{each.name}: {whole_ms:,.0f} ms, of which {1e3 * each.network_s:,.0f} ms network "
            f"({100 * each.network_share:.0f} %{moved})."
        )
        axes.text(102, row, f"{whole_ms:,.0f} ms", va="center")
    axes.axvline(50, color=SOFT, linewidth=0.75, linestyle=(0, (3, 2)))
    _name(axes, "half", 0, 50)
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


def _name(axes: Axes, name: str, row: int, left: float) -> None:
    """A name above a bar, where what it names begins."""
    spot = (left, row - HEIGHT / 2)
    axes.annotate(
        name, spot, xytext=(2, 2), textcoords="offset points", color=SOFT, fontsize="small"
    )
