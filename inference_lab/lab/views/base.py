"""What all views share: one script, one style sheet, and a still with its sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from inference_lab.lab.tokens import css, js

HERE = Path(__file__).parent
SHARED = ("theme", "common")


def script(name: str) -> str:
    """Design tokens, the shared scripts and that of one view: the module that a widget loads."""
    return js() + "\n".join(_read(f"{each}.js") for each in (*SHARED, name))


def style_sheet(name: str) -> str:
    """Design tokens, the shared rules and those of one view."""
    return css() + _read("common.css") + "\n" + _read(f"{name}.css")


def _read(file: str) -> str:
    return (HERE / file).read_text("utf-8")


class LabView(anywidget.AnyWidget):
    """A view: Python simulates and puts numbers and words into `picture`, the script draws it.

    `picture` holds at least ``reading``, the picture in words, and ``code``, the lines of Python
    that give the same figures.
    """

    picture = traitlets.Dict().tag(sync=True)

    def still(self) -> bytes:
        """A PNG for readers without a running notebook."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return data | {"image/png": self.still(), "text/plain": self.picture["reading"]}, metadata
