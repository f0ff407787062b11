"""Hostile, broken and honest code for one exercise, and what the mark sheet says of each."""

import json
import os

import pytest

from inference_lab.grading import answer_key
from inference_lab.grading.box import Box
from inference_lab.grading.line import WarmParent
from inference_lab.grading.score import Judge

SECRET = b"a secret for the tests only"
TIGHT = Box(memory_bytes=400 << 20, cpu_s=2, call_s=5.0)
RIGHT = "return size_bytes * 8 / (link_gbit_per_s * 1e9)"
WRITE_TO_ALL = """
    import os
    for descriptor in range(64):
        try:
            os.write(descriptor, DATA)
        except OSError:
            pass
"""
PERSON = "needs a person"
HOSTILE = {
    "os._exit": ("import os; os._exit(3)", "ended", "exit code 3"),
    "SystemExit": ("raise SystemExit", "raised", "SystemExit"),
    "crash": ("import ctypes; ctypes.string_at(0)", "ended", "signal 11"),
    "endless loop": ("while True: pass", "timed out", ""),  # the clock may come first
    "memory bomb": ("return len(bytearray(2 << 30))", PERSON, "MemoryError"),
    "memory bomb bit by bit": (
        "x = []\n    while True: x.append(bytes(2**20))",
        PERSON,
        "Memory",
    ),
    "fork bomb": ("import os\n    while True: os.fork()", PERSON, "not permitted"),
    "threads": ("import _thread\n    _thread.start_new_thread(print, ())", PERSON, "thread"),
    "program": ("import os; os.execv('/bin/sh', ['sh'])", PERSON, "ermi"),
    "kill parent": ("import os; os.kill(os.getppid(), 9)", PERSON, "not permitted"),
    "stop parent": ("import os; os.kill(os.getppid(), 19)", PERSON, "not permitted"),
    "raise limit": (
        "import resource as r\n    r.setrlimit(r.RLIMIT_CPU, (99, 99))",
        "raised",
        "maximum limit",
    ),
    "change a limit of the parent": (
        "import os, resource as r\n    r.prlimit(os.getppid(), r.RLIMIT_CPU, (1, 1))",
        PERSON,
        "not permitted",
    ),
    "solutions": ("import inference_lab", PERSON, "ModuleNotFoundError"),
    "reads a file": ("return open('/etc/passwd').read()", PERSON, "Permission denied"),
    "lists processes": ("import os; return os.listdir('/proc')", PERSON, "Permission denied"),
    "writes a file": ("open('/tmp/x', 'w').close()", PERSON, "Permission denied"),
    "memory file": ("import os; os.memfd_create('x')", PERSON, "not permitted"),
    "closes the line": ("import os; os.closerange(0, 64)", "ended", "closed the line"),
    "garbage": (WRITE_TO_ALL.replace("DATA", "b'x' * 99"), "no answer", "bytes"),
    "short garbage": (WRITE_TO_ALL.replace("DATA", "b'\\2\\0\\0\\0no'"), "no answer", "no"),
    "no dict": (WRITE_TO_ALL.replace("DATA", "b'\\2\\0\\0\\0[]'"), "no answer", "no"),
    "empty dict": (WRITE_TO_ALL.replace("DATA", "b'\\2\\0\\0\\0{}'"), "no answer", "no answer"),
    "half a message": (
        WRITE_TO_ALL.replace("DATA", "b'\\143\\0\\0\\0no'") + "    os.closerange(0, 64)",
        "ended",
        "closed the line",
    ),
    "long list": ("return [0] * 10**6", "wrong", "100,000 items"),
    "long text": ("return 'x' * 10**7", "no answer", "bytes"),
    "deep list": ("x = []\n    for _ in range(10**5): x = [x]\n    return x", "wrong", "nested"),
    "circular": ("x = []\n    x.append(x)\n    return x", "wrong", "nested"),
    "object": ("return object()", "wrong", "type object"),
    "huge integer": ("return 10**4000", "wrong", "1000 bits"),
    "nan": ("return float('nan')", "wrong", "NaN where"),
    "a bool": ("return True", "wrong", "true where"),
    "nothing": ("pass", "wrong", "null where"),
    "evil message": (
        "class E(Exception):\n        def __str__(self): raise self\n    raise E",
        "ended",
        "closed the line",
    ),
    "endless recursion": ("return transfer_s(1, 1)", "raised", "RecursionError"),
    "stub": ('raise NotImplementedError("Exercise 3.1")', "not attempted", ""),
    "other stub": ("raise NotImplementedError", "raised", "NotImplementedError"),
    "first answer for all": ("return 0.08", PERSON, "hidden input 1 of 12"),
    "right": (RIGHT, "right", ""),
    "right and noisy": (f"print('x' * 10**6)\n    {RIGHT}", "right", ""),
    "right with numpy": (
        f"import numpy as np\n    {RIGHT.replace('8', 'np.int64(8)')}",
        "right",
        "",
    ),
    "right with a late import": (f"import statistics, numpy.fft\n    {RIGHT}", "right", ""),
    "right within the tolerance": (f"{RIGHT} * (1 + 1e-7)", "right", ""),
    "wrong beyond the tolerance": (f"{RIGHT} * (1 + 1e-5)", "wrong", "public input 1 of 1"),
}


@pytest.fixture(scope="module")
def judges(key_folder):
    """A judge by exercise, whose hidden values are computed once."""
    return {
        task.exercise.id: Judge(task, SECRET, draws=12 if task.exercise.id != "3.3" else 8)
        for task in answer_key.read(key_folder)
    }


@pytest.fixture(scope="module")
def warm():
    """One warm parent for all of them: none may harm it for the next."""
    if TIGHT.missing():
        pytest.skip(f"no box here; missing: {', '.join(TIGHT.missing())}")
    with WarmParent(TIGHT) as parent:
        yield parent
        assert parent.process.poll() is None


@pytest.mark.parametrize("case", HOSTILE)
def test_one_exercise(case, judges, warm):
    body, status, said = HOSTILE[case]
    code = f"def transfer_s(size_bytes, link_gbit_per_s):\n    {body}\n"
    score = judges["3.1"].score(code, warm)
    assert (score.status, said in score.detail) == (status, True), score
    assert len(score.detail) < 500


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("def transfer_s(:", "raised", "SyntaxError"),
        ("%time", "raised", "SyntaxError"),
        ("x = 1", "raised", "KeyError: 'transfer_s'"),
        ("transfer_s = 7", "raised", "not callable"),
        ("def transfer_s(a): return a", "raised", "unexpected keyword"),
        ("def transfer_s(size_bytes, link_gbit_per_s): return helper(1)", "raised", "NameError"),
        ("1 / 0", "raised", "ZeroDivisionError"),
        ("while True: pass", PERSON, ""),  # no loop in a notebook; it may have been slow
        ("\ud800", "raised", "Unicode"),
    ],
)
def test_cells_that_do_not_load(code, status, said, judges, warm):
    score = judges["3.1"].score(code, warm)
    assert (score.status, said in score.detail) == (status, True), score


def test_a_child_knows_nothing_of_the_one_before(judges, warm):
    leaves = "import builtins, math\nbuiltins.kept = math.kept = 1\n"
    takes = "import builtins, math\nassert not hasattr(builtins, 'kept')\n"
    takes += "assert not hasattr(math, 'kept')\n"
    right = f"def transfer_s(size_bytes, link_gbit_per_s):\n    {RIGHT}\n"
    assert judges["3.1"].score(leaves + right, warm).status == "right"
    assert judges["3.1"].score(takes + right, warm).status == "right"


def test_answers_cannot_be_given_before_the_inputs(judges, warm):
    """Forged answers sent at once are taken for the next inputs, and are wrong for them."""
    forged = (
        "import json, os, struct\n"
        "def transfer_s(size_bytes, link_gbit_per_s):\n"
        "    value = size_bytes * 8 / (link_gbit_per_s * 1e9)\n"
        "    data = json.dumps({'answer': value}).encode()\n"
        "    for channel in range(3, 64):\n"
        "        try:\n"
        "            os.write(channel, (struct.pack('<I', len(data)) + data) * 50)\n"
        "        except OSError:\n"
        "            pass\n"
        "    return value\n"
    )
    score = judges["3.1"].score(forged, warm)
    assert score.status == "needs a person"  # the public input was answered rightly
    assert score.reason.endswith("; wrong on hidden input 1 of 12")


SHOW_SURROUNDINGS = """
import os, sys
def attack():
    opened = []
    for descriptor in range(64):
        try:
            os.fstat(descriptor)
            opened.append(descriptor)
        except OSError:
            pass
    return [dict(os.environ), sys.argv, os.getcwd(), opened, sorted(sys.modules)]
"""


def test_a_child_finds_no_secret_around_it(ask):
    environment, arguments, folder, opened, modules = ask(SHOW_SURROUNDINGS, Box())
    assert set(environment) <= {"PYTHONHASHSEED", "OPENBLAS_NUM_THREADS", "LC_CTYPE"}
    assert set(json.loads(arguments[2])) == {
        *("files", "system_calls", "limits", "packages", "answer", "routed", "readable")
    }
    assert folder == "/"
    assert len(opened) == 4 and opened[:3] == [0, 1, 2]  # /dev/null three times, and the line
    assert not any(name.startswith("inference_lab") for name in modules)


def test_reference_of_each_exercise_is_right(judges, solutions, warm):
    for exercise, judge in judges.items():
        assert judge.score(solutions[exercise], warm).status == "right", exercise


@pytest.mark.parametrize(
    ("choice", "status", "said"),
    [
        ("0", "wrong", "times round_robin's"),
        ("-1", "wrong", "returned -1: a router returns an index from 0 to 3"),
        ("4", "wrong", "returned 4"),
        ("1.0", "wrong", "returned a float"),
        ("10**30", "wrong", "returned a int"),
        ("'0'", "wrong", "returned a str"),
        ("None", "wrong", "returned a NoneType"),
        ("1 // 0", "raised", "ZeroDivisionError"),
        ("replicas[7]", "raised", "IndexError"),
        ("request.output_tokens", "raised", "no attribute 'output_tokens'"),
        ("__import__('os')._exit(1)", "ended", "exit code 1"),
        ("__import__('time').sleep(99)", "timed out", ""),
        ("(_ for _ in ()).throw(NotImplementedError('Exercise 3.3'))", "not attempted", ""),
        ("int(rng.integers(4))", "wrong", "times round_robin's"),
    ],
)
def test_routers(choice, status, said, judges, warm):
    code = f"def route(request, replicas, rng):\n    return {choice}\n"
    score = judges["3.3"].score(code, warm)
    assert (score.status, said in score.detail) == (status, True), score


def test_a_boxed_router_decides_as_it_does_in_a_notebook(judges, solutions, warm):
    """The same simulation, decision by decision, whether the router is boxed or not."""
    from inference_lab.grading.policy import BoxedRouter
    from inference_lab.lab import scenario

    exercise = judges["3.3"].task.exercise
    with warm.child() as child:
        judges["3.3"]._load(child, solutions["3.3"], replicas=4, seed=0)
        boxed = scenario.run(exercise.scenario, BoxedRouter(child), 5, exercise.limits)
    assert boxed == scenario.run(
        exercise.scenario, judges["3.3"].task.reference, 5, exercise.limits
    )


@pytest.mark.parametrize(
    ("box", "body", "said"),
    [
        (Box(cpu_s=1), "while True: pass", "1 s of CPU time"),
        (Box(call_s=0.5), "time.sleep(99)", "0.5 s a call"),
        (Box(exercise_s=0.5), "time.sleep(0.2)", "0.5 s an exercise"),
    ],
)
def test_each_limit_of_time(box, body, said, judges, needs_box):
    code = f"import time\ndef transfer_s(size_bytes, link_gbit_per_s):\n    {body}\n    {RIGHT}\n"
    with WarmParent(box) as parent:
        score = judges["3.1"].score(code, parent)
    assert score.timed_out and said in score.detail, score


def test_the_time_of_a_policy_is_that_of_all_its_runs(judges, solutions, needs_box):
    with WarmParent(Box(exercise_s=0.001)) as parent:
        assert judges["3.3"].score(solutions["3.3"], parent).status == "timed out"


def test_the_same_secret_gives_the_same_inputs_and_another_one_others(key_folder):
    task = answer_key.read(key_folder)[0]
    inputs = [
        [q.inputs for q in Judge(task, secret, 5).questions if not q.is_public]
        for secret in (SECRET, SECRET, b"?" * 16)
    ]
    assert inputs[0] == inputs[1]
    assert all(mine != theirs for mine, theirs in zip(inputs[0], inputs[2], strict=True))
    assert len({str(each) for each in inputs[0]}) == 5


def test_a_box_that_cannot_be_closed_is_not_the_students_fault(needs_box):
    with (
        WarmParent(Box(memory_bytes=1 << 70)) as parent,
        pytest.raises(RuntimeError, match="box cannot be closed"),
    ):
        parent.child()


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    assert Box().missing() == ["Linux"]
    assert Box.none().missing() == []
    with monkeypatch.context() as windows:  # undone before pytest makes a path
        windows.setattr(os, "name", "nt")
        missing = Box.none().missing()
    assert "POSIX" in missing[0]


def test_old_kernels_are_refused(monkeypatch):
    sandlock = pytest.importorskip("sandlock")
    monkeypatch.setattr(sandlock, "landlock_abi_version", lambda: 4)
    assert Box().missing() == ["Landlock ABI 6 (Linux 6.12); this kernel has 4"]
