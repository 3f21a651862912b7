"""The OAuth client that a case's doc speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_endpoint_docs.execution.build import request_parts
from pytest_endpoint_docs.execution.case_variables import CaseVariables, Within
from pytest_endpoint_docs.model.body import Step
from pytest_endpoint_docs.model.source import JSONValue
from pytest_endpoint_docs.variables.template import references, references_in, render_parts


@dataclass(frozen=True, slots=True)
class DocClient:
    """A client as rows of UID resolution give it, or the body of the doc's main request.

    ``within`` names the rows that are being resolved: they cannot give it.
    """

    variables: CaseVariables
    main: Step
    within: Within = ()

    @property
    def sends_verifier(self) -> bool:
        """Whether the main request has a place for a PKCE verifier."""
        return "code_verifier" in self._body or any(
            reference.name == "oauth.code_verifier" for reference in references_in(request_parts(self.main.request))
        )

    def client_id(self) -> str | None:
        """From its row, else as the main request sends it."""
        return self._of_row_or_body("client_id")

    def client_secret(self) -> str | None:
        """From its row, else as the main request sends it."""
        return self._of_row_or_body("client_secret")

    def redirect_uri(self) -> str | None:
        """As the main request sends it."""
        return self._of_row_or_body("redirect_uri")

    @property
    def _body(self) -> Mapping[str, JSONValue]:
        body = self.main.request.body
        return body if isinstance(body, dict) else {}

    def _of_row_or_body(self, name: str) -> str | None:
        value = self.variables.row_value(name, self.within)
        written = self._body.get(name)
        asks_consent = any(reference.name.startswith("oauth.") for reference in references(written))
        if value is None and isinstance(written, str) and not asks_consent:
            filled = render_parts({"body": {name: written}}, self.variables.lookup(self.main, within=self.within))
            body = filled["body"]
            value = body[name] if isinstance(body, dict) else None
        return None if value is None else str(value)
