"""How long grading takes: one boxed exercise, one decision of a boxed router, a course of 200.

Prints one JSON line. Run it on a quiet machine: python tests/benchmarks/bench_grade.py
"""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from inference_lab.grading import answer_key as packs
from inference_lab.grading.box import Box
from inference_lab.grading.line import WarmParent
from inference_lab.grading.policy import BoxedRouter
from inference_lab.grading.run import grade
from inference_lab.grading.score import Judge
from inference_lab.lab import scenario
from inference_lab.pipeline import sides, source

PACK = Path(__file__).parents[1] / "grading" / "pack"
LESSON = "03_graded"
SECRET = b"a secret for the benchmark only"
STUDENTS = 200
DECISIONS = 10_000


def main() -> None:
    """Measure and print."""
    box = Box()
    if box.missing():
        sys.exit(f"no box here; missing: {', '.join(box.missing())}")
    notebook = sides.solved(source.read(PACK / f"{LESSON}.py"))
    cells = {sides.exercise_id(c.id): c.source for c in notebook.cells if c.id[:3] == "ex-"}
    judges = {task.exercise.id: Judge(task, SECRET, 20) for task in packs.read(PACK)}
    all_s, exercise_ms, decision_us = course_s(notebook, box), [], []
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})  # as a worker of the grader does
    with WarmParent(box) as warm:
        judges["3.1"].hidden  # noqa: B018 - computed once for all students
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
        "exercises_each": len(judges),
        "all_s": round(all_s, 1),
        "cores": len(cores),
    }
    print(json.dumps(measured))


def course_s(notebook: dict, box: Box) -> float:
    """Wall time of the whole command for all students, the reference handed in by each."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "seed").write_bytes(SECRET)
        for number in range(STUDENTS):
            (root / "in" / f"{number:03}").mkdir(parents=True)
            path = root / "in" / f"{number:03}" / f"{LESSON}.ipynb"
            path.write_text(json.dumps(notebook), encoding="utf-8")
        start_s = time.perf_counter()
        marks = grade(root / "in", root / "out", root / "seed", PACK, 20, box)
        if any(mark.status != "right" for mark in marks):
            raise RuntimeError("the reference did not get all points")
        return time.perf_counter() - start_s


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
            scenario.run(described, router, 1, exercise.metric)
            took_s.append(time.process_time() - start_s)
    return (took_s[0] - took_s[1] + child.ended[1]) / DECISIONS


if __name__ == "__main__":
    main()
