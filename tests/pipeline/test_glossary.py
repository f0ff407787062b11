"""The glossary of a checkout is built and compared; missing and wrong links are told."""

import nbformat
import pytest

from inference_lab.cli.main import main
from inference_lab.pipeline import glossary

SOURCE = """# %% [markdown] id="title"
# # Glossary

# %% [markdown] id="p99"
# ## p99
#
# See [TTFT](#TTFT).

# %% [markdown] id="ttft"
# ## TTFT
#
# Time to first token.
"""
TERMS = ["continuous batching", "KV-cache", "p99", "TTFT"]
TTFT, P99 = "[TTFT](glossary.ipynb#cell-id=ttft)", "[p99](glossary.ipynb#cell-id=p99)"


@pytest.fixture
def here(lesson, monkeypatch):
    monkeypatch.chdir(lesson.root)
    (lesson.root / "solutions" / "glossary.py").write_text(SOURCE)
    return lesson.root


def test_it_is_built_without_being_run_and_compared(here, capsys):
    assert main(["build", "--check"]) == 1
    assert "course/glossary.ipynb is missing" in capsys.readouterr().err
    assert main(["build", "--check", "07"]) == 0
    assert main(["build", "glossary"]) == 0
    assert capsys.readouterr().out == "wrote course/glossary.ipynb\n"
    assert main(["build", "--check"]) == main(["build", "--check", "7", "glossary"]) == 0
    built = nbformat.read(here / "course" / "glossary.ipynb", as_version=4)
    assert [cell.metadata.course.id for cell in built.cells] == ["title", "p99", "ttft"]
    path = here / "solutions" / "glossary.py"
    path.write_text(SOURCE.replace("first token", "first word"))
    assert main(["build", "--check", "glossary"]) == 1
    assert "course/glossary.ipynb: cell ttft: its source" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('id="p99"\n# ## p99', 'id="wait"\n# ## Wait', "'Wait' stands where 'TTFT' belongs"),
        ("## p99", "p99", "cell p99: begin the text with '## '"),
        ('id="ttft"', 'id="time"', "cell time: give it the id ttft"),
    ],
)
def test_a_glossary_in_disorder_is_refused(here, capsys, old, new, reason):
    (here / "solutions" / "glossary.py").write_text(SOURCE.replace(old, new))
    assert main(["build", "glossary"]) == 2
    assert reason in capsys.readouterr().err


def lacking(*texts, number="05"):
    cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
    return glossary.findings(nbformat.v4.new_notebook(cells=cells), TERMS, number)


@pytest.mark.parametrize(
    "texts",
    [
        (f"*{TTFT}* grows. TTFT is bad.",),
        ("## TTFT", "| TTFT |\n|---|", "> TTFT?", "```\nTTFT\n```", "`TTFT`", f"So {TTFT}."),
        ("All [KV-caches](glossary.ipynb#cell-id=kv-cache) are full.",),
        ("[Continuous\nbatching](glossary.ipynb#cell-id=continuous-batching)",),
        ("[05 about it](05_x.ipynb) ends. Debatching.",),
    ],
)
def test_links_at_first_use(texts):
    assert lacking(*texts) == []


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (
            ("TTFT grows.", TTFT),
            "the first use of TTFT is no link to glossary.ipynb#cell-id=ttft: ",
        ),
        (("All kv-caches.",), "first use of KV-cache is no link"),
        ((f"{TTFT}", f"| {TTFT} |"), "cell-id=ttft is linked 2 times"),
        (("[x](glossary.ipynb#TTFT)",), "#TTFT is no term"),
        (("[TTFT](glossary.ipynb#cell-id=p99)",), "first use of TTFT is no link"),
        (("Continuous\nbatching.",), "first use of continuous batching"),
        (("[05 TTFT](05_x.ipynb)",), "first use of TTFT"),
    ],
)
def test_what_links_lack(texts, reason):
    assert any(reason in each for each in lacking(*texts))


def test_the_dictionary_of_lesson_00_may_hold_the_links():
    texts = ("TTFT grows.", f"| {TTFT} |", "p99.", P99)
    (only,) = lacking(*texts, number="00")
    assert "first use of p99" in only and len(lacking(*texts, number="05")) == 2
