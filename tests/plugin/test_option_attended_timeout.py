"""``--endpoint-attended-timeout``: how long a window waits for a person (what it does: ``tests/browser``)."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.plugin.session import SESSION


@pytest.mark.parametrize("given", ["0", "-1", "soon", "5m", "1e3", "nan"])
def test_what_is_no_number_of_seconds_is_refused(project, given):
    project.get()
    result = project.run(f"--endpoint-attended-timeout={given}", "endpoints")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"ERROR: --endpoint-attended-timeout = '{given}': expected a number of seconds, such as 300"]
    )


@pytest.mark.parametrize(
    ("in_ini", "given", "seconds"), [(None, None, 300.0), ("0.5", None, 0.5), (None, "0.5", 0.5), ("7", "45", 45.0)]
)
def test_seconds_are_taken(pytester, in_ini, given, seconds):
    pytester.makeini("[pytest]\n" + (f"endpoint_attended_timeout = {in_ini}\n" if in_ini else ""))
    config = pytester.parseconfigure(*([f"--endpoint-attended-timeout={given}"] if given else []))
    assert config.stash[SESSION].options.attended_timeout == seconds


def test_the_ini_key_is_its_twin(project):
    project.get()
    project.write("pytest.ini", "[pytest]\nendpoint_attended_timeout = soon\n")
    result = project.run("-n", "2", "endpoints")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: endpoint_attended_timeout = 'soon': expected a number of seconds*"])
