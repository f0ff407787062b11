"""Makes an executed notebook the same after each build, and readable without a kernel.

The seam to the views: an object shown by a cell tagged ``widget`` puts into its mime bundle,
beside ``application/vnd.jupyter.widget-view+json``, a still picture ``text/html`` (an image
whose alt text is the sentence) and ``text/plain``, the sentence that reads it. The build drops the
widget and stores these two; the sentence is also printed, for JupyterLab shows only the picture of
a bundle.
"""

from __future__ import annotations

import copy

import nbformat
from nbformat import NotebookNode

from inference_lab.pipeline.source import METADATA, tags

WIDGET = "application/vnd.jupyter.widget-view+json"
INVITATION = "Run this cell and the picture below answers as you move its controls. Now it reads: "


def clean(executed: NotebookNode) -> NotebookNode:
    """The notebook without traces of the run: times, versions, live widgets.

    Raises
    ------
    ValueError
        If a ``widget`` cell left no still picture or no sentence, or another cell left a
        widget.
    """
    notebook = copy.deepcopy(executed)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        if "widget" in tags(cell):
            cell.outputs = _still(cell)
        elif any(WIDGET in output.get("data", {}) for output in cell.outputs):
            raise ValueError(f"cell {cell.id} shows a widget: give it the tag widget")
        cell.outputs = _joined(cell.outputs)
        for output in cell.outputs:
            output.get("metadata", {}).pop("needs_background", None)
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
    return notebook


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Text that the kernel sent in pieces (where it cuts depends on its load) as one piece."""
    joined: list[NotebookNode] = []
    for output in outputs:
        before = joined[-1] if joined else None
        if before and output.output_type == "stream" and before.get("name") == output.name:
            before.text += output.text
        else:
            joined.append(output)
    return joined


def _still(cell: NotebookNode) -> list[NotebookNode]:
    bundles = [output.data for output in cell.outputs if WIDGET in output.get("data", {})]
    if len(bundles) != 1:
        raise ValueError(f"cell {cell.id} shows {len(bundles)} widgets: call one view in it")
    (bundle,) = bundles
    missing = [kind for kind in ("text/html", "text/plain") if not bundle.get(kind)]
    if missing:
        raise ValueError(
            f"cell {cell.id}: its view's mime bundle has no {' and no '.join(missing)}"
        )
    reading = bundle["text/plain"]
    return [
        nbformat.v4.new_output("stream", name="stdout", text=f"{INVITATION}{reading}\n"),
        nbformat.v4.new_output(
            "display_data",
            data={"text/html": bundle["text/html"], "text/plain": reading},
        ),
    ]
