"""Checks: pure functions that hold an answer against what the doc says, and report every difference."""
