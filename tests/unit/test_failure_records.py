"""Records of exchanges and mismatches: redacted, cut, of JSON types only."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from running_docs import case_of, environment, run_case, run_context, write_doc
from scripted_server import Reply, scripted_server

from pytest_endpoint_docs.reporting.item_records import LONGEST_BODY, exchange_records, mismatch_records

DOC = """
---
endpoint: POST /token
---
# Token

## Test Request

```yaml
steps:
  - id: exchange
    method: POST
    path: /token
    params: {api_key: abc, page: 1}
    body: {client_secret: client-secret-1, scope: openid}
    expect:
      status: 201
      body: {access_token: "{{other}}"}
```
"""


def test_records_hold_no_secret(tmp_path: Path) -> None:
    answer = {"access_token": "access-token-1", "long": "x" * 9000}
    with scripted_server({"POST /token": Reply(body=answer, headers={"Set-Cookie": "s=abcdefgh"})}) as server:
        doc = write_doc(tmp_path, DOC)
        context = run_context(environment(server.url, params={"other": "another-token-1"}), [doc])
        result = run_case(case_of(doc), context)

    redactor = context.redactor.beside(doc.text)
    (exchange,) = exchange_records(result, redactor)
    mismatches = mismatch_records(result, redactor)
    text = json.dumps([asdict(exchange), *map(asdict, mismatches)])
    for secret in ("access-token-1", "staff-secret-1", "abcdefgh", "another-token-1"):
        assert secret not in text
    assert (exchange.step, exchange.method, exchange.status_code) == ("exchange", "POST", 200)
    assert exchange.url.endswith("/token?api_key=abc&page=1")
    assert exchange.request_headers == {"Authorization": "Bearer $STAFF_TOKEN"}
    # What the doc itself says is no secret.
    assert exchange.request_body == '{"client_secret": "client-secret-1", "scope": "openid"}'
    assert len(exchange.response_body) < LONGEST_BODY + 50
    assert [(record.check, record.pointer, record.location) for record in mismatches] == [
        ("status", "", "doc.md:16"),
        ("body", "/access_token", "doc.md:17"),
    ]
