"""The longest gap of each sequence from the notes of stretches, against all its tokens."""

from itertools import accumulate

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inference_lab.serving.macro.gaps import longest_in_each


@st.composite
def histories(draw):
    """Stretches of one replica: when each began, and when its steps ended; in whole seconds."""
    stretches, now_s = [], 0
    for _ in range(draw(st.integers(1, 8))):
        now_s += draw(st.integers(0, 20))  # others' prompts are read meanwhile
        first_s, growth_s, steps = (draw(st.integers(*ends)) for ends in ((1, 20), (0, 3), (1, 6)))
        ends_s = list(accumulate((first_s + k * growth_s for k in range(steps)), initial=now_s))[1:]
        stretches.append((now_s, ends_s, first_s + (steps - 1) * growth_s))
        now_s = ends_s[-1]
    return stretches


@given(histories(), st.data())
def test_the_longest_gap_is_that_between_all_tokens(stretches, data):
    sequences, expected = [], []
    for _ in range(data.draw(st.integers(1, 6))):
        since = data.draw(st.integers(0, len(stretches) - 1))
        until = data.draw(st.integers(since + 1, len(stretches)))
        last_token_s = data.draw(st.integers(0, stretches[since][0]))
        tokens_s = [last_token_s]
        tokens_s += [end_s for _, ends_s, _ in stretches[since:until] for end_s in ends_s]
        sequences.append((since, until, last_token_s))
        expected.append(max(np.diff(tokens_s)))
    noted_s = np.array([(ends_s[0], last_s, ends_s[-1]) for _, ends_s, last_s in stretches], float)
    found = longest_in_each(noted_s, *map(np.array, zip(*sequences, strict=True)))
    assert list(found) == expected
