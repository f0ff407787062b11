"""Exercises of the tiny lesson that the pipeline's tests build."""

from inference_lab.lab.exercise import Exercise, Misconception


def in_bits_only(size_bytes, link_gbit_per_s):
    return size_bytes / (link_gbit_per_s * 1e9)


def in_milliseconds(size_bytes, link_gbit_per_s):
    return size_bytes * 8 / (link_gbit_per_s * 1e6)


EXERCISES = (
    Exercise(
        id="7.1",
        function="transfer_s",
        title="Time on the wire",
        public=(
            {"size_bytes": 1e9, "link_gbit_per_s": 100},
            {"size_bytes": 671_088_640, "link_gbit_per_s": 25},
        ),
        draw=lambda rng: {
            "size_bytes": float(rng.integers(10**6, 10**10)),
            "link_gbit_per_s": float(rng.choice([10, 25, 100, 400])),
        },
        misconceptions=(
            Misconception(in_bits_only, "How many bits has a byte?"),
            Misconception(in_milliseconds, "In which unit is the answer asked for?"),
        ),
        hints=("Which units do the two numbers have?", "Bring both to bits."),
    ),
)
