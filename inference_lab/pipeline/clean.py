"""Makes an executed notebook the same after each build, and readable without a kernel.

The seam to the views: a cell tagged ``widget`` leaves two outputs. The first is a stand-in, a still
picture ``text/html`` (an image with alt text, and the sentence that reads it) with the sentence
alone as ``text/plain``; the other is ``application/vnd.jupyter.widget-view+json``. The build keeps
the stand-in and drops the widget.
"""

from __future__ import annotations

import copy

import nbformat
from nbformat import NotebookNode

from inference_lab.pipeline.source import METADATA, tags

WIDGET = "application/vnd.jupyter.widget-view+json"


def clean(executed: NotebookNode) -> NotebookNode:
    """The notebook without traces of the run: times, versions, live widgets.

    Raises
    ------
    ValueError
        If a ``widget`` cell left no stand-in, or another cell left a widget.
    """
    notebook = copy.deepcopy(executed)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        if "widget" in tags(cell):
            cell.outputs = [_stand_in(cell)]
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


def _stand_in(cell: NotebookNode) -> NotebookNode:
    bundles = [output.get("data", {}) for output in cell.outputs]
    views = sum(WIDGET in data for data in bundles)
    if views != 1:
        raise ValueError(f"cell {cell.id} shows {views} widgets: call one view in it")
    others = [data for data in bundles if WIDGET not in data]
    if len(others) != 1 or not {"text/html", "text/plain"} <= set(others[0]):
        raise ValueError(
            f"cell {cell.id}: beside its view it must show a stand-in of text/html and text/plain, "
            f"and nothing else, not {[sorted(data) for data in others]}"
        )
    return nbformat.v4.new_output("display_data", data=others[0])
