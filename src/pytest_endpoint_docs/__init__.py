"""Markdown docs of API endpoints as contract tests: a pytest plugin."""

from __future__ import annotations

from pytest_endpoint_docs import errors
from pytest_endpoint_docs.model.case import ContractCase
from pytest_endpoint_docs.model.doc import EndpointDoc
from pytest_endpoint_docs.model.exchange import Mismatch

__all__ = ["ContractCase", "EndpointDoc", "Mismatch", "errors"]
__version__ = "0.1.0"
