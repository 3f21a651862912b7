"""The files by which others build and check this project: valid, and of one mind with ``pyproject.toml``."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
PRE_COMMIT = ROOT / ".pre-commit-config.yaml"
PAGES = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]

FOR_DEVELOPERS = [
    ROOT / "CONTRIBUTING.md",
    ROOT / "docs" / "architecture.md",
    *(ROOT / "docs" / "decisions").glob("*.md"),
]
FILE_OR_FOLDER = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|md|json|ya?ml|toml|j2)|(?:[\w.-]+/)+)`")


def test_the_workflow_is_one_that_github_reads() -> None:
    command = ["check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(WORKFLOW)]
    checked = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_the_workflow_runs_every_python_that_is_promised() -> None:
    jobs = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    versions = [line.rpartition(" :: ")[2] for line in PROJECT["classifiers"] if "Python :: 3." in line]
    assert jobs["tests"]["strategy"]["matrix"]["python"] == versions
    assert {"run": "bash .ci/run"} in jobs["tests"]["steps"]


def test_the_hooks_of_pre_commit_are_tools_of_the_development_environment() -> None:
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-config", str(PRE_COMMIT)], check=True)
    (local,) = yaml.safe_load(PRE_COMMIT.read_text(encoding="utf-8"))["repos"]
    for hook in local["hooks"]:
        command = hook["entry"].split()[0]
        assert shutil.which(command, path=str(Path(sys.executable).parent)), command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_links_only_to_what_is_there(page: Path) -> None:
    links = re.findall(r"\]\((?![a-z]+:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", FOR_DEVELOPERS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_for_developers_names_only_files_that_are_there(page: Path) -> None:
    named = FILE_OR_FOLDER.findall(page.read_text(encoding="utf-8"))
    invented = [name for name in named if "NAME" in name or name.startswith("...")]
    places = (ROOT, ROOT / "src" / "pytest_endpoint_docs", page.parent)
    missing = [name for name in named if name not in invented and not any((place / name).exists() for place in places)]
    assert named, "nothing to look at"
    assert missing == []


def test_the_addresses_of_the_project_are_full_urls() -> None:
    """A package index refuses what is not a full URL."""
    assert [url for url in PROJECT.get("urls", {}).values() if not re.match(r"https?://[^/]+\.", url)] == []


def test_evidence_is_to_be_committed_here_too(tmp_path: Path) -> None:
    """Asked in a repository of its own, so that it holds for an unpacked archive of the sources, too."""
    shutil.copy(ROOT / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    ignored = ["git", "check-ignore", "--quiet"]
    evidence = [*ignored, ".endpoint-docs/evidence/endpoints/some_doc.md/20260301.json"]
    assert subprocess.run(evidence, cwd=tmp_path, check=False).returncode == 1, "no rule of .gitignore ignores it"
    assert subprocess.run([*ignored, ".env"], cwd=tmp_path, check=False).returncode == 0
