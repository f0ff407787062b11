# %% [markdown] id="title"
# # 01 What an inference workload looks like

# %% [markdown] id="ticket"
# ## Ticket and briefing
#
# > **Ticket 4702.** "Chat: one user in a hundred waits more than half a second for the first word.
# > We balance by least connections, as always."
# >
# > *GPU team:* the replicas spend 40 % of their time on prompts. Green.
# >
# > *Network team:* links idle, no errors. Green.
#
# Which knob would you turn? After this lesson you can
#
# - compute how many users fit on a group of GPUs;
# - say what a request waits for, in milliseconds;
# - write a router that cuts the slowest first tokens by a quarter.
#
# The core path takes 60 minutes, the stretch path another 5 minutes so far.
# It builds on [00 Start here](00_start_here.ipynb).
#
# The first cell builds the ticket's cluster: 8 [replicas](glossary.ipynb#cell-id=replica) of Llama-3.1-70B behind a
# [router](glossary.ipynb#cell-id=router), each on four H100s that work as one
# (`tp=4`, *[tensor parallelism](glossary.ipynb#cell-id=tensor-parallelism)*).
# A public chat service, sped up 8 times, sends 38 requests a second.
# The picture shows just two requests at one replica.

# %% id="setup"
from dataclasses import replace

import inference_lab as il
import numpy as np
from inference_lab.lab import check, hint, memo, predict, progress, reveal, show, verdict
from inference_lab.lab.plots import timeline
from inference_lab.lab.views import replay

llama, h100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
replica = il.Replica(llama, h100, tp=4, stack="vllm-2025")
cluster = il.Cluster(replica, replicas=8, token_budget=4096)
chat = il.Workload.like("azure-2023-conv", rate_scale=8, requests=2_000, seed=0)

two = il.Workload.from_arrays(
    arrival_s=[0, 0.060], prompt_tokens=[2048, 2048], output_tokens=[12, 12]
)
show(*timeline(il.simulate(il.Cluster(replica), two, spans=True)))

# %% [markdown] id="clocks"
# **Two requests, two clocks.** The first clock, [TTFT](glossary.ipynb#cell-id=ttft),
# stops when *[prefill](glossary.ipynb#cell-id=prefill)* ends, because then the whole prompt is read.
# The second, [TPOT](glossary.ipynb#cell-id=tpot), ticks during *[decode](glossary.ipynb#cell-id=decode)*: one step, one token.
# While the replica reads B's prompt, A gets no token, like a small packet behind a jumbo frame.
#
# A request is a few kilobytes of text.
# But the replica keeps a [KV-cache](glossary.ipynb#cell-id=kv-cache) for every token that it reads or writes until the answer ends.
#
# ## Predict
#
# Weights and KV-cache share the GPUs' memory.
# On two H100s, two users with 2,048-token prompts and 256-token answers fit beside the weights.
# How many fit on four: 4, 12, 30 or 200?

# %% id="predict-1-1" tags=["predict"]
predict("1.1", 192, unit="users")

# %% [markdown] id="predict-routers"
# [Round robin](glossary.ipynb#cell-id=round-robin) takes turns.
# [Least outstanding](glossary.ipynb#cell-id=least-outstanding), your least connections, picks the replica with the fewest unfinished requests.
# With round robin, the [p99](glossary.ipynb#cell-id=p99) of TTFT is 0.6 s.
# How much is it with least outstanding, in per cent of that: 50, 80, 100 or 150?

# %% id="predict-1-2" tags=["predict"]
predict("1.2", 99, unit="%")

# %% [markdown] id="worked"
# ## Worked example
#
# Each lane is a replica.
# Waiting prompts lie left of the gate, as long as they take to read; answers fill the KV-cache right of it.
# The picture stands just before request 1700 arrives, with 181 tokens.
#
# Press Play: which lane does it get with fewest requests, and what lies there?
# Then drag it to another lane, and press N for the next late request.

# %% id="view" tags=["widget"]
replay(cluster, chat, routers=("least_outstanding", "round_robin"))

# %% [markdown] id="view-read"
# <details><summary>Whom did request 1700 wait for? Look first, then open.</summary>
#
# Its lane had the fewest requests, but two of them were prompts with 10,639 tokens together, so its first token took 792 ms.
# In another lane it takes about 60 ms.
# The requests that only decode hardly matter.</details>
#
# **A request is small and leaves something heavy behind; the router decides whose heavy thing you wait behind.**
#
# ## Experiment
#
# A router is a function: it sees the request and the replicas and returns an index.
# Least outstanding needs two lines.
# Your predictions, against the run:


# %% id="reveals"
def least_outstanding(request, replicas, rng):
    unfinished = [one.outstanding for one in replicas]
    return unfinished.index(min(unfinished))


def p99_ms(router, load=chat):
    result = il.simulate(replace(cluster, router=router), load, seed=0)
    return 1e3 * np.percentile(result.ttft_s, 99)


reveal("1.1", lambda: replica.kv_capacity_tokens // (2048 + 256))
reveal("1.2", lambda: 100 * p99_ms(least_outstanding) / p99_ms("round_robin"))

# %% [markdown] id="reveals-why"
# <details><summary>Why a hundred times as many users? Guess first, then open.</summary>
#
# 141 GB of weights nearly fill two GPUs.
# The third and fourth have nothing else to hold, so nearly all of their memory is KV-cache.</details>
#
# <details><summary>Why no better than taking turns? Guess first, then open.</summary>
#
# It counts requests.
# Most of them only decode, side by side in one [batch](glossary.ipynb#cell-id=batch), and delay nobody's first token.</details>
#
# **Decide:** one number goes on the router's dashboard. Which one: unfinished requests, free memory, or queued prompt tokens?
#
# <details><summary>Have you decided? Then open our answer.</summary>
#
# Queued prompt tokens, because a new prompt waits for nothing else.
# Routing by free memory makes the p99 worse, 200 % of round robin's.</details>

# %% [markdown] id="exercises"
# ## Exercises
#
# Stuck? Run `hint("1.1", 1)` in a new cell.
#
# **Exercise 1.1** (3 minutes). How many bytes of KV-cache does one token leave on the replica?
# Each layer keeps a key and a value in each *KV head*, a vector of `head_dim` numbers each.
# Several query heads share a KV head ([GQA](glossary.ipynb#cell-id=gqa)).


# %% id="ex-1-1" tags=["exercise"]
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    """Bytes for one token; `heads` counts the query heads. Llama-3.1-70B: 327,680."""
    ### BEGIN SOLUTION
    return 2 * layers * kv_heads * head_dim * bytes_per_number
    ### END SOLUTION


# %% id="check-1-1" tags=["check"]
check("1.1", kv_bytes_per_token)

# %% [markdown] id="ex-1-2-text"
# **Exercise 1.2** (6 minutes). How many users fit on a group of GPUs?
# The engine may use `usable_share` of each GPU's memory, less `reserve_bytes` on each for its own work.
# The group holds the weights once.
# Complete the function; 2, 4 and 8 H100s hold 2, 192 and 571 users.


# %% id="ex-1-2" tags=["exercise"]
def users_that_fit(
    gpus,
    gpu_bytes,
    usable_share,
    reserve_bytes,
    weight_bytes,
    kv_bytes_per_token,
    prompt_tokens,
    answer_tokens,
):
    """Whole users whose tokens fit beside the weights; 0 if the weights do not fit."""
    one_user_bytes = (prompt_tokens + answer_tokens) * kv_bytes_per_token
    ### BEGIN SOLUTION
    room_bytes = gpus * (gpu_bytes * usable_share - reserve_bytes) - weight_bytes
    return max(0, int(room_bytes // one_user_bytes))
    ### END SOLUTION


# %% id="check-1-2" tags=["check"]
check("1.2", users_that_fit)

# %% [markdown] id="ex-1-3-text"
# **Exercise 1.3** (10 minutes). Write the router of the ticket.
# Of each replica it sees `outstanding`, `queued_tokens` (prompt tokens that are not read yet)
# and `free_blocks` (of KV-cache), of the request `prompt_tokens`;
# `rng` is a numpy generator, as in `rng.integers(8)`.
#
# Against round robin, the p99 of TTFT must be a quarter lower *and* the p99 of TPOT no higher, in each of three draws of 8,000 requests.


# %% id="ex-1-3" tags=["exercise"]
def route(request, replicas, rng):
    """The index of the replica that gets the request."""
    ### BEGIN SOLUTION
    waiting = [(one.queued_tokens, one.outstanding) for one in replicas]
    return waiting.index(min(waiting))
    ### END SOLUTION


# %% id="check-1-3" tags=["check"]
check("1.3", route)

# %% [markdown] id="claims"
# ## Check the claim
#
# The course tests the claims of the text "How Inference Differs from Training".
# Replace `None` with your verdict: `"holds"`, `"holds if"` or `"does not hold"`.
#
# **C04: "A 70B model fits on 2 to 4 GPUs."**
# *Fits* means that 32 of our users fit beside the weights. We test 2-byte (bf16) and 1-byte weights (fp8).

# %% id="claim-04" tags=["verdict"]
verdict("C04", "holds if")

from inference_lab.lab.claims.workload import serves_enough_users


def users(precision):
    groups = {n: replace(replica, tp=n, precision=precision) for n in (2, 4)}
    return {n: one.kv_capacity_tokens // (2048 + 256) for n, one in groups.items()}


reveal("C04", lambda: {p: serves_enough_users(users(p), 32) for p in ("bf16", "fp8")})

# %% [markdown] id="claim-04-why"
# <details><summary>Why does half the weight help so much on two GPUs? Guess first, then open.</summary>
#
# It frees 70 GB where 2 GB were left. A model that loads does not yet serve.</details>
#
# **C06: "The router load-balances requests across replicas."**
# *Balances* means a tenth less than with round robin.
# We test 8 servers that serve one request at a time, 90 % busy (mean time, in units of one service), and the ticket's chat (p99 TTFT).

# %% id="claim-06" tags=["verdict"]
verdict("C06", "holds if")

from inference_lab.experiments.routers import one_at_a_time
from inference_lab.lab.claims.workload import router_balances

routers = ("round_robin", "power_of_two", "least_outstanding", "least_queued_tokens")


def both_worlds():
    times = {name: one_at_a_time(name) for name in routers}
    waits = {name: p99_ms(name) for name in routers}
    return {
        "one at a time": router_balances(times, "round_robin", "services"),
        "chat": router_balances(waits, "round_robin", "ms"),
    }


reveal("C06", both_worlds)

# %% [markdown] id="claim-06-why"
# <details><summary>Why does your old habit fail here? Guess first, then open.</summary>
#
# Where a server takes one request at a time, every request in front of you is a wait.
# Here a hundred answers share a step, and only unread prompts are a wait.
# So ask: balance *what*?</details>

# %% [markdown] id="memo-text"
# ## Design memo
#
# Close ticket 4702. Which p99 of TTFT do you promise for this load, in milliseconds, and who changes what?
# Replace each `None`.

# %% id="memo" tags=["memo"]
memo(
    "01",
    360,
    "ms",
    "The platform team routes by queued prompt tokens, ties by unfinished requests.",
    run={"ms": lambda: p99_ms("least_queued_tokens")},
)

# %% [markdown] id="memo-answer"
# <details><summary>Have you written yours? Then open our line.</summary>
#
# "360 ms: the platform team routes by queued prompt tokens, ties by unfinished requests."
# No link and no GPU changes. A request that is late now brings its own long prompt.</details>

# %% [markdown] id="transfer"
# **One more question.** Half of all prompts begin with the same long system prompt, whose KV-cache every replica keeps. Which count lies now?
#
# <details><summary>A. Unfinished requests.</summary>
# It says as much or as little as before.</details>
#
# <details><summary>B. Queued prompt tokens.</summary>
# Yes: cached tokens need no reading, so a long prompt may be a short wait. Count the tokens that are not cached.</details>
#
# <details><summary>C. Both.</summary>
# Only one of them counts tokens.</details>
#
# <details><summary>D. None.</summary>
# What does a router think of a 4,000-token prompt of which 3,900 tokens are cached?</details>

# %% [markdown] id="finished"
# **You have finished lesson 01.** Your code, to read out in the room (it carries no marks):

# %% id="progress"
progress("01")

# %% [markdown] id="cache-cost"
# ## Stretch: a cost that sees the cache
#
# A router that knows what each cache holds can add two counts of blocks (16 tokens each):
# those of the prompt that the replica would still have to read, and those of the answers that it is writing.
# One weight says how much dearer reading is.
#
# **Exercise 1.4** (5 minutes). Return the index of the cheapest replica; the first among equals.
# Example: three replicas with 8, 5, 2 blocks to read and 10, 5, 9 in decode: index 1 at weight 1, index 2 at weight 4.


# %% id="ex-1-4" tags=["exercise"]
def cheapest(prefill_blocks, decode_blocks, overlap_weight):
    """The index of the replica with the smallest cost."""
    ### BEGIN SOLUTION
    pairs = zip(prefill_blocks, decode_blocks)
    costs = [overlap_weight * prefill + decode for prefill, decode in pairs]
    return costs.index(min(costs))
    ### END SOLUTION


# %% id="check-1-4" tags=["check"]
check("1.4", cheapest)

# %% [markdown] id="next"
# ## Next
#
# Back to the map in [00 Start here](00_start_here.ipynb).
