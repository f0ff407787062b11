"""A stretch in closed form, against one step after the other."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from inference_lab.serving.macro.stretch import duration_s, first_end

TICK = 2.0**-20
"""Sums of its multiples are exact."""


def step_ends_s(start_s, steps, first_s, growth_s):
    return list(accumulate((first_s + k * growth_s for k in range(steps)), initial=start_s))[1:]


ticks = st.integers(0, 2**24).map(lambda n: n * TICK)


@given(st.data(), ticks, st.integers(1, 60), ticks, ticks)
def test_the_first_end_is_found_where_steps_add_up_exactly(data, start_s, steps, first_s, growth_s):
    ends_s = step_ends_s(start_s, steps, first_s, growth_s)
    assert start_s + duration_s(steps, first_s, growth_s) == ends_s[-1]
    now_s = data.draw(st.sampled_from(ends_s)) if data.draw(st.booleans()) else None
    if now_s is None:
        now_s = start_s + TICK * data.draw(st.integers(0, round((ends_s[-1] - start_s) / TICK)))
    expected = next(k for k, end_s in enumerate(ends_s) if end_s >= now_s)
    assert first_end(now_s, start_s, first_s, growth_s) == (expected + 1, ends_s[expected])


@given(
    st.floats(0, 1e6),
    st.integers(1, 200),
    st.floats(1e-6, 1e3),
    st.floats(0, 1) | st.floats(0, 1e-12),
    st.floats(0, 1),
    st.booleans(),
)
def test_with_real_times_it_is_the_fewest_steps_by_the_same_sum(
    start_s, steps, first_s, slowing, share, on_an_end
):
    """Whatever the root was rounded to: no fewer steps end at `now_s` or later by `duration_s`."""
    growth_s = slowing * first_s
    now_s = start_s + share * duration_s(steps, first_s, growth_s)
    if on_an_end:
        now_s = start_s + duration_s(round(share * steps), first_s, growth_s)
    found, end_s = first_end(now_s, start_s, first_s, growth_s)
    assert end_s == start_s + duration_s(found, first_s, growth_s) >= now_s
    assert found == 1 or start_s + duration_s(found - 1, first_s, growth_s) < now_s
