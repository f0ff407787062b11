# %% [markdown] id="title"
# # Glossary
#
# The terms of this course in alphabetical order.
# A lesson links a term to its entry where it first uses it.
# *You would say* names the closest term in networking.

# %% [markdown] id="admission"
# ## admission
#
# The decision to start a waiting request.
# In this course a request is admitted when the [batch](#batch) and the [KV-cache](#KV-cache) have room for it;
# until then it waits in the queue.
# You know it as admission control.

# %% [markdown] id="all-reduce"
# ## all-reduce
#
# Each GPU holds a vector, and afterwards each GPU holds the sum of all vectors.
# A ring of *n* GPUs sends 2 (n − 1)/n times the vector over each GPU's link.
# Training does it with gradients;
# in inference, tensor parallelism does it twice in every layer of the model.

# %% [markdown] id="alpha-beta-model"
# ## alpha-beta model
#
# The time to send a message: alpha + bytes × beta.
# Alpha is the fixed time of any message (seconds), beta the time for each byte (seconds per byte, 1 / bandwidth).
# You would say: latency plus serialisation.

# %% [markdown] id="arithmetic-intensity"
# ## arithmetic intensity
#
# The FLOP that a computation does for each byte that it reads from memory, in FLOP/byte.
# Below the [ridge](#ridge) it is memory-bound, above it compute-bound.

# %% [markdown] id="batch"
# ## batch
#
# The requests that a replica works on in the same step.
# In decode they share one reading of the weights;
# each brings its own KV-cache.

# %% [markdown] id="calibration"
# ## calibration
#
# Choosing the constants of a model so that it agrees with measured times.
# Only measurements that were not used to choose them can show whether the model is right.

# %% [markdown] id="chunked-prefill"
# ## chunked prefill
#
# A long prompt is read in pieces, and each piece shares a step with the decode of other requests.
# Their tokens come with shorter gaps;
# the prompt's own first token may come later.
# You would say: fragment the jumbo frame, so that small packets pass between.

# %% [markdown] id="closed-loop"
# ## closed loop
#
# A load of a fixed number of users, each of whom waits for an answer before the next request.
# A slow server then gets fewer requests, so a closed loop hides overload;
# an open loop ([Poisson arrivals](#Poisson-arrivals)) does not.
# A closed loop is like TCP with a fixed window, an open loop like UDP at a fixed rate.

# %% [markdown] id="cold-start"
# ## cold start
#
# The time from ordering a new replica to its first served request: get a machine, load the weights, start the software.
# Unit: seconds to minutes.
# You would say: the time until a new server passes its health check.

# %% [markdown] id="continuous-batching"
# ## continuous batching
#
# Requests join and leave the batch after any step;
# none waits until the whole batch is done.
# You would say: statistical multiplexing.

# %% [markdown] id="cuda-graph"
# ## CUDA graph
#
# A recorded sequence of GPU operations that the host starts with one call, in place of one call for each.
# It removes much of the host's time in each decode step.

# %% [markdown] id="decode"
# ## decode
#
# The second phase of a request: after the first token, each step of the model makes one more token for each request of the batch.
# For small batches it is memory-bound: reading the weights sets the pace.

# %% [markdown] id="disaggregation"
# ## disaggregation
#
# Prefill and decode run on different replicas, so that they do not disturb each other.
# The price is a [KV transfer](#KV-transfer) for every request.

# %% [markdown] id="e2e"
# ## E2E
#
# End to end: from the moment the request leaves the client until its last token reaches the client;
# seconds.
# You would say: flow completion time.

# %% [markdown] id="ecmp"
# ## ECMP
#
# Equal-cost multi-path: a switch hashes the addresses and ports of a flow and so chooses one of several equal links for all its packets.
# Two large flows may get the same link while another stays empty.

# %% [markdown] id="flop"
# ## FLOP
#
# One floating-point operation, an addition or a multiplication.
# FLOP/s is a rate: 1 TFLOP/s is 10¹² in a second.
# A token costs about 2 FLOP for each weight of the model.

# %% [markdown] id="front-end"
# ## front end
#
# Everything outside the engine that handles a request: HTTP, the tokenizer, the stream of the answer.
# It delays every token by the same time, and the GPU does not wait for it.
# You would say: the proxy in front of a server.

# %% [markdown] id="goodput"
# ## goodput
#
# Requests that meet both limits, of TTFT and of TPOT, divided by the time from the first arrival to the last finish;
# requests per second.
# You would say: throughput within the SLO.

# %% [markdown] id="gqa"
# ## GQA
#
# Grouped-query attention: several attention heads share one set of keys and values.
# The KV-cache is smaller by that factor: Llama-3.1-70B has 64 heads and 8 sets, so it is 8 times smaller.

# %% [markdown] id="hbm"
# ## HBM
#
# High-bandwidth memory, the memory beside the GPU's chip.
# Its size limits weights plus KV-cache (bytes), its bandwidth the pace of decode (bytes per second): an H100 SXM has 80 GB and 3.35 TB/s.

# %% [markdown] id="host-bound"
# ## host-bound
#
# The GPU waits for the host computer, which prepares and starts its work.
# A faster GPU does not help then;
# a [CUDA graph](#CUDA-graph) may.

# %% [markdown] id="incast"
# ## incast
#
# Many senders transmit to one receiver at once, and meet in the buffer of its switch port.
# Each is within its own link's rate; together they exceed the receiver's.

# %% [markdown] id="itl"
# ## ITL
#
# Inter-token latency: one single gap between two tokens of an answer;
# milliseconds.
# The largest ITL is the longest pause that the user sees.
# TPOT is the mean of the gaps.
# You would say: one gap between packets.

# %% [markdown] id="kv-transfer"
# ## KV transfer
#
# Moving a request's KV-cache from one replica to another over the network.
# Time: about bytes × 8 / (bits per second of the link).
# It is a large flow that begins all at once.

# %% [markdown] id="kv-cache"
# ## KV-cache
#
# The keys and values of every layer for each token that was read or written, stored so that it need not be read again.
# A token's bytes grow with the layers, the KV heads, their size and the bytes of a number;
# 327,680 for Llama-3.1-70B in bf16.
# You would say: session state, but heavy.

# %% [markdown] id="leaf"
# ## leaf
#
# The switch to which hosts are connected, and the lower of two tiers: each leaf is connected to each spine.
# You would say: top-of-rack switch.

# %% [markdown] id="least-outstanding"
# ## least outstanding
#
# The router picks the replica with the fewest requests that are not finished.
# You know it as least connections.

# %% [markdown] id="little-s-law"
# ## Little's law
#
# Mean number in a system = arrivals per second × mean time in the system.
# It holds for any stable system, whatever the order of service.
# You use it when you size a buffer or a connection table.

# %% [markdown] id="load"
# ## load
#
# The share of its time that a server is busy: arrivals per second × seconds of service for each, between 0 and 1 for a stable server.
# You would say: utilisation.

# %% [markdown] id="m-d-1"
# ## M/D/1
#
# A queue with [Poisson arrivals](#Poisson-arrivals) (M), equal service times (D) and one server (1).
# Mean wait, in service times: load / (2 (1 − load)).
# Equal prompts at one replica are close to it.

# %% [markdown] id="mfu"
# ## MFU
#
# Model FLOP utilisation: the FLOP that the model needs, divided by what the GPUs could do at their peak in the same time;
# a share or %.
# You would say: the used share of a link's line rate.

# %% [markdown] id="network"
# ## network
#
# As a part of [TTFT](#TTFT): the way from the client to the router and back, half of the round trip in each direction.
# What moves between GPUs counts elsewhere: an [all-reduce](#all-reduce) as prefill, a KV-cache as
# [KV transfer](#KV-transfer).

# %% [markdown] id="nvlink"
# ## NVLink
#
# NVIDIA's link between GPUs, faster than a host's PCIe and than its network ports.
# Within a host it carries tensor parallelism.
# An H100 SXM has 900 GB/s, both directions together.

# %% [markdown] id="oversubscription"
# ## oversubscription
#
# The bandwidth of a switch towards its hosts, divided by that towards the rest of the fabric.
# 4:1 means that each host gets a quarter when all of them send out at once.

# %% [markdown] id="p99"
# ## p99
#
# The value that 99 of 100 requests stay at or below;
# one in a hundred is worse.
# It needs many requests: of 2,000 only 20 are above it.

# %% [markdown] id="pipeline-parallelism"
# ## pipeline parallelism
#
# The layers of a model are split into stages on different GPUs, and each stage hands its result to the next.
# Few bytes cross between stages, so it tolerates a slower network than tensor parallelism;
# one request alone does not get faster.

# %% [markdown] id="poisson-arrivals"
# ## Poisson arrivals
#
# Requests that come independently of each other at a constant mean rate;
# the gaps between them are exponentially distributed.
# Many independent users look like this for a short time.

# %% [markdown] id="power-of-two-choices"
# ## power of two choices
#
# The router draws two replicas at random and picks the one with fewer open requests.
# It needs to look at only two, and the queues are far shorter than with one random choice.

# %% [markdown] id="pre-emption"
# ## pre-emption
#
# A running request loses its KV-cache because the memory is full.
# It goes back to the queue and is read again later, so its user sees a long pause.

# %% [markdown] id="prefill"
# ## prefill
#
# The first phase of a request: the model reads the whole prompt and makes the first token.
# It is mostly compute-bound.
# When it ends, so does [TTFT](#TTFT), apart from the way back to the client.

# %% [markdown] id="prefix-cache"
# ## prefix cache
#
# The KV-cache of earlier prompts, kept by a replica in blocks.
# A prompt that begins like one of them is read only from the point where the two differ.
# Unit of success: the share of prompt tokens that is found (hit rate).
# You would say: a web cache, but only for the beginning of a page.

# %% [markdown] id="prompt"
# ## prompt
#
# The text that a request brings, counted in tokens: the question, and what the service puts before it.
# You would say: the request's body.

# %% [markdown] id="queue"
# ## queue
#
# The requests that wait for a replica.
# They wait because the batch, the memory or the time of the GPU is taken.
# Unit: requests, or better the tokens that are still to be read.

# %% [markdown] id="rag"
# ## RAG
#
# Retrieval-augmented generation: before the model is asked, a search finds fitting texts and puts them into the prompt.
# It adds a hop to another service and makes prompts longer.

# %% [markdown] id="rdma"
# ## RDMA
#
# Remote direct memory access: a network card writes into the memory of another host;
# the processors of both hosts do not copy the data.
# RoCE is RDMA over Ethernet.

# %% [markdown] id="replica"
# ## replica
#
# One copy of the model and the GPUs that hold it;
# it can serve a request alone.
# You would say: a server in the pool.

# %% [markdown] id="ridge"
# ## ridge
#
# The [arithmetic intensity](#arithmetic-intensity) at which compute and memory take equally long: peak FLOP/s divided by bytes per second of memory.
# About 295 FLOP/byte for an H100 in bf16 (989 TFLOP/s, 3.35 TB/s).

# %% [markdown] id="roofline"
# ## roofline
#
# A bound on time: the longer of FLOP / (FLOP per second) and bytes / (bytes per second).
# Drawn as speed over [arithmetic intensity](#arithmetic-intensity) it looks like a roof: a slope, then a flat part.
# You would say: the slowest link sets the pace of a path.

# %% [markdown] id="round-robin"
# ## round robin
#
# The router takes the replicas in turn.
# It looks at nothing, so a replica that got long requests gets the next one all the same.

# %% [markdown] id="router"
# ## router
#
# It decides which replica gets a request.
# You would say: an L7 load balancer;
# it may also know the queues and the caches.

# %% [markdown] id="slo"
# ## SLO
#
# Service-level objective: a limit that a service sets itself, such as p99 of TTFT at most 2 s.

# %% [markdown] id="spray"
# ## spray
#
# Each packet of a flow takes another of several equal links, so that all of them fill evenly.
# The receiver must put the packets back into their order.
# [ECMP](#ECMP) keeps a flow on one link instead.

# %% [markdown] id="stack"
# ## stack
#
# The software that serves a model on a GPU, such as vLLM or TensorRT-LLM, with its version.
# Here: a set of constants for how much of the hardware it uses and how much time it adds.

# %% [markdown] id="static-batching"
# ## static batching
#
# A batch starts together and ends together: a free place stays empty until the longest answer is done.
# The opposite of [continuous batching](#continuous-batching).
# You would say: fixed time slots.

# %% [markdown] id="tensor-parallelism"
# ## tensor parallelism
#
# Several GPUs share the work of every layer and act as one faster GPU (`tp=4`: four of them).
# They must do an [all-reduce](#all-reduce) twice in every layer, so they need fast links.

# %% [markdown] id="token"
# ## token
#
# The unit in which a model reads and writes: a word or a part of one.
# In English text about 4 bytes.

# %% [markdown] id="tpot"
# ## TPOT
#
# Time per output token: (E2E − TTFT) / (output tokens − 1);
# milliseconds.
# It is not defined for an answer of one token.
# You would say: the mean gap between packets.

# %% [markdown] id="ttft"
# ## TTFT
#
# Time to first token: from the moment the request leaves the client until the first token reaches the client.
# Its parts are [network](#network), [RAG](#RAG), [router](#router), [front end](#front-end), [queue](#queue),
# [prefill](#prefill) and [KV transfer](#KV-transfer).
# You would say: time to first byte.

# %% [markdown] id="uplink"
# ## uplink
#
# A link from a [leaf](#leaf) to a spine.
# What leaves the leaf's hosts for other leaves shares its uplinks.

# %% [markdown] id="weights"
# ## weights
#
# The numbers that make up a model;
# a 70B model has about 70 × 10⁹, so 140 GB at 2 bytes each (bf16).
# Each replica holds all of them, and each decode step reads them.
