"""Traces of any shape: the same requests however they are written, and any damage is named."""

import csv
import gzip
import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import inference_lab as il
from inference_lab.traffic.schemas import SCHEMAS

START = datetime(2024, 5, 10, tzinfo=UTC)
EPOCH_S = 1_715_299_200
LOOKS = ["own", "s", "ms", "us", "ns"]
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
WORD = st.text("ab c", max_size=5)
KEPT = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass
class Written:
    """A trace, the columns in which it is written and the encoding."""

    schema: object
    rows: list  # (time in us, prompt, output, hashes, session) of each request
    looks: str
    columns: list
    extras: dict
    is_json: bool
    packed: bool = False
    ends: str = "\n"
    mark: str = ""
    quoting: int = csv.QUOTE_MINIMAL
    lines: list = field(default_factory=list)

    def stamp(self, time_us: int, i: int) -> object:
        """A request's time as this format writes it; each date may have a zone of its own."""
        if self.looks != "own":
            scale = {"s": 1e-6, "ms": 1e-3, "us": 1, "ns": 1000}[self.looks]
            count = EPOCH_S * 10**6 + time_us
            return round(count * scale) if scale >= 1 else count * scale
        if self.schema.name == "Azure":
            zone = timezone(timedelta(minutes=[0, 120, -210][i % 3]))
            return str((START + timedelta(microseconds=time_us)).astimezone(zone))
        return time_us / 1e6 if self.schema.time_unit == "s" else time_us // 1000

    def text(self) -> str:
        role_of = {name: role for role, name in self.schema.columns.items()}
        table = []
        for i, (time_us, prompt, output, hashes, session) in enumerate(self.rows):
            known = {"arrival": self.stamp(time_us, i), "prompt": prompt, "output": output}
            known |= {"blocks": hashes, "session": session, "parent": -1}
            table.append(
                {n: known[role_of[n]] if n in role_of else self.extras[n] for n in self.columns}
            )
        if self.is_json:
            self.lines = [json.dumps(row) for row in table]
        else:
            self.lines = [self.cells(self.columns)]
            for row in table:
                cells = [json.dumps(c) if isinstance(c, list) else c for c in row.values()]
                self.lines.append(self.cells(cells))
        return self.ends.join(self.lines) + self.ends

    def cells(self, cells: list) -> str:
        out = io.StringIO()
        csv.writer(out, quoting=self.quoting).writerow(cells)
        return out.getvalue().removesuffix("\r\n")

    def save(self, path, text: str):
        content = (self.mark + text).encode()
        path.write_bytes(gzip.compress(content) if self.packed else content)
        return path


@st.composite
def written(draw, encoded=True):
    """Any requests in any public format, in any permutation and superset of its columns."""
    schema = draw(st.sampled_from(SCHEMAS))
    is_json = schema.name in ("Bailian", "Mooncake") and draw(st.booleans())
    blocks = "blocks" in schema.columns
    whole_ms = st.integers(1, 10**6).map(lambda ms: ms * 1000)
    gaps = draw(st.lists(whole_ms, min_size=1, max_size=8))
    gaps = [max(gap, 10_000) for gap in gaps]  # 100 a second, where milliseconds are doubted
    times = draw(st.permutations(np.cumsum(gaps).tolist()))
    counts = st.integers(1, 10**6)
    hashes = st.lists(st.integers(0, 2**62), max_size=3)
    rows = [
        (time, draw(counts), draw(counts), draw(hashes) if blocks else [], i)
        for i, time in enumerate(times)
    ]
    names = list(schema.columns.values())
    text = TEXT if encoded else WORD  # which has no ends of lines, so that lines can be counted
    extra_names = draw(st.lists(text.map(lambda t: f"extra {t}".strip()), unique=True, max_size=3))
    extras = {name: draw(text) for name in extra_names}
    columns = draw(st.permutations(names + list(extras)))
    one = Written(schema, rows, draw(st.sampled_from(LOOKS)), columns, extras, is_json)
    if encoded:
        one.packed = draw(st.booleans())
        one.mark = draw(st.sampled_from(["", "\ufeff"]))
        one.ends = draw(st.sampled_from(["\n", "\r\n", "\n\n"]))
        one.quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    return one


@KEPT
@given(trace=written())
def test_columns_in_any_order_and_any_encoding_are_the_same_requests(tmp_path, trace):
    load = il.Workload.from_trace(trace.save(tmp_path / "trace", trace.text()))
    rows = sorted(trace.rows, key=lambda row: row[0])
    start_us = rows[0][0]
    expected = [(time - start_us) / 1e6 for time, *_ in rows]
    # A float of seconds since 1970 resolves a quarter of a microsecond.
    np.testing.assert_allclose(load.arrival_s, expected, atol=1e-6, rtol=0)
    assert load.prompt_tokens.tolist() == [row[1] for row in rows]
    assert load.output_tokens.tolist() == [row[2] for row in rows]
    if any(row[3] for row in rows):
        assert list(load.prefix_blocks) == [tuple(row[3]) for row in rows]
        assert load.prefix_block_tokens == trace.schema.block_tokens
    else:
        assert load.prefix_blocks is None
    if "session" in trace.schema.columns:
        assert list(map(int, load.session)) == [row[4] for row in rows]
    said = load.source.split("columns not read: ")[1:]
    assert bool(said) == bool(trace.extras)


BAD_CELLS = {
    "arrival": ["now", "today", "", "-1", "NaN", "1e999", "2024-13-01 00:00:00", "yesterday"],
    "prompt": ["many", "", "-5", "3.5", "1e30", "0x10", "1_000"],
    "output": ["few", "", "-5", "0.5", "inf", str(2**41)],
}


def cut(trace, at, _):
    """A line cut off at its last comma, which may be in a list of hashes."""
    trace.lines[at] = trace.lines[at].rpartition(",")[0]


def longer(trace, at, _):
    """A cell too many, or text after the object."""
    trace.lines[at] += ",5"


def other(trace, at, _):
    """A line of another kind."""
    trace.lines[at] = "[0, 640, 90]" if trace.is_json else "# end of the first day"


def bad_cell(trace, at, draw):
    """One cell that holds something else."""
    role = draw(st.sampled_from(sorted(BAD_CELLS)))
    cell, name = draw(st.sampled_from(BAD_CELLS[role])), trace.schema.columns[role]
    if trace.is_json:
        row = json.loads(trace.lines[at])
        row[name] = draw(st.sampled_from([cell, None, [1], {}, True, float("nan"), -1]))
        trace.lines[at] = json.dumps(row)
    else:
        row = next(csv.reader([trace.lines[at]]))
        row[trace.columns.index(name)] = cell
        trace.lines[at] = trace.cells(row)


def missing(trace, at, draw):
    """A needed key or cell is gone."""
    name = trace.schema.columns[draw(st.sampled_from(["arrival", "prompt", "output"]))]
    if trace.is_json:
        row = json.loads(trace.lines[at])
        del row[name]
        trace.lines[at] = json.dumps(row)
    else:
        row = next(csv.reader([trace.lines[at]]))
        del row[trace.columns.index(name)]
        trace.lines[at] = trace.cells(row)


@KEPT
@given(trace=written(encoded=False), data=st.data())
def test_any_damage_gives_file_line_expected_found_and_fix(tmp_path, trace, data):
    trace.text()
    at = data.draw(st.integers(0 if trace.is_json else 1, len(trace.lines) - 1), label="line")
    damage = data.draw(st.sampled_from([cut, longer, other, bad_cell, missing]))
    damage(trace, at, data.draw)
    path = trace.save(tmp_path / "trace", "\n".join(trace.lines) + "\n")
    with pytest.raises(ValueError) as caught:
        il.Workload.from_trace(path)
    head, _, fix = str(caught.value).rpartition(": ")
    assert head.startswith(f"{path}, line {at + 1}: expected ")
    assert ", found " in head
    assert fix
