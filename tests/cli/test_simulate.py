"""`inference-lab simulate`, as it is typed."""

import io
import json
import sys

import numpy as np
import pytest

import inference_lab as il
from inference_lab.cli.main import main
from inference_lab.cli.simulate import ttft_figure


def test_prints_a_table(trace, capsys, small):
    assert main(["simulate", "--trace", str(trace), *small]) == 0
    out = capsys.readouterr().out
    assert "TTFT" in out and "50 requests" in out


def test_prints_one_json_object_and_draws(trace, tmp_path, capsys, small):
    picture = tmp_path / "out.png"
    more = ["--json", "--plot", str(picture), "--router", "random", "--replicas", "2"]
    assert main(["simulate", "--trace", str(trace), *small, *more]) == 0
    assert json.loads(capsys.readouterr().out)["requests"] == 50
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_both_engines_print_the_same(trace, capsys, small):
    outs = []
    for engine in ("macro", "reference"):
        main(["simulate", "--trace", str(trace), *small, "--json", "--engine", engine])
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
        (["--requests-csv", "out.json"], "must end in .csv"),
        (["--rate-scale", "0"], "rate_scale=0.0 is out of range"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(trace, capsys, change, message, small):
    assert main(["simulate", "--trace", str(trace), *small, *change]) == 2
    err = capsys.readouterr().err.strip().splitlines()[-1]
    assert message in err


def test_the_real_trace(shared_data, capsys, small):
    """19,366 requests of Azure conv on two replicas, both kept busy and none lost."""
    path = shared_data / "traces" / "AzureLLMInferenceTrace_conv.csv"
    cluster = ["--replicas", "2", "--router", "round_robin", "--json"]
    assert main(["simulate", "--trace", str(path), *small, *cluster]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["requests"] == 19_366
    assert summary["refused"] == 0
    assert summary["ttft_s"]["p99"] > summary["ttft_s"]["p50"] > 0.01


def test_the_options_of_a_trace_say_what_is_replayed(tmp_path, capsys, small):
    path = tmp_path / "own.csv"
    rows = "".join(f"{i},400,{40 if i % 10 else 0},x\n" for i in range(1000))
    path.write_text("when,in,out,who\n" + rows)
    columns = ["--columns", "arrival=when,prompt=in,output=out", "--time-unit", "s"]
    own = ["simulate", "--trace", str(path), *small, "--json", *columns]
    assert main(own) == 2
    assert "found 100 of 1000 requests with 0 of them: give" in capsys.readouterr().err
    part = ["--skip-empty", "--between", "100", "500", "--every", "3", "--first", "50"]
    assert main([*own, *part, "--jitter", "0.5"]) == 0
    out = capsys.readouterr()
    assert json.loads(out.out)["requests"] == 50
    assert "own.csv: columns of your own, time: s; columns not read: who" in out.err
    assert main([*own, "--between", "5000", "6000", "--skip-empty"]) == 2
    assert "holds none of the 900 requests" in capsys.readouterr().err


def test_a_row_for_each_request(trace, tmp_path, capsys, small):
    """What is written is what was measured, to the last bit; nothing where there is nothing."""
    path = tmp_path / "requests.csv"
    crowd = ["--rate-scale", "500", "--max-queue", "3", "--requests-csv", str(path)]
    assert main(["simulate", "--trace", str(trace), *small, *crowd]) == 0
    replica = il.Replica(
        il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB"), tp=4, stack="vllm-2025"
    )
    cluster = il.Cluster(replica, max_queue=3)
    expected = il.simulate(cluster, il.Workload.from_trace(trace, 500)).to_columns()
    found = np.genfromtxt(path, delimiter=",", names=True, dtype=None, encoding="utf-8")
    assert found.dtype.names == tuple(expected)
    assert set(found["outcome"]) == {"served", "queue_full"}
    for name, column in expected.items():
        np.testing.assert_array_equal(found[name], column, name)


def test_failed_requests_count_on_request(trace, capsys, small):
    crowd = ["simulate", "--trace", str(trace), *small, "--rate-scale", "500", "--max-queue", "3"]
    assert main([*crowd, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ttft_s"]["p99"] > 0
    assert main([*crowd, "--json", "--count-failed"]) == 0
    counted = json.loads(capsys.readouterr().out)
    assert counted["failed"] == counted["rejected"] > 0
    assert counted["ttft_s"]["p99"] is None  # infinite, which JSON cannot say


def test_what_does_not_fit_is_one_line_and_no_plot(trace, tmp_path, capsys):
    picture = tmp_path / "out.png"
    alone = ["--trace", str(trace), "--llm", "Llama-3.1-70B", "--gpu", "H100-SXM5-80GB"]
    assert main(["simulate", *alone, "--plot", str(picture)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "does not fit on 1 x H100-SXM5-80GB" in err and "use tp=2 in bf16 or fp8" in err
    assert not picture.exists()


def test_a_request_too_long_says_what_would_hold_it(tmp_path, capsys):
    path = tmp_path / "trace.csv"
    path.write_text("arrived_at,num_prefill_tokens,num_decode_tokens\n0,100,10\n1,9000,10\n")
    two = ["--llm", "Llama-3.1-70B", "--gpu", "H100-SXM5-80GB", "--tp", "2"]
    assert main(["simulate", "--trace", str(path), *two]) == 0
    out, err = capsys.readouterr()
    assert "1 refused" in out
    assert "longest request: Llama-3.1-70B in bf16 does not fit" in err
    assert "use tp=4 in bf16, or tp=2 in fp8" in err


def test_nothing_served_is_one_line_with_the_reasons(trace, capsys, small):
    assert main(["simulate", "--trace", str(trace), *small, "--max-model-len", "400"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "of 50 in all 50 were too long, 0 met a full queue and 0 timed out" in err


def test_every_option_of_the_system_reaches_the_cluster(trace, capsys, small):
    system = ["--stack", "ideal", "--scheduler", "chunked", "--token-budget", "128", "--precision"]
    system += ["fp8", "--kv-precision", "fp8", "--max-batch", "3", "--memory-fraction", "0.8"]
    system += ["--max-model-len", "440", "--replicas", "2", "--router", "least_outstanding"]
    system += ["--max-queue", "5", "--timeout", "0.2", "--network", "0.001", "0.25"]
    crowd = ["--rate-scale", "50", "--seed", "3", "--warmup", "7", "--json"]
    assert main(["simulate", "--trace", str(trace), *small, *system, *crowd]) == 0
    found = json.loads(capsys.readouterr().out)
    cluster = il.Cluster(
        il.Replica(
            il.LLM.named("Llama-3.1-70B"),
            il.GPU.named("H100-SXM5-80GB"),
            tp=4,
            precision="fp8",
            kv_precision="fp8",
            max_batch=3,
            memory_fraction=0.8,
        ),
        replicas=2,
        router="least_outstanding",
        scheduler="chunked",
        token_budget=128,
        max_model_len=440,
        max_queue=5,
        timeout_s=0.2,
        network_s=(0.001, 0.25),
    )
    load = il.Workload.from_trace(trace, 50)
    expected = il.simulate(cluster, load, seed=3, spans=True, sample_s=0.1).summary(warmup=7)
    assert expected.rejected and expected.timed_out, "the limits must bite"
    assert found == expected.to_dict() | {"stack": "ideal", "source": cluster.fleet[0].source}


def test_it_says_what_was_simulated_and_what_it_rests_on(trace, capsys, small):
    assert main(["simulate", "--trace", str(trace), *small]) == 0
    system, stack = capsys.readouterr().out.splitlines()[-2:]
    assert "Llama-3.1-70B bf16 on 4 x H100-SXM5-80GB" in system
    assert "chunked, 8,192 tokens an iteration, at most 256 sequences at once" in system
    assert stack.startswith("stack   vllm-2025: efficiencies and host times fitted on ")


def test_a_model_of_ones_own(trace, tmp_path, capsys):
    config = {"model_type": "phi3", "num_hidden_layers": 40, "hidden_size": 5120}
    config |= {"num_attention_heads": 40, "num_key_value_heads": 10, "vocab_size": 100352}
    (tmp_path / "phi.json").write_text(json.dumps(config | {"intermediate_size": 17920}))
    own = ["simulate", "--trace", str(trace), "--gpu", "H100-SXM5-80GB", "--llm"]
    assert main([*own, str(tmp_path / "phi.json")]) == 0
    assert "1 x (phi bf16 on 1 x H100-SXM5-80GB" in capsys.readouterr().out
    (tmp_path / "half.json").write_text(json.dumps(config))
    assert main([*own, str(tmp_path / "half.json")]) == 2
    assert "intermediate_size is missing" in capsys.readouterr().err


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_bars_are_drawn_on_a_terminal_only(trace, capsys, monkeypatch, small):
    assert main(["simulate", "--trace", str(trace), *small]) == 0
    assert capsys.readouterr().err.splitlines() == [il.Workload.from_trace(trace).source]
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert main(["simulate", "--trace", str(trace), *small]) == 0
    assert "simulating" in sys.stderr.getvalue()


def test_a_long_title_stays_in_the_picture(trace):
    replica = il.Replica(il.LLM.named("Llama-3.1-8B"), il.GPU.named("H100-SXM5-80GB"))
    result = il.simulate(il.Cluster(replica), il.Workload.from_trace(trace))
    title = "AzureLLMInferenceTrace_conversations_of_one_week_in_2024.csv.gz: 128 x Qwen-72B "
    title += "(v1, MHA) bf16 on 16 x H100-SXM5-80GB, trtllm-2025, least_queued_tokens"
    fig = ttft_figure(result, title, 2.0)
    fig.draw_without_rendering()
    (text,) = fig.texts
    box = text.get_window_extent()
    assert fig.bbox.x0 <= box.x0 and box.x1 <= fig.bbox.x1
    assert fig.axes[0].get_tightbbox().y1 <= box.y0 and box.y1 <= fig.bbox.y1
