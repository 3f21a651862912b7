"""TLS and proxies on real servers: whose certificates are believed, whose proxy is used."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme
from running_docs import environment
from scripted_server import Reply, scripted_server

from pytest_endpoint_docs.environment.environment_file import load_environment
from pytest_endpoint_docs.errors import ConfigError, ConnectionFailed
from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.http.connections import describe_proxies, proxy_for
from pytest_endpoint_docs.http.targets import parse_target
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.model.exchange import Request


@contextmanager
def tls_server(authority: trustme.CA, *, asks_for_certificate: bool = False, stays: bool = False) -> Iterator[str]:
    """An https server on 127.0.0.1 that answers with the subject of the client's certificate, or with nothing."""

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1" if stays else "HTTP/1.0"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            content = repr(self.connection.getpeercert()).encode()  # type: ignore[attr-defined]
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's signature
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that does not believe us goes away, as the test wants it."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    if asks_for_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(context)
    server = Server(("127.0.0.1", 0), Answering)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def no_bundles(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def loaded(root: Path, url: str, text: str = "") -> Environment:
    """The environment of a file; paths in it are relative to ``root/envs``."""
    file = root / "envs" / "tls.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"base_url: {url}\n{text}", encoding="utf-8")
    return load_environment(str(file), root=root, environ={})


def ask(where: Environment) -> str:
    client = HttpClient(where)
    try:
        return client.send(Request(method="GET", url=f"{where.base_url}/x")).response.text
    finally:
        client.close()


def test_what_comes_behind_an_answer_over_tls_is_not_the_next_one(authority: trustme.CA, tmp_path: Path) -> None:
    """Octets of one TLS record: what is not read of them cannot be seen on the socket."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    listening = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
    answers = iter([(ok + b"go", b"od" + ok + b"evil"), (ok, b"next")])

    def serve() -> None:
        for pieces in answers:
            connection, _ = listening.accept()
            with connection:
                while connection.recv(65536) and pieces:
                    for piece in pieces:
                        connection.sendall(piece)
                        time.sleep(0.02)  # a record of its own, and read by itself
                    pieces = next(answers, ()) if pieces[0] is ok else ()

    thread = Thread(target=serve, daemon=True)
    thread.start()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    where = loaded(tmp_path, f"https://127.0.0.1:{listening.getsockname()[1]}", "ca_bundle: ../ca.pem\n")
    client = HttpClient(where)
    try:
        got = [client.send(Request(method="GET", url=f"{where.base_url}/{n}")).response.text for n in "ab"]
    finally:
        client.close()
        listening.close()
    assert got == ["good", "next"]


def test_requests_leave_early_over_tls(authority: trustme.CA, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with tls_server(authority, stays=True) as url:
        where = loaded(tmp_path, url, "ca_bundle: ../ca.pem\n")
        request = Request(method="GET", url=f"{where.base_url}/x")
        client = HttpClient(where)
        try:
            opening = client.send(request).response
            for _ in range(3):
                departure = client.leave(request)
                assert departure is not None
                assert client.arrived(departure, request).response.content == opening.content
        finally:
            client.close()


def test_a_server_that_no_bundle_vouches_for_is_not_asked(authority: trustme.CA, tmp_path: Path) -> None:
    with (
        tls_server(authority) as url,
        pytest.raises(ConnectionFailed, match=r"no TLS connection: .*certificate.*`ca_bundle`"),
    ):
        ask(loaded(tmp_path, url))


def test_the_bundle_of_the_environment_is_believed(authority: trustme.CA, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with tls_server(authority) as url:
        assert ask(loaded(tmp_path, url, "ca_bundle: ../ca.pem\n")) == "None"
        other = trustme.CA()
        other.cert_pem.write_to_path(tmp_path / "ca.pem")
        with pytest.raises(ConnectionFailed, match="no TLS connection"):
            ask(loaded(tmp_path, url, "ca_bundle: ../ca.pem\n"))


def test_a_host_that_the_certificate_does_not_name_is_not_asked(authority: trustme.CA, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with tls_server(authority) as url, pytest.raises(ConnectionFailed, match="no TLS connection") as raised:
        ask(loaded(tmp_path, url.replace("127.0.0.1", "localhost"), "ca_bundle: ../ca.pem\n"))
    assert "ca_bundle" not in str(raised.value)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_bundle_of_the_process_environment_is_believed(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv(variable, str(tmp_path / "ca.pem"))
    with tls_server(authority) as url:
        assert ask(loaded(tmp_path, url)) == "None"


@pytest.mark.parametrize("is_one_file", [True, False], ids=["one file", "two files"])
def test_the_certificate_of_the_client(authority: trustme.CA, tmp_path: Path, is_one_file: bool) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    own = authority.issue_cert("me@example.com")
    own.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    own.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    own.private_key_pem.write_to_path(tmp_path / "key.pem")
    files = "{cert: ../both.pem}" if is_one_file else "{cert: ../cert.pem, key: ../key.pem}"
    with tls_server(authority, asks_for_certificate=True) as url:
        assert "me@example.com" in ask(loaded(tmp_path, url, f"ca_bundle: ../ca.pem\nclient_cert: {files}\n"))
        with pytest.raises(ConnectionFailed):
            ask(loaded(tmp_path, url, "ca_bundle: ../ca.pem\n"))


def test_files_that_hold_no_certificates_are_told(tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("nothing", encoding="utf-8")
    url = "https://127.0.0.1:9"
    with pytest.raises(ConfigError, match=r"text\.pem: holds no certificates that can be read"):
        ask(loaded(tmp_path, url, "ca_bundle: ../text.pem\n"))
    with pytest.raises(ConfigError, match=r"client_cert: .*text\.pem and its key cannot be used"):
        ask(loaded(tmp_path, url, "client_cert: {cert: ../text.pem}\n"))
    with pytest.raises(ConfigError, match=r"2: /ca_bundle: the file 'gone\.pem' does not exist \(paths are"):
        loaded(tmp_path, url, "ca_bundle: gone.pem\n")


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def test_a_proxy_gets_its_own_credentials_and_the_whole_url(proxied: pytest.MonkeyPatch) -> None:
    with scripted_server({"GET http://api.example.com/x": Reply(body={"via": "proxy"})}) as proxy:
        proxied.setenv("http_proxy", proxy.url.replace("http://", "http://me:p%40ss@"))
        where = environment("http://api.example.com")
        assert "proxy" in ask(where)
        (asked,) = proxy.asked
    fields = {name.lower(): value for name, value in asked.headers.items()}
    assert (fields["proxy-authorization"], fields["host"]) == ("Basic bWU6cEBzcw==", "api.example.com")
    assert "authorization" not in fields


@pytest.mark.parametrize(("name", "scheme"), [("http_proxy", "http"), ("https_proxy", "https")])
def test_a_proxy_that_is_not_there_is_named_in_place_of_the_server(
    proxied: pytest.MonkeyPatch, name: str, scheme: str
) -> None:
    proxied.setenv(name, "http://me:p%40ss@127.0.0.1:9")
    expected = (
        f"^{scheme}://api.example.com/x: no connection to the proxy 127.0.0.1:9: Connection refused; the variables"
    )
    with pytest.raises(ConnectionFailed, match=expected) as raised:
        ask(environment(f"{scheme}://api.example.com"))
    assert raised.value.obstacle is not None
    assert "proxy 127.0.0.1:9" in raised.value.obstacle.message


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "api.localhost"])
def test_loopback_needs_no_proxy(proxied: pytest.MonkeyPatch, host: str) -> None:
    proxied.setenv("all_proxy", "http://proxy:3128")
    assert proxy_for(parse_target(f"http://{host}:8080").origin) is None
    assert proxy_for(parse_target("http://example.com").origin) == "http://proxy:3128"


@pytest.mark.parametrize(
    ("no_proxy", "url", "is_listed"),
    [
        ("*", "http://a.example", True),
        ("example.com", "http://example.com", True),
        (".example.com", "http://api.example.com", True),
        ("example.com", "http://api.example.com", True),
        ("example.com", "http://badexample.com", False),
        ("a, EXAMPLE.com:8080", "http://example.com:8080", True),
        ("example.com:8080", "http://example.com", False),
        ("10.0.0.0/8", "http://10.1.2.3", True),
        ("10.0.0.0/8", "http://11.1.2.3", False),
        ("10.0.0.0/99 fd00::/8", "http://[fd00::1]", True),
        ("fd00::1", "http://[fd00::1]", True),
        ("", "http://example.com", False),
    ],
)
def test_no_proxy_lists_what_is_asked_directly(
    proxied: pytest.MonkeyPatch, no_proxy: str, url: str, is_listed: bool
) -> None:
    proxied.setenv("http_proxy", "proxy:3128")
    proxied.setenv("no_proxy", no_proxy)
    assert proxy_for(parse_target(url).origin) == (None if is_listed else "http://proxy:3128")


def test_proxies_are_told_without_their_credentials(proxied: pytest.MonkeyPatch) -> None:
    proxied.setenv("http_proxy", "http://me:secret@proxy:3128")
    proxied.setenv("https_proxy", "other:3128")
    where = environment("http://a.example", allowed_origins=("https://b.example", "http://127.0.0.1"))
    assert describe_proxies(where) == "http://***@proxy:3128, http://other:3128"


def test_a_proxy_of_another_kind_is_told(proxied: pytest.MonkeyPatch) -> None:
    proxied.setenv("all_proxy", "socks5://me:secret@proxy:1080")
    with pytest.raises(ConfigError) as raised:
        ask(environment("http://a.example"))
    assert str(raised.value) == ("the proxy socks5://***@proxy:1080 cannot be used: expected an http or https URL")
