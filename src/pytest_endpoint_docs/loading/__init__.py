"""Text -> :class:`EndpointDoc` (head) and :class:`DocBody`, for both dialects, with what is wrong in it."""

from pytest_endpoint_docs.loading.body import parse_body
from pytest_endpoint_docs.loading.head import load_doc
from pytest_endpoint_docs.loading.index import DocIndex
from pytest_endpoint_docs.loading.locating import locate
from pytest_endpoint_docs.loading.naming import marker_name
from pytest_endpoint_docs.loading.status import cases_of

__all__ = ["DocIndex", "cases_of", "load_doc", "locate", "marker_name", "parse_body"]
