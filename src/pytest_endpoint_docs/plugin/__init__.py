"""The pytest side: hooks, options, nodes, fixtures. Only this package imports pytest."""
