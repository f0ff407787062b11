"""Parts: what the time to first token is made of, in one table."""

from __future__ import annotations

PARTS = {
    "network": "client to router and back",
    "rag": "retrieval before the router: embedding and search",
    "router": "the router's own time",
    "frontend": "beside the engine: HTTP, tokenizer, stream",
    "queue": "at a replica, while nothing of this prompt is processed",
    "prefill": "iterations that process this prompt",
    "kv_transfer": "the KV-cache moves",
}
"""Parts of the TTFT by name, in the order in which a request meets them. Every interval before the
first token belongs to one of them, so they sum to it."""

BESIDE = ("network", "rag", "router", "frontend")
"""Those that are not spent at a replica: there are no spans of them."""
