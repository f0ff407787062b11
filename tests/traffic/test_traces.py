"""Traces: every public format is told by its columns, and whatever is wrong is named."""

import gzip
import itertools
import json
import re

import numpy as np
import pytest

import inference_lab as il
from inference_lab.traffic.schemas import SCHEMAS

AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
KV = '{{"timestamp": {}, "input_length": 640, "output_length": 90{}}}\n'


@pytest.fixture
def read(tmp_path, capfd):
    """Reads text (or bytes) as a trace file; the reader itself prints nothing."""

    def read(content, name="trace", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            return il.Workload.from_trace(path, **options)
        finally:
            assert capfd.readouterr() == ("", "")

    return read


PUBLIC = {
    "Azure": AZURE + "2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.9951690,396,109\n",
    "Mooncake": KV.format(3000, ', "hash_ids": [0, 4]') + KV.format(6000, ', "hash_ids": [0]'),
    "Bailian": KV.format(61.25, ', "chat_id": 3, "parent_chat_id": -1, "hash_ids": [8]')
    + KV.format(62, ', "chat_id": 9, "parent_chat_id": 3, "turn": 2'),
    "BurstGPT": "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Log Type\n"
    "19440110.0,1722ac82,43,GPT-4,906,446,Conversation log\n"
    "19440161.0,,2,ChatGPT,36,29,API log\n",
    "Vidur": "arrived_at,num_prefill_tokens,num_decode_tokens\n0.0,374,44\n4.314579,396,109\n",
    "splitwise-sim": "request_id,request_type,application_id,arrival_timestamp,batch_size,"
    "prompt_size,token_size\n0,2,0,0.25,1,374,44\n1,2,0,0.75,1,396,109\n",
    "ServeGen": "request_id,timestamp,input_tokens,output_tokens\n0,0.5,10,20\n1,1.25,15,25\n",
}
FOUND = {  # seconds to the second request, both prompts, both outputs
    "Azure": (4.314579, [374, 396], [44, 109]),
    "Mooncake": (3, [640, 640], [90, 90]),
    "Bailian": (0.75, [640, 640], [90, 90]),
    "BurstGPT": (51, [906, 36], [446, 29]),
    "Vidur": (4.314579, [374, 396], [44, 109]),
    "splitwise-sim": (0.5, [374, 396], [44, 109]),
    "ServeGen": (0.75, [10, 15], [20, 25]),
}


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)
def test_a_public_format_is_told_by_its_columns(read, schema):
    load = read(PUBLIC[schema.name])
    gap_s, prompts, outputs = FOUND[schema.name]
    assert load.arrival_s.tolist() == [0, gap_s]
    assert (load.prompt_tokens.tolist(), load.output_tokens.tolist()) == (prompts, outputs)
    assert load.source.startswith(f"trace: {schema.name}, ")


def test_sessions_and_blocks_come_where_the_format_has_them(read):
    bailian, mooncake, burst, vidur = (
        read(PUBLIC[name]) for name in ("Bailian", "Mooncake", "BurstGPT", "Vidur")
    )
    assert (bailian.session, bailian.prefix_block_tokens) == ([3, 3], 16)
    assert list(bailian.prefix_blocks) == [(8,), ()]
    assert (mooncake.session, mooncake.prefix_block_tokens) == (None, 512)
    assert list(mooncake.prefix_blocks) == [(0, 4), (0,)]
    assert burst.session == ["1722ac82", None]
    assert (vidur.session, vidur.prefix_blocks, vidur.prefix_block_tokens) == (None, None, None)


def test_columns_that_are_not_read_are_said(read):
    load = read("TIMESTAMP,NumImages,ContextTokens,GeneratedTokens\n2024-10-15 00:00:00.5,2,6,9\n")
    assert load.source == "trace: Azure, time: dates; columns not read: NumImages"
    assert read(PUBLIC["Vidur"]).source == "trace: Vidur, time: s, as is usual for Vidur"


def test_other_columns_are_named_by_the_user(read):
    text = "in,when,who,out\n640,7.5,a,90\n64,7.25,b,9\n"
    with pytest.raises(ValueError, match=r"line 1: expected the columns .* found \['in', .* name"):
        read(text)
    columns = "arrival=when, prompt=in,output=out,tenant=who"
    with pytest.raises(ValueError, match=r"found '7\.5': give time_unit='s', 'ms', 'us' or 'ns'"):
        read(text, columns=columns)
    load = read(text, columns=columns, time_unit="ms")
    assert load.arrival_s.tolist() == [0, 0.00025]
    assert (load.prompt_tokens.tolist(), load.tenant) == ([64, 640], ["b", "a"])
    also = read(PUBLIC["Vidur"], columns={"session": "num_decode_tokens"})
    assert also.session == ["44", "109"], "one column is added to a known format"


@pytest.mark.parametrize(
    ("stamps", "gap_s", "said"),
    [
        (["1700000000", "1700000001"], 1, "epoch in s"),
        (["1700000000.5", "1700000001.125"], 0.625, "epoch in s"),
        (["1750000000000", "1750000000250"], 0.25, "epoch in ms"),
        (["1750000000000000", "1750000000000001"], 1e-6, "epoch in us"),
        (["1750000000000000001", "1750000000000000008"], 7e-9, "epoch in ns"),
        (["2023-11-16 18:15:46.6805900", "2023-11-16 18:15:46.6805907"], 7e-7, "dates"),
        (["2024-06-01 08:00:00.25+02:00", "2024-06-01 06:00:01.5Z"], 1.25, "dates"),
        (["2024-05-10T00:00:00-0330", "2024-05-10T03:30:02 UTC"], 2, "dates"),
        (["2024-02-29 23:59", "2024-03-01 00:00"], 60, "dates"),
    ],
)
def test_dates_and_epochs_are_told_from_their_looks(read, stamps, gap_s, said):
    load = read(AZURE + "".join(f"{stamp},3,4\n" for stamp in stamps))
    assert load.arrival_s.tolist() == [0, gap_s]
    assert load.source.endswith(f"time: {said}")
    if said != "dates":
        lines = "".join(KV.format(stamp, "") for stamp in stamps)
        assert read(lines).arrival_s.tolist() == [0, gap_s], "the same in JSON, to the last digit"


@pytest.mark.parametrize(
    "stamps",
    [("12.5", "72.5"), range(0, 90, 3), range(0, 9 * 10**9, 10**9)],
    ids=["fractions", "seconds", "nanoseconds"],
)
def test_milliseconds_in_doubt_are_refused_and_the_option_settles_it(read, stamps):
    text = "".join(KV.format(stamp, "") for stamp in stamps)
    with pytest.raises(ValueError, match=r"expected .*, found .*: .*time_unit='s'.*--time-unit"):
        read(text)
    first, second = (float(stamp) for stamp in stamps[:2])
    for unit, ns in {"s": 10**9, "ms": 10**6, "us": 1000, "µs": 1000, "ns": 1}.items():
        if (float(stamps[-1]) - first) * ns < 1e18:  # 30 years
            gap_s = (second - first) * ns / 1e9
            assert read(text, time_unit=unit).arrival_s[1] == pytest.approx(gap_s, rel=1e-12)


def test_seconds_in_doubt_are_refused(read):
    """Milliseconds in a format of seconds: the mean gap would be hours."""
    text = "arrived_at,num_prefill_tokens,num_decode_tokens\n0,3,4\n7200000,3,4\n"
    with pytest.raises(ValueError, match=r"found '7\.2e\+06 s from one stamp to the next': say"):
        read(text)
    assert read(text, time_unit="ms").arrival_s[1] == 7200


def test_a_trace_of_bursts_is_in_no_doubt(read):
    """Stamps rounded down to 3 s, 500 requests each, as the Mooncake traces have them."""
    text = "".join(KV.format(3000 * (i // 500), "") for i in range(2000))
    assert read(text).arrival_s[-1] == 9


def test_any_whole_number_or_text_is_a_hash(read):
    hashes = [18 * 10**18, -(2**63), 2**63 - 1, -(2**63) + 1, "a", "18000000000000000000", 2**200]
    text = KV.format(0, f', "hash_ids": {json.dumps(hashes)}')
    load = read(text + text.replace("a", "a") + KV.format(1000, ', "hash_ids": ["a", 5]'))
    first, again, last = load.prefix_blocks
    assert first == again
    assert len(set(first)) == len(hashes), "different hashes stay different"
    assert first[2] == 2**63 - 1
    assert last == (first[4], 5)


def test_a_slice_of_prefix_blocks_is_that_of_a_list():
    rows = [(1,), (), (2, 3), (4, 5, 6), (7,)]
    blocks = il.Workload.from_arrays(
        arrival_s=[0] * 5, prompt_tokens=[9] * 5, output_tokens=[1] * 5, prefix_blocks=rows
    ).prefix_blocks
    ends = [None, *range(-7, 8)]
    for begin, end, step in itertools.product(ends, ends, [None, -2, -1, 1, 2, 3]):
        part = blocks[begin:end:step]
        assert list(part) == rows[begin:end:step]
        assert list(part[::-2]) == rows[begin:end:step][::-2]
    assert repr(blocks[2:3]) == "PrefixBlocks([(2, 3)])"


def test_tokens_of_a_hash_are_512_unless_said():
    given = {"arrival_s": [0], "prompt_tokens": [9], "output_tokens": [1]}
    assert il.Workload.from_arrays(**given).prefix_block_tokens is None
    assert il.Workload.from_arrays(**given, prefix_blocks=[[1]]).prefix_block_tokens == 512
    load = il.Workload.from_arrays(**given, prefix_blocks=[[1]], prefix_block_tokens=32)
    assert load.prefix_block_tokens == 32


def turn(chat, parent, at_s=1.5):
    return KV.format(at_s, f', "chat_id": {chat}, "parent_chat_id": {parent}, "turn": 1')


def test_turns_find_their_conversation_in_any_order(read):
    lines = [turn(7, -1), turn(8, 7), turn(9, 8), turn(4, 2), turn(5, 2), turn(6, 9)]
    lines[1] = lines[1].replace("90", "0")  # a turn that failed still links its neighbours
    for order in itertools.permutations(lines):
        load = read("".join(order), skip_empty=True)
        chats = [int(re.search(r'chat_id": (\d)', line)[1]) for line in order if ": 0," not in line]
        root = {7: 7, 9: 7, 6: 7, 4: 2, 5: 2}
        assert load.session == [root[chat] for chat in chats if chat != 8]


def test_a_request_without_a_turn_has_no_session(read):
    load = read(turn(7, -1) + turn("null", 7) + turn("null", -1) + turn(8, 7))
    assert load.session == [7, None, None, 7]


def test_a_turn_that_follows_itself_is_refused(read):
    with pytest.raises(ValueError, match=r"line 3: expected a turn .*, found .*its own ancestor"):
        read(turn(7, 9) + turn(8, 7) + turn(9, 8))


def test_empty_requests_are_counted_and_left_out_on_request(read):
    text = PUBLIC["Vidur"] + "4.5,9,0\n4.75,0,0\n5.0,7,7\n"
    with pytest.raises(ValueError, match=r"line 4: .* found 2 of 5 requests .* \(--skip-empty\)"):
        read(text)
    load = read(text, skip_empty=True)
    assert load.prompt_tokens.tolist() == [374, 396, 7]
    assert len(read(text, first=2)) == 2, "what is not read is not complained of"
    with pytest.raises(ValueError, match=r"holds no request: .* found 1 without tokens"):
        read(AZURE + "2023-11-16 18:15:46,3,0\n", skip_empty=True)


def test_a_part_of_a_trace_is_what_numpy_takes_of_the_whole(read):
    rng = np.random.default_rng(4)
    times = np.round(np.cumsum(rng.exponential(0.5, 200)), 6)[rng.permutation(200)]
    rows = "".join(f"{t:.6f},{i + 1},{i + 1}\n" for i, t in enumerate(times))
    text = "arrived_at,num_prefill_tokens,num_decode_tokens\n" + rows
    away = times - times.min()
    for first, every, window in itertools.product(
        (None, 1, 7, 500), (None, 1, 3), (None, (0, 9.5), (20, 60))
    ):
        load = read(text, first=first, every=every, between_s=window)
        inside = np.ones(200, bool) if window is None else (away >= window[0]) & (away < window[1])
        kept = np.flatnonzero(inside)[:: every or 1][:first]
        kept = kept[np.argsort(times[kept], kind="stable")]
        assert load.prompt_tokens.tolist() == (kept + 1).tolist()
        np.testing.assert_allclose(load.arrival_s, times[kept] - times[kept[0]], atol=1e-9)


def test_the_first_rows_are_read_without_the_rest(read):
    seen = []

    def count(lines):
        for line in lines:
            seen.append(line)
            yield line

    text = PUBLIC["Vidur"] + "5.0,1,1\n" * 20_000 + "broken\n"
    assert len(read(text, progress=count, first=4, every=2)) == 4
    assert len(seen) == 7 + 1, "one line more than needed at most"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04....", "is a zip archive or a spreadsheet: unpack it"),
        (b"\xfd7zXZ\x00\x00", "is xz-compressed: unpack it with `xz -dk` first"),
        (b"BZh91AY", "is bzip2-compressed"),
        (b"\x28\xb5\x2f\xfd..", "is zstd-compressed"),
        (AZURE.encode("utf-16"), "is UTF-16 text: save it as UTF-8"),
        (AZURE.encode("utf-16-le"), "holds zero bytes, .*: save it as UTF-8"),
        (gzip.compress(AZURE.encode("utf-16"), mtime=0), "is UTF-16 text: save it as UTF-8"),
        (b"PAR1....", "is a Parquet file: save it as CSV"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer: fetch the file"),
        (b"<!DOCTYPE html><html>", "is a web page: download the raw file"),
        (b"", "is empty: expected a trace, found no line"),
        (b"\x1f\x8b broken", r"line 1: expected more gzip data after it, found .* fetch it again"),
        (b'[{"timestamp": 0}]', "expected a header or one JSON object a line, found"),
        (b"2023-11-16 18:15:46,3,4\n", "line 1: expected a header line .*: add one"),
        (b"0,22.46,173.81,Weibull,0.0575,0.000573\n", "a ServeGen client's rates.*: build a load"),
        (b'{"request_id": 0, "input_length": 4}', "expected a time of arrival for each request"),
        (AZURE.encode(), "holds no request: expected at least one line"),
        (b"TIMESTAMP,TIMESTAMP,ContextTokens,GeneratedTokens\n1,2,3,4\n", "expected one column"),
    ],
)
def test_a_file_of_another_kind_is_named_with_the_fix(read, content, message):
    with pytest.raises(ValueError, match=rf"trace.*{message}"):
        read(content)


def test_a_gzip_file_that_was_cut_off_says_how_far_it_went(read):
    packed = gzip.compress((AZURE + "2023-11-16 18:15:46,3,4\n" * 99_999).encode())
    assert len(read(packed, "named.csv")) == 99_999, "told by its first bytes, not by its name"
    with pytest.raises(ValueError, match=r"cut\.gz, line \d{2,}: expected more gzip data"):
        read(packed[: len(packed) // 2], "cut.gz")


def test_a_path_that_is_no_file(tmp_path):
    with pytest.raises(ValueError, match="is a folder"):
        il.Workload.from_trace(tmp_path)
    with pytest.raises(FileNotFoundError):
        il.Workload.from_trace(tmp_path / "none")
    with pytest.raises(TypeError, match="path=5 must be a path"):
        il.Workload.from_trace(5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": "arrival"}, "columns='arrival' is not understood: use pairs"),
        ({"columns": {"time": "TIMESTAMP"}}, "not understood: use pairs role=column"),
        ({"columns": 5}, "columns=5 must be text or a dict"),
        ({"columns": "prompt=contexttokens"}, "did you mean 'ContextTokens'"),
        ({"time_unit": "min"}, "time_unit='min' is not known"),
        (
            {"time_unit": "s"},
            "line 2: expected a number, as time_unit='s' says, .* leave time_unit",
        ),
        ({"first": 0}, "first=0 is too small"),
        ({"every": 0.5}, "every=0.5 must be a whole number"),
        ({"between_s": 5}, "between_s=5 is no window: give a pair"),
        ({"between_s": (5, 5)}, "is no window"),
        ({"between_s": (10, 20)}, r"between_s=\(10, 20\) .* holds none of the 2 requests"),
    ],
)
def test_an_option_out_of_range_is_named(read, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        read(PUBLIC["Azure"], **options)
