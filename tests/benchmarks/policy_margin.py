"""How safe a policy exercise, or a played one, is: ratios to the baseline over many seeds.

Prints one JSON line: for the solution and each misconception the smallest, median and largest
ratios, the share of seeds that keep all limits, and the share of groups of seeds, as many as the
check runs, of which all do. `spare` is the least of what the solution gains, over what is asked.

    python tests/benchmarks/policy_margin.py 1.3 --seeds 200

Of a played exercise it also tries the right answers that people wrote (`answers_NN.py`).
"""

from __future__ import annotations

import argparse
import json
import runpy
from collections.abc import Callable
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from inference_lab.lab import scenario
from inference_lab.lab.exercise import Exercise, PolicyExercise
from inference_lab.pipeline import answers, project, source

ROOT = Path(__file__).resolve().parents[2]


def ratios(
    exercise_id: str, seed: int, only: list[str] | None = None
) -> dict[str, dict[str, float]]:
    """The ratios of each policy on one seed."""
    exercise, cell = asked(exercise_id)
    policies = {"solution": answers.reference(exercise, cell)}
    policies |= {each.function.__name__: each.function for each in exercise.misconceptions}
    if isinstance(exercise, Exercise):
        policies |= written(exercise)
    policies = {name: policies[name] for name in only or policies}
    if isinstance(exercise, Exercise):
        inputs = exercise.draw(np.random.default_rng(seed))
        plain = exercise.value(exercise.play.baseline, inputs)
        return {
            name: {exercise.play.unit: exercise.value(policy, inputs) / plain}
            for name, policy in policies.items()
        }

    def reached(policy: str | Callable[..., int]) -> dict[str, float]:
        return scenario.run(exercise.scenario, policy, seed, exercise.limits)

    baseline = reached(exercise.baseline)
    return {name: scenario.ratios(reached(policy), baseline) for name, policy in policies.items()}


def written(exercise: Exercise) -> dict[str, Callable[..., object]]:
    """The right answers that people wrote, by their numbers in the corpus."""
    lesson = f"{int(exercise.id.partition('.')[0]):02}"
    corpus = runpy.run_path(str(ROOT / "tests" / "lessons" / f"answers_{lesson}.py"))
    found = {}
    for number, text in enumerate(corpus["RIGHT"][exercise.id], 1):
        names: dict[str, Callable[..., object]] = {}
        exec(text, names)
        found[f"right answer {number}"] = names[exercise.function]
    return found


def asked(exercise_id: str) -> tuple[PolicyExercise | Exercise, str]:
    """A policy exercise, or a played one, and its solved cell."""
    (lesson,) = project.lessons(ROOT, [exercise_id.partition(".")[0]])
    (exercise,) = [e for e in answers.definitions(lesson) if e.id == exercise_id]
    if isinstance(exercise, Exercise) and not exercise.play:
        raise ValueError(f"{exercise_id} is no policy exercise, and none that is played")
    return exercise, answers.references(source.read(lesson.source))[exercise_id]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("exercise")
    parser.add_argument("--seeds", type=int, default=120)
    parser.add_argument(
        "--first", type=int, default=1000, help="first seed, apart from public ones"
    )
    parser.add_argument("--only", nargs="+", help="names of policies; all if left out")
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.seeds)
    rows = Parallel(n_jobs=2)(delayed(ratios)(given.exercise, seed, given.only) for seed in seeds)
    exercise, _ = asked(given.exercise)
    is_played = isinstance(exercise, Exercise)
    limits = {exercise.play.unit: exercise.play.ratio} if is_played else exercise.limits
    said: dict[str, object] = {"exercise": exercise.id, "seeds": given.seeds}
    said["limits"] = limits
    group = len(exercise.public if is_played else exercise.public_seeds)
    for name in rows[0]:
        runs = [row[name] for row in rows]
        passes = np.array([scenario.within(run, limits) for run in runs])
        whole = passes[: len(passes) // group * group].reshape(-1, group)
        columns = {metric: np.array([run[metric] for run in runs]) for metric in limits}
        said[name] = {
            metric: [round(float(q), 3) for q in (column.min(), np.median(column), column.max())]
            for metric, column in columns.items()
        } | {
            "passes": round(float(passes.mean()), 3),
            "passes_all_of_a_group": round(float(whole.all(axis=1).mean()), 3),
        }
        if name == "solution":
            said["spare"] = {
                metric: round(float((1 - columns[metric].max()) / (1 - limit)), 2)
                for metric, limit in limits.items()
                if limit < 1
            }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
