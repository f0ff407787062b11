"""Experiments: what the lessons simulate; pure functions, one module a subject."""
