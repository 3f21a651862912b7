"""What the token endpoint and the authorization endpoint owe (RFC 6749, 7636, 9207, 9700), as checks."""

from pytest_endpoint_docs.oauth.checks.catalogue import CHECK_IDS, CHECKS, checks_for
from pytest_endpoint_docs.oauth.checks.check import Check, CheckResult, Level, Need
from pytest_endpoint_docs.oauth.checks.probe import AuthorizeOutcome, Facts, Probe, TokenChange
from pytest_endpoint_docs.oauth.checks.runner import CheckRun, run_check

__all__ = [
    "CHECKS",
    "CHECK_IDS",
    "AuthorizeOutcome",
    "Check",
    "CheckResult",
    "CheckRun",
    "Facts",
    "Level",
    "Need",
    "Probe",
    "TokenChange",
    "checks_for",
    "run_check",
]
