"""The macro-step engine: exact like the reference, and fast, because it jumps from event to
event."""
