"""What all views share: one script, one style sheet, and a still with its sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

HERE = Path(__file__).parent


def script(name: str) -> str:
    """The shared script and that of one view, as the one module that a widget loads."""
    return _read("common.js") + "\n" + _read(f"{name}.js")


def style_sheet(name: str) -> str:
    """The shared rules and those of one view."""
    return _read("common.css") + "\n" + _read(f"{name}.css")


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
