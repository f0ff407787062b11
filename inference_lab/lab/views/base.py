"""What all views share: a registry, the scripts and style sheets, and a still with its sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import anywidget
import traitlets

from inference_lab.lab.stand_in import stand_in
from inference_lab.lab.tokens import css, js

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

HERE = Path(__file__).parent
SHARED = ("theme", "common", "controls", "limit", "question")
VIEWS: dict[str, type[LabView]] = {}
"""Each view by its name, which is that of its script and of its class in a style sheet."""


def script(name: str) -> str:
    """Design tokens, the shared scripts and those of one view: the module that a widget loads.

    A large view has its nouns in files of their own, ``name_*.js``.
    """
    parts = sorted(path.stem for path in HERE.glob(f"{name}_*.js"))
    return js() + "\n".join(_read(f"{each}.js") for each in (*SHARED, *parts, name))


def style_sheet(name: str) -> str:
    """Design tokens, the shared rules and those of one view, if it has some of its own."""
    own = f"{name}.css"
    return css() + _read("common.css") + "\n" + (_read(own) if (HERE / own).exists() else "")


def _read(file: str) -> str:
    return (HERE / file).read_text("utf-8")


class LabView(anywidget.AnyWidget):
    """A view: Python simulates and puts numbers and words into `picture`, the script draws it.

    ``class OwnView(LabView, view="own")`` registers a view whose script is ``own.js``. `picture`
    holds at least ``reading``, the picture in words, and ``code``, the lines of Python that give
    the same figures.
    """

    picture = traitlets.Dict().tag(sync=True)
    _stand_in: DisplayHandle | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    def still(self) -> str:
        """HTML of a still picture, for readers without a running notebook."""
        raise NotImplementedError

    def _ipython_display_(self) -> None:
        """Show the stand-in and the view, as two outputs of which one is seen."""
        from IPython.display import display

        self._stand_in, self._loop = display(self._instead(), raw=True, display_id=True), _loop()
        data, metadata = super()._repr_mimebundle_()
        display(data, metadata=metadata, raw=True)

    def renew_stand_in(self) -> None:
        """Let what stands in for the view show what it shows by now; from any thread."""
        if self._loop is None:
            self._renew()
        else:
            self._loop.call_soon_threadsafe(self._renew)

    def _renew(self) -> None:
        if self._stand_in is not None:
            self._stand_in.update(self._instead(), raw=True)

    def _instead(self) -> dict[str, str]:
        reading = self.picture["reading"]
        return {"text/html": stand_in(self.still(), reading), "text/plain": reading}


def _loop() -> asyncio.AbstractEventLoop | None:
    """That of the kernel, in whose thread alone matplotlib draws; a script has none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def view(name: str) -> Callable[[type[LabView]], type[LabView]]:
    """Register a class as the view of this name, with the script and the style sheet of it."""

    def register(cls: type[LabView]) -> type[LabView]:
        cls._esm, cls._css = script(name), style_sheet(name)
        VIEWS[name] = cls
        return cls

    return register
