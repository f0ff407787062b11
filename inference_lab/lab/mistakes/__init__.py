"""Mistakes: what a check asks about a wrong answer, or an error, beyond an exercise's own list."""
