"""Exercises for the tests of the grader: a number, a dict with a list, a policy."""

from inference_lab.lab.exercise import Exercise, PolicyExercise, Scenario


def link(rng):
    return {
        "size_bytes": float(rng.integers(10**6, 10**10)),
        "link_gbit_per_s": float(rng.choice([10, 25, 100, 400])),
    }


EXERCISES = (
    Exercise(
        id="3.1",
        function="transfer_s",
        title="Time on the wire",
        public=({"size_bytes": 1e9, "link_gbit_per_s": 100.0},),
        draw=link,
    ),
    Exercise(
        id="3.2",
        function="loads",
        title="Shares of the load",
        public=({"rates_per_s": [1.0, 3.0]},),
        draw=lambda rng: {"rates_per_s": list(rng.uniform(1, 9, size=rng.integers(1, 6)))},
        points=2,
    ),
    PolicyExercise(
        id="3.3",
        function="route",
        title="A router that beats round robin",
        scenario=Scenario(
            replica={"prefill_s": (0.01, 1e-4, 0.0), "decode_s": (0.0, 0.0, 0.0)},
            replicas=4,
            workload={
                "kind": "poisson",
                "rate_per_s": 22.0,
                "requests": 300,
                "prompt_tokens": (16, 3000),
                "output_tokens": 1,
            },
        ),
        baseline="round_robin",
        limits={"mean_ttft_s": 0.97},
        points=3,
    ),
    Exercise(
        id="3.4",
        function="shown",
        title="Shown solved",
        public=({"bits": 8.0},),
        draw=lambda rng: {"bits": float(rng.integers(1, 99))},
    ),
)
