"""The glossary: from its one source to the notebook, and the links that lessons owe to it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from nbformat import NotebookNode

from inference_lab.pipeline.build import write
from inference_lab.pipeline.drift import of_notebook
from inference_lab.pipeline.prose import LINK, running_text, visible
from inference_lab.pipeline.sides import unsolved
from inference_lab.pipeline.source import read
from inference_lab.workbook.folder import GLOSSARY

NAME = "glossary"
HEADING = re.compile(r"## (\S.*)")
CORE = {  # a lesson that uses one of these in its prose links the first use
    "TTFT": r"TTFT",
    "TPOT": r"TPOT",
    "KV-cache": r"KV-caches?",
    "prefill": r"prefills?",
    "decode": r"decode",
    "batch": r"batch(es)?",
    "continuous batching": r"continuous batching",
    "tensor parallelism": r"tensor parallelism",
    "replica": r"replicas?",
    "router": r"routers?",
    "goodput": r"goodput",
    "p99": r"p99",
}


def source_file(root: Path) -> Path:
    """The file that an author edits; a checkout need not have one."""
    return Path(root) / "solutions" / f"{NAME}.py"


def build(root: Path) -> list[Path]:
    """Write ``course/glossary.ipynb``; nothing when the checkout has no glossary.

    Returns
    -------
    list of Path
        The file written.

    Raises
    ------
    ValueError
        If the source breaks a rule of `terms`.
    """
    if not source_file(root).exists():
        return []
    path = Path(root) / "course" / GLOSSARY
    write(path, _notebook(root))
    return [path]


def drift(root: Path) -> list[str]:
    """What differs between the committed glossary and that of a build; empty when nothing."""
    if not source_file(root).exists():
        return []
    return of_notebook(Path(root) / "course" / GLOSSARY, _notebook(root))


def _notebook(root: Path) -> NotebookNode:
    notebook = unsolved(read(source_file(root)))
    terms(notebook)
    return notebook


def terms(notebook: NotebookNode) -> list[str]:
    """The words that a glossary explains, in its order.

    Raises
    ------
    ValueError
        If a cell is no text, a cell but the first does not begin with ``## term`` or has another
        id than its term, or the terms are not in the order of the alphabet.
    """
    found = []
    for cell in notebook.cells[1:]:
        heading = HEADING.match(cell.source)
        if cell.cell_type != "markdown" or not heading:
            raise ValueError(f"{NAME}, cell {cell.id}: begin the text with '## ' and its term")
        if cell.id != cell_id(heading[1]):
            raise ValueError(f"{NAME}, cell {cell.id}: give it the id {cell_id(heading[1])}")
        found.append(heading[1])
    for term, place in zip(found, sorted(found, key=str.casefold), strict=True):
        if term != place:
            raise ValueError(f"{NAME}: {term!r} stands where {place!r} belongs: sort the cells")
    return found


def anchor(term: str) -> str:
    """What stands behind the ``#`` of a link within the glossary: the heading of a term.

    JupyterLab and GitHub turn spaces into hyphens.

    >>> anchor("continuous batching"), anchor("M/D/1")
    ('continuous-batching', 'M/D/1')
    """
    return term.replace(" ", "-")


def cell_id(term: str) -> str:
    """The id of a term's cell.

    >>> cell_id("Little's law"), cell_id("M/D/1")
    ('little-s-law', 'm-d-1')
    """
    return re.sub("[^a-z0-9]+", "-", term.casefold())


def link(term: str) -> str:
    """Where a link in a lesson leads.

    JupyterLab finds a heading only in a notebook that is open already; the first link that a
    learner follows would stop at the top of the glossary. It finds a cell at once.

    >>> link("KV-cache")
    'glossary.ipynb#cell-id=kv-cache'
    """
    return f"{GLOSSARY}#cell-id={cell_id(term)}"


def findings(lesson: NotebookNode, known: list[str], number: str) -> list[str]:
    """What is wrong with a lesson's links to the glossary, in words; empty when nothing.

    A link leads to a term that is explained; no term is linked twice; and the first use of each
    term of `CORE` in running text (no heading, code, table or block quote) is its link. Lesson
    00 explains terms in a table: a link there serves in place of the one at the first use.

    Parameters
    ----------
    lesson : NotebookNode
        Either side of the lesson.
    known : list of str
        The terms of the glossary.
    number : str
        The lesson's two digits.
    """
    texts = [cell.source for cell in lesson.cells if cell.cell_type == "markdown"]
    targets = [each["target"] for text in texts for each in LINK.finditer(text)]
    linked = [t.partition("#")[2] for t in targets if t.startswith(f"{GLOSSARY}#")]
    ends = {link(term).partition("#")[2] for term in known}
    found = [f"#{each} is no term of the glossary" for each in linked if each not in ends]
    found += [f"{each} is linked {n} times" for each, n in Counter(linked).items() if n > 1]
    running = "\n\n".join(map(running_text, texts))
    in_text = [each["target"] for each in LINK.finditer(running)]
    for term, pattern in CORE.items():
        target = link(term)
        if number == "00" and target in targets and target not in in_text:
            continue
        found += _first_use(running, term, pattern, target)
    return found


def _first_use(running: str, term: str, pattern: str, target: str) -> list[str]:
    text, links = visible(running)
    words = pattern.replace(" ", r"\s+")  # a line may end between them
    first = re.search(rf"\b({words})\b", text, re.IGNORECASE)
    if first is None:
        return []
    if any(x.target == target and x.start <= first.start() and first.end() <= x.end for x in links):
        return []
    around = " ".join(text[max(0, first.start() - 30) : first.end() + 20].split())
    return [f"the first use of {term} is no link to {target}: ... {around} ..."]
