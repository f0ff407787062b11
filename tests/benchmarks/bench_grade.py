"""How long grading takes: one boxed exercise, one decision of a boxed router, a course of 200.

The course is this one; 20 of the 200 submissions are hostile, of ten kinds, in their files or in
their code, and every mark of the others must be exact.

Prints one JSON line. Run it on a quiet machine: python tests/benchmarks/bench_grade.py
"""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import statistics
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

from inference_lab.grading import answer_key
from inference_lab.grading.box import Box
from inference_lab.grading.line import WarmParent
from inference_lab.grading.policy import BoxedRouter
from inference_lab.grading.run import grade
from inference_lab.grading.score import Judge
from inference_lab.lab import scenario
from inference_lab.pipeline import sides, source

KEY_FOLDER = Path(__file__).parents[1] / "grading" / "answer_key"
LESSON = "03_graded"
SECRET = b"a secret for the benchmark only"
SOLUTIONS = Path(__file__).parents[2] / "solutions"
STUDENTS = 200
ATTACKED = "5.1"
HEAD = "def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):\n    "
HOSTILE = {  # what stands in the attacked cell; None: the attack is in the files
    "zip bomb": None,
    "memory in a notebook": None,
    "named pipe": None,
    "blank lines": HEAD + "\n" * 24_000,
    "loop": HEAD + "while True: pass\n",
    "sleep": HEAD + "import time\n    time.sleep(9)\n",
    "memory": HEAD + "return len(bytearray(4 << 30))\n",
    "fork bomb": HEAD + "import os\n    while True: os.fork()\n",
    "kill": HEAD + "import os\n    os.kill(-1, 9)\n",
    "lookup": HEAD + "return {70_000_000_000: 0.1}[parameters]\n",
}
DECISIONS = 10_000


def main() -> None:
    """Measure and print."""
    box = Box()
    if box.missing():
        sys.exit(f"no box here; missing: {', '.join(box.missing())}")
    notebook = sides.solved(source.read(KEY_FOLDER / f"{LESSON}.py"))
    cells = {sides.exercise_id(c.id): c.source for c in notebook.cells if c.id[:3] == "ex-"}
    judges = {task.exercise.id: Judge(task, SECRET, 20) for task in answer_key.read(KEY_FOLDER)}
    of_course, exercise_ms, decision_us = course(box), [], []
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})  # as a worker of the grader does
    with WarmParent(box) as warm:
        judges["3.1"].questions  # noqa: B018 - computed once for all students
        for _ in range(50):
            start_s = time.perf_counter()
            judges["3.1"].score(cells["3.1"], warm)
            exercise_ms.append((time.perf_counter() - start_s) * 1e3)
        for _ in range(5):
            decision_us.append(decision_s(judges["3.3"], cells["3.3"], warm) * 1e6)
    measured = {
        "boxed_exercise_20_inputs_ms": round(statistics.median(exercise_ms), 1),
        "boxed_decision_cpu_us": round(statistics.median(decision_us), 1),
        "students": STUDENTS,
        "hostile": STUDENTS // 10,
        "cores": len(cores),
    } | of_course
    print(json.dumps(measured))


def course(box: Box) -> dict[str, float]:
    """Wall time, and peak memory of all processes, of the whole command for all students."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "seed").write_bytes(SECRET)
        lessons = {task.lesson for task in answer_key.read(SOLUTIONS)}
        solved = {n: sides.solved(source.read(SOLUTIONS / f"{n}.py")) for n in lessons}
        for number in range(STUDENTS):
            hand_in(root / "in", number, solved)
        peak, over = [0], threading.Event()
        watch = threading.Thread(target=watch_memory, args=(peak, over))
        watch.start()
        start_s = time.perf_counter()
        marks = grade(root / "in", root / "out", root / "seed", SOLUTIONS, 20, box).marks
        all_s = time.perf_counter() - start_s
        over.set()
        watch.join()
    honest = {mark.status for mark in marks if mark.student.endswith("honest")}
    passed = {m.student for m in marks if m.status == "right" and m.exercise == ATTACKED}
    if honest != {"right"} or not all(student.endswith("honest") for student in passed):
        raise RuntimeError(f"marks are not exact: {honest}, {passed}")
    return {"all_s": round(all_s, 1), "peak_mb": round(peak[0] / 1e6)}


def hand_in(there: Path, number: int, solved: dict[str, dict]) -> None:
    """Write one submission: every tenth is hostile."""
    kinds = list(HOSTILE)
    kind = kinds[number // 10 % len(kinds)] if number % 10 == 9 else "honest"
    place = there / f"{number:03}-{kind.replace(' ', '-')}"
    place.mkdir(parents=True)
    for name, notebook in solved.items():
        made = copy.deepcopy(notebook)
        for cell in made.cells:
            if sides.exercise_id(cell.id) == ATTACKED and cell.id.startswith("ex-"):
                cell.source = HOSTILE.get(kind) or cell.source
        (place / f"{name}.ipynb").write_text(json.dumps(made), encoding="utf-8")
    if kind == "zip bomb":
        with zipfile.ZipFile(place / "more.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for copy_number in range(20):
                archive.writestr(f"05_{copy_number}.ipynb", " " * 10_000_000)
    elif kind == "memory in a notebook":
        (place / "05_x.ipynb").write_text("[" + "{}," * 3_000_000 + "{}]")
    elif kind == "named pipe":
        os.mkfifo(place / "05_x.ipynb")


def watch_memory(peak: list[int], over: threading.Event) -> None:
    """Keep the largest sum of what this process's session holds, five times a second.

    Proportional set sizes, so that what processes share counts once.
    """
    while not over.wait(0.2):
        total = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                if int(stat.read_text().rpartition(")")[2].split()[3]) == os.getsid(0):
                    rollup = (stat.parent / "smaps_rollup").read_text()
                    total += 1024 * int(rollup.partition("\nPss:")[2].split()[0])
            except (OSError, ValueError, IndexError):
                continue
        peak[0] = max(peak[0], total)


def decision_s(judge: Judge, cell: str, warm: WarmParent) -> float:
    """CPU time, of both sides, that a decision takes more when it is asked of a child."""
    exercise = judge.task.exercise
    load = exercise.scenario.workload | {"requests": DECISIONS}
    described = dataclasses.replace(exercise.scenario, workload=load)
    took_s = []
    with warm.child() as child:
        child.load("exercise_3_3", cell, "route", replicas=described.replicas, seed=0)
        for router in (BoxedRouter(child), judge.task.reference):
            start_s = time.process_time()
            scenario.run(described, router, 1, exercise.limits)
            took_s.append(time.process_time() - start_s)
    return (took_s[0] - took_s[1] + child.ended[1]) / DECISIONS


if __name__ == "__main__":
    main()
