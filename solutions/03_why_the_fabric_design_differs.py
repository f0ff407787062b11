# %% [markdown] id="title"
# # 03 Why the fabric design differs

# %% [markdown] id="ticket"
# ## Ticket and briefing
#
# > **Ticket 4803.** *Finance:* "Leaves oversubscribed 4:1 save half of the switch ports of the chat pool. Please sign."
# >
# > *GPU team:* "Next quarter we split prefill from decode."
#
# Do you sign? After this lesson you can
#
# - compute how many seconds a rack needs to load its models through an
#   [oversubscribed](glossary.ipynb#cell-id=oversubscription) [leaf](glossary.ipynb#cell-id=leaf);
# - say how often such a leaf is congested;
# - find the largest ratio that a measured demand allows.
#
# The core path takes 59 minutes, the stretch path another 90 minutes.
# It builds on [00 Start here](00_start_here.ipynb).

# %% id="setup"
import inference_lab as il
from inference_lab.experiments.fabric import cold_start_s, congested_share, ecmp_collisions
from inference_lab.experiments.fabric_bill import offers
from inference_lab.experiments.kv_traffic import (
    first_token_s,
    kv_demand,
    long_prompts,
    text_gbit_per_s,
)
from inference_lab.experiments.leaf import chat_on_a_leaf
from inference_lab.lab import check, hint, memo, predict, progress, reveal, verdict
from inference_lab.lab.claims import fabric as claims
from inference_lab.lab.views import leaf_at_work

llama = il.LLM.named("Llama-3.1-70B")
kv_bytes = llama.kv_bytes_per_token("bf16")  # 327,680 for each token of a prompt
served = il.Replica(llama, il.GPU.named("H100-SXM5-80GB"), tp=4, stack="vllm-2025")
two_leaves = {"hosts": 32, "hosts_per_leaf": 16, "nic_gbit_per_s": 100}

# %% [markdown] id="predict"
# ## Predict
#
# A host has eight GPUs: two [replicas](glossary.ipynb#cell-id=replica) of a 70B model.
# Together they serve 11 chat requests a second, close to their limit. Only text goes in and out,
# through the host's one front-end NIC of 100 Gb/s; the back-end fabric isn't used.
#
# How many **Mb/s** of it do they use: about 4, 100, 3,000 or 30,000?
# Replace `None` with your number.

# %% id="predict-3-1" tags=["predict"]
predict("3.1", 4, unit="Mb/s")

# %% [markdown] id="predict-collisions"
# Next quarter [prefill](glossary.ipynb#cell-id=prefill) and
# [decode](glossary.ipynb#cell-id=decode) run on different hosts,
# and each prompt's [KV-cache](glossary.ipynb#cell-id=kv-cache) crosses the fabric as one flow.
#
# Eight such flows, each able to fill 100 Gb/s, leave a leaf through eight [uplinks](glossary.ipynb#cell-id=uplink) of 100 Gb/s.
# [ECMP](glossary.ipynb#cell-id=ecmp) hashes each flow to an uplink.
# In how many **of 1,000 cases** has each flow an uplink to itself: about 900, 500, 100 or 2?

# %% id="predict-3-2" tags=["predict"]
predict("3.2", 2.4, unit="of 1,000 cases")

# %% [markdown] id="worked"
# ## Worked example
#
# ### A leaf at work
#
# Sixteen such hosts, all for prefill, stand under one leaf.
# Play it. Then drag the upper edge of the uplinks, and switch *KV moves* off.

# %% id="view" tags=["widget"]
leaf_at_work(ratio=4)

# %% [markdown] id="view-read"
# Each host sends one KV-cache after the other, as fast as it can.
# Sixteen together vary far less: at 1:1 about a quarter around their mean in 100 ms.
# While one is silent, another sends.
# (Packets are [sprayed](glossary.ipynb#cell-id=spray); ECMP comes next. We assume that no two transfers
# meet at one receiver: no [incast](glossary.ipynb#cell-id=incast).)
#
# ### Your predictions: text, and eight large flows


# %% id="reveals"
def text_mbit_per_s():
    return 1e3 * text_gbit_per_s(rate_per_s=11, prompt_tokens=1155, output_tokens=211)


def all_apart_of_1000():
    return 1000 * ecmp_collisions(flows=8, uplinks=8, draws=4000).all_apart


reveal("3.1", text_mbit_per_s)
reveal("3.2", all_apart_of_1000)

# %% [markdown] id="reveals-why"
# <details><summary>Why so little text, and so many collisions? Guess first, then open.</summary>
#
# A token weighs about 4 bytes on its way in and 200 on its way out, as an event: 0.004 % of the NIC.
# In the KV-cache a token weighs 327,680 bytes: 33 Gb/s, 8,100 times as much.
#
# Of 8^8 ways to hash eight flows only 8! put each on its own uplink: 0.24 %.
# On average the fullest uplink has 2.6 flows.</details>
#
# The idea of this lesson:
# **many small independent flows average out; few large or simultaneous ones do not.**

# %% [markdown] id="experiment"
# ## Experiment
#
# **Decide:** how far may this leaf be oversubscribed
#
# 1. for today's chat (text alone);
# 2. once KV-cache moves, if 99 of 100 transfers must end within 250 ms;
# 3. if all sixteen must load 141 GB of weights in 20 s?
#
# Use the picture for 1 and 2, paper for 3.

# %% [markdown] id="decide-note"
# Your three ratios (double-click and write): text ...:1; KV-cache ...:1; cold start ...:1.

# %% [markdown] id="decide-answer"
# <details><summary>Have you written yours? Then open our answer.</summary>
#
# Text: any. At 8:1 its uplinks are 0.03 % used.
# KV-cache: about 2.4:1, if sprayed. At 4:1 the queue never stops growing.
# Cold start: 16 x 141 GB in 20 s are 902 Gb/s, so 1.77:1,
# if the store delivers that, and a host loads once for both replicas.</details>

# %% [markdown] id="exercises"
# ## Exercises
#
# Stuck? Run `hint("3.1", 1)` in a new cell.
#
# **Exercise 3.1** (3 minutes). `hosts` of the `hosts_per_leaf` hosts under a leaf load `weight_bytes` each, all at once,
# from a store beyond the spine, and share the uplinks fairly. How long does it take?


# %% id="ex-3-1" tags=["exercise"]
def load_s(hosts, weight_bytes, nic_gbit_per_s, hosts_per_leaf, oversubscription):
    """Seconds until all of these hosts have loaded their weights.

    141 GB each, NICs of 100 Gb/s, 16 hosts under the leaf, 4:1: two load in 11.3 s, all 16 in 45.1 s.
    The uplinks carry hosts_per_leaf NICs over oversubscription, which need not be a whole number.
    No host is faster than its NIC.
    """
    ### BEGIN SOLUTION
    uplinks_gbit_per_s = hosts_per_leaf * nic_gbit_per_s / oversubscription
    rate_gbit_per_s = min(nic_gbit_per_s, uplinks_gbit_per_s / hosts)
    return weight_bytes * 8 / (rate_gbit_per_s * 1e9)
    ### END SOLUTION


# %% id="check-3-1" tags=["check"]
check("3.1", load_s)

# %% [markdown] id="ex-3-2-text"
# **Exercise 3.2** (6 minutes). Each of the `hosts` hosts under a leaf sends at its NIC's full rate with probability `active`,
# whatever the others do, and else nothing.
# The leaf is congested when more send than its uplinks carry. How probable is that?


# %% id="ex-3-2" tags=["exercise"]
from math import comb


def congested(hosts, active, oversubscription):
    """Probability that more hosts send than the uplinks carry. 16 hosts, 0.3, 2:1: 0.026.

    Nothing queues here. In the view transfers queue, and "full" counts the frames of 100 ms
    throughout which the uplinks are: 1 % at 2:1, 97 % at 4:1. Here 0.335 gives 5 % and 67 %.
    """
    carried = int(hosts / oversubscription)  # uplinks of 5.3 NICs: a sixth sender slows all
    ### BEGIN SOLUTION
    return sum(
        comb(hosts, k) * active**k * (1 - active) ** (hosts - k)
        for k in range(carried + 1, hosts + 1)
    )
    ### END SOLUTION


# %% id="check-3-2" tags=["check"]
check("3.2", congested)

# %% [markdown] id="ex-3-3-text"
# **Exercise 3.3** (10 minutes).
# `demand` has a row for each host and a column for each window of time, in Gb/s.
# How far may the leaf be oversubscribed if its uplinks must carry what the hosts want together
# in at least `share` of the windows?


# %% id="ex-3-3" tags=["exercise"]
from math import ceil


def largest_ratio(demand, nic_gbit_per_s, share):
    """The largest oversubscription of the leaf: NICs over uplinks, at least 1.

    Hosts [10, 0, 30, 20] and [10, 40, 30, 10], NICs of 100, share 0.6: 200 / 40 = 5
    (2.4 of the windows, so three: `ceil`). A window is carried if it wants at most the uplinks'
    rate. All NICs count, idle ones too. Some windows are idle, but not all that count.
    """
    ### BEGIN SOLUTION
    sums = sorted(sum(window) for window in zip(*demand))
    kept = sums[ceil(share * len(sums)) - 1]
    return max(1.0, len(demand) * nic_gbit_per_s / kept)
    ### END SOLUTION


# %% id="check-3-3" tags=["check"]
check("3.3", largest_ratio)

# %% [markdown] id="ex-3-3-read"
# The window is the decision. For this KV-cache our function says
# (`share` 0.99) 1.41 with windows of 100 ms, 2.00 with 1 s and 2.12 with 10 s:
# the longer a transfer may wait, the fewer uplinks you buy.
# The picture allows more because a transfer may queue; here a window must carry all of its demand.

# %% [markdown] id="claims"
# ## Check the claim
#
# Replace `None` with your verdict: `"holds"`, `"holds if"` or `"does not hold"`.
#
# **C20: "100/200G is usually sufficient (per-flow demand is low)."**
# Which NIC carries one host's text, its KV-cache of chat,
# and that of long prompts (12,000 tokens on average, 3.4 a second:
# 73 % of the bf16 peak of eight H100s)?

# %% id="claim-20" tags=["verdict"]
verdict("C20", "holds if")


def three_hosts():
    text = text_mbit_per_s() / 1e3
    lengths = il.Workload.like("azure-2023-conv", requests=20_000)
    chat = il.Workload.poisson(11, 20_000, lengths.prompt_tokens, lengths.output_tokens)
    moved = {"KV-cache, chat": chat, "KV-cache, long prompts": long_prompts()}
    worst = {name: kv_demand(load, kv_bytes, window_s=30).worst for name, load in moved.items()}
    kv = {
        name: claims.nic_is_enough(gbit_per_s, "the worst 30 s")
        for name, gbit_per_s in worst.items()
    }
    return {"text": claims.nic_is_enough(text, "the mean"), **kv}


reveal("C20", three_hosts)

# %% [markdown] id="claim-20-why"
# <details><summary>Is the demand of a flow low? Guess first, then open.</summary>
#
# No: a KV-cache takes all of the NIC that it can get. What is low is the *mean*, prompt length times rate.</details>
#
# **C23: "4:1 or 2:1 oversubscription is OK, flows are independent."**
# We judge three cases separately (if some pass: holds if).
#
# - Independent transfers, sprayed: congested in at most 5 % of the instants,
#   when 10, 20, 33 and 40 % of the hosts send.
# - The same under ECMP.
# - A cold start of all sixteen: no longer than at 1:1.

# %% id="claim-23" tags=["verdict"]
verdict("C23", "holds if")


def leaf(ratio, spray="ideal"):
    return il.LeafSpine(**two_leaves, spines=4, oversubscription=ratio, spray=spray)


def alone_and_together():
    weights, found = 141e9, {}
    last_s = {ratio: cold_start_s(leaf(ratio), weights, range(16))[-1] for ratio in (1, 2, 4)}
    for ratio in (2, 4):
        for name, spray in (("sprayed", "ideal"), ("ECMP", "ecmp")):
            shares = {p: congested_share(leaf(ratio, spray), p) for p in (0.1, 0.2, 1 / 3, 0.4)}
            found[f"{ratio}:1, independent, {name}"] = claims.rarely_congested(shares)
        found[f"{ratio}:1, cold start"] = claims.no_slower(last_s[ratio], last_s[1], "at 1:1")
    return found


reveal("C23", alone_and_together)

# %% [markdown] id="claim-23-why"
# <details><summary>What breaks the claim? Guess first, then open.</summary>
#
# Hosts that load at once aren't independent.
# When a third send, as with this leaf's KV-cache, they want 133 % of the uplinks at 4:1;
# at 2:1 a spray is just at the limit (exactly 5.0 %; the draws gave 4.6 %).
# This leaf has four uplinks, 200 Gb/s each at 2:1 and 100 at 4:1:
# under ECMP three flows on one are enough at 2:1, two at 4:1.</details>

# %% [markdown] id="memo-text"
# ## Design memo
#
# Close ticket 4803: KV-cache moves, and 99 of 100 transfers must end within 250 ms.
# How far may the leaves be oversubscribed, and who does what?
# Replace each `None`.


# %% id="memo" tags=["memo"]
from inference_lab.experiments.leaf import largest_ratio_within

memo(
    "03",
    2,  # number
    "to 1",  # unit: ":1" or "to 1"
    "Finance orders 2:1 for pools that move KV-cache, and 4:1 for the others.",  # who does what
    run=dict.fromkeys(("to 1", ":1"), lambda: largest_ratio_within(p99_s=0.250)),
    at_most=True,
)

# %% [markdown] id="memo-answer"
# <details><summary>Have you written yours? Then open our line.</summary>
#
# "2:1 with spray: a third of the ports, two thirds of what 4:1 saves. Pools without KV-cache keep 4:1.
# Hosts load their weights in turns: the first serves early; the last is no sooner (22.6 s at 2:1)."</details>

# %% [markdown] id="transfer"
# **One more question.** Prefill and decode of each request now stand under the same leaf. Which ratio does the KV-cache ask for?
#
# <details><summary>A. 2:1.</summary>
# No. How many bytes of it cross an uplink now?</details>
#
# <details><summary>B. 1:1.</summary>
# The leaf forwards at full rate; only its uplinks are oversubscribed.</details>
#
# <details><summary>C. Any.</summary>
# Yes. Placement took the load off the spine; cold starts still cross it.</details>

# %% [markdown] id="finished"
# **You have finished lesson 03.** Your code, to read out in the room (it carries no marks):

# %% id="progress"
progress("03")

# %% [markdown] id="ex-3-4-text"
# ## Stretch: how flows share a link
#
# Fair sharing (*max-min*) is water-filling: every rate rises alike, until a flow has all that it wants
# or a link on its way is full. `il.max_min_shares` does it for any fabric; you do it for one link.
#
# **Exercise 3.4** (6 minutes). Put the lines into order, and indent three of them.


# %% id="ex-3-4" tags=["exercise"]
def water_fill(capacity, demands):
    """Rates of flows that share a link. Capacity 100, demands [80, 10, 40]: [50, 10, 40]."""
    # left -= rates[i]
    # for served, i in enumerate(order):
    # order = sorted(range(len(demands)), key=lambda i: demands[i])
    # rates[i] = min(demands[i], equal)
    # return rates
    # rates, left = [0.0] * len(demands), capacity
    # equal = left / (len(demands) - served)
    ### BEGIN SOLUTION
    rates, left = [0.0] * len(demands), capacity
    order = sorted(range(len(demands)), key=lambda i: demands[i])
    for served, i in enumerate(order):
        equal = left / (len(demands) - served)
        rates[i] = min(demands[i], equal)
        left -= rates[i]
    return rates
    ### END SOLUTION


# %% id="check-3-4" tags=["check"]
check("3.4", water_fill)

# %% [markdown] id="two-links-text"
# With two links in a line (10 and 4), one flow over both and one over each, the long flow and the second
# share the narrow link, and the first gets what is left:

# %% id="two-links"
print(il.max_min_shares([10, 4], routes=[[0, 1], [0], [1]]))

# %% [markdown] id="rings-text"
# ## Stretch: what training needs
#
# A training job is one large flow a host, all at once: an *[all-reduce](glossary.ipynb#cell-id=all-reduce)*.
# As a ring each host sends to the next one, so the slowest hop sets the pace.
#
# **C18: "Training needs lossless RDMA, 1:1, rails."**
# We test 1:1: 64 hosts on four leaves reduce 140 GB at 400 Gb/s, at 1:1 and at 4:1.
# The ring goes leaf by leaf, in random order, or never to a neighbour on the same leaf.

# %% id="claim-18" tags=["verdict"]
verdict("C18", "holds if")

from inference_lab.experiments.fabric import all_reduce_s


def rings():
    job = {"hosts": 64, "hosts_per_leaf": 16, "nic_gbit_per_s": 400, "spray": "ideal"}
    flat, thin = il.LeafSpine(**job), il.LeafSpine(**job, oversubscription=4)
    return {
        order: claims.slower(
            all_reduce_s(thin, 140e9, order), all_reduce_s(flat, 140e9, order), "at 1:1"
        )
        for order in ("leaf", "random", "interleaved")
    }


reveal("C18", rings)

# %% [markdown] id="claim-18-why"
# <details><summary>So what does 1:1 buy? Guess first, then open.</summary>
#
# Freedom of placement. A ring that goes leaf by leaf crosses each uplink once, and never notices 4:1.
# At 1:1 nobody has to know where the members stand.
# (Lossless is one way among several: some large fabrics run PFC without DCQCN, InfiniBand has credits,
# and others repeat what is lost.)</details>
#
# And C20's other half, **"400/800G end to end"** for training? The source text's job spreads 700 GB every 2 s over its shards
# (8-way tensor, 16-way pipeline parallel), 5.47 GB for each GPU, with a NIC for each.

# %% id="training-nics"
from inference_lab.experiments.training_step import step_on_a_nic

for nic_gbit_per_s in (100, 200, 400, 800):
    step = step_on_a_nic(700e9 / 128, nic_gbit_per_s, compute_s=1.78)
    print(
        f"{nic_gbit_per_s}G: a step of {step.total_s:.2f} s, {100 * step.network_share:.0f} % of it network"
    )

# %% [markdown] id="training-nics-read"
# It holds if the job can't compute while it sends: at 100G a third of every GPU would wait, at 400G a tenth,
# and 800G would save another 5 % of the time. (A host that serves chat sends 0.004 Gb/s.)
#
# *Rails* are placement too: GPU *i* of every host goes to leaf *i*, so one leaf has a NIC of many hosts.

# %% id="rails"
from inference_lab.fabric.rails import spine_bytes

for name, rails in (("all NICs of a host on one leaf", False), ("rails", True)):
    terabytes = spine_bytes(64, 140e9, leaf_ports=32, rails=rails) / 1e12
    print(f"{name}: {terabytes:.2f} TB cross the spine for one all-reduce of 64 hosts")

# %% [markdown] id="slow-link-text"
# **C19: "Every link is mission-critical: one slow link stalls everything."**
# We halve the NIC of one host: in a ring, and for a chat request (its text there, one token back).

# %% id="claim-19" tags=["verdict"]
verdict("C19", "holds if")

from inference_lab.experiments.fabric import ring_gbit_per_s


def one_slow_link():
    flat = il.LeafSpine(hosts=64, hosts_per_leaf=16, nic_gbit_per_s=400)
    rates = ring_gbit_per_s(flat), ring_gbit_per_s(flat, slow_host=5, slow_factor=0.5)
    fast, slow = (2 * 63 / 64 * 140e9 * 8 / (rate * 1e9) for rate in rates)
    ttft = [first_token_s("TCP", other_s=0.2, link_gbit_per_s=gbit) for gbit in (100, 50)]
    return {
        "training, all 64 hosts": claims.slower(slow, fast, "before"),
        "chat, a request of that host": claims.slower(ttft[1], ttft[0], "before"),
    }


reveal("C19", one_slow_link)

# %% [markdown] id="claim-19-why"
# <details><summary>What would a dead link do? Guess first, then open.</summary>
#
# Stop the training step of everybody, and the requests of one host, which a [router](glossary.ipynb#cell-id=router) sends elsewhere.
# A *slow* link is worse than a dead one only where nobody looks:
# for chat it shows in no latency at all until KV-cache moves.</details>

# %% [markdown] id="beside-text"
# Now both worlds on one fabric at 4:1: a job with eight hosts under each of two leaves, and a replica that starts
# under one of them. (NICs of 100 Gb/s; each host of the job reduces 10 GB after 2 s of work.)

# %% id="beside-run"
from inference_lab.experiments.beside import cold_start_beside

for ring in (None, "leaf", "interleaved"):
    alone, both = (cold_start_beside(served, ring, loads=loads) for loads in (False, True))
    steps = f"; a step {alone.step_s:.2f} s alone, {both.step_s:.2f} s beside it" if ring else ""
    print(f"ring: {ring or 'no job':12} weights after {both.load_s:.1f} s{steps}")

# %% [markdown] id="beside-read"
# A ring that stays under its leaves disturbs nobody. The other one loses to 4:1 first, and then both lose to each other.
# This is what an *island* is for: not a faster network, but one where large flows meet nobody else.

# %% [markdown] id="ex-3-5-text"
# ## Stretch: a placement policy
#
# Jobs come and go under six leaves of eight hosts: replicas that span hosts, and training.
# Their sizes are drawn: 75 % have 1 to 4 hosts, the largest 12.
# They ask for 80 % of the hosts on average; a job for which too few are free goes elsewhere.
# Each is a ring; a job under one leaf crosses no border, one under two leaves two, one under three three.
# This policy takes the first free hosts. It needs one loop:


# %% id="leaf-by-leaf"
def leaf_by_leaf(hosts, free):
    taken = []
    for room in free:
        taken.append(min(room, hosts))
        hosts -= taken[-1]
    return taken


print(leaf_by_leaf(4, free=[3, 2, 8]))

# %% [markdown] id="ex-3-5-task"
# That job of four now crosses two borders, although the third leaf had room for all of it.
#
# **Exercise 3.5** (10 minutes). Write a policy with which the rings cross at most half as many borders
# as with `leaf_by_leaf`, on the same jobs.
# `free` has the free hosts of each leaf; return how many hosts the job gets from each.
# The check places 2,000 jobs, twice, and prints your borders in per cent of those of `leaf_by_leaf`.


# %% id="ex-3-5" tags=["exercise"]
def place(hosts, free):
    """How many hosts of each leaf the job gets; they sum to `hosts`."""
    ### BEGIN SOLUTION
    fits = [leaf for leaf, room in enumerate(free) if room >= hosts]
    if fits:
        order = [min(fits, key=lambda leaf: free[leaf])]
    else:
        order = sorted(range(len(free)), key=lambda leaf: -free[leaf])
    taken = [0] * len(free)
    for leaf in order:
        taken[leaf] = min(free[leaf], hosts)
        hosts -= taken[leaf]
    return taken
    ### END SOLUTION


# %% id="check-3-5" tags=["check"]
check("3.5", place)

# %% [markdown] id="ex-3-5-read"
# If no job crosses more borders than it has to, about 40 % are left; our policy gets down to 20 %.
# It thinks of the next job: small jobs go where little room is left, so that the large gaps last.

# %% [markdown] id="transport-text"
# ## Stretch: TCP or RDMA?
#
# A message takes a latency and its bytes over the link's rate. RDMA: 2 µs. Kernel TCP: 12 µs, and one flow is
# not faster than one core, 42 Gb/s. A gRPC call in Python: 325 µs. (Sources: `docs/fabric.md`.)
#
# **C21: "Best-effort TCP is often fine for request routing (gRPC, HTTP)."**
# Fine means: the [TTFT](glossary.ipynb#cell-id=ttft) of a request of 200 ms grows by at most 1 % over RDMA.

# %% id="claim-21" tags=["verdict"]
verdict("C21", "holds")


def routing():
    rdma_s = first_token_s("RDMA", other_s=0.2)
    return {
        name: claims.no_slower(first_token_s(name, other_s=0.2), rdma_s, "with RDMA", most=1.01)
        for name in ("TCP", "gRPC")
    }


reveal("C21", routing)

# %% [markdown] id="claim-22-text"
# <details><summary>Why does the protocol not matter here? Guess first, then open.</summary>
#
# A prompt is 8 KB. All of its way takes 0.7 ms at most, of 200.</details>
#
# **C22: "Some RDMA for KV-cache transfer."** We send the KV-cache of 2,048 tokens (0.67 GB) over TCP, as one flow and as eight.
# RDMA is needed where TCP takes more than 10 % longer.

# %% id="claim-22" tags=["verdict"]
verdict("C22", "holds if")

from inference_lab.fabric.transport import Transport


def kv_transfers():
    found, size = {}, 2048 * kv_bytes
    for gbit in (10, 100, 400):
        rdma_s = Transport.named("RDMA").seconds(size, gbit * 1e9 / 8)
        for flows in (1, 8):
            tcp_s = Transport.named("TCP").seconds(size, gbit * 1e9 / 8, flows=flows)
            found[f"{gbit}G, {flows} flow{'s' * (flows > 1)}"] = claims.slower(
                tcp_s, rdma_s, "with RDMA"
            )
    return found


reveal("C22", kv_transfers)

# %% [markdown] id="claim-22-why"
# <details><summary>What does RDMA buy? Guess first, then open.</summary>
#
# Cores. Over TCP eight flows fill 100 Gb/s with two or three busy cores; of 400 Gb/s they reach 336, with eight.
# Up to 42 Gb/s the link is the limit, whatever the protocol.
# (Our model leaves out that TCP passes through host memory: the KV-cache is copied from the GPU to the host and back
# on the other side. RDMA can go from GPU to GPU, so TCP is worse than shown.)</details>

# %% [markdown] id="ecmp-text"
# ## Stretch: a few large flows under ECMP
#
# Eight KV flows over eight uplinks collide nearly always. What if each is cut into several connections?
# A hash treats them as flows of their own.

# %% id="ecmp-run"
for pieces in (1, 2, 4, 16):
    run = ecmp_collisions(flows=8 * pieces, uplinks=8, draws=500)
    print(
        f"8 flows in {pieces:2} pieces each: {100 * run.mean_share:3.0f} % of the uplinks carry something"
    )

# %% [markdown] id="ex-3-6-text"
# Many small flows average out, also under a hash. (The alternative: switches that spray packets.)
#
# **Exercise 3.6** (8 minutes). Flows that could each fill an uplink are hashed to the uplinks, and those on one uplink
# share it. What share of an uplink does a flow get on average, over all flows and all hashes?


# %% id="ex-3-6" tags=["exercise"]
def ecmp_share(flows, uplinks):
    """Mean rate of a flow as a share of an uplink. Four flows on eight uplinks: 0.828."""
    ### BEGIN SOLUTION
    busy = uplinks * (1 - (1 - 1 / uplinks) ** flows)
    return busy / flows
    ### END SOLUTION


# %% id="check-3-6" tags=["check"]
check("3.6", ecmp_share)

# %% [markdown] id="ex-3-7-text"
# ## Stretch: a cold start in turns
#
# After a power cut sixteen hosts load 141 GB each through 400 Gb/s of uplinks. All at once, each is ready after 45.1 s.
#
# **Exercise 3.7** (8 minutes). Let `at_once` hosts load together, the next group when the one before is done.
# The last group may be smaller; then each of its hosts has a larger share of the uplinks, up to its NIC.
# After how many seconds is a host ready, as the mean over all hosts?
# Examples: groups of four: 28.2 s, the last still after 45.1 s; ten hosts in groups of six: 21.4 s.


# %% id="ex-3-7" tags=["exercise"]
def mean_ready_s(hosts, at_once, weight_bytes, nic_gbit_per_s, uplinks_gbit_per_s):
    """Mean over the hosts of the time until each has loaded its weights."""
    ### BEGIN SOLUTION
    waiting, clock_s, total_s = hosts, 0.0, 0.0
    while waiting:
        group = min(at_once, waiting)
        rate_gbit_per_s = min(nic_gbit_per_s, uplinks_gbit_per_s / group)
        clock_s += weight_bytes * 8 / (rate_gbit_per_s * 1e9)
        total_s += clock_s * group
        waiting -= group
    return total_s / hosts
    ### END SOLUTION


# %% id="check-3-7" tags=["check"]
check("3.7", mean_ready_s)

# %% [markdown] id="ex-3-7-read"
# Nobody is later, and most are earlier: fair sharing is not always kind.
# (Groups of two would leave the uplinks half empty.)

# %% [markdown] id="zone-text"
# ## Stretch: a zone is lost
#
# Nine replicas in three zones serve chat. They keep a [p99](glossary.ipynb#cell-id=p99) of 450 ms for TTFT and 40 ms for
# [TPOT](glossary.ipynb#cell-id=tpot) up to 41 requests a second.
# After a minute one zone loses its power for a second. The router sends who was there elsewhere,
# where prompt and answer so far are read again.
# Each zone is a leaf of three hosts at 4:1, and all three load their weights at once: 45 s later the zone serves again.

# %% id="zone-run"
from inference_lab.experiments.zones import zone_lost

for loses in (False, True):
    run = zone_lost(served, rate_per_s=27, loses=loses)
    print(
        f"zone lost: {loses!s:5}  p99 TTFT of the others {1e3 * run.p99_ttft_s:.0f} ms, "
        f"TPOT {1e3 * run.p99_tpot_s:.0f} ms; {run.moved} requests moved, {run.lost} lost"
        + (f"; back after {run.cold_start_s:.0f} s" if loses else "")
    )

# %% [markdown] id="claim-24-text"
# **C24: "Multi-zone fault tolerance: replicas can be lost without affecting other tenants."**
# How busy may the nine be, in per cent of 41 a second, so that users of the other zones stay within both limits during the outage?
# Each load is drawn five times.

# %% id="claim-24" tags=["verdict"]
verdict("C24", "holds if")

from inference_lab.lab.claims.zones import others_are_unaffected


def lose_a_zone():
    rates_per_s = (14, 21, 24, 27, 34, 41)
    draws = {
        rate: [zone_lost(served, rate, seed=seed) for seed in range(5)] for rate in rates_per_s
    }
    return others_are_unaffected({rate / 41: runs for rate, runs in draws.items()})


reveal("C24", lose_a_zone)

# %% [markdown] id="claim-24-why"
# <details><summary>Why less than two thirds? Guess first, then open.</summary>
#
# Two zones of three carry all of the load, so each carries 1.5 times its own: 2/3 of the limit at most.
# But first the requests of the lost zone come back together, and each is read again.
# Few, large, simultaneous: their prompts stand in everybody's queue.</details>

# %% [markdown] id="bill-text"
# ## Stretch: the bill
#
# Three fabrics for the same 64 hosts of eight H100s, in units of one GPU with its eighth of the server.
# (Prices of 2024; the sources are in `docs/fabric.md`.)

# %% id="bill"
print("                            ports    links   network   share   a million tokens")
for offer in offers():
    costs = offer.bill
    print(
        f"{offer.name:26} {costs.ports:6.1f} {costs.links:8.1f} {costs.network:9.1f} "
        f"{100 * costs.network_share:6.1f} % {offer.per_million_tokens:11.1f}"
    )

# %% [markdown] id="bill-read"
# The training fabric adds a tenth to the bill of its GPUs, the others one per cent or less.
# So finance's argument is small: what 4:1 saves over 2:1 is less than 1 % of the GPUs that may stand idle behind it.
#
# **C25: "Many inference clusters run on standard Ethernet, with RDMA islands. They look closer to a web tier."**
# We compare the cost of a million tokens with that on the training fabric.
# It holds if the tokens are at least 5 % cheaper and the tail of their transfers is not longer than with the same NICs at 1:1.
# The fabric for text carries text, the one for KV-cache carries KV-cache; and what if KV-cache moves on the one for text?

# %% id="claim-25" tags=["verdict"]
verdict("C25", "holds if")


def standard_ethernet():
    training, for_kv, for_text = offers()
    found = {}
    for load, offer in (("text", for_text), ("KV-cache", for_kv), ("KV-cache", for_text)):
        nic, ratio = offer.fabric.nic_gbit_per_s, offer.fabric.oversubscription
        thin, flat = (
            chat_on_a_leaf(16 * nic / each, load == "KV-cache", nic_gbit_per_s=nic)
            for each in (ratio, 1)
        )
        saved = 1 - offer.per_million_tokens / training.per_million_tokens
        found[f"{load} on {nic:g}G, {ratio:g}:1"] = claims.cheaper_and_no_slower(saved, thin, flat)
    return found


reveal("C25", standard_ethernet)

# %% [markdown] id="claim-25-why"
# <details><summary>Islands for whom, and which web tier? Guess first, then open.</summary>
#
# "Large-context models" need no island as such: a prompt of 128K tokens on one host moves 0.5 MB of text.
# It needs one when its KV-cache moves: 43 GB, 3.4 s at 100 Gb/s, and 8.2 s as one TCP flow.
#
# Like a web tier in its packets. Unlike it in all that a balancer assumes:
# a request lasts seconds, not 50 ms; it leaves state of hundreds of megabytes behind, so a drain isn't stateless;
# and fewest connections isn't the least work.</details>

# %% [markdown] id="field-text"
# ## Stretch: what only a network engineer asks
#
# **Do long-lived connections matter?** gRPC and HTTP/2 send all requests of a client over one connection.
# An L4 balancer places connections, not requests.
# Eight replicas serve chat; how many connections do the gateways hold open?

# %% id="pinning"
from inference_lab.experiments.pinning import pinned

for connections in (16, 64, 512, None):
    run = pinned(served, connections)
    name = f"{connections} connections" if connections else "L7, in turns"
    print(
        f"{name:16} busiest replica {run.hottest:.1f} times the mean, p99 TTFT {run.p99_ttft_s:.2f} s"
    )

# %% [markdown] id="field-notes"
# Sixteen connections double the load of one replica, and the tail with it. The same idea a third time:
# many small things average out, a few large ones don't.
# Balance requests (L7), or let clients reopen connections often.
#
# **Do proxies hold tokens back?** A proxy that buffers a response until some KB have come turns a stream of 200-byte events
# into lumps of twenty and more tokens: TTFT as the user sees it grows by twenty TPOTs, and every dashboard stays green.
# Switch buffering off for streams, and set idle timeouts above the longest gap (a queue, not a keep-alive).
#
# **How do you drain a replica?** Take it out of the router, then wait for its answers: seconds to minutes, not milliseconds.
# If you can't wait, each running request loses its KV-cache, and its prompt and answer so far are read again elsewhere.
#
# **What does ECMP do to KV-cache?** You saw it: eight flows leave a third of the uplinks empty.
# Cut transfers into more connections, or spray.
#
# **What about incast and all-to-all?** A model whose experts are spread over hosts sends every token to a few of them and
# back, in every layer, all hosts at once: many senders into one port, and latency that each layer waits for.
# That is training's problem inside one replica, so keep such a replica on one island. This lesson's chat has neither;
# `docs/fabric.md` says how incast is modelled (`fabric/incast.py`) and where that ends.
#
# **Which traffic classes?** A token is 200 bytes that a user waits for; a KV-cache is 0.7 GB that a router planned.
# In one queue the token waits behind megabytes of buffer. Give tokens and control their own class, and KV-cache
# its own with ECN; lossless only where the transport needs it. (A flow model like ours has no buffers: it can't show this.)
#
# **Which counters, which alarms?** NIC use by the second (a mean of five minutes hides KV-cache), ECN marks and PFC pauses on
# leaf uplinks, drops on host ports; and beside them the p99 of TTFT and queued prompt tokens.
# Let TTFT wake somebody, not link use: in this lesson a link that was 99 % busy was sometimes fine (a cold start)
# and sometimes not.

# %% [markdown] id="own-text"
# ## Stretch: your own traffic
#
# How many Gb/s of KV-cache does your traffic make, on average and in the worst window?
# Put a trace file (Azure's CSV or Mooncake's JSON lines) into this folder, and the last cell answers.

# %% id="own-trace" tags=["real-trace"]
from pathlib import Path

trace = Path("AzureLLMInferenceTrace_conv.csv")
if trace.exists():
    print(kv_demand(il.Workload.from_trace(trace), kv_bytes, window_s=30))
else:
    print(f"{trace} is not at hand: not found in this folder.")

# %% [markdown] id="next"
# ## Next
#
# Back to the map in [00 Start here](00_start_here.ipynb).
