"""`inference-lab simulate`, as it is typed."""

import json

import pytest

from inference_lab.cli.main import main

HEAD = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
SMALL = ["--llm", "Llama-3.1-70B", "--gpu", "H100-SXM5-80GB", "--tp", "4"]


@pytest.fixture
def trace(tmp_path):
    path = tmp_path / "trace.csv"
    path.write_text(HEAD + "".join(f"2023-11-16 18:15:{s}.5,400,40\n" for s in range(10, 60)))
    return path


def test_prints_a_table(trace, capsys):
    assert main(["simulate", "--trace", str(trace), *SMALL]) == 0
    out = capsys.readouterr().out
    assert "TTFT" in out and "50 requests" in out


def test_prints_one_json_object_and_draws(trace, tmp_path, capsys):
    picture = tmp_path / "out.png"
    more = ["--json", "--plot", str(picture), "--router", "random", "--replicas", "2"]
    assert main(["simulate", "--trace", str(trace), *SMALL, *more]) == 0
    assert json.loads(capsys.readouterr().out)["requests"] == 50
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_both_engines_print_the_same(trace, capsys):
    outs = []
    for engine in ("macro", "reference"):
        main(["simulate", "--trace", str(trace), *SMALL, "--json", "--engine", engine])
        outs.append(json.loads(capsys.readouterr().out))
    for figure in ("ttft_s", "e2e_s", "max_itl_s"):
        assert outs[0][figure] == pytest.approx(outs[1][figure], rel=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--llm", "Llama"], "is not known"),
        (["--tp", "3"], "tp=3 must divide"),
        (["--trace", "nowhere.csv"], "nowhere.csv"),
        (["--plot", "out.jpg"], "must end in .png"),
        (["--plot", "no/such/folder/out.png"], "there is no folder"),
        (["--rate-scale", "0"], "rate_scale=0.0 is out of range"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(trace, capsys, change, message):
    assert main(["simulate", "--trace", str(trace), *SMALL, *change]) == 2
    err = capsys.readouterr().err.strip().splitlines()[-1]
    assert message in err


def test_the_real_trace(shared_data, capsys):
    """19,366 requests of Azure conv on two replicas, both kept busy and none lost."""
    path = shared_data / "traces" / "AzureLLMInferenceTrace_conv.csv"
    cluster = ["--replicas", "2", "--router", "round_robin", "--json"]
    assert main(["simulate", "--trace", str(path), *SMALL, *cluster]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["requests"] == 19_366
    assert summary["refused"] == 0
    assert summary["ttft_s"]["p99"] > summary["ttft_s"]["p50"] > 0.01


def test_the_options_of_a_trace_say_what_is_replayed(tmp_path, capsys):
    path = tmp_path / "own.csv"
    rows = "".join(f"{i},400,{40 if i % 10 else 0},x\n" for i in range(1000))
    path.write_text("when,in,out,who\n" + rows)
    columns = ["--columns", "arrival=when,prompt=in,output=out", "--time-unit", "s"]
    own = ["simulate", "--trace", str(path), *SMALL, "--json", *columns]
    assert main(own) == 2
    assert "found 100 of 1000 requests with 0 of them: give" in capsys.readouterr().err
    part = ["--skip-empty", "--between", "100", "500", "--every", "3", "--first", "50"]
    assert main([*own, *part, "--jitter", "0.5"]) == 0
    out = capsys.readouterr()
    assert json.loads(out.out)["requests"] == 50
    assert "own.csv: columns of your own, time: s; columns not read: who" in out.err
    assert main([*own, "--between", "5000", "6000", "--skip-empty"]) == 2
    assert "holds none of the 900 requests" in capsys.readouterr().err
