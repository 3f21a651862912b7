"""``endpoint-docs``: what can be asked of endpoint docs without running them."""
