"""The heap of the least loaded, against a look at all replicas that live."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from inference_lab.serving.macro.least_loaded import LeastLoaded


@dataclass
class Loaded:
    """What the heap sees of a replica."""

    index: int
    outstanding: int = 0
    queued_tokens: int = 0


WHAT = st.sampled_from(["route", "route", "route", "end", "end", "leave", "return"])


@given(
    st.booleans(),
    st.integers(1, 6),
    st.lists(st.tuples(WHAT, st.integers(0, 5), st.integers(1, 4)), max_size=120),
)
def test_it_is_the_least_of_those_that_live(by_tokens, size, events):
    """Loads grow untold; that they fall, and who leaves and returns (empty or not), is told."""
    fleet = [Loaded(i) for i in range(size)]
    living = set(range(size))
    choose = LeastLoaded("queued_tokens" if by_tokens else "outstanding", fleet)

    def key(replica):
        tokens = (replica.queued_tokens,) if by_tokens else ()
        return (*tokens, replica.outstanding, replica.index)

    for what, index, number in events:
        replica = fleet[index % size]
        if what == "route":
            for _ in range(number):
                chosen = choose(0)
                assert chosen is min((fleet[i] for i in living), key=key)
                chosen.outstanding += 1
                chosen.queued_tokens += number
        elif what == "end":  # one that left still works, or is cleared
            replica.outstanding = max(0, replica.outstanding - number)
            replica.queued_tokens = max(0, replica.queued_tokens - number * number)
            choose.changed(replica)
        elif what == "leave" and replica.index in living and len(living) > 1:
            living.remove(replica.index)
            choose.left(replica)
        elif what == "return" and replica.index not in living:
            living.add(replica.index)
            choose.joined(replica)


def test_old_entries_are_swept_out():
    fleet = [Loaded(0), Loaded(1)]
    choose = LeastLoaded("outstanding", fleet)
    for _ in range(100):
        for replica in fleet:
            replica.outstanding += 1
        choose(0).outstanding += 1
        for replica in fleet:
            replica.outstanding = 0
            choose.changed(replica)
    assert len(choose._heap) <= 8 * len(fleet)
