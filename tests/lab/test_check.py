import json
import linecache
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from inference_lab.lab import NotAttempted, NotYet, check
from inference_lab.lab.notice import WIDTH, Notice
from inference_lab.lab.own_cell import foreign_names, source_of
from inference_lab.lab.time_limit import limited

PER_TOKEN = 327_680


def said(function, exercise="5.1"):
    with pytest.raises(NotYet) as wrong:
        check(exercise, function)
    return str(wrong.value)


@pytest.mark.parametrize(
    "answer",
    [
        lambda tokens: tokens * PER_TOKEN,
        lambda tokens: float(tokens * PER_TOKEN) * (1 + 1e-7),
        lambda tokens: np.float32(tokens * PER_TOKEN),
        lambda tokens: np.array(tokens * PER_TOKEN),
        lambda tokens: np.int64(tokens) * PER_TOKEN,
    ],
)
def test_a_right_answer_of_any_number_type(answer, capsys):
    check("5.1", answer)
    assert capsys.readouterr().out == "5.1 right: public checks passed (2 of 2).\n"


def test_lists_dicts_tuples_and_arrays(capsys):
    check("5.2", lambda demands: {"shares": np.minimum(demands, 50)})
    check("5.2", lambda demands: {"shares": (10, 40, 50)})
    assert capsys.readouterr().out.count("5.2 right") == 2


def test_a_stub_is_not_attempted():
    def kv_bytes(tokens):
        raise NotImplementedError("Exercise 5.1")

    with pytest.raises(NotAttempted, match=r"5\.1 not attempted yet"):
        check("5.1", kv_bytes)


def test_a_wrong_answer_names_input_and_what_came_back_but_not_the_right_value():
    message = said(lambda tokens: 7 + tokens**3)
    assert "kv_bytes(tokens=1) returned 8" in message and 'hint("5.1", 1)' in message
    assert "327680" not in message


def test_the_first_wrong_input_is_the_one_that_is_told():
    assert "tokens=2_048" in said(lambda tokens: PER_TOKEN)


def test_a_known_mistake_is_asked_about_only_when_all_its_numbers_are_met():
    assert "are K and V in?" in said(lambda tokens: tokens * PER_TOKEN // 2)
    assert "are K and V in?" not in said(lambda tokens: PER_TOKEN // 2)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda tokens: None, "does every way through it end with `return` and a value?"),
        (lambda tokens: float("nan"), "nan (not a number)"),
        (lambda tokens: str(tokens * PER_TOKEN), "returned text where a number"),
        (lambda tokens: [tokens * PER_TOKEN], "returned a list or tuple where a number"),
        (lambda tokens: True, "True or False where a number"),
        (lambda tokens: {1, 2}, "a value of type set.\nReturn plain numbers."),
        (lambda tokens: 1j, "a value of type complex"),
        (lambda tokens: 10 ** (10**4), "an integer of more than"),
        (lambda tokens: float("inf"), "returned inf: is something divided by 0"),
        (lambda tokens: [0] * 10**6, "more than 100,000 items"),
    ],
)
def test_answers_of_the_wrong_kind(answer, reason):
    assert reason in said(answer)


def test_an_answer_that_holds_itself_does_not_hang():
    endless = []
    endless.append(endless)
    assert "lists nested too deeply" in said(lambda tokens: endless)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda demands: [10, 40, 50], "a list or tuple where a dict"),
        (lambda demands: {"shares": None}, "there is None: which value belongs there?"),
        (lambda demands: {"share": []}, "its keys are ['share'], and ['shares'] are asked for"),
        (lambda demands: {"shares": [10, 40]}, "returned {'shares': [10, 40]}"),
        (lambda demands: {1: 2}, "keys are not all text"),
    ],
)
def test_structures_of_the_wrong_shape(answer, reason):
    assert reason in said(answer, "5.2")


def test_an_object_that_equals_everything_is_no_answer():
    class Equal(int):
        __eq__ = __le__ = __ge__ = lambda self, other: True
        __hash__ = int.__hash__

    assert "a value of type Equal" in said(lambda tokens: Equal(3))


def test_an_error_is_shown_short_with_the_learners_own_line():
    def kv_bytes(tokens):
        return tokens / 0  # the line to show

    message = said(kv_bytes)
    assert "kv_bytes(tokens=1) raised ZeroDivisionError: division by zero" in message
    assert "return tokens / 0  # the line to show" in message
    assert message.endswith("By what do you divide there, and on which input is it 0?")
    assert len(message.splitlines()) == 3


@pytest.mark.parametrize("error", [SystemExit(0), RecursionError("deep"), TypeError("bad")])
def test_no_error_of_the_learners_gets_past(error):
    def kv_bytes(tokens):
        raise error

    assert type(error).__name__ in said(kv_bytes)


def test_a_wrong_signature_is_told():
    message = said(lambda token: 1)
    assert "unexpected keyword argument 'tokens'" in message
    assert "Keep the `def` line" in message


def test_the_stop_button_is_not_a_wrong_answer():
    def kv_bytes(tokens):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("5.1", kv_bytes)


def test_the_public_inputs_cannot_be_changed_by_the_answer(capsys):
    def shares(demands):
        demands.clear()
        return {"shares": [10, 40, 50]}

    check("5.2", shares)
    check("5.2", shares)
    assert capsys.readouterr().out.count("right") == 2


def from_cell(text, name="kv_bytes", **others):
    """A function as a notebook cell would define it, with what other cells define."""
    linecache.cache["<cell 7>"] = (len(text), None, text.splitlines(keepends=True), "<cell 7>")
    names = dict(others)
    exec(compile(text, "<cell 7>", "exec"), names)
    return names[name]


def test_a_helper_of_another_cell_is_refused():
    text = "def kv_bytes(tokens):\n    return helper(tokens)\n"
    message = said(from_cell(text, helper=lambda tokens: tokens * PER_TOKEN))
    assert "uses `helper` of another cell" in message


def test_a_helper_in_the_same_cell_is_fine(capsys):
    text = "import math\nK = 327680\ndef h(n): return math.prod([n, K])\n"
    check("5.1", from_cell(text + "def kv_bytes(tokens):\n    return h(tokens)\n"))
    assert "right" in capsys.readouterr().out


def test_a_wrong_value_is_told_before_a_helper_elsewhere():
    text = "def kv_bytes(tokens):\n    return helper(tokens)\n"
    assert "returned 3" in said(from_cell(text, helper=lambda tokens: 3))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def f(x):\n    return np.sqrt(x)", ["np"]),
        ("import numpy as np\ndef f(x):\n    return np.sqrt(x)", []),
        ("def f(x):\n    import math\n    return math.pi * len(x)", []),
        ("def f(x, y=default):\n    return [i for i in x]", ["default"]),
        ("class A:\n    def m(self):\n        return gone", ["gone"]),
        ("def f(x):\n    global t\n    t = x\n    return t", []),
        ("def f(x):\n    return g(x)\ndef g(x):\n    return f(x)", []),
        ("def f(x):\n    return x\nget_ipython().run_line_magic('run', 'x.py')", ["get_ipython"]),
    ],
)
def test_names_from_elsewhere(text, names):
    assert foreign_names(text) == names


def test_the_source_of_a_wrapped_function_is_its_own():
    assert "def test_the_source_of_a_wrapped" in source_of(said)
    assert source_of(len) == ""


@pytest.mark.parametrize(
    ("arguments", "error", "reason"),
    [
        (("5.9", len), ValueError, "5.1, 5.2"),
        (("9.1", len), ValueError, 'write lesson and number, such as "5.1"'),
        ((5.1, len), TypeError, "must be text"),
        (("5.1", 42), TypeError, "must be a function, not 42"),
        (("5.1", None), TypeError, "must be a function"),
    ],
)
def test_bad_arguments(arguments, error, reason):
    with pytest.raises(error, match=reason) as refused:
        check(*arguments)
    assert isinstance(refused.value, Notice) and not isinstance(refused.value, NotYet)


def test_the_function_is_named_as_the_learner_named_it():
    def my_try(tokens):
        return 3

    assert "my_try(tokens=1) returned 3" in said(my_try)


def test_a_long_call_shows_every_argument_on_a_line_of_its_own(exercises):
    wide = {f"input_number_{n}_of_the_cluster": 10_000 * n for n in range(5)}
    checks = [{"inputs": wide | {"rate": rate}, "expected": rate} for rate in (1_000, 2.5)]
    path = exercises / "05.json"
    written = json.loads(path.read_text())
    written["exercises"][0]["checks"] = checks
    path.write_text(json.dumps(written))
    assert said(lambda **given: 7_654_321).splitlines()[:3] == [
        "5.1 not yet: kv_bytes returned 7_654_321, called with",
        "    input_number_0_of_the_cluster=0",
        "    input_number_1_of_the_cluster=10_000",
    ]


def test_no_line_is_broken_within_a_word(exercises):
    path = exercises / "05.json"
    written = json.loads(path.read_text())
    moments = [round(0.0123 * n, 4) for n in range(40)]
    written["exercises"][0]["checks"] = [{"inputs": {"arrival_s": moments}, "expected": 1}]
    path.write_text(json.dumps(written))
    with pytest.raises(NotYet) as wrong:
        check("5.1", lambda arrival_s: 2)
    lines = wrong.value._render_traceback_()
    assert len(lines) > 4 and max(map(len, lines)) <= WIDTH
    words = " ".join(lines).split()
    assert all(f"{moment}," in words for moment in moments[1:-1])


def test_the_wrong_parts_of_an_answer_are_named(exercises):
    path = exercises / "05.json"
    written = json.loads(path.read_text())
    expected = {"host_s": 0.05, "mfu": 0.4}
    written["exercises"][1]["checks"] = [{"inputs": {"n": 1}, "expected": expected}]
    path.write_text(json.dumps(written))
    assert "Wrong in it: `mfu`." in said(lambda n: {"host_s": 0.05, "mfu": 0.5}, "5.2")
    assert "Wrong in it" not in said(lambda n: {"host_s": 5, "mfu": 5}, "5.2")


def swallows_all(tokens):
    while True:
        try:
            tokens += 1
        except:  # noqa: E722 - the worst that a learner may write
            tokens = 0


def calls_without_end(tokens):
    while True:
        tokens += 1


@pytest.mark.parametrize("endless", [swallows_all, calls_without_end])
@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no alarm")
def test_a_loop_without_end_is_stopped_and_the_way_out_is_told(endless, monkeypatch):
    monkeypatch.setattr(sys.modules[check.__module__], "CALL_LIMIT_S", 0.2)
    before = signal.getsignal(signal.SIGALRM)
    message = said(endless)
    assert "did not end within 0.2 s and was stopped" in message and "the button ■" in message
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_where_nothing_can_stop_it_a_line_says_how(capsys):
    """In another thread there is no alarm, as on Windows."""

    def waits():
        with limited(0.05):
            threading.Event().wait(0.5)

    thread = threading.Thread(target=waits)
    thread.start()
    thread.join()
    assert "takes longer than 0.05 s. To stop it, press the button" in capsys.readouterr().out


def test_a_notebook_shows_the_message_and_no_traceback():
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_cell('from inference_lab.lab import check')\n"
        "shell.run_cell('check(\"5.1\", lambda tokens: 3)')\n"
        "shell.run_cell('check(\"5.1\", 42)')\n"
        "shell.run_cell('from inference_lab.lab import predict, hint, show')\n"
        'shell.run_cell(\'predict("5.1", "75", unit="ms")\')\n'
        "shell.run_cell('hint(5.1)')\n"
        "shell.run_cell('show(3, reads=\"x\")')\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    lines = shown.stdout.strip().splitlines()
    assert lines[0] == "5.1 not yet: kv_bytes(tokens=1) returned 3." and len(lines) == 6
