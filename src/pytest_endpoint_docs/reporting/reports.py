"""Write a report of a run in the format that its file name asks for."""

from __future__ import annotations

from pathlib import Path

from pytest_endpoint_docs.errors import ConfigError
from pytest_endpoint_docs.files import write_safe_text
from pytest_endpoint_docs.model.record import RunRecord
from pytest_endpoint_docs.redaction.rendering import rendered
from pytest_endpoint_docs.reporting.page import require_jinja

_HTML = (".html", ".htm")
_MARKDOWN = (".md", ".markdown")


def check_report_path(path: Path) -> None:
    """Refuse a report that could not be made, before a run rather than after it. Raises: ``ConfigError``.

    That is a file name of another kind, and a page where Jinja2 is not installed.
    """
    if path.suffix.lower() not in (*_HTML, *_MARKDOWN):
        raise ConfigError(f"report {str(path)!r}: expected a file name that ends in .html or .md")
    if path.suffix.lower() in _HTML:
        require_jinja("an HTML report")


def write_report(run: RunRecord, path: Path) -> None:
    """Write an HTML page (``.html``) or a job summary (``.md``), in one stroke. Raises: ``ConfigError``."""
    check_report_path(path)
    if path.suffix.lower() in _HTML:
        from pytest_endpoint_docs.reporting.html_report import render_html

        text = rendered(render_html, run)
    else:
        from pytest_endpoint_docs.reporting.markdown_report import render_markdown

        text = rendered(render_markdown, run)
    try:
        write_safe_text(path, text)
    except OSError as error:
        raise ConfigError(f"report {str(path)!r}: cannot be written: {error.strerror or error}") from error
