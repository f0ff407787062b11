"""What of the time to the first token is network, one situation a bar."""

from __future__ import annotations

from collections.abc import Sequence

from inference_lab.experiments.network import Situation
from inference_lab.lab.plots.style import GREY, LOOKS, Drawn, new_axes


def network_shares(situations: Sequence[Situation]) -> Drawn:
    """A bar of 100 % for each situation: its network, then all the rest."""
    fig, axes = new_axes(height=0.9 + 0.5 * len(situations))
    said = []
    for row, each in enumerate(situations):
        share = 100 * each.network_share
        look = LOOKS["KV transfer" if each.kv_moves else "network"]
        axes.barh(row, share, height=0.6, **look)
        axes.barh(row, 100 - share, left=share, height=0.6, **LOOKS["prefill"])
        whole_ms = 1e3 * (each.network_s + each.other_s)
        said.append(
            f"{each.name}: {whole_ms:,.0f} ms, of which {1e3 * each.network_s:,.0f} ms network "
            f"({share:.0f} %)."
        )
        axes.text(102, row, f"{whole_ms:,.0f} ms", va="center")
    axes.axvline(50, color=GREY, linestyle=":")
    axes.set_yticks(range(len(situations)), [each.name for each in situations])
    axes.invert_yaxis()
    axes.set(
        xlim=(0, 118),
        xlabel="% of TTFT: lines are network, crosses network with the KV-cache, plain is prefill",
        title="KV-cache is not the only thing that can make the network dominate",
    )
    return fig, "\n".join(said)
