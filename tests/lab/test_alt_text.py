"""Screen readers get the alt text of a figure from an export."""

import base64

import nbformat
from nbconvert import HTMLExporter


def test_the_classic_export_carries_the_alt_text_of_the_metadata():
    picture = nbformat.v4.new_output(
        "display_data",
        data={"image/png": base64.b64encode(b"png").decode(), "text/plain": "A line."},
        metadata={"image/png": {"alt": "A line that rises."}},
    )
    cell = nbformat.v4.new_code_cell("show()", outputs=[picture])
    page, _ = HTMLExporter(template_name="classic").from_notebook_node(
        nbformat.v4.new_notebook(cells=[cell])
    )
    assert 'alt="A line that rises."' in page
