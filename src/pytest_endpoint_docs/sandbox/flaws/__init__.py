"""Ways to be wrong, one at a time, so that tests can see whether a check notices."""
