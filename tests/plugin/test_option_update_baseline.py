"""``--endpoint-update-baseline`` needs a file; what it writes is tested beside ``--endpoint-baseline``."""

from __future__ import annotations

from things_api import describe


def test_without_a_file_it_is_wrong_usage(project):
    describe(project)
    project.get()
    result = project.run("--endpoint-update-baseline")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--endpoint-update-baseline: say which file with --endpoint-baseline FILE"])
