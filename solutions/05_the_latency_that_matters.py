# %% [markdown] id="title"
# # 05 The latency that matters

# %% [markdown] id="ticket"
# ## Ticket and briefing
#
# > **Ticket 4711.** "The chat is slow. For many of us the first word comes late."
# >
# > *Network team:* links 0.01 % busy, no drops, 1 ms round trip. Green.
# >
# > *GPU team:* a 2,048-token prompt takes 121 ms on an idle replica. Green.
#
# Both are right. Who has to act, and on what? After this lesson you can
#
# - split the latency of one request into its parts, in milliseconds;
# - compute the time between two tokens from a data sheet;
# - find the load at which a [replica](glossary.ipynb#cell-id=replica) exceeds its
#   [p99](glossary.ipynb#cell-id=p99) limit, and say why.
#
# The core path takes 60 minutes, the stretch path another 75 minutes.
# It builds on [00 Start here](00_start_here.ipynb) and lesson 01.

# %% id="setup"
import inference_lab as il
from inference_lab.experiments.queue import ttft_at_load
from inference_lab.lab import check, hint, memo, predict, progress, reveal, show, verdict
from inference_lab.lab.plots import queue_share
from inference_lab.lab.views import ttft_under_load

llama = il.LLM.named("Llama-3.1-70B")
h100 = il.GPU.named("H100-SXM5-80GB")
replica = il.Replica(llama, h100, tp=4, stack="ideal")
real = il.Replica(llama, h100, tp=4, stack="vllm-2025", precision="fp8")  # the ticket's

# %% [markdown] id="predict"
# ## Predict
#
# Our replica is Llama-3.1-70B on four H100s.
# With *[tensor parallelism](glossary.ipynb#cell-id=tensor-parallelism)* (`tp=4`) they share each layer.
# We start with a bound, the speed of the data sheet; the ticket's replica is slower.
#
# 2,048-token prompts arrive at random times, and each answer has one token.
# On an idle replica the first token comes after 74 ms, the time to read the prompt.
# *Load* means the share of its time that the replica spends reading prompts.
#
# At which load does the p99 of [TTFT](glossary.ipynb#cell-id=ttft) double to 148 ms: about 15, 40, 60 or 80 %?

# %% id="predict-5-1" tags=["predict"]
predict("5.1", 15, unit="% load")

# %% [markdown] id="worked"
# ## Worked example
#
# A request has two clocks.
# TTFT stops when *[prefill](glossary.ipynb#cell-id=prefill)* ends, because then the whole prompt is read.
# [TPOT](glossary.ipynb#cell-id=tpot) ticks during *[decode](glossary.ipynb#cell-id=decode)*: one step, one token.
# So a prompt costs its own user TTFT, and everybody else a gap between two tokens.
#
# ### Why 74 ms, and why 10 ms?
#
# Each prompt token meets every *weight* (number) of the model in one multiplication and one addition,
# so 2 FLOP (floating-point operations).
# A GPU computes and reads its memory at the same time, and the slower of the two sets the pace.

# %% id="prefill-by-hand"
flop = 2 * llama.parameters * 2048  # 2 FLOP for each weight and token
read_bytes = 2 * llama.parameters_read(2048)  # bf16, without the embedding table

compute_s = flop / (4 * h100.bf16_flop_per_s)
memory_s = read_bytes / (4 * h100.hbm_bytes_per_s)
print(f"prefill: compute {compute_s * 1e3:.1f} ms, memory {memory_s * 1e3:.1f} ms")

# %% [markdown] id="prefill-by-hand-read"
# Compute is the slower side: prefill is compute-bound.
# (The simulator adds *attention*, in which each token looks at the earlier ones: 74.4 ms.)
#
# A decode step uses the same weights for **one** token.
# It reads as much and computes 2,048 times less, so it is memory-bound: 10.4 ms.
# (With the [KV-cache](glossary.ipynb#cell-id=kv-cache) of 2,048 tokens, which a step reads too: 10.5 ms.)

# %% [markdown] id="experiment"
# ## Experiment
#
# Now the simulation finds that load (a few seconds).

# %% id="reveal-5-1"
from bisect import bisect_left


def p99_s(percent, one=replica):
    return ttft_at_load(one, percent / 100, requests=10_000).p99_s


def doubling_load_percent():
    doubled_s = 2 * replica.prefill_s(prompt_tokens=2048)
    return 1 + bisect_left(range(1, 100), doubled_s, key=p99_s)


reveal("5.1", doubling_load_percent)

# %% [markdown] id="reveal-why"
# <details><summary>Why so early? Guess first, then open.</summary>
#
# At 15 % load one request in seven finds the replica busy.
# More than one in a hundred waits for as long as a whole prefill, and the p99 is about that one.
# The mean, 81 ms, hides it.</details>

# %% [markdown] id="view-text"
# **Decide:** the p99 of TTFT may be at most 450 ms, the *interactive* limit of the MLPerf benchmark.
# How high can the load go with 2,048-token prompts, with 8,192-token prompts,
# and with the chat trace of a real service?

# %% id="view" tags=["widget"]
ttft_under_load(replica)

# %% [markdown] id="decide-note"
# Your three loads (double-click here and write): 2,048: ... %; 8,192: ... %; chat: ... %.

# %% [markdown] id="decide-answer"
# <details><summary>Have you written your three loads? Then open our answer.</summary>
#
# The p99 stays within the limit up to 60 % load with 2,048-token prompts, and up to 55 % with chat.
# There one or two of five draws exceed it already.
# With 8,192-token prompts even 5 % is too much (560 ms), because one prefill takes 314 ms.
# So a limit on load holds for one mix of prompts only.</details>

# %% [markdown] id="exercises"
# ## Exercises
#
# Stuck? Run `hint("5.1", 1)` in a new cell.
#
# **Exercise 5.1** (3 minutes). Software reaches only a share of the peak, its
# *[MFU](glossary.ipynb#cell-id=mfu)*.
# How long does a compute-bound prefill take then? Count FLOP as above, without attention.
# Example: 70 billion weights, 2,048 tokens, four GPUs of 989 TFLOP/s, MFU 0.5: 145 ms.


# %% id="ex-5-1" tags=["exercise"]
def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    """Seconds of one prefill.

    `parameters` counts all weights, `flop_per_s` is the peak of one GPU,
    and `mfu` is a fraction between 0 and 1.
    """
    ### BEGIN SOLUTION
    flop = 2 * parameters * prompt_tokens
    return flop / (gpus * flop_per_s * mfu)
    ### END SOLUTION


# %% id="check-5-1" tags=["check"]
check("5.1", prefill_s)

# %% [markdown] id="ex-5-2-text"
# **Exercise 5.2** (6 minutes). How long does a decode step take?
# Each GPU holds its share of the weights and of the KV-cache; a step reads both once.
# Write the memory side and return the time of the slower side.
# `context_tokens` is the sum over the whole [batch](glossary.ipynb#cell-id=batch), the requests that share the step.


# %% id="ex-5-2" tags=["exercise"]
def decode_step_s(
    parameters_read,
    bytes_per_weight,
    batch,
    context_tokens,
    kv_bytes_per_token,
    gpus,
    bytes_per_s,
    flop_per_s,
):
    """Seconds of one step; `context_tokens` is already summed over the batch.

    70 billion 2-byte weights on four H100s (each `flop_per_s` 989e12, `bytes_per_s` 3.35e12):
    batch 1, one token: 10.4 ms; batch 32, each 2,048 tokens of 327,680 bytes: 12.05 ms.
    """
    compute_s = 2 * parameters_read * batch / (gpus * flop_per_s)
    ### BEGIN SOLUTION
    read_bytes = parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token
    return max(compute_s, read_bytes / (gpus * bytes_per_s))
    ### END SOLUTION


# %% id="check-5-2" tags=["check"]
check("5.2", decode_step_s)

# %% [markdown] id="ex-5-4-text"
# **Exercise 5.4** (10 minutes; 5.3 is stretch). Write the queue behind the view.
# The replica reads prompts one after the other, like the output queue of a port, and starts idle.
# Given the arrival and prefill time of each request, in the order of arrival, return the list of TTFTs.


# %% id="ex-5-4" tags=["exercise"]
def ttfts_s(arrival_s, prefill_s):
    """A list: the TTFT of each request, in seconds; there is at least one request.

    `prefill_s` is a list here, not the function of 5.1.
    Four requests at [0, 0.030, 0.040, 0.500], read in [0.074, 0.074, 0.020, 0.050]:
    [0.074, 0.118, 0.128, 0.050]. The third waits for two, the fourth for none.
    """
    ### BEGIN SOLUTION
    free_s, answers = 0.0, []
    for arrival, prefill in zip(arrival_s, prefill_s):
        free_s = max(free_s, arrival) + prefill
        answers.append(free_s - arrival)
    return answers
    ### END SOLUTION


# %% id="check-5-4" tags=["check"]
check("5.4", ttfts_s)

# %% [markdown] id="claims"
# ## Check the claim
#
# The course tests the 39 claims of the text "How Inference Differs from Training".
# Replace `None` with your verdict: `"holds"`, `"holds if"` or `"does not hold"`.
#
# **C31: "TTFT depends on prefill speed."**
# We test whether TTFT is *mostly* prefill, which means at least half.

# %% id="claim-31" tags=["verdict"]
verdict("C31", "holds if")

from inference_lab.lab.claims.queue import ttft_is_mostly_prefill

loads = (5, 10, 20, 30, 40, 50, 60, 70, 80)


def mean_and_p99():
    points = [ttft_at_load(replica, load / 100, requests=20_000) for load in loads]
    show(*queue_share(points))
    return {
        "mean TTFT": ttft_is_mostly_prefill(points, tail=False),
        "p99 TTFT": ttft_is_mostly_prefill(points, tail=True),
    }


reveal("C31", mean_and_p99)

# %% [markdown] id="claim-31-why"
# <details><summary>Why do mean and p99 differ? Guess first, then open.</summary>
#
# The many that hardly wait set the mean; the few that wait longest set the p99.</details>
#
# **C32: "70B on four H100: a TTFT of 200 to 500 ms for a prompt of 2K."**
# *[Stack](glossary.ipynb#cell-id=stack)* means the serving software.
# Two stacks are fitted to measurements, one of them also with 8-bit weights (fp8).
# For each we test at which loads the mean is within the band.

# %% id="claim-32" tags=["verdict"]
verdict("C32", "holds if")

from inference_lab.lab.claims.bands import in_band

names = ("ideal", "eager-2023", "vllm-2025")
built = {name: il.Replica(llama, h100, tp=4, stack=name) for name in names}
built["vllm-2025 fp8"] = real


def mean_ttft():
    rows = {}
    for name, one in built.items():
        runs = [(x, ttft_at_load(one, x / 100)) for x in (1, 20, 40, 60, 80, 90)]
        rows[name] = [(x, run.mean_s) for x, run in runs]
    return in_band(rows, 0.200, 0.500, "load {} %")


reveal("C32", mean_ttft)

# %% [markdown] id="claim-32-why"
# <details><summary>So is the band right? Guess first, then open.</summary>
#
# It describes the software of 2023, or a busy replica of today.
# Never quote a latency without its stack and its load.</details>

# %% [markdown] id="memo-text"
# ## Design memo
#
# Close ticket 4711 on its own stack, `vllm-2025` with 8-bit weights:
# each replica gets 6 requests a second with 2,048-token prompts.
# Alone, a request takes 121 ms: 100 of prefill, and 20 of *front end* beside the GPUs.
# Its steps read several prompts together,
# so prefill beyond 100 ms is other people's prompts, like the queue.
# (`ttft_under_load(real)` in a new cell shows it.)
#
# How high may the load be with a p99 within 450 ms, and who does what about it?
# Replace each `None`.


# %% id="memo" tags=["memo"]
def highest_load_percent():
    return bisect_left(range(1, 100), 0.450, key=lambda percent: p99_s(percent, real))


memo(
    "05",
    40,  # number
    "% load",  # unit: "% load" or "requests/s"
    "Capacity planning adds two replicas for every three, and alarms on queued prompt tokens.",  # who does what
    run={
        "% load": highest_load_percent,
        "requests/s": lambda: highest_load_percent() / 100 / real.prefill_s(2048),
    },
    known_mistakes={
        (60, "% load"): "60 % is today's load, and the ideal stack's limit. And the ticket's?"
    },
)

# %% [markdown] id="memo-answer"
# <details><summary>Have you written yours? Then open our line.</summary>
#
# "40 % load: capacity planning adds two replicas for every three." (36 %, with some reserve.)
# 6 requests a second at 100 ms each make a load of 60 %, where the p99 of a long run is 0.63 to 0.67 s:
# 121 ms for the request itself, the rest for other prompts.
# (The view's 2,000 requests still pass at 44 %; longer runs do not.)
# Faster links would save 1 ms at most.
# The ideal stack allows 60 %: a bound is no plan.</details>

# %% [markdown] id="transfer"
# **One more question.** Instead you buy GPUs twice as fast, for the same traffic. What happens to the p99 of TTFT?
#
# <details><summary>A. The prefill halves, the queue stays.</summary>
# No. A queue consists of prefills, and each takes half as long.</details>
#
# <details><summary>B. It halves.</summary>
# It would at the same load, but the load halves too.</details>
#
# <details><summary>C. It falls to less than a third.</summary>
# Yes, from 0.65 to about 0.19 s: it waits for fewer prefills, each half as long.</details>

# %% [markdown] id="finished"
# **You have finished lesson 05.** Your code, to read out in the room (it carries no marks):

# %% id="progress"
progress("05")

# %% [markdown] id="teacher" tags=["instructor"]
# In the room: let each pair name its load before anybody runs the reveal; most say 40 to 60 %.
# At load rho, a share rho of all requests finds the replica busy,
# so at 5 % load five requests in a hundred wait already, and the p99 is about one in a hundred.
# Exact (M/D/1): (1 - rho) exp(rho) = 0.99, which gives 13.5 %.
#
# Common errors. In 5.1: the 2 is forgotten, or the MFU multiplies.
# In 5.2: weights once per sequence, one GPU's bandwidth.
# In 5.4: the idle time is saved up, or the wait is returned without the prefill.
#
# Close the core path with `progress("05")`:
# let three learners read out their codes, and decode them with `inference-lab progress CODE`.

# %% [markdown] id="stacks-text"
# ## Stretch: why the users see more
#
# 74 ms is a bound.
# Software launches thousands of small programs on the GPU (*kernels*),
# and the GPUs of a replica add up their results in each layer (*[all-reduce](glossary.ipynb#cell-id=all-reduce)*).
# In `eager-2023` the host launches each kernel;
# in `vllm-2025` one recorded *[CUDA graph](glossary.ipynb#cell-id=cuda-graph)* launches all of them.
# The replica is idle, so nobody waits.

# %% id="stacks"
print("                first token      step, 1 user    8 users   64 users")
for name, one in built.items():
    first_ms = 1e3 * (one.prefill_s(prompt_tokens=2048) + one.frontend_s)  # and the web server
    steps_ms = [1e3 * one.decode_step_s(b, b * 2048) for b in (1, 8, 64)]
    steps = "".join(f"{ms:8.1f} ms" for ms in steps_ms)
    print(f"{name:14} {first_ms:9.0f} ms       {steps}")

# %% [markdown] id="stacks-read"
# The data sheet promises the first line; the GPU team of ticket 4711 measured the last.
# In `eager-2023` a step takes 30 ms for one user and 32 ms for eight, because the host cannot launch faster.
# Such a replica is *[host-bound](glossary.ipynb#cell-id=host-bound)*, and no data sheet shows it.
#
# **C33: "TPOT 30 to 50 ms (20 to 30 tokens a second)."**
# We test an answer that nobody interrupts, alone and in batches of up to 64, with 2,048 tokens for each user.
# (20 to 30 tokens a second are what one user sees, not what the replica produces.)

# %% id="claim-33" tags=["verdict"]
verdict("C33", "holds if")


def tpot():
    rows = {}
    for name, one in built.items():
        rows[name] = [(b, one.decode_step_s(b, b * 2048)) for b in (1, 2, 4, 8, 16, 32, 64)]
    return in_band(rows, 0.030, 0.050, "batch {}")


reveal("C33", tpot)

# %% [markdown] id="claim-33-read"
# <details><summary>Which software is that? Guess first, then open.</summary>
#
# That of 2023. Today's is faster, unless other users' prompts interrupt the answer.</details>

# %% [markdown] id="roofline-text"
# ## Stretch: the roof
#
# Why is prefill compute-bound and decode memory-bound?
#
# Divide compute by memory traffic: FLOP per byte.
# The *[ridge](glossary.ipynb#cell-id=ridge)* is the point where both take equally long;
# for an H100 it is 989 TFLOP/s divided by 3.35 TB/s.
# Left of it the GPU waits for its memory.
# We mark three prompts and three decode batches of 1, 32 and 218 users with 2,048 tokens each.
# More users don't fit: there is room for 448,280 tokens of KV-cache, and 448,280 // 2,048 = 218.

# %% id="roofline"
from inference_lab.experiments import roofline
from inference_lab.lab.plots import roofline_picture

prompts = [roofline.prefill(llama, n) for n in (128, 512, 2048)]
steps = [roofline.decode(llama, batch, batch * 2048) for batch in (1, 32, 218)]
show(*roofline_picture(prompts + steps, h100))

# %% [markdown] id="roofline-read"
# Batching moves decode to the right, because all users of a batch share one reading of the weights.
# This is *[continuous batching](glossary.ipynb#cell-id=continuous-batching)*, your statistical multiplexing.
# But each user brings a KV-cache (session state) that is shared with nobody.
#
# **C34: "Prefill is heavy in FLOPs, decode is bound by memory."**
# We try every prompt of up to 4,096 tokens, and every batch that fits, with 2,048 tokens for each user.

# %% id="claim-34" tags=["verdict"]
verdict("C34", "holds if")

from inference_lab.lab.claims.roof import decode_is_memory_bound, prefill_is_compute_bound


def which_side_is_slower():
    prefills = [(n, roofline.prefill(llama, n)) for n in range(1, 4097)]
    most = replica.kv_capacity_tokens // 2048
    decodes = [(b, roofline.decode(llama, b, b * 2048)) for b in range(1, most + 1)]
    ridge = h100.ridge_flop_per_byte
    return {
        "prefill": prefill_is_compute_bound(prefills, ridge),
        "decode": decode_is_memory_bound(decodes, ridge),
    }


reveal("C34", which_side_is_slower)

# %% [markdown] id="claim-34-why"
# <details><summary>Why does a short prompt behave like decode? Guess first, then open.</summary>
#
# A prompt of n tokens does n times the work of a decode step on one reading of the weights,
# so a short prompt *is* memory-bound, for the same reason as decode.
# (Attention adds FLOP, so a prompt crosses the ridge a few tokens before its length equals it.)</details>

# %% [markdown] id="batch-text"
# ## Stretch: how large a batch?
#
# A larger batch serves more tokens a second, and each step takes longer.
#
# **Exercise 5.3** (8 minutes). A step with `b` sequences (the requests of the batch) takes
# `fixed_s + per_sequence_s * b`, and each sequence holds `sequence_tokens` in the KV-cache.
# What is the largest batch whose step takes at most the TPOT limit and which fits the memory?
# A step exactly as long as the limit is allowed, and so is a full memory.
# Return 0 if there is none.
#
# (Floats do not hold numbers such as 0.001 exactly, so right formulas may differ by one where a limit is met exactly:
# with a limit of 0.030 and 0.012 + 0.001 a sequence, paper and `/` give 18, whereas `//` and a multiplication give 17.
# No check depends on it: where one asks about an exact limit, floats hold its numbers.)


# %% id="ex-5-3" tags=["exercise"]
def largest_batch(tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens):
    """The largest batch (a whole number) within the TPOT limit and the memory.

    This lesson's replica: limit 20 ms, 10.37 ms + 0.0501 ms a sequence,
    sequence_tokens 2,048, kv_capacity_tokens 448,280: 192.
    """
    ### BEGIN SOLUTION
    by_time = int((tpot_slo_s - fixed_s) // per_sequence_s)
    by_memory = kv_capacity_tokens // sequence_tokens
    return max(0, min(by_time, by_memory))
    ### END SOLUTION


# %% id="check-5-3" tags=["check"]
check("5.3", largest_batch)

# %% [markdown] id="batch-view-text"
# Now with prompts in between.
# The slider sets the number of users.
# Each sends the next 2,048-token prompt as soon as the last 128-token answer has ended.
# (448,280 // 2,176 = 206 users fit on the ideal replica.)
#
# **Decide:** TPOT may be 40 ms. How many users do you let onto one replica of each stack?
# Which of the two curves would the finance team show you?

# %% id="batch-view-import"
from inference_lab.lab.views import batch_against_tpot

# %% id="batch-view" tags=["widget"]
batch_against_tpot(built)

# %% [markdown] id="batch-answer"
# <details><summary>Have you decided? Then open our answer.</summary>
#
# 80 users on the ideal replica, 8 on `eager-2023`, 24 on `vllm-2025`, 32 with 8-bit weights.
# Decode steps alone would allow more, as in exercise 5.3,
# but newcomers' prompts interrupt the answers, and that counts in TPOT.
# From 64 to 192 users the ideal replica produces 16 % more tokens a second,
# and each user waits 2.4 times as long for a token.</details>
#
# **C30: "Training optimises steady throughput, inference TTFT and TPOT."**
# These are two aims only if they conflict. Do they?

# %% id="claim-30" tags=["verdict"]
verdict("C30", "holds")

from inference_lab.experiments.batching import tpot_at_users
from inference_lab.lab.claims.batching import batch_trades_tpot_for_throughput


def conflicts():
    users = (1, 2, 4, 8, 16, 32, 64, 128)
    runs = {name: [tpot_at_users(one, n) for n in users] for name, one in built.items()}
    return {name: batch_trades_tpot_for_throughput(points) for name, points in runs.items()}


reveal("C30", conflicts)

# %% [markdown] id="claim-30-why"
# <details><summary>What does each side pay? Guess first, then open.</summary>
#
# The operator wants the largest batch, because all users then share one reading of the weights.
# Each user wants the smallest, because every other user makes the step longer.</details>

# %% [markdown] id="claim-31-theory"
# ## Stretch: is the simulator right?
#
# For equal prompts, queueing theory (the queue [M/D/1](glossary.ipynb#cell-id=m-d-1)) gives the mean wait,
# in units of one prefill: load / (2 (1 - load)).
#
# At 80 % load the view showed a p99 of 832 ms, whereas the next cell prints 877 ms.
# A p99 of 2,000 requests is based on the 20 slowest: ten draws of them gave 710 to 1,170 ms.
# This run has 20,000 requests.
# For every p99, ask how many requests it is based on.

# %% id="claim-31-check"
busy = ttft_at_load(replica, 0.8, requests=20_000)
one_prefill_s = replica.prefill_s(prompt_tokens=2048)
print(f"load {busy.load:.2f}: p99 TTFT {busy.p99_s * 1e3:.0f} ms; in prefills:")
print(
    f"mean wait {busy.mean_queue_s / one_prefill_s:.2f}, p99 {busy.p99_queue_s / one_prefill_s:.1f}"
)
print(f"mean wait in theory {il.theory.mg1_wait(busy.load, scv=0):.2f}")

# %% [markdown] id="goodput-text"
# ## Stretch: goodput
#
# A service sells requests that are fast *enough*.
# [Goodput](glossary.ipynb#cell-id=goodput) counts only requests that meet both limits.
# The load is that of a public chat service (Azure, 2023; its first 4,000 requests came at about 5 a second),
# slower or faster; the limits are the *server* limits of MLPerf, TTFT 2 s and TPOT 200 ms.

# %% id="goodput"
from inference_lab.experiments.goodput import goodput_curve
from inference_lab.lab.plots import goodput_picture

scales = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 1.1, 1.3, 1.5, 1.6, 1.7, 1.8, 1.9, 2.1, 2.4)
curves = {name: goodput_curve(built[name], scales, requests=4000) for name in names}
show(*goodput_picture(curves))

# %% [markdown] id="goodput-read"
# Up to a point nearly all requests are good.
# Then goodput *falls*, although the replica works as hard as before:
# everybody waits, and nobody is served in time.
# As in congestion collapse, the replica is fully busy and achieves little
# (and users who retry would make it worse).
# So a good cluster refuses early.
#
# Now find the edge yourself, with the stricter limits too.
# This run takes longer, because each point has 20,000 requests; you can stop it.
# Is its edge lower than in the picture?
# In an overload the queue grows as long as the run lasts, so a short run looks better than it should.
# For every load test, ask how long it ran.

# %% id="goodput-view-import"
from inference_lab.lab.views import goodput_over_rate

# %% id="goodput-view" tags=["widget"]
goodput_over_rate(built["vllm-2025"])

# %% [markdown] id="ex-5-5-text"
# **Exercise 5.5** (8 minutes). Compute goodput from the times of each request
# (lists in the order of arrival; times in seconds).
# [E2E](glossary.ipynb#cell-id=e2e) is the time from a request to its last token;
# TPOT is (E2E - TTFT) / (output tokens - 1).
# A request with one output token has no TPOT: only its TTFT counts.
# A time equal to its limit is good.
# (Where a check asks about that, floats hold its numbers exactly, so your formula need not allow for rounding.)
# A request finishes at arrival + E2E, and the last to arrive need not be the last to finish.
# The span runs from the first arrival to the last finish of any request, good or bad.


# %% id="ex-5-5" tags=["exercise"]
def goodput_per_s(arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s):
    """Requests a second that meet both limits; there is at least one request.

    Three requests at [1, 2, 3] with TTFT [0.5, 0.5, 2.5], E2E [8, 1.5, 2.5], output tokens [31, 5, 1]
    and limits of 2 and 0.25: two are good, in the 8 seconds from 1 to 9, so 0.25 a second.
    """
    ### BEGIN SOLUTION
    good = 0
    for ttft, e2e, tokens in zip(ttft_s, e2e_s, output_tokens):
        tpot = (e2e - ttft) / (tokens - 1) if tokens > 1 else 0.0
        good += ttft <= ttft_limit_s and tpot <= tpot_limit_s
    last_finish_s = max(arrival + e2e for arrival, e2e in zip(arrival_s, e2e_s))
    return good / (last_finish_s - min(arrival_s))
    ### END SOLUTION


# %% id="check-5-5" tags=["check"]
check("5.5", goodput_per_s)

# %% [markdown] id="network-text"
# ## Stretch: where is the network?
#
# The four GPUs of a replica add up their results twice in each of 80 layers.
# That makes 160 all-reduces for each prefill and for each step; each carries 8,192 numbers of 2 bytes per token.
# This is network traffic too, inside the host (NVLink).
#
# How many **milliseconds** of a 2,048-token prompt's TTFT go to these all-reduces: about 0.2, 2, 20 or 200?

# %% id="predict-5-2" tags=["predict"]
predict("5.2", 25, unit="ms")

# %% id="reveal-5-2"
from inference_lab.experiments import network

GRAPH, EAGER, HOSTS = network.ALL_REDUCES  # as measured: two ways in one host, and two hosts

reveal("5.2", lambda: 1e3 * network.all_reduces_s(llama, tokens=2048, gpus=4, where=GRAPH))

# %% [markdown] id="reveal-5-2-why"
# <details><summary>Why so much, on the fastest link of all? Guess first, then open.</summary>
#
# Each all-reduce carries 2,048 tokens x 8,192 numbers x 2 bytes = 34 MB, and there are 160 of them: 5.4 GB.
# Bandwidth sets the time here.
# A decode step carries 16 KB each time, so for one user its 160 all-reduces take under 1 ms, most of it latency.</details>
#
# **C35: "The network's part of TTFT is about 5 to 10 ms."**
# Which network? Name the boundary first.
# We test two: the round trip to the [router](glossary.ipynb#cell-id=router), and the all-reduces inside the host, by prompt length.

# %% id="claim-35" tags=["verdict"]
verdict("C35", "holds if")


def network_of_ttft():
    lengths = (128, 256, 512, 1024, 2048)
    rows = {
        "round trip": [(n, 0.001) for n in lengths],
        "all-reduces": [(n, network.all_reduces_s(llama, n, 4, GRAPH)) for n in lengths],
    }
    return in_band(rows, 0.005, 0.010, "prompts of {} tokens")


reveal("C35", network_of_ttft)

# %% [markdown] id="claim-36-text"
# <details><summary>So is the claim about the round trip? Guess first, then open.</summary>
#
# No: 1 ms is below the band, and it does not grow with the prompt.
# The all-reduces pass through the band on their way up.</details>
#
# **C36: "About 1 to 2 ms of TPOT, unless KV-cache moves."**
# We test a decode step, by batch: in one host with a CUDA graph, in one host with each kernel launched alone,
# and with 16 GPUs in two hosts (A100, NCCL; that measurement does not name its network, which reaches 20 GB/s of bus bandwidth).
# Streaming adds nothing, because every token is delayed equally and the gaps don't change.

# %% id="claim-36" tags=["verdict"]
verdict("C36", "holds if")


def network_of_tpot():
    batches = (1, 4, 16, 32, 64)
    gpus = {GRAPH: 4, EAGER: 4, HOSTS: 16}
    rows = {
        where: [(b, network.all_reduces_s(llama, b, n, where)) for b in batches]
        for where, n in gpus.items()
    }
    return in_band(rows, 0.001, 0.002, "batch {}")


reveal("C36", network_of_tpot)

# %% [markdown] id="claim-37-text"
# <details><summary>Why does one host launching kernel by kernel miss the band? Guess first, then open.</summary>
#
# Its GPUs send no more bytes. But each of the 160 all-reduces waits for the host, and that adds up.</details>
#
# **C37: "The network dominates only when KV-cache moves between replicas."**
# We test one 2,048-token prompt, its 0.67 GB of KV-cache, and 141 GB of weights.
# *Dominates* means more than half of TTFT.
# Two hosts appear twice: as measured, and at the bound of eight 400 Gb/s links.

# %% id="claim-37" tags=["verdict"]
verdict("C37", "does not hold")

from inference_lab.lab.claims.network import network_dominates_only_if_kv_moves
from inference_lab.lab.plots import network_shares


def shares():
    seen = network.situations(built["vllm-2025"])
    show(*network_shares(seen))
    return network_dominates_only_if_kv_moves(seen)


reveal("C37", shares)

# %% [markdown] id="claim-37-read"
# <details><summary>Which cases does the claim miss? Guess first, then open.</summary>
#
# Two. Tensor parallelism across hosts sends every layer's results through the fabric between them,
# so the network dominates unless that fabric is built as for training.
# And a replica that starts must load its weights first.
# A search in a vector database before the prefill (RAG) would be a third; this run has none.</details>

# %% [markdown] id="calibrate-text"
# ## Stretch: calibrate it yourself
#
# Where do the stacks' numbers come from?
# From measurements such as these (Llama-2-70B, four H100s, software of 2023;
# published with Patel et al., Splitwise, ISCA 2024):
# a 128-token prompt took 49.1 ms, 256 tokens 51.0, 1,024 tokens 105.6, 2,048 tokens 200.7 and 4,096 tokens 463.5 ms.
#
# Short prompts all take equally long, because the host is the limit.
# So use two constants: a prefill takes the *longer* of `host_s`
# and the GPUs' time, tokens * flop_per_token / (flop_per_s * mfu).
# (`flop_per_token` is 2 FLOP times the number of weights.)
#
# **Exercise 5.6** (10 minutes). `host_s` is the whole time of the short prompt.
# For the long prompt the GPUs are the slower side, so its whole time is GPU time, and `mfu` follows from it.
# Predict the unseen prompt.
# The error is relative: predicted / measured - 1.
# A point is `[tokens, seconds]`, and `flop_per_s` is the peak of **all** GPUs together.


# %% id="ex-5-6" tags=["exercise"]
def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    """A dict with the keys host_s, mfu, predicted_s and error.

    [100, 0.05], [1000, 0.2] and [500, 0.125] at 1e11 FLOP a token and 1e15 FLOP/s:
    {"host_s": 0.05, "mfu": 0.5, "predicted_s": 0.1, "error": -0.2}
    """
    ### BEGIN SOLUTION
    host_s = short[1]
    mfu = long[0] * flop_per_token / (flop_per_s * long[1])
    predicted_s = max(host_s, unseen[0] * flop_per_token / (flop_per_s * mfu))
    error = predicted_s / unseen[1] - 1
    return {"host_s": host_s, "mfu": mfu, "predicted_s": predicted_s, "error": error}
    ### END SOLUTION


# %% id="check-5-6" tags=["check"]
check("5.6", calibrate)

# %% [markdown] id="calibrate-read"
# With the prompts of 128 and 2,048 tokens as the known points, the errors are -5 % at 1,024 tokens and -13 % at 4,096.
# A model of two constants is good between its points and worse outside,
# because attention grows with the square of the length
# and all-reduces of long prompts are slower than their size says.
# The project lists the simulator's constants, their data and their errors in `docs/error_table.md`.

# %% [markdown] id="real-trace-text"
# ## Stretch: your own traffic
#
# Put the trace file `AzureLLMInferenceTrace_conv.csv` into this folder, and the next cell replays it.
# For another file (Azure's CSV or Mooncake's JSON lines), change the name in the cell.

# %% id="real-trace" tags=["real-trace"]
from pathlib import Path

trace = Path("AzureLLMInferenceTrace_conv.csv")
if trace.exists():
    cluster = il.Cluster(built["vllm-2025"], replicas=2, router="round_robin")
    print(il.simulate(cluster, il.Workload.from_trace(trace)).summary())
else:
    print(f"{trace} is not at hand: not found in this folder.")

# %% [markdown] id="next"
# ## Next
#
# Back to the map in [00 Start here](00_start_here.ipynb).
# In a terminal, in the folder from which you started the lab,
# `.venv/bin/inference-lab check` shows which of your exercises are right by now
# (on Windows it begins with `.venv\Scripts\`).
