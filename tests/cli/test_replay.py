"""`inference-lab replay` takes the system and the trace as the other commands do."""

import json
import re

import pytest

from inference_lab.cli.main import main

COLUMNS = ["--columns", "arrival=t,prompt=p,output=o", "--time-unit", "s"]


@pytest.fixture
def trace(tmp_path):
    """Twenty requests of 9 tokens, a second apart."""
    path = tmp_path / "trace.csv"
    path.write_text("t,p,o\n" + "".join(f"{t},{2000 + t},9\n" for t in range(20)))
    return ["--trace", str(path), *COLUMNS]


def test_it_replays_what_simulate_measures(trace, tmp_path, capsys):
    """The same options in both: nobody meets anybody, so that the prompt alone makes the TTFT."""
    system = ["--llm", "Llama-3.1-8B", "--gpu", "A100-SXM4-80GB", "--tp", "2", "--stack", "ideal"]
    more = [*trace, *system, "--every", "4", "--replicas", "2", "--router", "random"]
    assert main(["simulate", *more, "--json"]) == 0
    longest_ms = json.loads(capsys.readouterr().out)["ttft_s"]["p99"] * 1e3
    page = tmp_path / "page.html"
    assert main(["replay", "--html", str(page), *more, "--ttft-slo", "0.001"]) == 0
    said = capsys.readouterr().out
    assert "5 of 5 requests get their first token later than 1 ms" in said
    (first_ms,) = re.findall(r"gets its first token after (\d+) ms", said)
    assert float(first_ms) == pytest.approx(longest_ms, abs=0.6)  # said in whole ms
    assert "2 replicas of Llama-3.1-8B, each on 2 \N{MULTIPLICATION SIGN} A100" in page.read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--columns", "a=b"], "--columns goes with --trace FILE: give one"),
        (["--jitter", "3"], "--jitter goes with --trace FILE"),
        (["--first", "0"], "first=0 is too small"),
        (["--tp", "1", "--first", "9"], "does not fit on 1 x H100-SXM5-80GB"),
        (["--router", "a", "--first", "9"], "router='a' is not known"),
    ],
)
def test_what_does_not_go_is_named(options, said, tmp_path, capsys):
    page = tmp_path / "page.html"
    assert main(["replay", "--html", str(page), *options]) == 2
    assert said in capsys.readouterr().err
    assert not page.exists()


def test_a_file_or_what_is_like_one(trace, tmp_path, capsys):
    options = ["--html", str(tmp_path / "page.html"), *trace, "--like", "azure-2023-conv"]
    assert main(["replay", *options]) == 2
    assert "does not go with --trace: leave one out" in capsys.readouterr().err
