"""How safe a policy exercise is: the metric's ratio to its baseline over many seeds.

Prints one JSON line: for the solution and each misconception the smallest, median and largest
ratio, and the share of seeds that pass.

    python tests/benchmarks/policy_margin.py 5.7 --seeds 120
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from inference_lab.lab import scenario
from inference_lab.lab.exercise import PolicyExercise
from inference_lab.pipeline import answers, project, source

ROOT = Path(__file__).resolve().parents[2]


def ratios(exercise_id: str, seed: int) -> dict[str, float]:
    """The ratio of each policy on one seed."""
    (lesson,) = project.lessons(ROOT, [exercise_id.partition(".")[0]])
    (exercise,) = [e for e in answers.definitions(lesson) if e.id == exercise_id]
    if not isinstance(exercise, PolicyExercise):
        raise ValueError(f"{exercise_id} is no policy exercise")
    cells = answers.references(source.read(lesson.source))
    policies = {"solution": answers.reference(exercise, cells[exercise_id])}
    policies |= {each.function.__name__: each.function for each in exercise.misconceptions}
    baseline = scenario.run(exercise.scenario, exercise.baseline, seed, exercise.metric)
    found = {"needed": exercise.ratio}
    for name, policy in policies.items():
        found[name] = scenario.run(exercise.scenario, policy, seed, exercise.metric) / baseline
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("exercise")
    parser.add_argument("--seeds", type=int, default=120)
    parser.add_argument(
        "--first", type=int, default=1000, help="first seed, apart from public ones"
    )
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.seeds)
    rows = Parallel(n_jobs=2)(delayed(ratios)(given.exercise, seed) for seed in seeds)
    said: dict[str, object] = {"exercise": given.exercise, "seeds": given.seeds}
    needed = said["needed"] = rows[0]["needed"]
    for name in list(rows[0])[1:]:
        column = np.array([row[name] for row in rows])
        said[name] = {
            "min": round(float(column.min()), 3),
            "median": round(float(np.median(column)), 3),
            "max": round(float(column.max()), 3),
            "passes": round(float((column <= needed).mean()), 3),
        }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
