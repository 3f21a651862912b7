from __future__ import annotations

import sys
from pathlib import Path

import pytest
from made_records import made_run

from pytest_endpoint_docs.errors import ConfigError, MissingExtra
from pytest_endpoint_docs.reporting.reports import check_report_path, write_report

RUN = made_run(environment="odd \ud800 name")


@pytest.mark.parametrize(
    ("name", "start"), [("r.html", "<!doctype html>"), ("R.HTM", "<!doctype"), ("r.md", "# Endpoint docs")]
)
def test_the_file_name_says_which_report(tmp_path: Path, name: str, start: str) -> None:
    path = tmp_path / "new" / name
    write_report(RUN, path)
    assert path.read_text(encoding="utf-8").startswith(start)


@pytest.mark.parametrize("name", ["report.pdf", "report", "html"])
def test_another_file_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=r"expected a file name that ends in \.html or \.md"):
        check_report_path(Path(name))


def test_a_page_without_jinja_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtra, match=r"needs Jinja2: pip install .*\[report\]"):
        check_report_path(Path("r.html"))
    check_report_path(Path("r.md"))


def test_a_place_that_cannot_be_written_to_is_a_config_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        write_report(RUN, tmp_path / "file" / "r.md")
