"""The numbers in the prose of lesson 00 are those that its cells compute."""

from pathlib import Path

import numpy as np
import pytest

import inference_lab as il

ROOT = Path(__file__).parents[2]
LLM, GPU = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")


@pytest.fixture(scope="module")
def prose():
    text = (ROOT / "solutions" / "00_start_here.py").read_text(encoding="utf-8")
    return " ".join(text.replace("\n# ", " ").split())


def run(rate_per_s, replicas, router="least_outstanding"):
    load = il.Workload.poisson(
        rate_per_s=rate_per_s,
        requests=1_000,
        prompt_tokens=(512, 2048),
        output_tokens=(128, 256),
        seed=0,
    )
    replica = il.Replica(LLM, GPU, tp=4)
    cluster = il.Cluster(replica, replicas=replicas, router=router)
    return il.simulate(cluster, load, seed=0)


@pytest.fixture(scope="module")
def runs():
    return {name: run(*given) for name, given in CHANGES.items()}


CHANGES = {"first": (8, 4), "busier": (20, 4)}


def ms(values, percentile):
    return f"{1e3 * np.nanpercentile(values, percentile):.0f}"


def test_which_number_moves_most(prose, runs):
    first, busier = (runs[name] for name in CHANGES)
    itl = [ms(each.max_itl_s, 99) for each in (first, busier)]
    ttft = [ms(each.ttft_s, 99) for each in (first, busier)]
    middle = [ms(each.ttft_s, 50) for each in (first, busier)]
    for words in (
        f"{np.percentile(first.ttft_s, 99):.4g} is {ttft[0]} ms",
        f"p99 of max ITL goes from {itl[0]} to {itl[1]} ms",
        f"p99 of TTFT follows, from {ttft[0]} to {ttft[1]} ms",
        f"wait {middle[1]} ms or less for the first token ({middle[0]} before)",
    ):
        assert words in prose


def test_no_percentile_of_the_table_moves_more_than_the_tail_of_max_itl(runs):
    def moved(column, percentile):
        before, after = (getattr(runs[n], column) for n in CHANGES)
        return np.nanpercentile(after, percentile) / np.nanpercentile(before, percentile)

    columns = ("ttft_s", "tpot_s", "e2e_s", "max_itl_s")
    ratios = {(c, p): moved(c, p) for c in columns for p in (50, 90, 99)}
    tail = ratios["max_itl_s", 99]
    assert tail > max(r for (column, _), r in ratios.items() if column != "max_itl_s")
    assert runs["busier"].preemptions == 0


def test_the_picture_has_late_requests_to_go_to(prose):
    """With a limit that nobody misses, the key that goes to the next late request does nothing."""
    assert 'replay(cluster, load, routers=["least_outstanding"], limit_s=0.08)' in prose
    assert "next request later than 80 ms" in prose
    assert 10 <= (run(8, 4, "least_outstanding").ttft_s > 0.08).sum() <= 50


def test_the_weights_that_do_not_fit_on_one_gpu(prose):
    assert f"{LLM.weight_bytes('bf16') / 1e9:.0f} GB of weights" in prose
    assert not il.Replica(LLM, GPU, tp=1).fits
