"""OpenAPI descriptions (2.0, 3.0, 3.1): the operation of a request, answers and requests against it, drift, coverage.

``Descriptions`` finds operations; ``ResponseCheck`` and ``RequestCheck`` are for a run; ``find_drift``,
``find_coverage`` and ``derive_negatives`` need no server."""
