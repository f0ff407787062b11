"""Hidden inputs: drawn from a secret, an exercise and a number, the same for every student."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import numpy as np

SHORTEST_BYTES = 16


def read(path: Path) -> bytes:
    """The secret in a seed file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it holds fewer than 16 bytes: a short secret can be guessed.
    """
    secret = Path(path).read_bytes().strip()
    if len(secret) < SHORTEST_BYTES:
        raise ValueError(
            f"{path}: a seed of {len(secret)} bytes can be guessed; make one of {SHORTEST_BYTES} or"
            ' more: python -c "import secrets; print(secrets.token_hex(32))" > seed.txt'
        )
    return secret


def use(path: Path, out: Path) -> None:
    """Note beside a seed file that a run used it.

    Who has seen the private part of a report, or the details that a student's code sent there,
    may know the hidden inputs: a second run with the same seed could be passed by a lookup table.

    Raises
    ------
    ValueError
        If a run used it before; the message says how to go on.
    """
    used = Path(f"{path}.used")
    try:
        with used.open("x", encoding="utf-8") as file:
            file.write(f"{out}\n")
    except FileExistsError:
        raise ValueError(
            f"{path} was used for a run before, so its hidden inputs may be known: make a new one, "
            f"or delete {used} to mark once more with the same inputs"
        ) from None


def fingerprint(secret: bytes) -> str:
    """Sixteen hex digits that tell two secrets apart and tell nothing about them."""
    return _digest(secret, "fingerprint").hex()[:16]


def generator(secret: bytes, exercise: str, draw: int) -> np.random.Generator:
    """The random stream of one hidden input of an exercise.

    Parameters
    ----------
    secret : bytes
        From `read`.
    exercise : str
        Such as ``"5.1"``.
    draw : int
        Number of the input, from 0.
    """
    return np.random.default_rng(number(secret, exercise, draw))


def number(secret: bytes, exercise: str, draw: int) -> int:
    """A seed of 63 bits for one hidden run of a policy."""
    return int.from_bytes(_digest(secret, f"{exercise}/{draw}")[:8], "little") >> 1


def _digest(secret: bytes, purpose: str) -> bytes:
    return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()
