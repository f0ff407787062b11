import nbformat
import pytest

from inference_lab.pipeline.structure import FRAME, LARGEST, findings

TEXTS = {title: "Some words." for title in FRAME} | {
    "Ticket and briefing": "It takes 45 minutes, or 80 minutes with the stretch path.",
    "Design memo": "One line.\n\n**You have finished lesson 03.**",
}


def frame(**changes):
    texts = TEXTS | changes
    cells = [nbformat.v4.new_markdown_cell("# 03 A title")]
    cells += [nbformat.v4.new_markdown_cell(f"## {t}\n\n{text}") for t, text in texts.items()]
    return nbformat.v4.new_notebook(cells=cells)


def test_a_link_counts_as_its_words_and_a_tag_as_none():
    link = "[TTFT](glossary.ipynb#TTFT) "
    words = LARGEST["words"] - 100

    def said_of(text):
        return findings(frame(Predict="word " * words + text), "03")

    assert said_of(link * 50 + "<br>" * 200) == []
    assert said_of(link * 150)


def code(source, outputs=(), count=1, tags=()):
    metadata = {"tags": list(tags)}
    return nbformat.v4.new_code_cell(
        source, outputs=list(outputs), execution_count=count, metadata=metadata
    )


def said(text="x\n", name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


def shown(html):
    return nbformat.v4.new_output("display_data", data={"text/html": html})


def test_the_frame_passes():
    assert findings(frame(), "03") == []


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda cells: cells.pop(3), "the frame misses ['Worked example']"),
        (lambda cells: cells.insert(2, cells.pop(4)), "out of order"),
        (lambda cells: cells.append(cells.pop(3)), "last section is not Next"),
        (lambda cells: cells.append(nbformat.v4.new_markdown_cell("# Two")), "2 titles"),
        (lambda cells: cells.pop(0), "0 titles"),
        (lambda cells: cells[2].update(source=cells[2].source + "\n#### Deep"), "skips a level"),
        (lambda cells: cells[1].update(source="## Ticket and briefing\nShort."), "state 2 times"),
        (lambda cells: cells[7].update(source="## Design memo"), "no line 'You have finished"),
        (lambda cells: cells[2].update(source="## Predict\n![](a.png)"), "without alt text"),
        (lambda cells: cells[2].update(source="## Predict\n<img src='a.png'>"), "without alt"),
    ],
)
def test_a_spoiled_frame_is_found(spoil, reason):
    notebook = frame()
    spoil(notebook.cells)
    assert any(reason in each for each in findings(notebook, "03"))


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ([nbformat.v4.new_markdown_cell("word " * (LARGEST["words"] + 1))], "words"),
        ([code("x = 1")] * (LARGEST["code cells"] + 1), "code cells"),
        ([code('predict("3.1", None, unit="s")', [said()], tags=["predict"])] * 3, "predictions"),
        ([code("def f(): pass", tags=["exercise"])] * 4, "exercises"),
    ],
)
def test_the_core_path_has_its_limits_and_the_stretch_path_has_none(cells, what):
    notebook = frame()
    middle, end = notebook.cells[:4], notebook.cells[4:]
    notebook.cells = middle + cells + end
    assert any(f"{what} in the core path" in each for each in findings(notebook, "03"))
    notebook.cells = middle + end[:-1] + cells + end[-1:]
    assert findings(notebook, "03") == []


def test_a_comment_in_a_code_fence_is_no_heading():
    notebook = frame(Experiment="```python\n# not a title\n```")
    assert findings(notebook, "03") == []


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (code("x = 1", count=None), "was not run"),
        (code("\n".join(["x = 1"] * 21)), "longer than 20 lines"),
        (code("print(1)"), "left no text"),
        (code("result"), "its last line is a value"),
        (code('check("3.1", f)', tags=["check"]), "left no text"),
        (code("show(fig, reads='x')", [said()]), "no picture with its reading"),
        (code("view()", [said()], tags=["widget"]), "no picture with its reading"),
        (code("f()", tags=["raises-exception"]), "an error go together"),
        (code("x = 1", [shown('<img src="a">')]), "a picture without alt text"),
        (code("x = 1", [said(name="stderr")]), "stderr"),
        (code("x = 1", [said("in /tmp/ipykernel_3/x.py")]), "path of the machine"),
    ],
)
def test_a_code_cell_without_its_output_is_found(cell, reason):
    notebook = frame()
    notebook.cells.insert(3, cell)
    assert any(reason in each for each in findings(notebook, "03"))


def test_calls_inside_a_function_promise_nothing():
    notebook = frame()
    notebook.cells.insert(3, code("def f():\n    print(1)\n\n\nresult;"))
    assert findings(notebook, "03") == []


def test_a_reveal_is_followed_by_its_why():
    why = nbformat.v4.new_markdown_cell("<details><summary>Why?</summary>\n\nSo.</details>")
    shown = code('reveal("3.1", 3)', [said()])
    notebook = frame()
    notebook.cells[4:4] = [shown, why]
    assert findings(notebook, "03") == []
    notebook.cells.pop(5)
    assert any("put the why below it" in each for each in findings(notebook, "03"))
