"""Every interactive view of a lesson answers the hand and the keys, and lets the keys go again."""

import json
import re

import jupyter
import pytest
from playwright.sync_api import expect
from reading import VIEWS

CONTROLS = "input:not([type=hidden]), select, button, [role=slider]"
WAIT_MS = 15_000
KEYS = {"button": "Space", "switch": "Space"}  # others: arrows
FAR = 60  # Tab presses from a view's cell to the last of its controls

USABLE = "(control) => !control.disabled && control.getClientRects().length > 0"
LOOK = """
(control) => {
  const view = control.closest(VIEWS);
  const drawn = (node) => (node.tagName === "CANVAS" ? node.toDataURL() : node.outerHTML);
  const all = (selector) => [...view.querySelectorAll(selector)];
  return {
    picture: all("svg, canvas, img").map(drawn).join(""),
    words: all("[role=status], [aria-live], output, details[open]")
      .map((node) => node.textContent).join(" "),
    value: control.type === "checkbox" ? control.checked : control.value ?? control.ariaValueNow,
  };
}
""".replace("VIEWS", repr(VIEWS))

# Moves a control as a hand would: a slider to its other half, a choice to the next.
MOVE = """
(control) => {
  const send = (name) => control.dispatchEvent(new Event(name, { bubbles: true }));
  if (["range", "number"].includes(control.type)) {
    const [least, most] = [Number(control.min), Number(control.max || 100)];
    const isLow = Number(control.value) < (least + most) / 2;
    control.value = least + (most - least) * (isLow ? 0.8 : 0.2);
  } else if (control.role === "slider") {
    const down = (key) => new KeyboardEvent("keydown", { key, bubbles: true });
    return control.dispatchEvent(down("PageDown"));
  } else if (control.tagName === "SELECT") {
    control.selectedIndex = (control.selectedIndex + 1) % control.length;
  } else return control.click();
  send("input");
  send("change");
}
"""


def has_view(number):
    """Whether a lesson has a view beside the replay, whose buttons test_cluster_view.py presses."""
    (path,) = jupyter.COURSE.glob(f"{number}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    widgets = [cell for cell in cells if "widget" in cell["metadata"].get("tags", ())]
    return any(not re.search(r"^replay\(", "".join(cell["source"]), re.M) for cell in widgets)


@pytest.fixture(params=filter(has_view, jupyter.LESSONS))
def lesson(request, lessons):
    """Each lesson with a view."""
    return lessons(request.param)


@pytest.fixture
def controls(lesson):
    """The controls of all views of a lesson that can be used."""
    views = lesson.page.locator(VIEWS)
    assert views.count() == len(lesson.tagged("widget"))
    views.locator("svg, canvas, img").first.wait_for()
    found = views.locator(CONTROLS).element_handles()
    usable = [control for control in found if control.evaluate(USABLE)]
    assert len(usable) >= views.count()
    return usable


def kind(control):
    script = "(node) => node.role ?? (node.tagName === 'INPUT' ? node.type : node.localName)"
    return control.evaluate(script)


def wait_for_change(page, control, before, both):
    """Wait until picture and words are others (either will do for a button)."""
    page.wait_for_function(
        f"""([control, before, both]) => {{
            const now = ({LOOK})(control);
            const changed = [now.picture !== before.picture, now.words !== before.words];
            return both ? changed.every(Boolean) : changed.some(Boolean);
        }}""",
        arg=[control, before, both],
        timeout=WAIT_MS,
    )


def starts_a_run(control):
    """Whether the control sets up a long run: then only the button Run changes the picture."""
    return control.evaluate(
        "(node) => node.closest(VIEWS).querySelector('progress') !== null".replace(
            "VIEWS", repr(VIEWS)
        )
    )


def end_runs(page):
    """Stop what was started, and close what was opened, so that each control begins alike."""
    page.evaluate(
        """(views) => {
            for (const view of document.querySelectorAll(views)) {
                view.querySelectorAll("details").forEach((each) => (each.open = false));
                const running = (b) => ["Stop", "Pause"].includes(b.textContent);
                [...view.querySelectorAll("button")].find(running)?.click();
            }
        }""",
        VIEWS,
    )
    stop = page.get_by_role("button", name="Stop", exact=True)
    for one in stop.all():
        expect(one).to_be_disabled(timeout=WAIT_MS)


def has_focus(control):
    return control.evaluate("(node) => document.activeElement === node")


def tab_to(page, control):
    """From the view's cell, in the notebook's command mode, by Tab alone."""
    control.evaluate("(node) => node.closest('.jp-Cell').focus()")
    press_until(page, "Tab", control)


def press_until(page, key, control):
    for _ in range(FAR):
        page.keyboard.press(key)
        if has_focus(control):
            return
    raise AssertionError(f"{key} does not reach {control.evaluate('(node) => node.outerHTML')}")


def test_a_move_changes_the_picture_and_the_reading(lesson, controls):
    for control in controls:
        end_runs(lesson.page)
        before = control.evaluate(LOOK)
        assert before["picture"] and before["words"].strip()
        if kind(control) not in KEYS and starts_a_run(control):
            continue
        control.evaluate(MOVE)
        wait_for_change(lesson.page, control, before, kind(control) not in KEYS)
    end_runs(lesson.page)


def test_keys_alone_reach_and_move_each_control(lesson, controls):
    page = lesson.page
    for control in controls:
        end_runs(page)
        tab_to(page, control)
        before = control.evaluate(LOOK)
        key = KEYS.get(kind(control), "ArrowDown")
        page.keyboard.press(key)
        if key == "ArrowDown" and control.evaluate(LOOK)["value"] == before["value"]:
            page.keyboard.press("ArrowUp")  # it stood at its end
        if kind(control) in KEYS or not starts_a_run(control):
            wait_for_change(page, control, before, kind(control) not in KEYS)
        else:
            assert control.evaluate(LOOK)["value"] != before["value"]
        at = page.evaluate(
            "document.activeElement.closest(VIEWS) !== null".replace("VIEWS", repr(VIEWS))
        )
        assert at, "the notebook took the key"
    end_runs(page)


def test_keys_alone_leave_each_control(lesson, controls):
    page = lesson.page
    for control in controls:
        for key in ("Tab", "Shift+Tab", "Escape"):
            tab_to(page, control)
            page.keyboard.press(key)
            assert not has_focus(control), key
        at = page.evaluate("document.activeElement.className")
        assert re.search(r"\bjp-Cell\b", at), "Escape gives the keys back to the notebook"
        page.keyboard.press("ArrowDown")  # its command mode: the next cell
        page.wait_for_function(
            "(control) => !control.closest('.jp-Cell').classList.contains('jp-mod-active')",
            arg=control,
        )


def test_shift_tab_reaches_each_control_from_below(lesson, controls):
    for control in controls:
        below = control.evaluate_handle("(node) => node.closest('.jp-Cell').nextElementSibling")
        below.evaluate("(node) => node.focus()")
        press_until(lesson.page, "Shift+Tab", control)
