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
# - name the load at which a replica breaks its p99 limit, and say what broke it.
#
# The core path takes 45 minutes; with the stretch path it is 60 minutes. You need lesson
# [00 Start here](00_start_here.ipynb): its dictionary explains TTFT, TPOT, replica and router.

# %% id="setup"
from inference_lab.lab import check, hint, predict, reveal, show

# %% [markdown] id="predict"
# ## Predict
#
# One replica. Prompts of 2,048 tokens arrive at random times. When it is empty, the first token
# comes after 74 ms: the time to read the prompt. *Load* is the share of its time that the replica
# spends on reading prompts; you would say utilisation.
#
# At which load is the **p99** of TTFT twice as long, 148 ms: at about 15, 40, 60 or 80 %? Put a
# number in place of `None`.

# %% id="predict-5-1" tags=["predict"]
predict("5.1", 15, unit="% load")

# %% [markdown] id="worked"
# ## Worked example
#
# ### Two requests, two clocks
#
# Our replica: Llama-3.1-70B on four H100. `tp=4` is *tensor parallelism*: the four GPUs share each
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
result = il.simulate(il.Cluster(replica, network_s=0.001), two)

for part, seconds in result.ttft_parts.items():
    print(f"{part:8} A {seconds[0] * 1e3:6.1f} ms   B {seconds[1] * 1e3:6.1f} ms")
print(f"{'TTFT':8} A {result.ttft_s[0] * 1e3:6.1f} ms   B {result.ttft_s[1] * 1e3:6.1f} ms")

# %% [markdown] id="timeline-text"
# The parts sum to TTFT. Now the same two requests as a picture. The
# first clock, TTFT, stops at the end of *prefill*: the whole prompt is read in one go. The second
# clock, TPOT, ticks during *decode*: one step, one token.

# %% id="timeline"
from inference_lab.lab.plots import queue_share, roofline_picture, timeline

show(*timeline(result))

# %% [markdown] id="timeline-read"
# Look at A. While B's prompt is read, A gets no token: the replica does one thing at a time, like
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
# KV-cache. `parameters_read` leaves out the table of all words, where one row is looked up.)

# %% [markdown] id="roofline-text"
# ### The roof
#
# Divide computing by reading: FLOP for each byte. Where both take the same time stands the
# *ridge*, for an H100 at 989 TFLOP/s divided by 3.35 TB/s. Left of it the GPU waits for its
# memory. We mark three prompts and three decode batches: 1, 32 and 218 users, 2,048 tokens each.
# More do not fit: there is room for 448,280 tokens of KV-cache, and 448,280 // 2,048 = 218.

# %% id="roofline"
from inference_lab.lab import roofline

prompts = [roofline.prefill(llama, n) for n in (128, 512, 2048)]
steps = [roofline.decode(llama, batch, batch * 2048) for batch in (1, 32, 218)]
show(*roofline_picture(prompts + steps, h100))

# %% [markdown] id="roofline-read"
# Batching moves decode to the right: all users of a batch share one reading of the weights. This
# is *continuous batching*, your statistical multiplexing. But each user brings a KV-cache of their
# own (its session state), and that is shared with nobody.

# %% [markdown] id="experiment"
# ## Experiment
#
# Now load. Each move of the slider simulates 2,000 requests that arrive at random. Answers have
# one token, so that prompts wait for nothing but prompts. Keys work too: Tab, then the arrows.
#
# **Decide:** p99 of TTFT may be 450 ms. Up to which load may you run with prompts of 2,048 tokens?
# Then choose 8,192, and the lengths of a real chat service. (450 ms, with 40 ms for TPOT, is the
# *interactive* limit of the MLPerf benchmark; the 2 s and 200 ms of goodput are its *server* limit.)

# %% id="view-import"
from inference_lab.lab.views import ttft_under_load

# %% id="view" tags=["widget"]
ttft_under_load(replica)

# %% [markdown] id="decide-note"
# Your three loads (double-click here and write): 2,048: ... %; 8,192: ... %; chat: ... %.

# %% [markdown] id="decide-answer"
# <details><summary>Written down? Then open a possible answer.</summary>
#
# With 2,048 tokens 60 % keeps the limit and 65 % breaks it. With 8,192 no position keeps it: 5 %
# has 549 ms already. Chat: 50 % keeps it, 55 % breaks it. So a limit on load belongs to one mix of
# prompts. Did you see the prefill of chat's p99 *fall* with load? At low load the p99 is a long
# prompt; at high load it is a short prompt behind long ones.</details>

# %% [markdown] id="reveal-text"
# And your prediction? This searches for the load at which the p99 has doubled; it takes a few
# seconds.

# %% id="reveal-5-1"
from bisect import bisect_left

from inference_lab.lab.experiments import ttft_at_load


def p99_at(percent):
    return ttft_at_load(replica, percent / 100, requests=10_000).p99_s


def doubling_load_percent():
    doubled_s = 2 * replica.prefill_s(prompt_tokens=2048)
    return 1 + bisect_left(range(1, 100), doubled_s, key=p99_at)


reveal("5.1", doubling_load_percent)

# %% [markdown] id="exercises"
# ## Exercises
#
# **Exercise 5.1** (6 minutes). How long is a decode step? Computing is done; write the memory's
# side. `context_tokens` is the sum over the whole batch; `bytes_per_s` and `flop_per_s` are those of
# one GPU. Example: 70 billion weights of 2 bytes, batch 1, no context: 10.4 ms on four H100.


# %% id="ex-5-1" tags=["exercise"]
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


# %% id="check-5-1" tags=["check"]
check("5.1", decode_step_s)

# %% [markdown] id="hint-text"
# Stuck? `hint("5.1")` gives one hint at a time.

# %% id="hints"
hint("5.1")

# %% [markdown] id="ex-5-2-text"
# **Exercise 5.2** (8 minutes). A larger batch earns more, and each step gets longer. A step with
# `b` sequences takes `fixed_s + per_sequence_s * b`. Each sequence holds `sequence_tokens` in the
# KV-cache. What is the largest batch within the limit for TPOT? Stuck? `hint("5.2")`.


# %% id="ex-5-2" tags=["exercise"]
def largest_batch(tpot_slo_s, fixed_s, per_sequence_s, sequence_tokens, kv_capacity_tokens):
    """The largest batch (a whole number) within the TPOT limit and the memory.

    This lesson's replica: limit 20 ms, 10.37 ms + 0.0501 ms a sequence, memory for 218: 192.
    """
    ### BEGIN SOLUTION
    by_time = int((tpot_slo_s - fixed_s) // per_sequence_s)
    by_memory = kv_capacity_tokens // sequence_tokens
    return max(0, min(by_time, by_memory))
    ### END SOLUTION


# %% id="check-5-2" tags=["check"]
check("5.2", largest_batch)

# %% [markdown] id="teacher" tags=["instructor"]
# In the room: let each pair name its load before anybody runs the reveal; most say 40 to 60 %. At
# load rho, a share rho of all requests finds the replica busy, so at 5 % load five requests in a
# hundred wait already, and the p99 looks at one in a hundred. Exact (M/D/1):
# (1 - rho) exp(rho) = 0.99, which gives 13.5 %. Common errors in 5.1: the weights once per
# sequence, one GPU's bandwidth. In 5.2: the memory is forgotten.

# %% [markdown] id="claims"
# ## Check the claim
#
# The course follows the text "How Inference Differs from Training"; its claims are numbered C01 to
# C39. Here are two, of its section "The latency that matters". Decide on your own verdict before
# you run the cell: *holds*, *holds if ...*, or *does not hold*.
#
# **C31: "TTFT depends on prefill speed."** In one sense this always holds: the queue consists of
# prefills, so a faster GPU shortens it too. We test what you need to know when TTFT is bad: *is TTFT
# mostly prefill, or mostly queue?* Mostly is at least half.

# %% id="claim-31-runs"
loads = (5, 10, 20, 30, 40, 50, 60, 70, 80)
points = [ttft_at_load(replica, load / 100, requests=20_000) for load in loads]
show(*queue_share(points))

# %% id="claim-31"
from inference_lab.lab import claims

print("mean TTFT is mostly prefill:", claims.ttft_is_mostly_prefill(points, tail=False))
print("p99 TTFT is mostly prefill: ", claims.ttft_is_mostly_prefill(points, tail=True))

# %% [markdown] id="claim-31-theory"
# Is the simulator right? For equal prompts queueing theory (the queue M/D/1) knows the mean wait,
# in units of one prefill: load / (2 (1 - load)).
#
# At load 80 % the view said p99 720 ms; here it is 877 ms. A p99 of 2,000
# requests rests on the 20 slowest: ten draws of them gave 710 to 1,170 ms. Here there are 20,000.
# Ask of every p99 how many requests stand behind it.

# %% id="claim-31-check"
busy = points[-1]
one_prefill_s = replica.prefill_s(prompt_tokens=2048)
print(f"load {busy.load:.2f}: p99 TTFT {busy.p99_s * 1e3:.0f} ms; in prefills:")
print(
    f"mean wait {busy.mean_queue_s / one_prefill_s:.2f}, p99 {busy.p99_queue_s / one_prefill_s:.1f}"
)
print(f"mean wait in theory {busy.load / (2 * (1 - busy.load)):.2f}")

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
# **You have finished lesson 05.**

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

# %% [markdown] id="ex-5-3-text"
# Better with one draw, worse with the other. So this is not what a new request waits for. A router
# also sees, of each replica, `queued_tokens` (prompt tokens that are not read yet) and `free_blocks`
# (free memory, in blocks of 16 tokens of KV-cache); and of the request `prompt_tokens`. `rng` is a
# numpy generator, for policies with chance: `rng.integers(8)`.
#
# **Exercise 5.3** (12 minutes). Write a router whose p99 of TTFT is at least 20 % lower than that
# of round robin. The check runs the two draws above and counts the worse ratio: 0.8 or less. Stuck?
# `hint("5.3")`.


# %% id="ex-5-3" tags=["exercise"]
def route(request, replicas, rng):
    """The index of the replica that gets the request."""
    ### BEGIN SOLUTION
    waiting = [(replica.queued_tokens, replica.outstanding) for replica in replicas]
    return waiting.index(min(waiting))
    ### END SOLUTION


# %% id="check-5-3" tags=["check"]
check("5.3", route)

# %% [markdown] id="next"
# ## Next
#
# Back to the map in [00 Start here](00_start_here.ipynb). In a terminal, in the folder from which
# you started the lab, `.venv/bin/inference-lab check` tells which of your exercises are right by now
# (on Windows it begins with `.venv\Scripts\`).
