# %% [markdown] id="title"
# # 05 The latency that matters

# %% [markdown] id="ticket"
# ## Ticket and briefing
#
# > **Ticket 4711.** "The chat is slow. For many of us the first word comes late."
# >
# > *Network team:* links 3 % busy, no drops, round trip 1 ms. Green.
# >
# > *GPU team:* a prompt of 2,048 tokens takes 74 ms, as the data sheet promises. Green.
#
# Both are right. Who has to act, and on what? After this lesson you can
#
# - split the latency of one request into parts that sum to the whole, in milliseconds;
# - compute the time between two tokens from numbers of a data sheet;
# - name the load at which a [replica](glossary.ipynb#replica) breaks its
#   [p99](glossary.ipynb#p99) limit, and say what broke it.
#
# The core path takes 55 minutes. The stretch path has eight more parts and takes another
# 80 minutes; take those that you like. You need lesson [00 Start here](00_start_here.ipynb).
# Linked words lead to the glossary.

# %% id="setup"
from inference_lab.lab import check, hint, predict, progress, reveal, show

# %% [markdown] id="predict"
# ## Predict
#
# One replica. Prompts of 2,048 tokens arrive at random times, with answers of one token. When it is empty, the first token
# comes after 74 ms: the time to read the prompt. *Load* is the share of its time that the replica
# spends on reading prompts; you would say utilisation.
#
# At which load is the **p99** of [TTFT](glossary.ipynb#TTFT) twice as long, 148 ms: at about 15, 40, 60 or 80 %? Put a
# number in place of `None`.

# %% id="predict-5-1" tags=["predict"]
predict("5.1", 15, unit="% load")

# %% [markdown] id="worked"
# ## Worked example
#
# ### Two requests, two clocks
#
# Our replica: Llama-3.1-70B on four H100. `tp=4` is *[tensor parallelism](glossary.ipynb#tensor-parallelism)*: the four GPUs share each
# layer and work as one. It runs at the speed of the data sheet. This is a bound; real software is
# slower.

# %% id="replica"
import inference_lab as il

llama = il.LLM.named("Llama-3.1-70B")
h100 = il.GPU.named("H100-SXM5-80GB")
replica = il.Replica(llama, h100, tp=4)

# %% [markdown] id="two-requests-text"
# Request A arrives at 0 ms, request B at 30 ms. Each has a prompt of 2,048 tokens and an answer of
# 8. The network takes 1 ms, there and back together.

# %% id="two-requests"
two = il.Workload.from_arrays(
    arrival_s=[0, 0.030], prompt_tokens=[2048, 2048], output_tokens=[8, 8]
)
result = il.simulate(il.Cluster(replica, network_s=0.001), two, spans=True)

for part, seconds in result.ttft_parts.items():
    if seconds.any():
        print(f"{part:8} A {seconds[0] * 1e3:6.1f} ms   B {seconds[1] * 1e3:6.1f} ms")
print(f"{'TTFT':8} A {result.ttft_s[0] * 1e3:6.1f} ms   B {result.ttft_s[1] * 1e3:6.1f} ms")

# %% [markdown] id="timeline-text"
# The parts sum to TTFT. Now the same two requests as a picture. The
# first clock, TTFT, stops at the end of *[prefill](glossary.ipynb#prefill)*: the whole prompt is read in one go. The second
# clock, [TPOT](glossary.ipynb#TPOT), ticks during *[decode](glossary.ipynb#decode)*: one step, one token.

# %% id="timeline"
from inference_lab.lab.plots import timeline

show(*timeline(result))

# %% [markdown] id="timeline-read"
# Look at A. While B's prompt is read, A gets no token: the replica does one thing at a time, and
# a waiting prompt goes before the next decode step, like
# a link that sends a jumbo frame while a small packet waits. So a prompt costs its own user TTFT
# and all other users a gap.
#
# ### Why 74 ms, and why 10 ms?
#
# A model is a long list of numbers, its *weights*. Each token of a prompt meets every weight: one
# multiplication, one addition (2 FLOP, floating-point operations). A GPU computes and reads its
# memory at the same time. The slower of the two sets the pace, as the slowest link sets the pace of
# a path. For the prompt:

# %% id="prefill-by-hand"
flop = 2 * llama.parameters * 2048  # 2 FLOP for each weight and token
read_bytes = 2 * llama.parameters_read(2048)  # 2 bytes for each weight (bf16), read once for all

compute_s = flop / (4 * h100.bf16_flop_per_s)
memory_s = read_bytes / (4 * h100.hbm_bytes_per_s)
print(f"prefill: computing {compute_s * 1e3:.1f} ms, reading {memory_s * 1e3:.1f} ms")

# %% [markdown] id="prefill-by-hand-read"
# Computing is slower, so it sets the pace. (The simulator adds the work of *attention*, where each
# token looks at the earlier ones: 74.4 ms.)
#
# A decode step needs the same weights for **one** token. It reads as much and computes 2,048 times
# less. Now reading sets the pace: 10.4 ms. (A step in the picture takes 10.5 ms: it also reads the
# [KV-cache](glossary.ipynb#KV-cache).)

# %% [markdown] id="stacks-text"
# ### Why the users see more
#
# 74 ms is a bound. Software launches thousands of small programs on the GPU (*kernels*), and the
# GPUs of a replica add up their results in each layer (*[all-reduce](glossary.ipynb#all-reduce)*). So we put three
# *stacks* (serving software) side by side: the ideal; `eager-2023`, where the host launches each
# kernel; and `vllm-2025`, where one recorded *[CUDA graph](glossary.ipynb#CUDA-graph)* launches
# all, also with weights of 8 bits (fp8). Their constants come from published measurements. The
# replica is empty: nobody waits.

# %% id="stacks"
names = ("ideal", "eager-2023", "vllm-2025")
built = {name: il.Replica(llama, h100, tp=4, stack=name) for name in names}
built["vllm-2025 fp8"] = il.Replica(llama, h100, tp=4, stack="vllm-2025", precision="fp8")

print("                first token      step, 1 user    8 users   64 users")
for name, one in built.items():
    first_ms = 1e3 * (one.prefill_s(prompt_tokens=2048) + one.frontend_s)  # and the web server
    steps_ms = [1e3 * one.decode_step_s(b, b * 2048) for b in (1, 8, 64)]
    steps = "".join(f"{ms:8.1f} ms" for ms in steps_ms)
    print(f"{name:14} {first_ms:9.0f} ms       {steps}")

# %% [markdown] id="stacks-read"
# The GPU team quoted the first line, the user feels another. In the old stack a step takes 30 ms
# for one user and 32 ms for 8: the host cannot launch faster. This is called *[host-bound](glossary.ipynb#host-bound)*,
# and no data sheet shows it.

# %% [markdown] id="experiment"
# ## Experiment
#
# First your prediction. This searches for the load at which the p99 has doubled; it takes a few
# seconds.

# %% id="reveal-5-1"
from bisect import bisect_left

from inference_lab.experiments.queue import ttft_at_load


def p99_at(percent):
    return ttft_at_load(replica, percent / 100, requests=10_000).p99_s


def doubling_load_percent():
    doubled_s = 2 * replica.prefill_s(prompt_tokens=2048)
    return 1 + bisect_left(range(1, 100), doubled_s, key=p99_at)


reveal("5.1", doubling_load_percent)

# %% [markdown] id="reveal-why"
# <details><summary>Why so early? Guess first, then open.</summary>
#
# At 15 % load one request in seven finds the replica busy. More than one in a hundred waits for a
# whole prefill of somebody else, and the p99 looks at just that one. The mean is 81 ms: it hides
# them.</details>

# %% [markdown] id="view-text"
# Now look at all loads. Each move of the slider simulates 2,000 requests that arrive at random. Answers have
# one token, so that prompts wait for nothing but prompts. Keys work too: Tab, then the arrows.
#
# **Decide:** p99 of TTFT may be 450 ms. Up to which load may you run with prompts of 2,048 tokens?
# Then choose 8,192, and the chat trace: the lengths of a real service. (450 ms, with 40 ms for TPOT, is the
# *interactive* limit of the MLPerf benchmark.)

# %% id="view-import"
from inference_lab.lab.views import ttft_under_load

# %% id="view" tags=["widget"]
ttft_under_load(replica)

# %% [markdown] id="decide-note"
# Your three loads (double-click here and write): 2,048: ... %; 8,192: ... %; chat: ... %.

# %% [markdown] id="decide-answer"
# <details><summary>Written down? Then open a possible answer.</summary>
#
# With 2,048 tokens 60 % keeps the limit and 65 % breaks it. With 8,192 none keeps it: 5 %
# has 549 ms already. Chat: 50 % keeps it, 55 % breaks it. So a limit on load belongs to one mix of
# prompts.</details>

# %% [markdown] id="exercises"
# ## Exercises
#
# Marks are given for one cell at a time: define and import in it all that your function uses.
#
# **Exercise 5.1** (3 minutes). Software reaches only a share of the peak, its *[MFU](glossary.ipynb#MFU)* (model FLOP
# utilisation). How long does a prefill take then, if computing sets the pace?
# Leave attention out. Example: 70 billion
# weights, 2,048 tokens, four GPUs of 989 TFLOP/s, MFU 0.5: 145 ms.


# %% id="ex-5-1" tags=["exercise"]
def prefill_s(parameters, prompt_tokens, gpus, flop_per_s, mfu):
    """Seconds of one prefill; `flop_per_s` is the peak of one GPU."""
    ### BEGIN SOLUTION
    flop = 2 * parameters * prompt_tokens
    return flop / (gpus * flop_per_s * mfu)
    ### END SOLUTION


# %% id="check-5-1" tags=["check"]
check("5.1", prefill_s)

# %% [markdown] id="hint-text"
# Stuck? `hint("5.1")` gives one hint at a time; so do `hint("5.2")` and the others.

# %% id="hints"
hint("5.1")

# %% [markdown] id="ex-5-2-text"
# **Exercise 5.2** (6 minutes). How long is a decode step? The computing side is done. Write the
# memory's side, and return the time of the step. `context_tokens` is the sum over the whole [batch](glossary.ipynb#batch); `bytes_per_s` and `flop_per_s` are those of
# one GPU. Example: 70 billion weights of 2 bytes, batch 1, no context: 10.4 ms on four H100.


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
    """Seconds of one decode step."""
    flop = 2 * parameters_read * batch
    compute_s = flop / (gpus * flop_per_s)
    ### BEGIN SOLUTION
    read_bytes = parameters_read * bytes_per_weight + context_tokens * kv_bytes_per_token
    memory_s = read_bytes / (gpus * bytes_per_s)
    return max(compute_s, memory_s)
    ### END SOLUTION


# %% id="check-5-2" tags=["check"]
check("5.2", decode_step_s)

# %% [markdown] id="ex-5-3-text"
# **Exercise 5.3** (8 minutes). A larger batch serves more tokens a second, and each step gets
# longer. A step with `b` sequences (the requests of the batch) takes `fixed_s + per_sequence_s * b`. Each sequence holds `sequence_tokens` in the
# KV-cache. What is the largest batch within the limit for TPOT that also fits the memory? 0 if there
# is none.


# %% id="ex-5-3" tags=["exercise"]
def largest_batch(tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens):
    """The largest batch (a whole number) within the TPOT limit and the memory.

    This lesson's replica: limit 20 ms, 10.37 ms + 0.0501 ms a sequence, memory for 218: 192.
    """
    ### BEGIN SOLUTION
    by_time = int((tpot_slo_s - fixed_s) // per_sequence_s)
    by_memory = kv_capacity_tokens // sequence_tokens
    return max(0, min(by_time, by_memory))
    ### END SOLUTION


# %% id="check-5-3" tags=["check"]
check("5.3", largest_batch)

# %% [markdown] id="claims"
# ## Check the claim
#
# The course follows the text "How Inference Differs from Training"; its claims are numbered C01 to
# C39. Here are three of its section "The latency that matters"; the others are in the stretch path.
# Decide on your own verdict before you run a cell: *holds*, *holds if ...*, or *does not hold*.
#
# **C31: "TTFT depends on prefill speed."** In one sense this always holds: the queue consists of
# prefills, so a faster GPU shortens it too. We test what you need to know when TTFT is bad: *is TTFT
# mostly prefill, or mostly queue?* Mostly is at least half.

# %% id="claim-31-runs"
from inference_lab.lab.plots import queue_share

loads = (5, 10, 20, 30, 40, 50, 60, 70, 80)
points = [ttft_at_load(replica, load / 100, requests=20_000) for load in loads]
show(*queue_share(points))

# %% id="claim-31"
from inference_lab.lab import claims

print("mean TTFT is mostly prefill:", claims.ttft_is_mostly_prefill(points, tail=False))
print("p99 TTFT is mostly prefill: ", claims.ttft_is_mostly_prefill(points, tail=True))

# %% [markdown] id="claim-32-text"
# **C32: "70B on four H100: a TTFT of 200 to 500 ms for a prompt of 2K."** For each stack we try loads
# from 1 to 90 %, and look where the mean is inside the band.

# %% id="claim-32"
rows = {}
for name, one in built.items():
    runs = [(x, ttft_at_load(one, x / 100)) for x in (1, 20, 40, 60, 80, 90)]
    rows[name] = [(x, run.mean_s + one.frontend_s) for x, run in runs]
print("C32:", claims.in_band(rows, 0.200, 0.500, "load {} %"))

# %% [markdown] id="claim-33-text"
# **C33: "TPOT 30 to 50 ms (20 to 30 tokens a second)."** An answer that nobody interrupts, alone and in
# batches up to 64, with 2,048 tokens for each user.

# %% id="claim-33"
rows = {}
for name, one in built.items():
    rows[name] = [(b, one.decode_step_s(b, b * 2048)) for b in (1, 2, 4, 8, 16, 32, 64)]
print("C33:", claims.in_band(rows, 0.030, 0.050, "batch {}"))

# %% [markdown] id="claim-33-read"
# So for TTFT the text describes the software of 2023, or a busy replica of today; for TPOT the
# software of 2023, unless prompts interrupt the answers. Never quote a latency without its stack,
# its batch and its load.

# %% [markdown] id="memo-text"
# ## Design memo
#
# Close ticket 4711. Each replica serves 10 requests a second of 2,048 tokens. Who acts, and what do
# you order? One line, with a load and a limit in it; the last lesson collects your lines.

# %% id="memo"
from inference_lab.lab.memo import memo

memo("05", None)

# %% [markdown] id="memo-answer"
# <details><summary>Written? Then open one possible line.</summary>
#
# 10 requests a second at 74.4 ms each make a load of 74 %. "At load 74 % the p99 TTFT is 0.6 to 0.7 s, nine
# tenths of it queue; network and GPUs are healthy. Capacity planning acts: another replica for every
# four, so that each runs at 60 % and keeps 450 ms; alarm on queued prompt tokens." Faster links
# change 1 ms of it. Ticket closed.</details>

# %% [markdown] id="transfer"
# **One more question.** Instead you buy GPUs that are twice as fast, for the same 10 requests a
# second. What happens to the p99 of TTFT? Choose, then open.
#
# <details><summary>A. The prefill halves, the queue stays.</summary>
# No. What does a request in the queue wait for? For prefills, and each is half as long.</details>
#
# <details><summary>B. It halves.</summary>
# That would be so at the same load. But the same requests need half the time: the load falls too.</details>
#
# <details><summary>C. It falls to a fifth, or less.</summary>
# Yes. The load falls from 74 to 37 %, so one waits for fewer prefills, and each is half as long:
# from 0.6-0.7 s to about 0.12 s. So C31 is right in this sense, and speed buys more than it
# says.</details>

# %% [markdown] id="finished"
# **You have finished lesson 05.** Your code, to read out in the room (it carries no marks):

# %% id="progress"
progress("05")

# %% [markdown] id="teacher" tags=["instructor"]
# In the room: let each pair name its load before anybody runs the reveal; most say 40 to 60 %. At
# load rho, a share rho of all requests finds the replica busy, so at 5 % load five requests in a
# hundred wait already, and the p99 looks at one in a hundred. Exact (M/D/1):
# (1 - rho) exp(rho) = 0.99, which gives 13.5 %. Common errors in 5.1: the 2 is forgotten, or the MFU
# multiplies. In 5.2: the weights once per sequence, one GPU's bandwidth. In 5.3: the memory is
# forgotten. Close the core path with `progress("05")`: let three learners read out their codes, and
# decode them with `inference-lab progress CODE`.

# %% [markdown] id="roofline-text"
# ## Stretch: the roof
#
# Why does computing limit the prefill, and reading the decode step?
#
# Divide computing by reading: FLOP for each byte. Where both take the same time stands the
# *ridge*, for an H100 at 989 TFLOP/s divided by 3.35 TB/s. Left of it the GPU waits for its
# memory. We mark three prompts and three decode batches: 1, 32 and 218 users, 2,048 tokens each.
# More do not fit: there is room for 448,280 tokens of KV-cache, and 448,280 // 2,048 = 218.

# %% id="roofline"
from inference_lab.experiments import roofline
from inference_lab.lab.plots import roofline_picture

prompts = [roofline.prefill(llama, n) for n in (128, 512, 2048)]
steps = [roofline.decode(llama, batch, batch * 2048) for batch in (1, 32, 218)]
show(*roofline_picture(prompts + steps, h100))

# %% [markdown] id="roofline-read"
# Batching moves decode to the right: all users of a batch share one reading of the weights. This
# is *[continuous batching](glossary.ipynb#continuous-batching)*, your statistical multiplexing. But each user brings a KV-cache of their
# own (its session state), and that is shared with nobody.

# %% [markdown] id="claim-34-text"
# **C34: "Prefill is heavy in FLOPs, decode is bound by memory."** We try every prompt up to 4,096
# tokens and every batch that fits, with 2,048 tokens for each user. (Attention adds FLOP, so a
# prompt crosses the ridge a few tokens before it is as long as the ridge is high.)

# %% id="claim-34"
prefills = [(n, roofline.prefill(llama, n)) for n in range(1, 4097)]
most = replica.kv_capacity_tokens // 2048
decodes = [(b, roofline.decode(llama, b, b * 2048)) for b in range(1, most + 1)]
ridge = h100.ridge_flop_per_byte
print("C34, prefill:", claims.prefill_is_compute_bound(prefills, ridge))
print("C34, decode: ", claims.decode_is_memory_bound(decodes, ridge))

# %% [markdown] id="batch-text"
# ## Stretch: how large a batch?
#
# The slider sets the number of users. Each sends the next prompt of 2,048 tokens as soon as the last
# answer of 128 has ended. (448,280 // 2,176 = 206 of them fit on the ideal replica.) **Decide:** TPOT may be 40 ms. How many users do you
# let onto one replica, for each stack? Which of the two curves would the finance team show you?

# %% id="batch-view-import"
from inference_lab.lab.views import batch_against_tpot

# %% id="batch-view" tags=["widget"]
batch_against_tpot(built)

# %% [markdown] id="batch-answer"
# <details><summary>Decided? Then open a possible answer.</summary>
#
# 80 users on the ideal replica, 8 on `eager-2023`, 16 on `vllm-2025`, 32 with its weights in fp8.
# Decode steps alone would allow more (that was exercise 5.3). But newcomers' prompts interrupt the
# answers, and that counts in TPOT. From 64 to 192 users the ideal replica gives 16 % more
# tokens a second, and each user waits 2.4 times as long for a token.</details>
#
# **C30: "Training optimises steady throughput, inference TTFT and TPOT."** These are two aims only if
# they conflict. Do they?

# %% id="claim-30"
from inference_lab.experiments.batching import tpot_at_users

for name, one in built.items():
    runs = [tpot_at_users(one, users) for users in (1, 2, 4, 8, 16, 32, 64, 128)]
    print(f"C30, {name}:", claims.batch_trades_tpot_for_throughput(runs))

# %% [markdown] id="queue-text"
# ## Stretch: the queue in five lines
#
# The view of this lesson needs no magic. One replica reads prompts one after the other; a request
# waits until those before it are read. Network people know this as the output queue of a port.
#
# **Exercise 5.4** (8 minutes). Given arrival times and the prefill of each prompt, both in the order
# of arrival, return the list of TTFTs (an array will do). There is no network, answers have one token, and at
# first the replica is idle.


# %% id="ex-5-4" tags=["exercise"]
def ttfts_s(arrival_s, prefill_s):
    """TTFT of each request, in seconds.

    Two requests at 0 and 0.030, each of 0.074: [0.074, 0.118].
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

# %% [markdown] id="claim-31-theory"
# Is the simulator right? For equal prompts queueing theory (the queue M/D/1) knows the mean wait,
# in units of one prefill: load / (2 (1 - load)).
#
# At load 80 % the view said p99 720 ms; the next cell says 877 ms. A p99 of 2,000 requests rests on
# the 20 slowest: ten draws of them gave 710 to 1,170 ms. The runs of C31 have 20,000.
# Ask of every p99 how many requests stand behind it.

# %% id="claim-31-check"
busy = points[-1]
one_prefill_s = replica.prefill_s(prompt_tokens=2048)
print(f"load {busy.load:.2f}: p99 TTFT {busy.p99_s * 1e3:.0f} ms; in prefills:")
print(
    f"mean wait {busy.mean_queue_s / one_prefill_s:.2f}, p99 {busy.p99_queue_s / one_prefill_s:.1f}"
)
print(f"mean wait in theory {busy.load / (2 * (1 - busy.load)):.2f}")

# %% [markdown] id="goodput-text"
# ## Stretch: goodput
#
# A service sells requests that are fast *enough*. [Goodput](glossary.ipynb#goodput) counts only requests that meet both
# limits. The load is that of a public chat service (Azure, 2023; its first 4,000
# requests came at about 5 a second), slower or faster; the limits are the *server* limits of MLPerf:
# TTFT 2 s, TPOT 200 ms.

# %% id="goodput"
from inference_lab.experiments.goodput import goodput_curve
from inference_lab.lab.plots import goodput_picture

scales = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 2.0, 2.4)
curves = {name: goodput_curve(built[name], scales, requests=4000) for name in names}
show(*goodput_picture(curves))

# %% [markdown] id="goodput-read"
# Up to a point nearly all requests are good. Then goodput *falls*, although the replica works as hard
# as before: everybody waits, and nobody is served in time. Like congestion collapse it is full work
# of little use (users who retry would make it worse). So a good cluster refuses early.
#
# Now find the edge yourself, with the stricter limits too. This run takes longer, as each point has
# 20,000 requests; you can stop it. Is its edge lower than in the picture? In an overload the queue
# grows as long as the run lasts, so a short run flatters. Ask of every test how long it was.

# %% id="goodput-view-import"
from inference_lab.lab.views import goodput_over_rate

# %% id="goodput-view" tags=["widget"]
goodput_over_rate(built["vllm-2025"])

# %% [markdown] id="ex-5-5-text"
# **Exercise 5.5** (8 minutes). Compute goodput from the times of each request (lists in the order of
# arrival, all in seconds). E2E is the time from a request to its last token; TPOT is
# (E2E - TTFT) / (output tokens - 1). A request with one token has no
# TPOT: only its TTFT counts. A time equal to its limit is good. The time span is from the first
# arrival to the last finish of any request, good or bad.


# %% id="ex-5-5" tags=["exercise"]
def goodput_per_s(arrival_s, ttft_s, e2e_s, output_tokens, ttft_limit_s, tpot_limit_s):
    """Requests a second that meet both limits."""
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
# The four GPUs of a replica add up their results twice in each of 80 layers: 160 all-reduces for
# each prefill and for each step, of 8,192 numbers of 2 bytes for every token. This is network traffic
# too, inside the host (NVLink).
#
# How many **milliseconds** of the TTFT of a prompt of 2,048 tokens go to these all-reduces: about
# 0.2, 2, 20 or 200?

# %% id="predict-5-2" tags=["predict"]
predict("5.2", 25, unit="ms")

# %% id="reveal-5-2"
from inference_lab.experiments import network

GRAPH, EAGER, HOSTS = network.ALL_REDUCES  # as measured: two ways in one host, and two hosts

reveal("5.2", lambda: 1e3 * network.all_reduces_s(llama, tokens=2048, gpus=4, where=GRAPH))

# %% [markdown] id="claim-35-text"
# **C35: "The network's part of TTFT is about 5 to 10 ms."** Which network? Name the boundary first: the
# round trip to the [router](glossary.ipynb#router), or the all-reduces inside the host, by prompt length.

# %% id="claim-35"
lengths = (128, 256, 512, 1024, 2048)
rows = {
    "round trip": [(n, 0.001) for n in lengths],
    "all-reduces": [(n, network.all_reduces_s(llama, n, 4, GRAPH)) for n in lengths],
}
print("C35:", claims.in_band(rows, 0.005, 0.010, "prompts of {} tokens"))

# %% [markdown] id="claim-36-text"
# **C36: "About 1 to 2 ms of TPOT, unless KV-cache moves."** The same for a decode step, by batch: in one
# host with a CUDA graph, in one host launched one by one, and with 16 GPUs in two hosts (A100, NCCL; the network of that
# measurement is not named, it reaches 20 GB/s of bus bandwidth). (Streaming
# the tokens to the user adds nothing: each is late by the same time, so the gaps stay.)

# %% id="claim-36"
batches = (1, 4, 16, 32, 64)
gpus = {GRAPH: 4, EAGER: 4, HOSTS: 16}
rows = {
    where: [(b, network.all_reduces_s(llama, b, n, where)) for b in batches]
    for where, n in gpus.items()
}
print("C36:", claims.in_band(rows, 0.001, 0.002, "batch {}"))

# %% [markdown] id="claim-37-text"
# **C37: "The network dominates only when KV-cache moves between replicas."** One prompt of 2,048
# tokens, its KV-cache of 0.67 GB, weights of 141 GB. *Dominates*: more than half of TTFT. Two hosts
# appear twice: as measured, and at the bound of eight links of 400 Gb/s.

# %% id="claim-37"
from inference_lab.lab.plots import network_shares

seen = network.situations(built["vllm-2025"])
show(*network_shares(seen))
print("C37:", claims.network_dominates_only_if_kv_moves(seen))

# %% [markdown] id="claim-37-read"
# The claim misses two cases. Tensor parallelism across hosts sends every layer's results through the
# fabric between them: it dominates unless that fabric is built as for training. And a replica that
# starts must load its weights first. A search in a vector database before the prefill (RAG) would be
# a third; this run has none.

# %% [markdown] id="calibrate-text"
# ## Stretch: calibrate it yourself
#
# Where do the stacks' numbers come from? From measurements like these (Llama-2-70B, four H100,
# software of 2023; published with Patel et al., Splitwise, ISCA 2024): a prompt of 128 tokens took
# 49.1 ms, of 256 51.0, of 1,024 105.6, of 2,048 200.7, of 4,096 463.5 ms.
#
# Short prompts all take the same time: the host is the limit. So use two constants. A prefill takes
# the *longer* of `host_s` and the GPUs' time, tokens * flop_per_token / (flop_per_s * mfu).
#
# **Exercise 5.6** (10 minutes). `host_s` is the whole time of the short prompt; `mfu` follows from the
# long one.
# Predict the unseen prompt. The error is relative: predicted / measured - 1. A point is
# `[tokens, seconds]`; Here `flop_per_s` is the peak of **all** GPUs together.


# %% id="ex-5-6" tags=["exercise"]
def calibrate(short, long, unseen, flop_per_token, flop_per_s):
    """A dict with the keys host_s, mfu, predicted_s and error."""
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
# With 128 and 2,048 tokens as the known points the errors are -5 % at 1,024 tokens and -13 % at
# 4,096. Between its points a model of two constants is good, outside worse: attention grows with the
# square of the length, and all-reduces of long prompts are slower than their size says. The
# simulator's constants, their data and their errors stand in `docs/error_table.md` of the project.

# %% [markdown] id="stretch"
# ## Stretch: balance what?
#
# You saw that the queue rules the tail. With several replicas, the *router* decides who queues
# where. A router is a function: it sees the request and the replicas, and returns an index. This
# policy needs three lines. Of each replica it looks at `outstanding`, the requests that are not
# finished:


# %% id="least-outstanding"
def least_outstanding(request, replicas, rng):
    waiting = [replica.outstanding for replica in replicas]
    return waiting.index(min(waiting))


# %% [markdown] id="least-outstanding-text"
# It is the classic of L7 load balancing. Is it better than taking turns (*round robin*)? The load
# is that of a public chat service, 16 times as fast, drawn twice.

# %% id="least-outstanding-run"
for seed in (0, 1):
    chat = il.Workload.like("azure-2023-conv", rate_scale=16, requests=8_000, seed=seed)
    for router in ("round_robin", least_outstanding):
        cluster = il.Cluster(replica, replicas=8, router=router)
        p99_s = il.simulate(cluster, chat, seed=seed).summary().ttft_s["p99"]
        name = router if isinstance(router, str) else router.__name__
        print(f"draw {seed}: {name:18} p99 TTFT {p99_s * 1e3:.0f} ms")

# %% [markdown] id="ex-5-7-text"
# Better with one draw, worse with the other. So this is not what a new request waits for. A router
# also sees, of each replica, `queued_tokens` (prompt tokens that are not read yet, the running prefill included) and `free_blocks`
# (free memory, in blocks of 16 tokens of KV-cache); and of the request `prompt_tokens`. `rng` is a
# numpy generator, for policies with chance: `rng.integers(8)`.
#
# **Exercise 5.7** (12 minutes). Write a router whose p99 of TTFT is at least 20 % lower than that
# of round robin. The check runs the two draws above and counts the worse ratio: 0.8 or less.


# %% id="ex-5-7" tags=["exercise"]
def route(request, replicas, rng):
    """The index of the replica that gets the request."""
    ### BEGIN SOLUTION
    waiting = [(replica.queued_tokens, replica.outstanding) for replica in replicas]
    return waiting.index(min(waiting))
    ### END SOLUTION


# %% id="check-5-7" tags=["check"]
check("5.7", route)

# %% [markdown] id="real-trace-text"
# ## Stretch: your own traffic
#
# With a trace file (Azure's CSV or Mooncake's JSON lines) in this folder, the last cell replays it.

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
# Back to the map in [00 Start here](00_start_here.ipynb). In a terminal, in the folder from which
# you started the lab, `.venv/bin/inference-lab check` tells which of your exercises are right by now
# (on Windows it begins with `.venv\Scripts\`).
