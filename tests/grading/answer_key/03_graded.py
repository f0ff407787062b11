# %% [markdown] id="title"
# # 03 Graded
#
# A lesson for the tests of the grader.

# %% id="setup"
from inference_lab.lab import check


# %% id="ex-3-1" tags=["exercise"]
def transfer_s(size_bytes, link_gbit_per_s):
    """Seconds that `size_bytes` need on a link."""
    ### BEGIN SOLUTION
    return size_bytes * 8 / (link_gbit_per_s * 1e9)
    ### END SOLUTION


# %% id="check-3-1" tags=["check"]
check("3.1", transfer_s)


# %% id="ex-3-2" tags=["exercise"]
def loads(rates_per_s):
    """The total rate, and each one's share of it."""
    import numpy as np

    ### BEGIN SOLUTION
    rates = np.array(rates_per_s)
    return {"total_per_s": rates.sum(), "shares": list(rates / rates.sum())}
    ### END SOLUTION


# %% id="check-3-2" tags=["check"]
check("3.2", loads)


# %% id="ex-3-3" tags=["exercise"]
def route(request, replicas, rng):
    """Index of the replica that gets the request."""
    ### BEGIN SOLUTION
    return min(range(len(replicas)), key=lambda i: replicas[i].queued_tokens)
    ### END SOLUTION


# %% id="check-3-3" tags=["check"]
check("3.3", route)


# %% id="ex-3-4" tags=["exercise", "worked"]
def shown(bits):
    """Shown solved in the course: it carries no points."""
    return bits / 8


# %% id="check-3-4" tags=["check"]
check("3.4", shown)
