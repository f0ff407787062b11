"""What stands in for a view when its notebook is opened again and no kernel has its model."""

import json
import urllib.request

import jupyter
import pytest

VIEW = """import inference_lab as il
from inference_lab.lab.views import ttft_under_load
ttft_under_load(il.AffineReplica(prefill_s=(0.07, 0, 0), decode_s=(0.01, 0, 0)))"""
STILL, READING = ".lab-stand-in img", ".lab-stand-in p >> nth=0"


@pytest.fixture(scope="module")
def saved(context, served):
    """A notebook of two views that was run and saved; its kernel is shut down."""
    address, folder = served
    path = folder / "saved.ipynb"
    jupyter.written(path, [VIEW, VIEW])
    page = jupyter.opened(context, address, path.name)
    jupyter.run_all(page, 2)
    page.locator(".lab-view").nth(1).wait_for()
    assert [each.is_visible() for each in page.locator(STILL).all()] == [False, False]
    jupyter.choose(page, "File", "Save Notebook")
    page.wait_for_function("!document.querySelector('.lm-TabBar-tab.jp-mod-dirty')")
    page.close()
    shut_down(address, path.name)
    return context, address, path


def shut_down(address, notebook):
    """End the kernel of a notebook."""
    with urllib.request.urlopen(address.format(path="/api/sessions")) as answer:
        sessions = [each for each in json.load(answer) if each["path"] == notebook]
    assert sessions
    for session in sessions:
        gone = address.format(path=f"/api/sessions/{session['id']}")
        urllib.request.urlopen(urllib.request.Request(gone, method="DELETE")).close()


def seen(page):
    """The words of the outputs that can be seen."""
    page.locator(STILL).nth(1).wait_for()
    page.wait_for_function(  # a model that is not found is told late
        """() => {
            const told = [...document.querySelectorAll(".jp-OutputArea-output.jupyter-widgets")];
            return told.length === 2 || !document.querySelector(".jp-mod-trusted");
        }"""
    )
    return "\n".join(page.locator(".jp-Cell-outputArea").all_inner_texts())


def test_the_still_and_its_reading_are_there_the_next_day(saved):
    context, address, path = saved
    page = jupyter.opened(context, address, path.name)
    said = seen(page)
    assert said.count("At load 40 %") == 2 and said.count("Run this cell, and") == 2
    assert "rror" not in said and "oading" not in said
    for still in page.locator(STILL).all():
        assert still.evaluate("(img) => img.complete && img.naturalWidth > 0 && img.width > 300")
        assert still.get_attribute("alt") == page.locator(READING).first.inner_text()
    with jupyter.theme(page, "Dark"):
        assert (
            page.locator(STILL).first.evaluate("(i) => getComputedStyle(i).colorScheme") == "dark"
        )

    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Control+Enter")  # run again: the view is back where its cell was run
    page.locator(".lab-view").wait_for()
    assert [each.is_visible() for each in page.locator(STILL).all()] == [False, True]
    jupyter.choose(page, "Kernel", "Restart Kernel…")
    page.locator(".jp-Dialog button.jp-mod-warn").click()
    page.locator(".lab-view .notice").filter(has_text="Run this view's cell").wait_for()
    assert [each.is_visible() for each in page.locator(STILL).all()] == [False, True]
    page.close()


def test_the_same_in_a_notebook_that_is_not_trusted(saved):
    context, address, path = saved
    text = path.read_text("utf-8").replace("il.AffineReplica", "il . AffineReplica")
    path.with_name("foreign.ipynb").write_text(text, "utf-8")  # no signature knows it
    page = jupyter.opened(context, address, "foreign.ipynb")
    said = seen(page)
    assert page.locator(".jp-mod-trusted").count() == 0
    assert said.count("At load 40 %") == 2 and "rror" not in said
    assert all(still.is_visible() for still in page.locator(STILL).all())
    page.close()


def test_the_same_as_a_web_page(saved, browser):
    """As nbviewer makes it, without the scripts that it would load from elsewhere."""
    from nbconvert import HTMLExporter

    page = browser.new_page(offline=True)
    page.set_content(HTMLExporter().from_filename(saved[2])[0], wait_until="commit")
    page.locator(STILL).nth(1).wait_for()
    said = page.locator("body").inner_text()
    assert said.count("At load 40 %") == 2 and "rror" not in said
    page.close()


@pytest.mark.parametrize("is_live", [True, False])
def test_in_a_page_built_as_vs_code_builds_it_one_of_both_is_seen(saved, browser, is_live):
    """VS Code itself could not be run: its output containers, with and without a drawn view."""
    cells = json.loads(saved[2].read_text("utf-8"))["cells"]
    instead = "".join(cells[0]["outputs"][0]["data"]["text/html"])
    view = '<div class="lab-view">A view</div>' if is_live else ""
    inside = "".join(
        f'<div class="output_container"><div class="output">{each}</div></div>'
        for each in (instead, view)
    )
    page = browser.new_page()
    page.set_content(f'<body class="vscode-dark"><div class="cell_container">{inside}</div></body>')
    page.wait_for_timeout(500)
    assert page.locator(STILL).is_visible() != is_live
    page.close()
