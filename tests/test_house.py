"""The rules of the house (``docs/architecture.md``), read from the source: what imports what, and who may do what."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from textwrap import indent

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "pytest_endpoint_docs"
MOST_AT_THE_TOP = 25
MOST_FLOORS = 12
MOST_LINES = 320


@dataclass(frozen=True)
class Module:
    """A module by the path below its package, such as ``loading/head.py``, and as a syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The package or the module at the top that it belongs to."""
        return self.path.split("/")[0].removesuffix(".py")

    @property
    def is_package(self) -> bool:
        return self.path.endswith("__init__.py")


Modules = Mapping[str, Module]


def modules_of(package: Path) -> Modules:
    """By dotted name. Sources are read, not imported: imports inside functions and for type checkers count."""
    found = {}
    for file in sorted(package.rglob("*.py")):
        path = file.relative_to(package).as_posix()
        text = file.read_text(encoding="utf-8")
        name = ".".join([package.name, *path.removesuffix(".py").removesuffix("__init__").strip("/").split("/")])
        found[name.rstrip(".")] = Module(path, text, ast.parse(text))
    return found


def imported_by(module: Module) -> Iterator[str]:
    """Every dotted name that a module imports, wherever in it; names of ``from`` imports with their module."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{module.path}:{node.lineno}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def import_graph(modules: Modules) -> dict[str, set[str]]:
    """The modules that each module imports."""

    def owner(name: str) -> str | None:
        return next((known for known in (name, name.rpartition(".")[0]) if known in modules), None)

    return {
        name: {target for target in map(owner, imported_by(module)) if target not in (None, name)}
        for name, module in modules.items()
    }


def circle_in(graph: Mapping[str, set[str]]) -> list[str]:
    """The names on one circle of imports; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def floors_of(graph: Mapping[str, set[str]]) -> dict[str, int]:
    """How many modules stand on each other below each module, itself included."""
    floors: dict[str, int] = {}
    for name in TopologicalSorter(graph).static_order():
        floors[name] = 1 + max((floors[below] for below in graph[name]), default=0)
    return floors


def told(found: Iterable[str]) -> str:
    """One line for each thing that breaks a rule."""
    return "\n".join(found)


Finder = Callable[[Module], Iterator[str]]


def imports_of(*packages: str) -> Finder:
    """Where a module imports one of these packages, or a part of one."""

    def found(module: Module) -> Iterator[str]:
        for name in imported_by(module):
            if any(f"{name}.".startswith(f"{package}.") for package in packages):
                yield f"{module.path} imports {name}"

    return found


def calls_of(*methods: str) -> Finder:
    """Where a module calls a function or a method of one of these names."""

    def found(module: Module) -> Iterator[str]:
        for call in calls_in(module):
            if name_of(call.func) in methods:
                yield f"{module.path}:{call.lineno} calls {name_of(call.func)}"

    return found


def calls_in(module: Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))


def name_of(function: ast.expr) -> str:
    return getattr(function, "attr", None) or getattr(function, "id", "")


def reads_yaml(module: Module) -> Iterator[str]:
    """Where a module names a loader of PyYAML, or a function that makes something of a text."""
    for node in ast.walk(module.tree):
        names = []
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "yaml":
            names = [node.attr]
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "yaml":
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Call) and name_of(node.func) == "getattr" and ast.unparse(node.args[0]) == "yaml":
            names = [ast.unparse(node.args[1])]
        for name in names:
            if re.search("load|compose|parse|scan", name, re.IGNORECASE):
                yield f"{module.path}:{node.lineno} uses yaml.{name}"


def replaces_files(module: Module) -> Iterator[str]:
    """Where a path is moved over another one; ``replace`` of a text, a date or a dataclass takes other arguments."""
    for call in calls_in(module):
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "replace":
            continue
        owner = ast.unparse(call.func.value)
        if owner == "os" or (len(call.args) == 1 and not call.keywords and owner != "dataclasses"):
            yield f"{module.path}:{call.lineno} replaces a file"


SPEAKING = re.compile(
    r".*\.(write_line|write_sep|section)|.*\bprint|pytest\.(skip|xfail|fail|exit|UsageError|mark\.skip)"
    r"|sys\.(stdout|stderr)\.write|warnings\.warn"
)


def speaks(module: Module) -> Iterator[str]:
    """Where a module calls what shows people a text: of pytest, of rich, of the standard streams."""
    for call in calls_in(module):
        if SPEAKING.fullmatch(ast.unparse(call.func)):
            yield f"{module.path}:{call.lineno} calls {ast.unparse(call.func)}"


@dataclass(frozen=True)
class Rule:
    """What only some may do: ``rooms`` are packages or modules at the top, ``files`` single modules.

    ``example`` breaks the rule, so that nobody has to believe that the test can fail.
    """

    words: str
    finds: Finder
    example: str
    rooms: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def broken_in(self, modules: Modules) -> Iterator[str]:
        for module in modules.values():
            if module.room not in self.rooms and module.path not in self.files:
                yield from self.finds(module)


RULES = [
    Rule("only the plugin imports pytest", imports_of("pytest"), "from pytest import Item", rooms=("plugin",)),
    Rule("nobody imports pytest's private parts", imports_of("_pytest"), "import _pytest.nodes"),
    Rule("text enters by one YAML reader", reads_yaml, "import yaml\nyaml.safe_load('')", rooms=("yaml_text",)),
    Rule(
        "requests leave by one sender",
        imports_of("requests", "urllib3", "urllib.request", "http.client"),
        "from urllib.request import urlopen",
        rooms=("http",),
    ),
    Rule(
        "files are written by one writer",
        calls_of("write_text", "write_bytes", "fdopen", "mkstemp", "NamedTemporaryFile", "rename"),
        "Path('x').write_text('')",
        rooms=("files",),
    ),
    Rule(
        "texts for people go into files as safe ones",
        calls_of("write_atomically"),
        "write_atomically(path, b'')",
        rooms=("files",),
        # The doc itself, and pictures.
        files=("verification/stamping.py", "verification/evidence_store.py", "oauth/browser/masking.py"),
    ),
    Rule(
        "words reach people by few outlets, which take safe texts",
        speaks,
        "reporter.write_line('')",
        files=("plugin/outlets.py", "plugin/progress_lines.py", "cli/output.py", "manual/terminal_screen.py"),
    ),
    Rule(
        "who sends and checks calls nothing public that a server said",
        calls_of("public"),
        "public(response.text)",
        rooms=("redaction", "reporting", "verification", "manual", "plugin", "cli"),
        # A URL or a code that a person at the terminal opens or types as it is.
        files=("oauth/browser/recipe_recording.py", "oauth/pasted_redirect.py"),
    ),
    Rule("files are replaced by one writer", replaces_files, "Path('x').replace(target)", rooms=("files",)),
]
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.words.replace(" ", "-"))


@pytest.fixture(scope="module")
def house() -> Modules:
    return modules_of(PACKAGE)


def test_imports_make_no_circle(house: Modules) -> None:
    assert told(circle_in(import_graph(house))) == ""


def test_the_house_has_few_floors(house: Modules) -> None:
    graph = import_graph(house)
    assert not circle_in(graph), "a house with a circle has no floors"
    assert told(f"{name} is on floor {floor}" for name, floor in floors_of(graph).items() if floor > MOST_FLOORS) == ""


def test_a_file_name_stands_once(house: Modules) -> None:
    names = Counter(Path(module.path).name for module in house.values() if not module.is_package)
    assert told(name for name, count in names.items() if count > 1) == ""


def test_few_names_stand_at_the_top(house: Modules) -> None:
    rooms = {module.room for module in house.values()} - {"__init__"}
    assert len(rooms) <= MOST_AT_THE_TOP, sorted(rooms)


def test_a_module_is_short_enough_to_hold_one_idea(house: Modules) -> None:
    lengths = {module.path: len(module.text.splitlines()) for module in house.values()}
    assert told(f"{path} has {length} lines" for path, length in lengths.items() if length > MOST_LINES) == ""


def test_a_package_holds_only_its_docstring(house: Modules) -> None:
    packages = [module for module in house.values() if module.is_package and module.path != "__init__.py"]
    assert len(packages) > 10
    assert told(m.path for m in packages if len(m.tree.body) != 1 or not ast.get_docstring(m.tree)) == ""


def test_the_sandbox_knows_nothing_of_the_rest(house: Modules) -> None:
    rooms = {name: module.room for name, module in house.items()}
    found = [
        f"{name} imports {target}"
        for name, targets in import_graph(house).items()
        for target in targets
        if rooms[name] == "sandbox" != rooms[target]
    ]
    assert told(found) == ""


@each_rule
def test_a_rule_holds(house: Modules, rule: Rule) -> None:
    assert told(rule.broken_in(house)) == ""


@each_rule
def test_a_rule_sees_what_it_forbids(tmp_path: Path, rule: Rule) -> None:
    inside_a_function = f"def later():\n{indent(rule.example, '    ')}\n"
    package = a_package(tmp_path, {"elsewhere.py": inside_a_function})
    (found,) = rule.broken_in(modules_of(package))
    assert found.startswith("elsewhere.py")


def test_imports_for_type_checkers_and_inside_functions_make_circles(tmp_path: Path) -> None:
    package = a_package(
        tmp_path,
        {
            "one.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.room import two\n",
            "room/two.py": "def later():\n    from house.room.three import NAME\n",
            "room/three.py": "import house.one\nNAME = 1\n",
        },
    )
    graph = import_graph(modules_of(package))
    assert sorted(set(circle_in(graph))) == ["house.one", "house.room.three", "house.room.two"]


def test_floors_are_counted_from_the_ground(tmp_path: Path) -> None:
    files = {"roof.py": "from house import attic, cellar\n", "attic.py": "import house.cellar\n", "cellar.py": ""}
    floors = floors_of(import_graph(modules_of(a_package(tmp_path, files))))
    assert floors == {"house": 1, "house.cellar": 1, "house.attic": 2, "house.roof": 3}


def a_package(folder: Path, files: Mapping[str, str]) -> Path:
    """A package ``house`` of these files, and of the ``__init__.py`` files that they need."""
    for path, text in files.items():
        file = folder / "house" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for directory in {(folder / "house" / path).parent for path in files} | {folder / "house"}:
        (directory / "__init__.py").touch()
    return folder / "house"


def test_the_page_about_the_house_has_every_room(house: Modules) -> None:
    page = (PACKAGE.parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
    rooms = {f"{path}/" if (PACKAGE / path).is_dir() else f"{path}.py" for path in (m.room for m in house.values())}
    packages = {f"{Path(m.path).parent.as_posix()}/" for m in house.values() if m.is_package and "/" in m.path}
    assert sorted(listed) == sorted((rooms | packages) - {"__init__.py", "sandbox/flaws/"})
