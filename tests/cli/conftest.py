"""What tests of commands share: a replica as it is typed, and a small trace."""

import pytest

HEAD = "TIMESTAMP,ContextTokens,GeneratedTokens\n"


@pytest.fixture
def small():
    """A replica on four GPUs."""
    return ["--llm", "Llama-3.1-70B", "--gpu", "H100-SXM5-80GB", "--tp", "4"]


@pytest.fixture
def trace(tmp_path):
    """Fifty requests of 400 + 40 tokens, one a second."""
    path = tmp_path / "trace.csv"
    path.write_text(HEAD + "".join(f"2023-11-16 18:15:{s}.5,400,40\n" for s in range(10, 60)))
    return path
