"""The Python examples of the README and the docs, as a strict type checker sees them in a project of their user."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "docs/custom-tests.md")
EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STRICT = {"typeCheckingMode": "strict"}


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one module for each example, named after its page and its place on it."""
    folder = tmp_path_factory.mktemp("examples")
    for page in PAGES:
        found = EXAMPLE.findall((ROOT / page).read_text(encoding="utf-8"))
        assert found, f"{page} has no example"
        for number, source in enumerate(found, 1):
            (folder / f"{Path(page).stem.replace('-', '_').lower()}_{number}.py").write_text(source, encoding="utf-8")
    (folder / "pyrightconfig.json").write_text(json.dumps(STRICT), encoding="utf-8")
    return folder


def test_mypy_finds_nothing(examples: Path) -> None:
    checked = run(examples, "mypy", "--strict", "--no-incremental", "--no-error-summary", ".")
    assert checked.stdout == ""


def test_pyright_finds_nothing(examples: Path) -> None:
    checked = run(examples, "basedpyright", "--pythonpath", sys.executable, "--outputjson")
    report = json.loads(checked.stdout)
    assert [f"{found['file']}: {found['message']}" for found in report["generalDiagnostics"]] == []
    assert report["summary"]["filesAnalyzed"] >= len(list(examples.glob("*.py")))
