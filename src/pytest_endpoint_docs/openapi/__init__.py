"""OpenAPI descriptions (2.0, 3.0, 3.1): the operation of a request, answers and requests against it, drift, coverage.

``Descriptions`` finds operations; ``ResponseCheck`` and ``RequestCheck`` are for a run; ``find_drift``,
``find_coverage`` and ``derive_negatives`` need no server.
"""

from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.request import RequestCheck, asks_on_behalf_of
from pytest_endpoint_docs.openapi.response import ResponseCheck

__all__ = ["Descriptions", "Operation", "RequestCheck", "ResponseCheck", "asks_on_behalf_of"]
