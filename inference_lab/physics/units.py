"""Units: SI inside, and the names carry the unit.

One gigabyte is 1e9 bytes, one gibibyte 2**30; a link of 1 Gb/s moves 1e9 / 8 bytes a second.
"""

from inference_lab.checks import one_of

KB = 1e3
GB = 1e9
MiB = 2**20
GiB = 2**30
GBIT_PER_S = 1e9 / 8
"""Bytes per second of a link of 1 Gb/s."""
TFLOP = 1e12
MS = 1e-3
US = 1e-6

BYTES_PER_NUMBER = {"bf16": 2, "fp16": 2, "fp8": 1}
"""Storage of one weight, or of one number in the KV-cache, by precision (IEEE 754; OCP 8-bit
FP)."""


def bytes_per_number(precision: str, argument: str = "precision") -> int:
    """Bytes of one number stored in a precision.

    Raises
    ------
    TypeError, ValueError
        If the precision is not one of `BYTES_PER_NUMBER`.

    Examples
    --------
    >>> bytes_per_number("bf16")
    2
    """
    return BYTES_PER_NUMBER[one_of(argument, precision, BYTES_PER_NUMBER)]
