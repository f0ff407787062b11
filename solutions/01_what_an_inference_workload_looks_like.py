# %% [markdown] id="title"
# # 01 What an inference workload looks like

# %% [markdown] id="opening"
# ## Ticket and briefing
#
# A chat service at work; each lane is a [replica](glossary.ipynb#cell-id=replica), a copy of the model on four GPUs
# that work as one (*[tensor parallelism](glossary.ipynb#cell-id=tensor-parallelism)*).
# The picture shows [round robin](glossary.ipynb#cell-id=round-robin): the [router](glossary.ipynb#cell-id=router) takes turns. *Late* is a first token after 450 ms, MLPerf's interactive limit.
# Run the cell and press Play: what does request 716, with 947 prompt tokens, wait for?

# %% id="setup" tags=["widget"]
from dataclasses import replace

import inference_lab as il
import numpy as np
from inference_lab.lab import check, hint, memo, predict, progress, reveal, show, verdict
from inference_lab.lab.plots import timeline
from inference_lab.lab.views import replay

llama, h100 = il.LLM.named("Llama-3.1-70B"), il.GPU.named("H100-SXM5-80GB")
replica = il.Replica(llama, h100, tp=4, stack="vllm-2025")
cluster = il.Cluster(replica, replicas=8, token_budget=4096)  # prompt tokens that a step may read
# A public chat service, sped up 8 times: it sends 38 requests a second.
chat = il.Workload.like("azure-2023-conv", rate_scale=8, requests=2_000, seed=0)

replay(cluster, chat, routers=["round_robin"], request=716)

# %% [markdown] id="ticket"
# Prompts lie left of the gate; a box is as long as its reading lasts, shared steps included. Answers fill the [KV-cache](glossary.ipynb#cell-id=kv-cache) right of it.
#
# <details><summary>What did request 716 wait for? Look first, then open.</summary>
#
# For a prompt of 11,314 tokens in its lane: its first token took 1,019 ms.
# Drag it to another lane: in most it takes 124 to 230 ms.</details>
#
# **A request is small and leaves something heavy behind; the router decides whose heavy thing you wait behind.**
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
# The core path takes 60 minutes, the stretch path (eight parts) 90 minutes.
# It builds on [00 Start here](00_start_here.ipynb).
#
# **Two clocks.** The first, [TTFT](glossary.ipynb#cell-id=ttft),
# stops when *[prefill](glossary.ipynb#cell-id=prefill)* ends: the prompt has passed the gate.
# (The [front end](glossary.ipynb#cell-id=front-end) adds 20.5 ms.)
# The second, [TPOT](glossary.ipynb#cell-id=tpot), ticks during *[decode](glossary.ipynb#cell-id=decode)*: one step, one token.
# While a lane reads a long prompt, its answers become hollow: they get no token, like small packets behind a jumbo frame.
#
# ## Predict
#
# Weights and KV-cache share the GPUs' memory.
# On two H100s, two users with 2,048-token prompts and 256-token answers fit beside the weights.
# How many fit on four: 4, 12, 30 or 200?

# %% id="predict-1-1" tags=["predict"]
predict("1.1", 192, unit="users")

# %% [markdown] id="predict-routers"
# [Least outstanding](glossary.ipynb#cell-id=least-outstanding), your least connections (in the view "fewest requests"), picks the replica with the fewest unfinished requests.
# With round robin, the [p99](glossary.ipynb#cell-id=p99) of TTFT is 0.6 s.
# How much is it with least outstanding, in per cent of that: 50, 80, 100 or 150?

# %% id="predict-1-2" tags=["predict"]
predict("1.2", 99, unit="%")

# %% [markdown] id="worked"
# ## Worked example
#
# Least outstanding beside round robin, just before request 1700 arrives, with 181 tokens.
#
# Press Play: which lane does it get with least outstanding, and what lies there?
# Press N for the next late request.

# %% id="view" tags=["widget"]
replay(cluster, chat, routers=("least_outstanding", "round_robin"))

# %% [markdown] id="view-read"
# <details><summary>Whom did request 1700 wait for? Look first, then open.</summary>
#
# Its lane had the fewest requests, but two of them were prompts with 10,639 tokens together: 792 ms.
# In most other lanes its first token takes 48 to 58 ms.</details>
#
# ## Experiment
#
# A router is a function: it sees the request and the replicas and returns an index.
# Least outstanding needs two lines.


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
# Routing by free memory makes the p99 about twice round robin's.</details>

# %% [markdown] id="exercises"
# ## Exercises
#
# Stuck? Run `hint("1.1", 1)` in a new cell.
#
# **Exercise 1.1** (3 minutes). How many bytes of KV-cache does one token leave on the whole replica?
# Each layer keeps a key and a value in each *KV head*, a vector of `head_dim` numbers each.
# Several query heads share a KV head ([GQA](glossary.ipynb#cell-id=gqa)).


# %% id="ex-1-1" tags=["exercise"]
def kv_bytes_per_token(layers, heads, kv_heads, head_dim, bytes_per_number):
    """Bytes for one token; `heads` counts the query heads.

    Llama-3.1-70B (80 layers, 64 heads, 8 KV heads, head_dim 128, 2 bytes): 327,680.
    Llama-3.1-8B (32 layers, 32 heads, the rest as above): 131,072.
    """
    ### BEGIN SOLUTION
    return 2 * layers * kv_heads * head_dim * bytes_per_number
    ### END SOLUTION


# %% id="check-1-1" tags=["check"]
check("1.1", kv_bytes_per_token)

# %% [markdown] id="ex-1-2-text"
# **Exercise 1.2** (6 minutes). How many users fit on a group of GPUs?
# Of each GPU's memory the engine may use `usable_share`; each GPU keeps `reserve_bytes` of that for itself.
# The group holds the weights once.
# 2, 4 and 8 H100s hold 2, 192 and 571 users.


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
# Of each replica it sees `outstanding`, `queued_tokens` (prompt tokens that are not read yet; often 0)
# and `free_blocks` (of 16 tokens' KV-cache), of the request `prompt_tokens`;
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
# Cases that differ make "holds if".
#
# **C04: "A 70B model fits on 2 to 4 GPUs."**
# It must fit on 2 and on 4, with 32 users of 2,048 + 256 tokens. Weights: 2 bytes (bf16) or 1 (fp8).

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
# It frees 70 GB where 2 GB were left.</details>
#
# **C06: "The router load-balances requests across replicas."**
# A router *balances* if its time is at least a tenth below round robin's.
# Two tests: 8 servers that serve one request at a time, 90 % busy (mean time, in units of one service), and the ticket's chat (p99 TTFT).

# %% id="claim-06" tags=["verdict"]
verdict("C06", "holds if")

from inference_lab.experiments.routers import one_at_a_time
from inference_lab.lab.claims.routing import router_balances

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
# Replace the three `None`: number, "unit", "who does what".

# %% id="memo" tags=["memo"]
memo(
    "01",
    360,
    "ms",
    "The platform team routes by queued prompt tokens, ties by unfinished requests.",
    run={
        "ms": lambda: p99_ms("least_queued_tokens"),
        "s": lambda: p99_ms("least_queued_tokens") / 1e3,
    },
)

# %% [markdown] id="memo-answer"
# <details><summary>Have you written yours? Then open our line.</summary>
#
# "360 ms: the platform team routes by queued prompt tokens, ties by unfinished requests."
# A request that is late now brings its own long prompt.</details>

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

# %% [markdown] id="arrives-text"
# ## Stretch: what arrives
#
# **C02: "Inference is millions of small, asynchronous, latency-critical requests", and none of training's collectives.**
# We test three parts. *Small*: 99 of 100 prompts have at most 64 kB of text, at 4 bytes a token.
# We also look at a service of long documents (Mooncake's conversations: 99 of 100 have at most 85,400 tokens; Qin et al., 2024).
# *Asynchronous*: in windows of a second the variance of the arrivals is at most twice their mean.
# *No collectives*: inside a replica there is none.

# %% id="claim-02" tags=["verdict"]
verdict("C02", "holds if")

from inference_lab.lab.claims import workload as judge


def what_arrives():
    each_second = np.bincount(chat.arrival_s.astype(int))[1:-1]  # whole seconds
    share = replica.all_reduces_s(64) / replica.decode_step_s(64, 64 * 2048)
    return {
        "small, chat": judge.requests_are_small(4 * np.percentile(chat.prompt_tokens, 99), 64e3),
        "small, documents": judge.requests_are_small(4 * 85_400, 64e3),
        "asynchronous": judge.arrivals_are_asynchronous(each_second.var() / each_second.mean(), 2),
        "no collectives": judge.no_collectives(2 * llama.layers, share),
    }


reveal("C02", what_arrives)

# %% [markdown] id="claim-02-why"
# <details><summary>Where did the collectives go? Guess first, then open.</summary>
#
# Inside the replica: four GPUs add up their results twice in each of 80 layers, for every token, in lockstep.
# They run over [NVLink](glossary.ipynb#cell-id=nvlink), so the fabric between hosts sees nothing of them.
# What it sees is a trickle, and the heavy thing stays on the replica.</details>
#
# **C03: "The router picks a replica, the model makes token after token, the answer streams back."**
# The picture: two requests at one replica. While it reads B's prompt, A gets no token.
# If nothing else happens, the parts of each request add up to its whole time.

# %% id="two"
two = il.Workload.from_arrays(
    arrival_s=[0, 0.060], prompt_tokens=[2048, 2048], output_tokens=[12, 12]
)
show(*timeline(il.simulate(il.Cluster(replica), two, spans=True)))

# %% [markdown] id="claim-03-text"
# Your verdict on C03, for the requests of the ticket's chat:

# %% id="claim-03" tags=["verdict"]
verdict("C03", "holds")

from inference_lab.lab.claims.workload import parts_sum_to_the_whole


def one_life():
    run = il.simulate(cluster, chat, seed=0)
    first_s = sum(run.ttft_parts.values())
    later_s = np.nan_to_num(run.tpot_s) * (run.output_tokens - 1)
    return parts_sum_to_the_whole(np.abs(first_s + later_s - run.e2e_s).max(), len(chat))


reveal("C03", one_life)

# %% [markdown] id="claim-03-why"
# <details><summary>And token after token, really? Guess first, then open.</summary>
#
# In this simulator, yes.
# With speculative decoding a step may accept several tokens (claim C28, in lesson 04).</details>

# %% [markdown] id="scale-text"
# ## Stretch: from 8 to 1,000 replicas
#
# **C05: "Hundreds or thousands of replicas, each independent."**
# First half: with as much load for each, the p99 of TTFT at 1,000 replicas is at most a tenth above that at 8.
# Second half: we shrink the 11,314-token prompt of request 708 to one token,
# and count whose first token moves at *other* replicas.
# (This takes about 10 seconds.)

# %% id="claim-05" tags=["verdict"]
verdict("C05", "holds if")

from inference_lab.experiments import routers as behind_routers
from inference_lab.lab.claims import routing


def many_replicas():
    found = {}
    for name in ("round_robin", "least_queued_tokens"):
        p99_s = {}
        for n, load in ((8, chat), (1_000, behind_routers.chat(1_000, 20_000))):
            seen = behind_routers.behind(replace(cluster, replicas=n), load, [name])
            p99_s[n] = seen[name].p99_ttft_s
        moved = behind_routers.moved_elsewhere(cluster, chat, name, request=708)
        found[f"scale, {name}"] = routing.replicas_scale(p99_s)
        found[f"independent, {name}"] = routing.replicas_are_independent(moved, len(chat))
    return found


reveal("C05", many_replicas)

# %% [markdown] id="claim-05-why"
# <details><summary>What couples replicas that share nothing? Guess first, then open.</summary>
#
# The router. One that looks sends the next requests elsewhere when a long prompt comes, and those move others.
# It couples the replicas so that they are *equally* late, which is what you want.
# Other couplings are a shared prefix store, weights loaded at the same time, and a leaf switch.</details>

# %% [markdown] id="kv-aware"
# ## Stretch: a cost that sees the cache
#
# If prompts begin alike, a replica may still hold the KV-cache of the beginning (a *[prefix cache](glossary.ipynb#cell-id=prefix-cache)*; more of it below).
# A router that knows what each cache holds can add two counts of blocks (16 tokens each):
# those of the prompt that the replica would still have to read, and those of the answers that it is writing.
# One weight says how much dearer reading is: the cost is weight x blocks to read + blocks in decode.
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

# %% [markdown] id="choices-text"
# ## Stretch: the better of d
#
# Where servers take one request at a time, two random choices are famous:
# nearly as good as looking at all.
# With very many servers, the mean time in the system, in units of one service, is 1 / (1 - load) for one choice, and for d = 2, 3, ...
#
# T = sum over i = 1, 2, 3, ... of load ** ((d**i - d) / (d - 1)).
#
# **Exercise 1.5** (8 minutes). Compute T for any load below 1. Add terms until they are smaller than 10⁻¹²; take plain Python's numbers, since d**i grows fast.
# At load 0.9: 10.0, 2.614 and 2.028 services for d = 1, 2, 3.


# %% id="ex-1-5" tags=["exercise"]
def mean_time(load, choices):
    """Mean time in the system, one's own service included, in service times."""
    ### BEGIN SOLUTION
    if choices == 1:
        return 1 / (1 - load)
    total, i, term = 0.0, 1, 1.0
    while term > 1e-12:
        term = load ** ((choices**i - choices) / (choices - 1))
        total, i = total + term, i + 1
    return total
    ### END SOLUTION


# %% id="check-1-5" tags=["check"]
check("1.5", mean_time)

# %% [markdown] id="choices-read"
# Then why did two choices do worse than taking turns in the ticket's chat (claim C06)?
# Because they compare numbers of requests, which say little here, and look at only two of them.
# Taking turns at least spreads the prompts evenly.

# %% [markdown] id="cache-cost"
# ## Stretch: prompts that begin alike
#
# In a conversation each prompt repeats all that was said before, after a system prompt that everybody shares.
# A prefix cache keeps the KV-cache of prompts, so only what is new must be read.
# We let 300 users talk in six turns each, and count the share of prompt tokens that is found, without looking at time.

# %% id="hits"
from inference_lab.experiments import conversations as talk

talks = talk.conversations(users=300, rate_per_s=6)
print("replicas   round robin   session affinity")
for n in (1, 2, 4, 8, 16):
    shares = [100 * talk.hit_share(talks, n, r) for r in ("round_robin", "session_affinity")]
    print(f"{n:8}   {shares[0]:9.0f} %   {shares[1]:14.0f} %")

# %% [markdown] id="hits-read"
# Taking turns forgets: with 16 replicas nearly half of the hits are gone, because a conversation rarely meets the replica that knows it.
# Holding each conversation to one replica keeps them.
#
# **Exercise 1.6** (10 minutes). Count the hits of one cache.
# A request is a list of block numbers; its hits are its *leading* blocks that are there, up to the first that is not.
# Then all its blocks are touched, the last one first (so that the end of a prompt leaves before its beginning), and come in if they are new;
# then the least recently touched leave until `capacity_blocks` are left, even if they belong to the same prompt.
# Example: [1, 2, 3], [1, 2, 4], [1, 2, 3] with 4 blocks: 0, 2, 3 hits.


# %% id="ex-1-6" tags=["exercise"]
def prefix_hits(requests, capacity_blocks):
    """The number of hits of each request, in a list."""
    ### BEGIN SOLUTION
    cache, hits = [], []  # the least recently touched first
    for blocks in requests:
        run = 0
        while run < len(blocks) and blocks[run] in cache:
            run += 1
        hits.append(run)
        for block in reversed(blocks):
            if block in cache:
                cache.remove(block)
            cache.append(block)
        while len(cache) > capacity_blocks:
            cache.pop(0)
    return hits
    ### END SOLUTION


# %% id="check-1-6" tags=["check"]
check("1.6", prefix_hits)

# %% [markdown] id="claim-07-text"
# **C07: "A storage layer for KV-cache (model state during decode)."**
# We test two readings.
# *Decode needs it*: in the ticket's run the cache of some replica outgrows its GPUs.
# *Kept prompts pay*: with prefix caches and session affinity, the conversations' mean TTFT is at least a tenth lower.

# %% id="claim-07" tags=["verdict"]
verdict("C07", "holds if")

from inference_lab.lab.claims.caches import decode_needs_storage, reuse_is_worth_it


def storage():
    fullest = talk.most_held_tokens(cluster, chat)
    (without,) = talk.cached(cluster, talks, ["least_queued_tokens"], caches=False)
    (kept,) = talk.cached(cluster, talks, ["session_affinity"])
    return {
        "decode needs it": decode_needs_storage(fullest, replica.kv_capacity_tokens),
        "kept prompts pay": reuse_is_worth_it(
            without.mean_ttft_s, kept.mean_ttft_s, kept.hit_share
        ),
    }


reveal("C07", storage)

# %% [markdown] id="claim-07-why"
# <details><summary>So what is the storage layer for? Guess first, then open.</summary>
#
# For prompts that come again, not for decode: running state lives in the memory of the GPUs.
# On a public trace of conversations (Mooncake) 37.4 % of the prompt tokens could be reused with an endless cache.</details>

# %% [markdown] id="guard-text"
# ## Stretch: the hot spot
#
# Why not send each request where most of its prompt is cached?
# Count the share of the busiest replica.

# %% id="hot-spot"
three = ("longest_prefix", "session_affinity", il.routers.GuardedPrefix(1.5))
for router, seen in zip(three, talk.cached(cluster, talks, three)):
    print(
        f"{router!s:20} hits {100 * seen.hit_share:.0f} %, busiest replica "
        f"{100 * seen.busiest_share:.0f} %, p99 TTFT {1e3 * seen.p99_ttft_s:,.0f} ms"
    )

# %% [markdown] id="guard-read"
# All prompts share the system prompt.
# So the first replica that read it has the longest prefix of every newcomer, and gets everybody.
# Session affinity is even faster here than the guard (143 against 269 ms), because 300 conversations of six turns spread evenly.
# But it never moves a conversation away from a busy replica, and a guard does: a replica is allowed only while it has fewer than `factor` times its share of the unfinished requests, rounded up.
#
# **Exercise 1.7** (8 minutes). Among the allowed replicas choose the longest cached prefix, and of equals the least outstanding (then the first).
# The limit is factor x (all outstanding + 1, the new one) / replicas, rounded up; a replica is allowed if it has *fewer* outstanding than that. `factor` is at least 1.
# Example: cached 960, 640, 0, 0 and outstanding 8, 3, 3, 4 with factor 1.5: the limit is 8, so index 1.


# %% id="ex-1-7" tags=["exercise"]
def guarded(cached_tokens, outstanding, factor):
    """The index of the replica that gets the request."""
    ### BEGIN SOLUTION
    import math

    limit = math.ceil(factor * (sum(outstanding) + 1) / len(outstanding))
    allowed = [i for i in range(len(outstanding)) if outstanding[i] < limit]
    return max(allowed, key=lambda i: (cached_tokens[i], -outstanding[i]))
    ### END SOLUTION


# %% id="check-1-7" tags=["check"]
check("1.7", guarded)

# %% [markdown] id="rag-text"
# ## Stretch: one more hop
#
# **C08: "Optionally, retrieval (RAG) hits a vector database."**
# [RAG](glossary.ipynb#cell-id=rag) embeds the prompt (50 ms), searches (20 to 50 ms) and adds 2,000 tokens of text to it.
# Is that an option, or a design decision?
# We test whether it adds at most 10 ms to the mean TTFT, all that the text gives the network, at half of the ticket's load.

# %% id="claim-08" tags=["verdict"]
verdict("C08", "does not hold")

from inference_lab.lab.claims.caches import retrieval_is_small


def with_retrieval():
    hop = il.Rag(embed_s=0.050, search_s=(0.020, 0.050), context_tokens=2_000)
    plain = replace(cluster, router="least_queued_tokens")
    half = il.Workload.like("azure-2023-conv", rate_scale=4, requests=2_000, seed=0)
    runs = [il.simulate(one, half, seed=0) for one in (plain, replace(plain, rag=hop))]
    before, after = ({part: s.mean() for part, s in run.ttft_parts.items()} for run in runs)
    added = {part: after[part] - before[part] for part in before}
    return retrieval_is_small(added["rag"], added["queue"] + added["prefill"], 0.010)


reveal("C08", with_retrieval)

# %% [markdown] id="claim-08-why"
# <details><summary>Which of the two costs more? Guess first, then open.</summary>
#
# Reading what it found: 2,000 tokens more in every prompt, nearly three times the work.
# At the ticket's full load that is more than the replicas can read, and the queue grows without end.</details>

# %% [markdown] id="split-text"
# ## Stretch: 16 GPUs, three ways
#
# The same 16 H100s as 8 replicas of two, 4 of four or 2 of eight GPUs (8-bit weights, so that two GPUs hold more than two users).
# Before you run it: which is best at a quarter of the ticket's load, and which at twice?

# %% id="split"
print("requests/s   p99 TTFT in ms of 8 x TP2, 4 x TP4, 2 x TP8")
for scale in (2, 4, 8, 12):
    load = il.Workload.like("azure-2023-conv", rate_scale=scale, requests=2_000, seed=0)
    row = []
    for tp in (2, 4, 8):
        one = replace(replica, tp=tp, precision="fp8")
        group = il.Cluster(one, 16 // tp, router="least_queued_tokens", token_budget=4096)
        row.append(1e3 * np.percentile(il.simulate(group, load, seed=0).ttft_s, 99))
    print(
        f"{len(load) / np.ptp(load.arrival_s):10.1f}   " + "".join(f"{p99:10,.0f}" for p99 in row)
    )

# %% [markdown] id="split-read"
# At a low load the larger group wins, because more GPUs read a prompt sooner.
# At a high load many small replicas win: fewer GPUs waste less on [all-reduces](glossary.ipynb#cell-id=all-reduce),
# and each replica writes at most 256 answers at once (the engine's default).
# There is no best split, only a best split for a load.

# %% [markdown] id="next"
# ## Next
#
# Back to the map in [00 Start here](00_start_here.ipynb).
