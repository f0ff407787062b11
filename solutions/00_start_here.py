# %% [markdown] id="title"
# # 00 Start here
#
# You know training fabrics: Clos, RoCE, PFC and ECN, collectives.
# This course shows what changes when the same GPUs answer users instead.
# You predict a number, run a small cluster on this computer, and see how far off you were.
# You need no GPU and no internet.
#
# This lesson takes 20 minutes. After it you can
#
# - run a cell, make a prediction, check an exercise and take a hint;
# - translate nine words of inference into words of networking;
# - simulate a cluster of GPUs in five lines.
#
# A notebook is a column of cells.
# Click into the first grey cell, press **Shift-Enter**, and go on like this to the end.

# %% [markdown] id="environment-text"
# ## Check the environment
#
# Every line must say *yes*.

# %% id="environment"
import sys
from importlib.util import find_spec

print("Python 3.11 or newer:", "yes" if sys.version_info >= (3, 11) else "no")
for package in ("numpy", "matplotlib", "anywidget", "inference_lab"):
    print(f"{package}:", "yes" if find_spec(package) else "no")

# %% [markdown] id="environment-no"
# A *no*? Close JupyterLab and start it again with the same command, which also repairs what is missing.

# %% [markdown] id="how"
# ## How a lesson works
#
# Each lesson opens with a ticket.
# You predict, see a worked example, try an interactive picture, write a few lines yourself,
# and close the ticket.
#
# **When you come back** to a lesson, a cell says *NameError* or a picture does not move,
# because no cell has run yet in the new session: choose *Run > Run All Above Selected Cell* in the menu.
# **When a cell never ends** (it shows `[*]`), press the button ■ above the notebook.
# **Without a mouse**, run a picture's cell with Ctrl-Enter, press Tab until you reach its controls, and use the arrow keys.

# %% id="setup"
from inference_lab.lab import check, hint, predict, progress, reveal

# %% [markdown] id="predictions"
# ### Predictions
#
# A user sends a 2,048-token [prompt](glossary.ipynb#cell-id=prompt).
# As text, a [token](glossary.ipynb#cell-id=token) is about 4 bytes.
# How many **microseconds** does the prompt need on a 100 Gb/s link: about 0.01, 1, 100 or 10,000?
#
# Replace `None` with your number and run the cell.
# Nobody sees it or marks it.

# %% id="predict-0-1" tags=["predict"]
predict("0.1", 0.66, unit="µs")

# %% [markdown] id="exercises"
# ### Exercises and checks
#
# An exercise asks for a function.
# This one is already solved, so that you see a check pass.
#
# **Exercise 0.1** (solved). How many seconds do `size_bytes` need on a link of `link_gbit_per_s` Gb/s?


# %% id="ex-0-1" tags=["exercise", "worked"]
def transfer_s(size_bytes, link_gbit_per_s):
    """Seconds that a number of bytes needs on a link, without any protocol."""
    bits = size_bytes * 8
    return bits / (link_gbit_per_s * 1e9)


# %% id="check-0-1" tags=["check"]
check("0.1", transfer_s)

# %% [markdown] id="reveal-text"
# The check tried a few inputs, the *public* ones; grading adds others.
# Now this function can compute the answer to the prediction. Compare:

# %% id="reveal-0-1"
reveal("0.1", lambda: transfer_s(2_048 * 4, link_gbit_per_s=100) * 1e6)

# %% [markdown] id="failing"
# <details><summary>Why so little? Guess first, then open.</summary>
#
# 2,048 tokens of 4 bytes are 8 KB, about as much as one jumbo frame.</details>
#
# ### When a check does not pass
#
# The check below fails **on purpose**.
# It names the input, shows what came back and, because it knows this mistake, asks a question.


# %% id="forgets"
def forgets_something(size_bytes, link_gbit_per_s):
    return size_bytes / (link_gbit_per_s * 1e9)


# %% id="fails-on-purpose" tags=["raises-exception"]
check("0.1", forgets_something)

# %% [markdown] id="hints"
# ### Hints
#
# When you are stuck, ask for a hint by its number: 1 is a question, the last is nearly the answer.
# Change the next cell to `hint("0.1", 1)` and run it.

# %% id="hint-0-1"
hint("0.1")

# %% [markdown] id="your-turn"
# ### Your turn
#
# While a model reads a prompt, it builds up state, the **KV-cache**:
# for Llama-3.1-70B, 327,680 bytes for every token.
# Sometimes this state must move to another server.
#
# **Exercise 0.2** (3 minutes). How many **milliseconds** does the KV-cache of a prompt need on a link?
# Replace the line `raise NotImplementedError(...)`, run the cell, then run the check.
# You hand in this one cell, so it must define and import everything that it uses.


# %% id="ex-0-2" tags=["exercise"]
def kv_transfer_ms(prompt_tokens, kv_bytes_per_token, link_gbit_per_s):
    """Milliseconds that the KV-cache of one prompt needs on a link.

    `kv_bytes_per_token` covers K and V, all layers and all GPUs.
    Example: 1,000 tokens of 2,000 bytes need 1 ms at 16 Gb/s.
    """
    ### BEGIN SOLUTION
    bits = prompt_tokens * kv_bytes_per_token * 8
    return bits / (link_gbit_per_s * 1e9) * 1e3
    ### END SOLUTION


# %% id="check-0-2" tags=["check"]
check("0.2", kv_transfer_ms)

# %% [markdown] id="teacher" tags=["instructor"]
# In the room: let two people say their prediction aloud before anybody runs the reveal.
# The prompt needs 0.66 µs as text and its KV-cache 54 ms on the same link, 80,000 times as long.

# %% [markdown] id="weight"
# The same prompt on the same link, as text and as KV-cache:

# %% id="weight-run"
text_us = transfer_s(2_048 * 4, link_gbit_per_s=100) * 1e6
cache_ms = transfer_s(2_048 * 327_680, link_gbit_per_s=100) * 1e3
print(f"text {text_us:.3g} µs, KV-cache {cache_ms:.3g} ms: {cache_ms / text_us * 1e3:,.0f} times")

# %% [markdown] id="weight-read"
# Requests are small: less than a microsecond.
# State is heavy: 54 ms.
# Much of this course follows from these two sentences.

# %% [markdown] id="dictionary"
# ## A dictionary for network people
#
# Read it once; the links lead to the [glossary](glossary.ipynb).
#
# | here | you would say | the difference |
# |---|---|---|
# | [replica](glossary.ipynb#cell-id=replica) | server in the pool | 2 to 8 GPUs that hold one copy of the model |
# | [router](glossary.ipynb#cell-id=router) | L7 load balancer | it may see each queue and each cache |
# | [continuous batching](glossary.ipynb#cell-id=continuous-batching) | statistical multiplexing | requests join and leave the GPU at every step |
# | [TTFT](glossary.ipynb#cell-id=ttft), time to first token | time to first byte | waiting plus reading the prompt ([prefill](glossary.ipynb#cell-id=prefill)) |
# | [TPOT](glossary.ipynb#cell-id=tpot), time per output token | mean gap between packets | one step of the model per token ([decode](glossary.ipynb#cell-id=decode)) |
# | [ITL](glossary.ipynb#cell-id=itl), inter-token latency | one gap between packets | *max ITL*: the longest pause within an answer |
# | [E2E](glossary.ipynb#cell-id=e2e), end to end | flow completion time | from the request to its last token |
# | [KV-cache](glossary.ipynb#cell-id=kv-cache) | session state | heavy: hundreds of megabytes per user |
# | [goodput](glossary.ipynb#cell-id=goodput) | throughput within the [SLO](glossary.ipynb#cell-id=slo) | requests per second that meet both latency limits |

# %% [markdown] id="first"
# ## Your first cluster
#
# Four replicas of Llama-3.1-70B behind a router that picks the one with the fewest open requests.
# Each replica spreads the model over four H100s (`tp=4`, [tensor parallelism](glossary.ipynb#cell-id=tensor-parallelism)).
# 8 requests a second arrive at random times.

# %% id="first-cluster"
import inference_lab as il
from inference_lab.lab.views import replay

llama, h100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
replica = il.Replica(llama, h100, tp=4, stack="ideal")
load = il.Workload.poisson(
    rate_per_s=8, requests=1_000, prompt_tokens=(512, 2048), output_tokens=(128, 256), seed=0
)
cluster = il.Cluster(replica, replicas=4, router="least_outstanding")
result = il.simulate(cluster, load, seed=0)
print(result.summary())

# %% [markdown] id="first-read"
# The table is in seconds: 0.09055 is 91 ms. Read TTFT first.
# [p99](glossary.ipynb#cell-id=p99) is the wait that one request in a hundred exceeds; users remember those.
#
# <details><summary>What do the words below the table count?</summary>
#
# *Refused* requests can never fit (`tp=1`: 141 GB of weights, one 80 GB GPU).
# *Rejected* ones met a full queue; *timed out* means the user gave up.
# In a [pre-emption](glossary.ipynb#cell-id=pre-emption) a running request lost its KV-cache and was read again.</details>
#
# Now look inside. Each lane is a replica:
# prompts wait left of the gate, answers fill the KV-cache right of it.
# Press Play, then N for the next request later than 80 ms, and drag a waiting prompt to another lane.

# %% id="first-view" tags=["widget"]
replay(cluster, load, routers=["least_outstanding"], limit_s=0.08)

# %% [markdown] id="first-change"
# In `rate_per_s=8` above, try 20 requests a second instead of 8.
# Which p99 grows by the largest factor?
#
# <details><summary>Have you decided? Then open our answer.</summary>
#
# The longest pause: with 20 requests a second the p99 of max ITL goes from 135 to 238 ms.
# The p99 of TTFT follows, from 91 to 124 ms, whereas half of the users still wait 55 ms or less for the first token (54 before).
# The memory is far from full. An answer pauses, and a prompt waits, while the GPUs read somebody else's prompt.</details>

# %% [markdown] id="finished"
# **You have finished lesson 00.**
#
# What is done, and what is left? Run the next cell; `progress()` without a number shows all lessons.
# Your teacher may ask for the code that it prints: it says which exercises are right and how many hints you took.
# It carries no marks, and nothing is sent anywhere.
#
# The map and the questions below are for looking up.

# %% id="progress"
progress("00")

# %% [markdown] id="map"
# ## The map
#
# | lesson | what you find out | core path | state |
# |---|---|---|---|
# | 00 Start here | how this works | 20 min | you are here |
# | [01 What an inference workload looks like](01_what_an_inference_workload_looks_like.ipynb) | the life of one request; routers; the KV-cache | 60 min (150 with the stretch path) | ready |
# | 02 The big differences | training and inference on the same axes | 60 min | to come |
# | [03 Why the fabric design differs](03_why_the_fabric_design_differs.ipynb) | oversubscription, TCP or RDMA, zones | 59 min (149 with the stretch path) | ready |
# | 04 When inference does need a training-style fabric | big models, moving KV-caches | 60 min | to come |
# | [05 The latency that matters](05_the_latency_that_matters.ipynb) | TTFT and TPOT, batching, the tail | 60 min (135 with the stretch path) | ready |
# | 06 What you should remember | you design a cluster and defend it | 60 min | to come |
#
# The core path of a lesson ends at "You have finished lesson NN"; the stretch path below it is for those who want more.

# %% [markdown] id="questions"
# ## The fifteen questions
#
# At the end of the course you can answer each of them with an experiment, in less than five minutes.
#
# <details><summary>Open the questions, and where they are answered.</summary>
#
# | no. | question | lesson |
# |---|---|---|
# | 1 | How many users with 2K tokens each fit on 2, 4 or 8 H100s with a 70B model? | 01, [ready](01_what_an_inference_workload_looks_like.ipynb#cell-id=ex-1-2-text) |
# | 2 | At which request rate does the p99 of TTFT exceed its limit, and was it prefill or queue? | 05, [ready](05_the_latency_that_matters.ipynb#cell-id=view-text) |
# | 3 | For 8 replicas: is a random choice enough, or round robin, least outstanding, the better of two? | 01, [ready](01_what_an_inference_workload_looks_like.ipynb#cell-id=claim-04-why) |
# | 4 | How many cache hits does my router lose as I go from 1 to 16 replicas? | 01, [ready](01_what_an_inference_workload_looks_like.ipynb#cell-id=cache-cost) |
# | 5 | When does "send it where its prefix is" make a hot spot, and what helps? | 01, [ready](01_what_an_inference_workload_looks_like.ipynb#cell-id=guard-text) |
# | 6 | 16 GPUs as 8 replicas of 2, 4 of 4 or 2 of 8: which wins at which load? | 01, [ready](01_what_an_inference_workload_looks_like.ipynb#cell-id=split-text) |
# | 7 | One replica or one link runs at half speed: what happens under each policy? | 02, to come |
# | 8 | Is 4:1 oversubscription fine for my traffic, and still after I split prefill from decode? | **03, ready** |
# | 9 | How many Gb/s of KV-cache does my traffic make, on average and in the worst window? | **03, ready** |
# | 10 | Fetch a cached prefix or compute it again: at which bandwidth do both cost the same? | 04, to come |
# | 11 | Does splitting prefill from decode buy throughput or a better tail, and at which ratio? | 04, to come |
# | 12 | Which batch limit and chunk size keep TPOT below 40 ms without ruining TTFT? | **05, ready** (batch limit) |
# | 13 | Can one tenant ruin the others, and what do limits, priorities and fair sharing change? | 02, to come |
# | 14 | I lose one zone of three: how busy may I run, and how long is a cold start? | **03, ready** |
# | 15 | Does tensor parallelism across hosts work on TCP, on RDMA, and why do pipelines win? | 04, to come |
#
# </details>

# %% [markdown] id="next"
# ## Next
#
# Go on with [01 What an inference workload looks like](01_what_an_inference_workload_looks_like.ipynb).
#
# What you write stays in your own folder; a new edition of the course never overwrites it.
# Three commands are useful later, in a terminal in the folder from which you started the lab
# (on Windows they begin with `.venv\Scripts\`):
#
# - `.venv/bin/inference-lab check` shows which of your exercises are right by now;
# - `.venv/bin/inference-lab pack` writes the zip to hand in;
# - `.venv/bin/inference-lab update` brings a new edition and keeps your work.
