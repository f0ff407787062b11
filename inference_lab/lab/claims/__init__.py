"""Verdicts on the claims of the text, each computed from a run; one module a subject."""
