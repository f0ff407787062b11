"""The prose of a text cell as a reader sees it: links by their words, without tags."""

from __future__ import annotations

import re
from dataclasses import dataclass

LINK = re.compile(r"(?P<picture>!?)\[(?P<words>[^\]]*)\]\((?P<target>[^)\s]*)\)")
TAG = re.compile(r"</?[a-zA-Z][^>]*>")
WORD = re.compile(r"\w[\w'.,-]*")
CODE_BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
NO_RUNNING_TEXT = re.compile(r"^[ ]*(#{1,6} |\||>).*$", re.MULTILINE)  # headings, tables, quotes
CODE = re.compile(r"`[^`\n]*`")


@dataclass(frozen=True)
class Link:
    """A link in the visible text.

    Parameters
    ----------
    target : str
        Where it leads, such as ``"glossary.ipynb#TTFT"``.
    start, end : int
        Its words are ``text[start:end]``.
    """

    target: str
    start: int
    end: int


def visible(source: str) -> tuple[str, list[Link]]:
    """A cell's text without the targets of its links and without tags, and where its links are.

    >>> visible("The [TTFT](glossary.ipynb#TTFT) grows.<br>")[0]
    'The TTFT grows.'
    """
    text, links, end = "", [], 0
    source = TAG.sub("", source)
    for found in LINK.finditer(source):
        text += source[end : found.start()]
        words = "" if found["picture"] else found["words"]
        links.append(Link(found["target"], len(text), len(text) + len(words)))
        text, end = text + words, found.end()
    return text + source[end:], links


def words(source: str) -> int:
    """How many words a reader sees.

    >>> words("The [TTFT](glossary.ipynb#TTFT) grows."), words("<summary>Answer</summary>")
    (3, 1)
    """
    return len(WORD.findall(visible(source)[0]))


def running_text(source: str) -> str:
    """A cell's source without headings, code, tables and block quotes.

    >>> running_text("## TTFT\\n\\nWe measure `ttft_s`.\\n> TTFT?").split()
    ['We', 'measure', '.']
    """
    return CODE.sub("", NO_RUNNING_TEXT.sub("", CODE_BLOCK.sub("", source)))
