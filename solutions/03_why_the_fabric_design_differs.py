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
#   [oversubscribed](glossary.ipynb#cell-id=oversubscription) leaf;
# - say how often, in per cent, such a leaf is congested;
# - find the largest ratio that a measured demand allows.
#
# The core path takes 59 minutes, the stretch path another 90 minutes.
# It builds on [00 Start here](00_start_here.ipynb).

# %% id="setup"
import inference_lab as il
from inference_lab.experiments.fabric import cold_start_s, congested_share, ecmp_collisions
from inference_lab.experiments.kv_traffic import kv_demand, long_prompts, text_gbit_per_s
from inference_lab.lab import check, hint, memo, predict, progress, reveal, verdict
from inference_lab.lab.views import leaf_at_work

llama = il.LLM.named("Llama-3.1-70B")
kv_bytes = llama.kv_bytes_per_token("bf16")  # 327,680 for each token of a prompt
two_leaves = {"hosts": 32, "hosts_per_leaf": 16, "nic_gbit_per_s": 100}

# %% [markdown] id="predict"
# ## Predict
#
# A host has eight GPUs: two [replicas](glossary.ipynb#cell-id=replica) of a 70B model.
# Together they serve 11 chat requests a second, close to their limit. Only text goes in and out.
#
# How many **Mb/s** of its NIC's 100,000 do they use: about 4, 100, 3,000 or 30,000?
# Replace `None` with your number.

# %% id="predict-3-1" tags=["predict"]
predict("3.1", 4, unit="Mb/s")

# %% [markdown] id="predict-collisions"
# Next quarter [prefill](glossary.ipynb#cell-id=prefill) (reading the prompt) and
# [decode](glossary.ipynb#cell-id=decode) (writing the answer) run on different hosts,
# and each prompt's [KV-cache](glossary.ipynb#cell-id=kv-cache) crosses the fabric as one flow.
#
# Eight such flows, each able to fill 100 Gb/s, leave a leaf through eight uplinks of 100 Gb/s.
# ECMP hashes each flow to an uplink.
# In how many **of 1,000 cases** has each flow an uplink to itself: about 900, 500, 100, or below 10?

# %% id="predict-3-2" tags=["predict"]
predict("3.2", 2.4, unit="of 1,000 cases")

# %% [markdown] id="worked"
# ## Worked example
#
# ### A leaf at work
#
# Sixteen such hosts stand under one leaf; NICs and uplinks are drawn to one scale.
# Play it. Then drag the upper edge of the uplinks, and switch *KV moves* off.

# %% id="view" tags=["widget"]
leaf_at_work(ratio=4)

# %% [markdown] id="view-read"
# Each host sends its KV-caches one after the other, as fast as it can.
# Yet sixteen together hardly vary: while one is silent, another sends.
# (Packets are sprayed over all uplinks here; ECMP comes next.)
#
# ### Text, and eight large flows
#
# Your two predictions:


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
# A token weighs about 4 bytes on its way in and 200 on its way out, as an event of a stream: 0.004 % of the NIC.
# In the KV-cache a token weighs 327,680 bytes: 33 Gb/s, 8,100 times as much.
#
# Of 8^8 ways to hash eight flows only 8! put each on its own uplink: 0.24 %.
# On average the fullest uplink has 2.6 flows.
# A thousand small flows would spread evenly; eight large ones don't.</details>
#
# So the idea of this lesson:
# **many small independent flows average out; few large or simultaneous ones do not.**

# %% [markdown] id="experiment"
# ## Experiment
#
# **Decide:** how far may this leaf be oversubscribed
#
# 1. for chat as it is today (text alone);
# 2. once KV-cache moves, if one transfer in a hundred may take 250 ms or more;
# 3. if all sixteen hosts must load 141 GB of weights in 20 s, after a power cut?
#
# Use the picture for the first two, and paper for the third.

# %% [markdown] id="decide-note"
# Your three ratios (double-click here and write): text ...:1; KV-cache ...:1; cold start ...:1.

# %% [markdown] id="decide-answer"
# <details><summary>Have you written your three ratios? Then open our answer.</summary>
#
# Text: any. At 8:1 its uplinks are 0.03 % used.
# KV-cache: about 2.3:1. At 2:1 nobody notices, and at 4:1 the queue grows as long as the load lasts.
# Cold start: 16 x 141 GB in 20 s are 902 Gb/s, so 1.77:1.
# The rarest event asks for most.</details>

# %% [markdown] id="exercises"
# ## Exercises
#
# Stuck? Run `hint("3.1", 1)` in a new cell.
#
# **Exercise 3.1** (3 minutes). `hosts` of the `hosts_per_leaf` hosts under a leaf load `weight_bytes` each, all at once,
# from a store beyond the spine. The uplinks carry `hosts_per_leaf` NICs over `oversubscription`, shared fairly.
# How many seconds does it take?
# Example: 4 of 16 hosts, 141 GB each, NICs of 100 Gb/s, 4:1: 11.3 s.


# %% id="ex-3-1" tags=["exercise"]
def load_s(hosts, weight_bytes, nic_gbit_per_s, hosts_per_leaf, oversubscription):
    """Seconds until all of these hosts have loaded their weights."""
    ### BEGIN SOLUTION
    uplinks_gbit_per_s = hosts_per_leaf * nic_gbit_per_s / oversubscription
    rate_gbit_per_s = min(nic_gbit_per_s, uplinks_gbit_per_s / hosts)
    return weight_bytes * 8 / (rate_gbit_per_s * 1e9)
    ### END SOLUTION


# %% id="check-3-1" tags=["check"]
check("3.1", load_s)

# %% [markdown] id="ex-3-2-text"
# **Exercise 3.2** (6 minutes). Each host sends at the full rate of its NIC with probability `active`,
# whatever the others do, and else nothing.
# The leaf is congested when more hosts send than its uplinks carry. What is the probability?
# Example: 16 hosts, 0.1, 4:1: 0.017.


# %% id="ex-3-2" tags=["exercise"]
from math import comb


def congested(hosts, active, oversubscription):
    """Probability that more hosts send than the uplinks carry."""
    carried = int(hosts / oversubscription)  # so many at full rate, none gets less
    ### BEGIN SOLUTION
    return sum(
        comb(hosts, k) * active**k * (1 - active) ** (hosts - k)
        for k in range(carried + 1, hosts + 1)
    )
    ### END SOLUTION


# %% id="check-3-2" tags=["check"]
check("3.2", congested)

# %% [markdown] id="ex-3-3-text"
# **Exercise 3.3** (10 minutes). Write the rule that answers finance.
# `demand` has a row for each host and a column for each window of time, in Gb/s.
# How far may the leaf be oversubscribed if its uplinks must carry what the hosts want together
# in at least `share` of the windows? Return NICs over uplinks, at least 1.


# %% id="ex-3-3" tags=["exercise"]
from math import ceil


def largest_ratio(demand, nic_gbit_per_s, share):
    """The largest oversubscription of the leaf.

    Hosts [10, 0, 30, 20] and [10, 40, 30, 10], NICs of 100, share 0.75: 200 / 40 = 5.
    """
    ### BEGIN SOLUTION
    sums = sorted(sum(window) for window in zip(*demand))
    kept = sums[ceil(share * len(sums)) - 1]
    return max(1.0, len(demand) * nic_gbit_per_s / kept)
    ### END SOLUTION


# %% id="check-3-3" tags=["check"]
check("3.3", largest_ratio)

# %% [markdown] id="ex-3-3-read"
# The window is the decision. For the KV-cache of a chat trace on sixteen hosts our function says
# 1.41 with windows of 100 ms, 2.00 with 1 s and 2.12 with 10 s:
# the longer a transfer may wait, the fewer uplinks you buy.

# %% [markdown] id="claims"
# ## Check the claim
#
# Replace `None` with your verdict: `"holds"`, `"holds if"` or `"does not hold"`.
#
# **C20: "100/200G is usually sufficient (per-flow demand is low)."**
# We ask which NIC carries the demand of one host: text, the KV-cache of chat,
# and the KV-cache of long prompts (12,000 tokens on average, 3.4 a second).

# %% id="claim-20" tags=["verdict"]
verdict("C20", "holds if")

from inference_lab.lab.claims.fabric import nic_is_enough


def three_hosts():
    text = text_mbit_per_s() / 1e3
    lengths = il.Workload.like("azure-2023-conv", requests=20_000)
    chat = il.Workload.poisson(11, 20_000, lengths.prompt_tokens, lengths.output_tokens)
    moved = {"KV-cache, chat": chat, "KV-cache, long prompts": long_prompts()}
    worst = {name: kv_demand(load, kv_bytes, window_s=30).worst for name, load in moved.items()}
    return {
        name: nic_is_enough(gbit_per_s, "the worst 30 s")
        for name, gbit_per_s in {"text": text, **worst}.items()
    }


reveal("C20", three_hosts)

# %% [markdown] id="claim-20-why"
# <details><summary>Is the demand of a flow low? Guess first, then open.</summary>
#
# No: a KV-cache takes all of the NIC that it can get. What is low is the *mean*, prompt length times rate.</details>
#
# **C23: "4:1 or 2:1 oversubscription is OK, flows are independent."**
# OK means: independent hosts congest it in at most 5 % of the instants,
# and a cold start of all sixteen takes no longer than at 1:1.

# %% id="claim-23" tags=["verdict"]
verdict("C23", "holds if")

from inference_lab.lab.claims.fabric import as_quick_as_at_1_to_1, rarely_congested


def leaf(ratio):
    return il.LeafSpine(**two_leaves, oversubscription=ratio, spray="ideal")


def alone_and_together():
    weights, found = llama.weight_bytes("bf16"), {}
    last_s = {ratio: cold_start_s(leaf(ratio), weights, range(16))[-1] for ratio in (1, 2, 4)}
    for ratio in (2, 4):
        shares = {p: congested_share(leaf(ratio), p) for p in (0.1, 0.2, 0.3)}
        found[f"{ratio}:1, independent"] = rarely_congested(shares)
        found[f"{ratio}:1, cold start"] = as_quick_as_at_1_to_1(last_s[ratio], last_s[1])
    return found


reveal("C23", alone_and_together)

# %% [markdown] id="claim-23-why"
# <details><summary>What breaks the claim? Guess first, then open.</summary>
#
# Its own reason. Hosts that load at once aren't independent.
# And at 4:1 independence no longer helps when a third of the hosts send:
# then they want 133 % of the uplinks on average.</details>

# %% [markdown] id="memo-text"
# ## Design memo
#
# Close ticket 4803 for next quarter: KV-cache moves, and one transfer in a hundred may take 250 ms or more.
# How far may the leaves be oversubscribed, and who does what?
# Replace each `None`.


# %% id="memo" tags=["memo"]
from inference_lab.experiments.leaf import largest_ratio_within

memo(
    "03",
    2,
    "to 1",
    "Finance orders leaves at 2:1 for pools that move KV-cache, and 4:1 for the others.",
    run=dict.fromkeys(("to 1", ":1"), lambda: largest_ratio_within(p99_s=0.250)),
)

# %% [markdown] id="memo-answer"
# <details><summary>Have you written yours? Then open our line.</summary>
#
# "2:1, nearly all of what it saves: a third of the ports. Pools without KV-cache keep 4:1.
# Hosts load their weights in turns." The run gives about 2.4:1, with packets sprayed over all uplinks;
# under ECMP buy less, or spray.</details>

# %% [markdown] id="transfer"
# **One more question.** Prefill and decode of each request now stand under the same leaf. Which ratio does the KV-cache ask for?
#
# <details><summary>A. 2:1, as before.</summary>
# No. How many bytes of it cross an uplink now?</details>
#
# <details><summary>B. 1:1, because the leaf is busier.</summary>
# The leaf itself forwards at full rate. Only its uplinks are oversubscribed.</details>
#
# <details><summary>C. Any.</summary>
# Yes. Placement took the load off the spine; cold starts still cross it.</details>

# %% [markdown] id="finished"
# **You have finished lesson 03.** Your code, to read out in the room (it carries no marks):

# %% id="progress"
progress("03")

# %% [markdown] id="next"
# ## Next
#
# Back to the map in [00 Start here](00_start_here.ipynb).
