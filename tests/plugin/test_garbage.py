"""Collecting docs makes no garbage: none is looked for meanwhile, and what was collected is left out afterwards."""

from __future__ import annotations

import gc

import pytest

SEEN = """
import gc
seen = []
def pytest_collection_modifyitems(): seen.append(("collected", gc.isenabled()))
def pytest_runtest_logstart(): seen.append(("running", gc.isenabled(), gc.get_freeze_count() > 0))
def pytest_unconfigure(): print(seen)
"""


@pytest.fixture(autouse=True)
def inner_runs_look_for_no_garbage():
    """Here they do."""
    assert gc.isenabled()
    gc.unfreeze()
    yield
    assert gc.isenabled()
    gc.freeze()


def test_with_docs(project):
    project.get()
    project.write("conftest.py", SEEN)
    result = project.run("-s")
    result.stdout.fnmatch_lines(["[[]('collected', False), ('running', True, True)[]]"])


def test_a_second_run_in_one_process_lets_go_of_the_first(project, monkeypatch):
    calls = []
    monkeypatch.setattr(gc, "freeze", lambda: calls.append("freeze"))
    monkeypatch.setattr(gc, "unfreeze", lambda: calls.append("unfreeze"))
    monkeypatch.setattr(gc, "get_freeze_count", lambda: calls.count("freeze") - calls.count("unfreeze"))
    project.get()
    for _ in range(2):
        assert project.run().ret == 0
    assert calls == ["freeze", "unfreeze", "freeze"]


def test_docs_that_cannot_be_collected(project):
    project.get()
    project.write("endpoints/test_broken.py", "import nothing_like_it\n")
    assert project.run("endpoints").ret == pytest.ExitCode.INTERRUPTED


def test_a_project_without_docs_keeps_its_own(project):
    project.write("conftest.py", SEEN)
    project.write("test_plain.py", "def test_plain(): pass\n")
    result = project.run("-s", "test_plain.py", env=None)
    result.stdout.fnmatch_lines(["[[]('collected', True), ('running', True, False)[]]"])


def test_while_docs_run_it_is_looked_for_less_often(project):
    before = gc.get_threshold()
    project.get()
    project.write("conftest.py", "import gc\ndef pytest_runtest_logstart(): print('\\nnow', gc.get_threshold()[0])\n")
    project.run("-s").stdout.fnmatch_lines(["now 10000"])
    assert gc.get_threshold() == before
    gc.set_threshold(20_000, *before[1:])
    try:
        project.run("-s").stdout.fnmatch_lines(["now 20000"])
        assert gc.get_threshold()[0] == 20_000
    finally:
        gc.set_threshold(*before)


def test_who_switched_it_off_keeps_it_off(project):
    project.get()
    project.write("conftest.py", SEEN)
    gc.disable()
    try:
        result = project.run("-s")
        result.stdout.fnmatch_lines(["[[]('collected', False), ('running', False, False)[]]"])
        assert not gc.isenabled()
    finally:
        gc.enable()
