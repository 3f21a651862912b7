"""An environment file as an :class:`Environment`."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pytest_endpoint_docs.environment.authorization import BEARER, NO_CREDENTIALS
from pytest_endpoint_docs.environment.description_block import description_issues, description_rules
from pytest_endpoint_docs.environment.file_source import (
    EnvironmentSource,
    References,
    names_in,
    read_source,
    read_variables,
)
from pytest_endpoint_docs.environment.keys import schema_problems
from pytest_endpoint_docs.environment.oauth_block import oauth_settings
from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.http.targets import parse_target
from pytest_endpoint_docs.model.environment import (
    SANDBOX,
    ClientCertificate,
    Environment,
    Limits,
    OnBehalfOf,
    Server,
    TokenKind,
)
from pytest_endpoint_docs.pointers import join_pointer
from pytest_endpoint_docs.words import or_known, or_near

ENVIRONMENTS = "fixtures/environments"
"""Where an environment is looked up by its name, below the root directory."""

NOWHERE = "http://offline.invalid"
"""The base URL of an environment that was loaded offline (RFC 6761 section 6.4)."""

_ONLINE = frozenset(
    ["base_url", "fallback_url", "servers", "allowed_origins", "params", "oauth", "ca_bundle", "client_cert"]
)
_URL_EXPECTED = "expected a server like https://api.example.com/v1"
_SUFFIXES = (".yaml", ".yml")


def load_environment(
    name_or_path: str, *, root: Path, environ: Mapping[str, str], base_url: str | None = None
) -> Environment:
    """Load a target: a path (it has a separator, or ends with ``.yaml``), or a name in ``fixtures/environments``.

    ``environ`` and ``root/.env`` fill in the ``${NAME}`` references; ``base_url`` overrides the file's. A token whose
    variable is not set is kept without a value.

    Raises: ``ConfigError`` with every problem at its ``path:line``.
    """
    file, source = _read(name_or_path, root)
    if base_url and _url_problem(base_url):
        raise ConfigError(f"the base URL that was given {_url_problem(base_url)}; {_URL_EXPECTED}")
    if base_url and isinstance(source.data, dict):
        source = replace(source, data={**source.data, "base_url": base_url})
    return _built(file, source, root, environ)


def load_offline(name_or_path: str, *, root: Path, environ: Mapping[str, str]) -> Environment:
    """What is known of a target without reaching it: descriptions, token kinds, ``on_behalf_of``, what is allowed.

    Its servers, params and the ``oauth`` block are left out, so none of their variables needs to be set. The base URL
    leads nowhere.

    Raises: ``ConfigError`` with every problem at its ``path:line``.
    """
    file, source = _read(name_or_path, root)
    if isinstance(source.data, dict):
        known = {key: value for key, value in source.data.items() if key not in _ONLINE}
        source = replace(source, data={**known, "base_url": NOWHERE})
    return _built(file, source, root, environ)


def _read(name_or_path: str, root: Path) -> tuple[Path, EnvironmentSource]:
    file = find_environment(name_or_path, root=root)
    return file, read_source(file, display_path=_display(file, root))


def _built(file: Path, source: EnvironmentSource, root: Path, environ: Mapping[str, str]) -> Environment:
    _stop(schema_problems(source))
    references = References(source=source, variables=read_variables(root, environ))
    data: Any = references.fill(source.data)
    _stop(references.problems)
    return _Builder(file, source, references, data).build()


def find_environment(name_or_path: str, *, root: Path) -> Path:
    """The file of an environment; ``sandbox`` is the one that comes with the package where the project has none.

    Raises: ``ConfigError`` naming those that there are.
    """
    if {"/", os.sep} & set(name_or_path) or name_or_path.endswith(_SUFFIXES):
        given = Path(name_or_path).expanduser()
        for candidate in (given.absolute(), root / given):
            if candidate.is_file():
                return candidate
        raise ConfigError(f"there is no environment file {name_or_path!r}, neither here nor below the root directory")
    there_are = named_environments(root)
    if name_or_path in there_are:
        return there_are[name_or_path]
    if name_or_path == SANDBOX:
        from pytest_endpoint_docs.sandbox.settings import ENVIRONMENT_FILE

        return ENVIRONMENT_FILE
    if not there_are:
        raise ConfigError(
            f"no environment {name_or_path!r}: {ENVIRONMENTS} holds no environment file; "
            f"write {ENVIRONMENTS}/{name_or_path}.yaml, or give the path of a file"
        )
    raise ConfigError(
        f"no environment {name_or_path!r} in {ENVIRONMENTS}; there are {', '.join(there_are)}"
        f"{or_near(name_or_path, there_are)}"
    )


def named_environments(root: Path) -> dict[str, Path]:
    """The files of the environments that have a name, by these names, in their order."""
    folder = root / ENVIRONMENTS
    # Where there are two of a name, the last one counts.
    files = [file for suffix in _SUFFIXES for file in folder.glob(f"*{suffix}")]
    return dict(sorted((file.stem, file) for file in files))


class _Builder:
    """Builds the value from data that fits the schema; collects what the schema cannot see."""

    def __init__(self, file: Path, source: EnvironmentSource, references: References, data: Any) -> None:
        self.file = file
        self.source = source
        self.references = references
        self.data = data
        self.problems = references.problems

    def build(self) -> Environment:
        data = self.data
        tokens = {name: self._token(name, given) for name, given in data.get("tokens", {}).items()}
        default = data.get("default_token")
        if default is not None and default != NO_CREDENTIALS and default not in tokens:
            self._problem("/default_token", f"no token kind {default!r} under tokens{or_known(default, tokens)}")
        environment = Environment(
            name=self.file.stem,
            file=self.file,
            base_url=self._url("/base_url", data["base_url"]),
            fallback_url=self._url("/fallback_url", data["fallback_url"]) if "fallback_url" in data else None,
            servers=tuple(
                Server(**{**server, "base_url": self._url(f"/servers/{index}/base_url", server["base_url"])})
                for index, server in enumerate(data.get("servers", []))
            ),
            allowed_origins=tuple(
                self._url(f"/allowed_origins/{index}", url) for index, url in enumerate(data.get("allowed_origins", []))
            ),
            default_token=default,
            tokens=tokens,
            params=data.get("params", {}),
            on_behalf_of=_on_behalf_of(data.get("on_behalf_of", {})),
            openapi=self._descriptions(data.get("openapi", [])),
            openapi_refs={
                prefix: self._folder(join_pointer("/openapi_refs", prefix), folder)
                for prefix, folder in data.get("openapi_refs", {}).items()
            },
            openapi_checks=description_rules(data.get("openapi_checks", {})),
            known_issues=description_issues(data.get("knownIssues", []), locate=self.source.location),
            files=self._beside(data["files"]) if "files" in data else None,
            writes=data.get("writes", False),
            deletes=data.get("deletes", False),
            production=data.get("production", False),
            stamps=data.get("stamps", False),
            ca_bundle=self._file("/ca_bundle", data.get("ca_bundle")),
            client_cert=self._client_cert(data.get("client_cert")),
            timeout_s=float(data.get("timeout_s", 30)),
            limits=Limits(**data.get("limits", {})),
            variables=self.references.filled_in,
            redaction=self.references.redaction(data.get("redact", {})),
            oauth=oauth_settings(data.get("oauth", {}), references=self.references, beside=self._beside),
        )
        for key in ("authorize_url", "token_url", "par_url", "device_url", "protected_resource"):
            self._endpoint(f"/oauth/{key}", data.get("oauth", {}).get(key))
        self._stop_without_secrets()
        return environment

    def _stop_without_secrets(self) -> None:
        """A value may stand where it does not belong: ``default_token: ${STAFF_TOKEN}``."""
        if self.problems:
            from pytest_endpoint_docs.redaction.redactor import Redactor

            _stop([*Redactor(self.references.filled_in).lines(self.problems)])

    def _token(self, name: str, given: str | dict[str, str]) -> TokenKind:
        written = {"value": given} if isinstance(given, str) else given
        return TokenKind(
            name=name,
            value=self.references.secret(written["value"]),
            auth=written.get("auth", BEARER),
            variables=names_in(written["value"]),
            location=self.source.location(join_pointer("/tokens", name)),
        )

    def _url(self, pointer: str, url: str) -> str:
        problem = _url_problem(url)
        if problem:
            self._problem(pointer, f"{problem}; {_URL_EXPECTED}")
        return url.rstrip("/")

    def _endpoint(self, pointer: str, url: str | None) -> None:
        """An endpoint may have a query, a server has none."""
        try:
            if url is not None:
                parse_target(url)
        except ValueError as error:
            self._problem(pointer, f"cannot be used: {error}")

    def _descriptions(self, patterns: list[str]) -> tuple[Path, ...]:
        found: dict[Path, None] = {}
        for index, pattern in enumerate(patterns):
            # Path.glob takes neither absolute patterns nor "..".
            matches = glob.glob(pattern, root_dir=self.file.parent, recursive=True)  # noqa: PTH207
            matched_files = sorted(path for path in map(self._beside, matches) if path.is_file())
            if not matched_files:
                self._problem(f"/openapi/{index}", f"no file matches {pattern!r} (paths are relative to this file)")
            found |= dict.fromkeys(matched_files)
        return tuple(found)

    def _folder(self, pointer: str, folder: str) -> Path:
        path = self._beside(folder)
        if not path.is_dir():
            self._problem(pointer, f"the folder {folder!r} does not exist (paths are relative to this file)")
        return path

    def _file(self, pointer: str, given: str | None) -> Path | None:
        if given is None:
            return None
        path = self._beside(given)
        if not path.exists():
            self._problem(pointer, f"the file {given!r} does not exist (paths are relative to this file)")
        return path

    def _client_cert(self, given: Mapping[str, str] | None) -> ClientCertificate | None:
        if given is None:
            return None
        cert, key = (self._file(f"/client_cert/{name}", given.get(name)) for name in ("cert", "key"))
        assert cert is not None
        return ClientCertificate(cert=cert, key=key)

    def _beside(self, path: str) -> Path:
        return Path(os.path.normpath(self.file.parent / Path(path).expanduser()))

    def _problem(self, pointer: str, message: str) -> None:
        self.problems.append(f"{self.source.location(pointer)}: {pointer}: {message}")


def _on_behalf_of(given: dict[str, Any]) -> OnBehalfOf:
    return OnBehalfOf(**{**given, "tokens": tuple(given["tokens"])}) if "tokens" in given else OnBehalfOf(**given)


def _url_problem(url: str) -> str:
    # The text is not shown: it may come from a variable, with a password in it.
    if "?" in url or "#" in url:
        return "has a query or a fragment"
    try:
        parse_target(url)
    except ValueError as error:
        return f"cannot be used: {error}"
    return ""


def _display(file: Path, root: Path) -> str:
    resolved = file.resolve()
    return str(resolved.relative_to(root.resolve())) if resolved.is_relative_to(root.resolve()) else str(file)


def _stop(problems: list[str]) -> None:
    if problems:
        raise ConfigError("\n".join(problems))
