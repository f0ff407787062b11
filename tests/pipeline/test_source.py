import pytest

from inference_lab.pipeline.source import read

GOOD = '# %% [markdown] id="title"\n# # T\n\n# %% id="code" tags=["check"]\nx = 1\n'


def written(tmp_path, text):
    path = tmp_path / "07_x.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_ids_come_from_the_headers_every_time(tmp_path):
    path = written(tmp_path, GOOD)
    first, second = read(path), read(path)
    assert [cell.id for cell in first.cells] == ["title", "code"]
    assert first == second
    assert first.cells[1].metadata == {"tags": ["check"]}


def test_lines_between_cells_leave_no_trace(tmp_path):
    wide = read(written(tmp_path, GOOD.replace("\n\n", "\n\n\n\n")))
    assert wide == read(written(tmp_path, GOOD))


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (GOOD + "\n# %%\ny = 2\n", 7, "has no id"),
        (GOOD + '\n# %% id="title"\ny = 2\n', 7, "already that of line 1"),
        (GOOD + '\n# %% id="Not Good"\ny = 2\n', 7, "lower-case"),
        ("x = 1\n\n" + GOOD, 1, "begin the file with a header"),
    ],
)
def test_a_bad_id_is_refused_with_its_line(tmp_path, text, line, reason):
    path = written(tmp_path, text)
    with pytest.raises(ValueError, match=reason) as refused:
        read(path)
    assert str(refused.value).startswith(f"{path}:{line}:")
