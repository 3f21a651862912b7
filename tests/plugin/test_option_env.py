"""``--endpoint-env`` and ``--base-url``: where requests go."""

from __future__ import annotations


def test_a_name_is_looked_up_in_the_environments_folder(project):
    project.get()
    project.run(env="test").assert_outcomes(passed=1)


def test_a_path_is_taken_as_it_is(project):
    project.get()
    project.environment(name="other")
    project.run(env="fixtures/environments/other.yaml").assert_outcomes(passed=1)


def test_the_ini_key_is_the_default(project):
    project.get()
    project.write("pytest.ini", "[pytest]\nendpoint_env = test\n")
    project.run(env=None).assert_outcomes(passed=1)


def test_an_unknown_name_is_one_usage_error_with_the_nearest(project):
    project.get()
    project.get("others", "/others")
    result = project.run(env="tset")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: *tset*test*"])


def test_no_environment_is_one_usage_error(project):
    project.get()
    project.get("others", "/others")
    result = project.run(env=None)
    assert result.ret == 4
    errors = [line for line in result.stderr.lines if line.startswith("ERROR")]
    assert len(errors) == 1
    assert "--endpoint-env" in errors[0]
    assert "--base-url" in errors[0]


def test_no_environment_is_one_usage_error_with_workers(project):
    project.get()
    project.get("others", "/others")
    result = project.pytester.runpytest_subprocess("-n", "2", "endpoints")
    assert result.ret == 4
    assert result.stdout.str().count("ERROR: no environment: ") == 1
    assert "INTERNALERROR" not in result.stdout.str()


def test_collecting_needs_no_environment(project):
    project.get()
    assert project.run("--collect-only", env=None).ret == 0


def test_base_url_alone_is_enough_for_reading(project):
    project.get()
    project.run("--base-url", project.server.url, env=None).assert_outcomes(passed=1)


def test_base_url_overrides_the_environments_server(project):
    project.get()
    file = project.root / "fixtures/environments/test.yaml"
    file.write_text(file.read_text().replace(project.server.url, "http://127.0.0.1:9"))
    project.run("--base-url", project.server.url).assert_outcomes(passed=1)


def test_a_missing_token_is_an_error_before_sending_and_names_the_variable(project, monkeypatch):
    monkeypatch.delenv("THINGS_TOKEN", raising=False)
    project.get()
    project.environment("default_token: staff\ntokens: {staff: '${THINGS_TOKEN}'}\n")
    result = project.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*THINGS_TOKEN*"])
    assert project.server.requests == []


def test_a_token_from_the_process_environment_is_sent_and_never_shown(project, monkeypatch):
    monkeypatch.setenv("THINGS_TOKEN", "s3cr3t-of-the-things")
    project.get(expect="{status: 201}")
    project.environment("default_token: staff\ntokens: {staff: '${THINGS_TOKEN}'}\n")
    result = project.run("-vv", "--showlocals", "-rA")
    assert project.server.seen[0]["headers"]["Authorization"] == "Bearer s3cr3t-of-the-things"
    assert "s3cr3t-of-the-things" not in result.stdout.str() + result.stderr.str()
    result.stdout.fnmatch_lines(["*Authorization: Bearer $THINGS_TOKEN*"])


def test_a_token_from_the_env_file(project, monkeypatch):
    monkeypatch.delenv("THINGS_TOKEN", raising=False)
    project.get()
    project.write(".env", "THINGS_TOKEN=from-the-file\n")
    project.environment("default_token: staff\ntokens: {staff: '${THINGS_TOKEN}'}\n")
    project.run().assert_outcomes(passed=1)
    assert project.server.seen[0]["headers"]["Authorization"] == "Bearer from-the-file"


def test_a_method_that_the_environment_forbids_is_skipped(project):
    step = "## Test Request\n\n```yaml\nsteps:\n  - id: main\n    method: {}\n    path: /things\n```\n"
    project.doc("make", step.format("POST"), endpoint="POST /things")
    project.doc("drop", step.format("DELETE"), endpoint="DELETE /things")
    project.write("fixtures/environments/test.yaml", f"base_url: {project.server.url}\n")
    result = project.run("-rs")
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines_random(
        ["SKIPPED*endpoints/make.md:*writes: true*", "SKIPPED*endpoints/drop.md:*deletes: true*"]
    )
    assert project.server.requests == []


def test_an_unknown_key_names_the_nearest(project):
    project.get()
    project.environment("timeout: 3\n")
    result = project.run()
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: *test.yaml:4*timeout*timeout_s*"])


def test_without_pytest_base_url_the_environment_is_enough(project):
    project.get()
    project.run("-p", "no:base_url", "endpoints").assert_outcomes(passed=1)
    result = project.run("-p", "no:base_url", "endpoints", env=None)
    assert result.ret == 4
    assert result.errlines[0].startswith("ERROR: no environment: ")


def test_an_unreadable_doc_needs_no_sandbox(project):
    """Nor what the sandbox is made of: here nothing of it can be imported."""
    project.write("endpoints/broken.md", "").write_bytes(b"---\nendpoint: GET /a\xff\n---\n")
    project.write("conftest.py", "import sys\nsys.modules |= dict.fromkeys(('flask', 'werkzeug', 'authlib'))\n")
    result = project.pytester.runpytest_subprocess("--endpoint-env", "sandbox", "endpoints")
    result.assert_outcomes(failed=1)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["endpoints/broken.md:2: *", "FAILED endpoints/broken.md::unreadable doc - *"])


def test_a_path_to_a_file_that_is_not_there_is_not_the_packaged_sandbox(project):
    project.get()
    result = project.run(env="nowhere/sandbox.yaml")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: there is no environment file 'nowhere/sandbox.yaml', neither here nor *"])
