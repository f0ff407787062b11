# %% [markdown] id="title"
# # 07 Tiny
#
# A lesson for the tests. It takes 3 minutes.

# %% id="setup"
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

from inference_lab.lab import check, hint, predict, reveal, show

# %% id="predict-7-1" tags=["predict"]
predict("7.1", 75, unit="ms")

# %% id="example"
print(f"{np.sqrt(2):.3g}")

# %% id="figure"
fig, axes = plt.subplots()
axes.plot([1, 2, 3])
show(fig, reads="It rises from 1 to 3.", alt="A straight line upwards.")

# %% id="view" tags=["widget"]
display(
    {
        "text/html": '<img alt="At 2 req/s the queue is empty." src="data:image/svg+xml,<svg/>">',
        "text/plain": "At 2 req/s the queue is empty.",
    },
    raw=True,
)
display({"application/vnd.jupyter.widget-view+json": {"model_id": str(id(axes))}}, raw=True)

# %% id="reveal-7-1"
reveal("7.1", lambda: 149.0)

# %% [markdown] id="exercises"
# ## Exercises


# %% id="ex-7-1" tags=["exercise"]
def transfer_s(size_bytes, link_gbit_per_s):
    """Seconds that `size_bytes` need on a link."""
    ### BEGIN SOLUTION
    return size_bytes * 8 / (link_gbit_per_s * 1e9)
    ### END SOLUTION


# %% id="check-7-1" tags=["check"]
check("7.1", transfer_s)

# %% id="hint-7-1"
hint("7.1")

# %% [markdown] id="teacher" tags=["instructor"]
# Ask the room first.

# %% [markdown] id="end"
# You have finished lesson 07.
