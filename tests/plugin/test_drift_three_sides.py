"""A doc, its description and a live server: one of the three is changed, and is named as the one that stands alone."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pytest_endpoint_docs.cli.main import main

pytest.importorskip("flask")
pytest.importorskip("authlib")

ROOT = Path(__file__).resolve().parents[2]
SERVICE = "sales/post_platform_v1_services.md"
WEBHOOK = "platform_administration/post_platform_v1_webhook_subscriptions.md"
INVOICE = "sales/get_platform_v1_invoices_id.md"
TEMPLATE = "communication/post_v3_communication_templates.md"
ACCOUNT = "platform_administration/get_platform_v1_account.md"


@dataclass
class Answer:
    """What the proxy passes on: the sandbox's own answer, or a changed one."""

    status: int
    headers: dict[str, str]
    content: bytes

    def json(self, change: Callable[[Any], object]) -> None:
        """Change the JSON value in place."""
        value = json.loads(self.content)
        change(value)
        self.content = json.dumps(value).encode()


class Proxy:
    """A server before the sandbox that can lie about its answers to ``METHOD /path-prefix``."""

    def __init__(self, upstream: str) -> None:
        self.lie: tuple[str, str, Callable[[Answer], None]] | None = None
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                connection = HTTPConnection(urlsplit(upstream).netloc, timeout=30)
                connection.request(self.command, self.path, body, dict(self.headers))
                came = connection.getresponse()
                headers = {name: value for name, value in came.getheaders() if name.lower() not in HOP_BY_HOP}
                given = Answer(came.status, headers, came.read())
                connection.close()
                if proxy.lie and self.command == proxy.lie[0] and self.path.startswith(proxy.lie[1]):
                    proxy.lie[2](given)
                self.send_response(given.status)
                for name, value in given.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(given.content)))
                self.end_headers()
                self.wfile.write(given.content)

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the names that http.server calls

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._httpd.daemon_threads = True
        self._thread = threading.Thread(target=self._httpd.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._httpd.server_port}"

    def close(self) -> None:
        self._httpd.shutdown()
        self._httpd.server_close()
        self._thread.join()


HOP_BY_HOP = ("connection", "content-length", "transfer-encoding")


@pytest.fixture(scope="module")
def environ() -> Iterator[dict[str, str]]:
    from pytest_endpoint_docs.sandbox.running import Sandbox

    with Sandbox.start() as sandbox:
        yield sandbox.environ()


@pytest.fixture
def sides(pytester: pytest.Pytester, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Sides]:
    proxy = Proxy(environ["SANDBOX_URL"])
    for name, value in environ.items():
        monkeypatch.setenv(name, value.replace(environ["SANDBOX_URL"], proxy.url))
    shutil.copytree(ROOT / "fixtures", pytester.path / "fixtures")
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider\n")
    yield Sides(pytester, proxy)
    proxy.close()


class Sides:
    """One doc with the sandbox's description and server, each of which can be changed."""

    def __init__(self, pytester: pytest.Pytester, proxy: Proxy) -> None:
        self._pytester = pytester
        self.proxy = proxy

    def doc(self, name: str, *changes: tuple[str, str]) -> None:
        """The doc, changed."""
        file = self._pytester.path / "endpoints" / name
        file.parent.mkdir(parents=True)
        file.write_text(changed((ROOT / "endpoints" / name).read_text(), *changes))

    def description(self, *changes: tuple[str, str]) -> None:
        """Change the description."""
        file = self._pytester.path / "fixtures/openapi/sandbox.yaml"
        file.write_text(changed(file.read_text(), *changes))

    def found(self, capsys: pytest.CaptureFixture[str]) -> tuple[bool, list[dict[str, Any]]]:
        """Whether a run of the doc fails, and what drift finds with the run's results."""
        run = self._pytester.runpytest_inprocess(
            "endpoints", "--endpoint-env", "sandbox", "--endpoint-results", "results.json"
        )
        capsys.readouterr()
        main(["drift", "endpoints", "--env", "sandbox", "--live", "results.json", "--format", "json"])
        findings: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["findings"]
        return run.ret != 0, findings


def changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        before, found, after = text.partition(old)
        assert found, f"not there: {old}"
        text = before + new + after
    return text


def named(findings: list[dict[str, Any]]) -> dict[str, set[str]]:
    """Which side stands alone, and the kinds of what was found."""
    sides: dict[str, set[str]] = {}
    for finding in findings:
        sides.setdefault(finding["alone"], set()).add(finding["kind"])
    return sides


@pytest.mark.parametrize("doc", [SERVICE, WEBHOOK, INVOICE, TEMPLATE, ACCOUNT])
def test_the_three_agree(sides: Sides, capsys: pytest.CaptureFixture[str], doc: str) -> None:
    sides.doc(doc)
    assert sides.found(capsys) == (False, [])


SERVICE_BODY = '  "duration_min": 90,\n  "price": 12000\n'
SERVICE_ANSWER = '    "duration_min": 90,\n    "price": 12000,\n'


@pytest.mark.parametrize(
    ("doc", "old", "new", "kind"),
    [
        pytest.param(SERVICE, SERVICE_BODY, '  "duration_min": 90\n', "body-property-missing", id="property-left-out"),
        pytest.param(
            SERVICE, SERVICE_BODY, '  "duration_min": "ninety",\n  "price": 12000\n', "wrong-type", id="wrong-type"
        ),
        pytest.param(
            SERVICE, SERVICE_BODY, '  "duration_min": 900,\n  "price": 12000\n', "constraint", id="out-of-range"
        ),
        pytest.param(
            SERVICE,
            SERVICE_ANSWER,
            '    "duration_min": 90,\n    "price": "120.00",\n',
            "wrong-type",
            id="type-in-the-example",
        ),
        pytest.param(
            INVOICE,
            '    "open": 9000,\n',
            '    "outstanding": 9000,\n',
            "response-property-unknown",
            id="name-in-the-example",
        ),
        pytest.param(WEBHOOK, "event: client/created\n", "event: client.created\n", "enum", id="enum"),
        pytest.param(WEBHOOK, "      target_url: https", "      target: https", "body-property-missing", id="renamed"),
        pytest.param(
            WEBHOOK,
            "path: /platform/v1/webhook/subscriptions\n",
            "path: /platform/v1/webhook/subscription\n",
            "request-not-the-endpoint",
            id="path",
        ),
        pytest.param(TEMPLATE, "      status: 201\n", "      status: 200\n", "status-undeclared", id="status"),
        pytest.param(TEMPLATE, "    method: POST\n", "    method: PUT\n", "request-not-the-endpoint", id="method"),
    ],
)
def test_a_changed_doc_stands_alone(
    sides: Sides, capsys: pytest.CaptureFixture[str], doc: str, old: str, new: str, kind: str
) -> None:
    sides.doc(doc, (old, new))
    failed, findings = sides.found(capsys)
    assert failed
    found = named(findings)
    assert kind in found["doc"]
    assert not found.keys() & {"description", "server"}


NEW_SERVICE = "              required: [name, duration_min, price]\n"


@pytest.mark.parametrize(
    ("doc", "old", "new", "kind"),
    [
        pytest.param(
            SERVICE,
            NEW_SERVICE,
            NEW_SERVICE.replace("price]", "price, currency]"),
            "body-property-missing",
            id="one-more-is-required",
        ),
        pytest.param(SERVICE, "minimum: 5, maximum: 480", "minimum: 5, maximum: 60", "constraint", id="maximum"),
        pytest.param(
            SERVICE,
            "        duration_min: {type: integer}\n        price: ",
            "        duration_min: {type: string}\n        price: ",
            "wrong-type",
            id="type-of-an-answer",
        ),
        pytest.param(
            SERVICE,
            "operationId: createService",
            "operationId: createService\n      parameters:\n"
            "        - {name: X-Season, in: header, required: true, schema: {type: string}}",
            "header-missing",
            id="header",
        ),
        pytest.param(
            INVOICE, "        paid: {$ref", "        paid_so_far: {$ref", "response-property-unknown", id="renamed"
        ),
        pytest.param(INVOICE, "^INV-[0-9]{5}$", "^[0-9]{8}$", "constraint", id="pattern"),
        pytest.param(
            INVOICE,
            "InvoiceState: {type: string, enum: [issued, ",
            "InvoiceState: {type: string, enum: [open, ",
            "enum",
            id="enum",
        ),
        pytest.param(
            WEBHOOK,
            "  /platform/v1/webhook/subscriptions:\n",
            "  /platform/v1/webhooks:\n",
            "operation-not-described",
            id="path",
        ),
        pytest.param(
            TEMPLATE,
            "              required: [name, channel, text]\n              properties:\n                name: ",
            "              required: [channel, text]\n              properties:\n                title: ",
            "body-property-unknown",
            id="property-renamed",
        ),
        pytest.param(
            TEMPLATE,
            'maxLength: 1000}\n      responses:\n        "201":\n          description: Written.',
            'maxLength: 1000}\n      responses:\n        "200":\n          description: Written.',
            "status-undeclared",
            id="status",
        ),
    ],
)
def test_a_changed_description_stands_alone(
    sides: Sides, capsys: pytest.CaptureFixture[str], doc: str, old: str, new: str, kind: str
) -> None:
    sides.doc(doc)
    sides.description((old, new))
    _, findings = sides.found(capsys)
    found = named(findings)
    assert kind in found["description"]
    assert not found.keys() & {"doc", "server"}


def status(code: int) -> Callable[[Answer], None]:
    return lambda answer: setattr(answer, "status", code)


def data(change: Callable[[dict[str, Any]], object]) -> Callable[[Answer], None]:
    return lambda answer: answer.json(lambda value: change(value["data"]))


@pytest.mark.parametrize(
    ("doc", "method", "path", "lie"),
    [
        pytest.param(SERVICE, "POST", "/platform/v1/services", data(lambda it: it.update(price="12000")), id="type"),
        pytest.param(SERVICE, "POST", "/platform/v1/services", data(lambda it: it.pop("currency")), id="left-out"),
        pytest.param(
            SERVICE, "POST", "/platform/v1/services", lambda it: it.json(lambda value: value.update(data=[])), id="list"
        ),
        pytest.param(WEBHOOK, "POST", "/platform/v1/webhook", status(200), id="status"),
        pytest.param(WEBHOOK, "POST", "/platform/v1/webhook", status(500), id="status-5xx"),
        pytest.param(
            WEBHOOK, "POST", "/platform/v1/webhook", data(lambda it: it.update(event="client.created")), id="enum"
        ),
        pytest.param(INVOICE, "GET", "/platform/v1/invoices/", data(lambda it: it.update(open=None)), id="null"),
        pytest.param(INVOICE, "GET", "/platform/v1/invoices/", data(lambda it: it.pop("due_date")), id="no-date"),
        pytest.param(
            INVOICE, "GET", "/platform/v1/invoices/", data(lambda it: it["items"][0].update(quantity="1")), id="nested"
        ),
        pytest.param(ACCOUNT, "GET", "/platform/v1/account", lambda it: it.headers.pop("Location"), id="header"),
    ],
)
def test_a_changed_server_stands_alone(
    sides: Sides,
    capsys: pytest.CaptureFixture[str],
    doc: str,
    method: str,
    path: str,
    lie: Callable[[Answer], None],
) -> None:
    sides.doc(doc)
    sides.proxy.lie = (method, path, lie)
    failed, findings = sides.found(capsys)
    assert failed
    found = named(findings)
    assert "server" in found
    assert not found.keys() & {"doc", "description"}
