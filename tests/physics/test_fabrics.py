"""Scale-up fabrics: which all-reduce a GPU gets, and what is said about it (field case 06)."""

from dataclasses import replace

import pytest

import inference_lab as il
from inference_lab.physics.all_reduce import PcieAllReduce
from inference_lab.physics.fabrics import all_reduce_of
from inference_lab.physics.hardware import LINKS

CARD = {
    "name": "a card of one's own",
    "memory_bytes": 96e9,
    "hbm_bytes_per_s": 1792e9,
    "bf16_flop_per_s": 503e12,
}
MESSAGE_BYTES = 2**20


def card(**link):
    return il.GPU(**CARD, **link)


def test_a_pcie_card_of_ones_own_gets_the_all_reduce_measured_over_pcie():
    for mine in (card(link_bytes_per_s=64e9), card(link_bytes_per_s=64e9, link="pcie")):
        found, words = all_reduce_of(mine, "vllm")
        assert found == all_reduce_of(il.GPU.named("L40S"), "vllm")[0]
        assert isinstance(found, PcieAllReduce)
        assert "assumed as on L40S" in words
        assert ("link not given" in words) == (mine.link is None)


def test_the_kind_of_fabric_matters_more_than_its_rate():
    """Three GPUs of the same rate: over bridges nothing is reduced on the way, PCIe is slowest."""
    pcie, nvlink, nvswitch = (
        all_reduce_of(card(link_bytes_per_s=450e9, link=kind), "vllm")[0].seconds(8, 2**27)
        for kind in ("pcie", "nvlink", "nvswitch")
    )
    assert nvswitch < nvlink < pcie
    assert nvswitch == all_reduce_of(il.GPU.named("H100-SXM5-80GB"), "vllm")[0].seconds(8, 2**27)


@pytest.mark.parametrize("library", ["vllm", "trtllm", "eager"])
@pytest.mark.parametrize("kind", LINKS)
def test_every_kind_has_an_all_reduce_and_half_the_rate_is_never_faster(kind, library):
    fast, slow = (card(link_bytes_per_s=rate, link=kind) for rate in (40e9, 20e9))
    times = [all_reduce_of(gpu, library)[0].seconds(4, MESSAGE_BYTES) for gpu in (fast, slow)]
    assert 0 < times[0] < times[1]


def test_only_the_gpu_that_was_timed_is_called_measured():
    for name in il.GPU.names():
        gpu = il.GPU.named(name)
        measured = all_reduce_of(gpu, "vllm")[1] == "measured"
        assert measured == (name in ("A100-SXM4-80GB", "H100-SXM5-80GB", "B200-SXM", "L40S"))
        assert all_reduce_of(replace(gpu, name="a twin"), "vllm")[1].startswith("assumed as on")


def test_a_stack_says_what_is_measured_and_what_is_assumed():
    source = il.Stack.named("vllm-2025", card(link_bytes_per_s=64e9)).source
    for part in (
        "efficiencies and host times assumed as on H100-SXM5-80GB",
        "all-reduce assumed as on L40S (link not given: pcie, by its rate)",
        "reserve measured",
    ):
        assert part in source
    assert "assumed" not in il.Stack.named("vllm-2025", il.GPU.named("H100-SXM5-80GB")).source


def test_field_06_a_token_over_pcie_takes_longer_than_over_a_switch():
    """Qwen3-32B on two such cards took 80.3 ms a token; with NVSwitch's all-reduce we said 60."""
    mine = card(link_bytes_per_s=64e9)
    step_s, lucky_s = (
        il.Replica(il.LLM.named("Qwen3-32B"), gpu, tp=2, stack="vllm-2025").decode_step_s(
            128, 128 * 1200
        )
        for gpu in (mine, replace(mine, link="nvswitch"))
    )
    assert 1.1 * lucky_s < step_s < 80.3e-3


def test_an_unknown_link_names_the_known_ones():
    with pytest.raises(ValueError, match="link='nvlnk' is not known: did you mean nvlink"):
        card(link_bytes_per_s=64e9, link="nvlnk")
