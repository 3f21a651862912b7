"""What users of the package rely on: names, options, fixtures, markers, hooks; and what it does not cost others."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import importlib.metadata
import importlib.resources
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pytest_endpoint_docs
from pytest_endpoint_docs import errors
from pytest_endpoint_docs.model.case import Disposition
from pytest_endpoint_docs.model.doc import CaseOutline, KnownIssue, Requirement
from pytest_endpoint_docs.plugin import hooks, hookspecs
from pytest_endpoint_docs.plugin.option_table import OPTIONS, OptionSpec

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = (
    "endpoint_case",
    "endpoint_client",
    "endpoint_environment",
    "endpoint_session",
    "endpoint_variables",
    "oauth_consent",
)
PUBLIC = [
    "Answer",
    "AuthorizationError",
    "AuthorizationGrant",
    "CaseResult",
    "ContractCase",
    "EndpointCase",
    "EndpointDoc",
    "Environment",
    "Exchange",
    "HttpClient",
    "JSONValue",
    "Mismatch",
    "OAuthConsent",
    "Request",
    "Response",
    "Secret",
    "SentRequest",
    "errors",
]
# To its users, a DocsSession is a requests.Session.
OF_OTHERS = {"pytest.Config", "pytest.FixtureRequest", "DocsSession", "Iterator", "None", "dict", "list", "str"}
HOOKS = ("modify_cases", "secrets", "variable", "before_request", "after_response")
COSTLY = ("authlib", "dotenv", "flask", "frontmatter", "jinja2", "jsonschema", "markdown_it", "playwright")
COSTLY += ("regex", "requests", "rich", "yaml")
# All that a project without endpoint docs pays for.
WITHOUT_DOCS = ["errors", "instants", "loading.doc_files"] + [
    f"plugin.{name}" for name in ("collecting", "hooks", "hookspecs", "option_table", "options", "session")
]
SAY_COSTLY = f"print('imported:', *[name for name in {COSTLY!r} if name in sys.modules])"

every_option = pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)


def run_python(*arguments: str, folder: Path, **environ: str) -> str:
    """The output of a Python of its own, in which nothing is imported yet."""
    command = [sys.executable, *arguments]
    run = subprocess.run(command, cwd=folder, env=os.environ | environ, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def help_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return " ".join(run_python("-m", "pytest", "--help", folder=tmp_path_factory.mktemp("help")).split())


def test_the_package_offers_what_fixtures_and_hooks_give() -> None:
    assert pytest_endpoint_docs.__all__ == PUBLIC
    assert set(PUBLIC) <= set(dir(pytest_endpoint_docs))


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_at_run_time_what_type_checkers_see(name: str) -> None:
    tree = ast.parse(inspect.getsource(pytest_endpoint_docs))
    homes = {
        alias.name: node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    home = importlib.import_module(homes[name])
    assert getattr(pytest_endpoint_docs, name) is (errors if name == "errors" else getattr(home, name))


def test_a_hook_cannot_change_a_value_that_it_is_given() -> None:
    classes = [value for name in PUBLIC if inspect.isclass(value := getattr(pytest_endpoint_docs, name))]
    values = {value for value in classes if dataclasses.is_dataclass(value)}
    values |= {Disposition, CaseOutline, KnownIssue, Requirement}  # of a case and the head of its doc
    assert {"CaseResult", "ContractCase", "EndpointDoc", "Request", "Response"} <= {value.__name__ for value in values}
    for value in values:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value.__new__(value), dataclasses.fields(value)[0].name, None)


def test_the_types_of_fixtures_and_hooks_are_public() -> None:
    functions = [getattr(hooks, name) for name in FIXTURES] + [
        hook for name, hook in vars(hookspecs).items() if name.startswith("pytest_endpoint_docs_")
    ]
    named = {
        word
        for function in functions
        for annotation in inspect.get_annotations(inspect.unwrap(function)).values()
        for word in re.findall(r"[A-Za-z_.]+", annotation)
    }
    assert {"EndpointCase", "OAuthConsent", "Request"} <= named
    assert named - OF_OTHERS <= set(PUBLIC)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'pytest_endpoint_docs' has no attribute 'Exchanges'"):
        pytest_endpoint_docs.Exchanges  # type: ignore[attr-defined]  # noqa: B018


def test_the_package_is_typed() -> None:
    assert importlib.resources.files("pytest_endpoint_docs").joinpath("py.typed").is_file()


def test_the_version_is_that_of_the_distribution() -> None:
    assert importlib.metadata.version("pytest-endpoint-docs") == pytest_endpoint_docs.__version__


@pytest.mark.parametrize(
    ("group", "name"),
    [("pytest11", "endpoint_docs"), ("console_scripts", "endpoint-docs")],
)
def test_entry_points_load(group: str, name: str) -> None:
    (entry,) = [
        entry for entry in importlib.metadata.distribution("pytest-endpoint-docs").entry_points if entry.group == group
    ]
    assert entry.name == name
    assert entry.load() is not None


@every_option
def test_help_shows_the_option_and_its_ini_twin(option: OptionSpec, help_text: str) -> None:
    # The heading of the second part is another one before pytest 9.
    options, rest = re.split(r"\[pytest\] (?:configuration |ini-)options", help_text)
    assert f"{option.ini_name} (" in rest
    assert (f" {option.flag_name}" in options) is option.on_command_line
    assert rest.count(option.help) == 1


@every_option
def test_the_readme_documents_the_option(option: OptionSpec) -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    (row,) = [line for line in lines if line.startswith("|") and f" `{option.ini_name}` " in line]
    written = row.split("|")[1].strip()
    if not option.on_command_line:
        assert written == ""
    elif option.flag:
        assert written == f"`{option.flag_name}`"
    else:
        assert written.startswith(f"`{option.flag_name} ")


@every_option
def test_option_names_follow_one_rule(option: OptionSpec) -> None:
    assert option.flag_name == f"--{option.ini_name.replace('_', '-')}"
    assert option.ini_name.startswith("endpoint_")


def test_fixtures_are_listed_with_what_they_are_for(tmp_path: Path) -> None:
    listed = run_python("-m", "pytest", "--fixtures", "-q", "-p", "no:cacheprovider", folder=tmp_path).splitlines()
    for name in FIXTURES:
        (line,) = [number for number, text in enumerate(listed) if text.startswith((f"{name} ", f"{name} --"))]
        assert "no docstring available" not in listed[line + 1]


def test_the_marker_for_manual_docs_is_registered(tmp_path: Path) -> None:
    assert "@pytest.mark.requires_manual_testing: " in run_python("-m", "pytest", "--markers", folder=tmp_path)


def test_hooks_are_documented() -> None:
    hooks = {name: hook for name, hook in vars(hookspecs).items() if name.startswith("pytest_endpoint_docs_")}
    assert sorted(hooks) == sorted(f"pytest_endpoint_docs_{name}" for name in HOOKS)
    for hook in hooks.values():
        assert inspect.getdoc(hook)
        assert "config" in inspect.signature(hook).parameters


@pytest.mark.parametrize("name", [*FIXTURES, *(f"pytest_endpoint_docs_{hook}" for hook in HOOKS)])
def test_the_docs_tell_of_every_fixture_and_hook(name: str) -> None:
    assert f"`{name}" in (ROOT / "docs" / "custom-tests.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PUBLIC)
def test_the_docs_tell_of_every_public_name(name: str) -> None:
    types = (ROOT / "docs" / "custom-tests.md").read_text(encoding="utf-8").partition("\n## Types\n")[2]
    assert re.search(rf"`{name}[`.]", types)


def test_importing_the_plugin_imports_nothing_costly(tmp_path: Path) -> None:
    output = run_python("-c", f"import sys, pytest_endpoint_docs.plugin.hooks; {SAY_COSTLY}", folder=tmp_path)
    assert output == "imported:\n"


def test_a_project_without_endpoint_docs_imports_nothing_costly(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text(
        f"import sys\n\ndef pytest_unconfigure():\n    {SAY_COSTLY}\n", encoding="utf-8"
    )
    # Other plugins of the machine may import what they like.
    plugins = ("-p", "pytest_base_url.plugin", "-p", "pytest_endpoint_docs.plugin.hooks")
    output = run_python("-m", "pytest", "-q", *plugins, folder=tmp_path, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert "1 passed" in output
    assert output.splitlines()[-1] == "imported:"


def test_a_project_without_docs_imports_next_to_nothing(tmp_path: Path) -> None:
    """Each module here costs every test run of a project that has the plugin installed: think twice."""
    tmp_path.joinpath("test_plain.py").write_text("def test_plain(): pass\n", "utf-8")
    program = (
        "import sys, pytest; print(pytest.main(['-q', '-p', 'no:cacheprovider'])); "
        "ours = {name: module for name, module in sys.modules.items() if name.startswith('pytest_endpoint_docs.')}; "
        "print('imported:', *sorted(name for name, module in ours.items() if not hasattr(module, '__path__'))); "
        "print('made:', *(kind for module in ours.values() for kind in vars(module).values() "
        "if hasattr(kind, '__dataclass_fields__')))"
    )
    output = run_python("-c", program, folder=tmp_path)
    assert "1 passed" in output
    imported, _, made = output.rpartition("imported:")[2].replace("pytest_endpoint_docs.", "").partition("made:")
    assert imported.split() == sorted(WITHOUT_DOCS)
    assert made.strip() == "", "to make a dataclass takes longer than to import a module: NamedTuple does not"


def test_a_project_without_docs_has_two_plugins_of_ours(tmp_path: Path) -> None:
    """Each one more is looked through for hooks and fixtures, and has its hooks called, in every test run."""
    tmp_path.joinpath("test_plain.py").write_text("def test_plain(): pass\n", "utf-8")
    tmp_path.joinpath("conftest.py").write_text(
        "def pytest_unconfigure(config):\n"
        "    names = [name for name, _ in config.pluginmanager.list_name_plugin() if 'endpoint_docs' in name]\n"
        "    print('\\nplugins:', *sorted(names))\n",
        "utf-8",
    )
    output = run_python("-m", "pytest", "-q", "-p", "no:cacheprovider", folder=tmp_path)
    assert output.rpartition("plugins:")[2].split() == ["endpoint_docs", "endpoint_docs_collecting"]
