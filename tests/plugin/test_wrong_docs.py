"""Docs that are wrong, each in one thing: none vanishes, none passes without a word, none that fails sends anything."""

from __future__ import annotations

import json

import pytest

from pytest_endpoint_docs.cli.main import main

STEP = (
    "## Test Request\n\n```yaml\nsteps:\n  - id: main\n    method: GET\n    path: /things\n"
    "    expect: {status: 200}\n```\n"
)
PLAIN = "method: GET\npath: /things\n"
NO_REQUEST = "no request: the doc has no section `Test Request` or `Request"


def head(text: str, body: str = STEP) -> str:
    return f"---\n{text}\n---\n# Things\n\n{body}"


def request(text: str) -> str:
    return head("endpoint: GET /things", text)


def after(text: str) -> str:
    return request(f"{STEP}\n{text}")


def step(text: str, endpoint: str = "GET /things") -> str:
    keys = "".join(f"    {line}\n" for line in text.splitlines())
    return head(f"endpoint: {endpoint}", f"## Test Request\n\n```yaml\nsteps:\n  - id: main\n{keys}```\n")


def fence(text: str, language: str = "yaml") -> str:
    return request(f"## Test Request\n\n```{language}\n{text}\n```\n")


def tpl(text: str) -> str:
    return head("endpoint: POST /things", f"## Request Template\n\n```json\n{text}\n```\n")


def case(text: str) -> str:
    return after(f"## Cases\n\n```yaml\ncases:\n{text}```\n")


# The doc, and how its first message begins: the item fails with it, and lint finds it or leaves it to the environment.
FAILING: dict[str, tuple[str | bytes, str]] = {
    "endpoint-misspelt": (
        head("endpiont: GET /things"),
        'expected the frontmatter key "endpoint", found "endpiont". Did',
    ),
    "endpoint-capital": (
        head("Endpoint: GET /things"),
        'expected the frontmatter key "endpoint", found "Endpoint". Did',
    ),
    "endpoint-empty": (head("endpoint:"), "`endpoint` is empty; write `endpoint: METHOD /path`."),
    "endpoint-list": (head("endpoint: [GET, /things]"), "`endpoint` is a list; write `endpoint: METHOD /path`."),
    "endpoint-no-method": (
        head("endpoint: /things"),
        '`endpoint` is "/things": no method. Write METHOD /path, such as',
    ),
    "endpoint-no-path": (head("endpoint: GET"), '`endpoint` is "GET": no path. Write METHOD /path, such as GET'),
    "endpoint-method-unknown": (head("endpoint: GTE /things"), 'unknown method "GTE". Did you mean "GET"?'),
    "endpoint-url": (
        head("endpoint: GET https://example.com/things"),
        'the path "https://example.com/things" of `endpoint` must start',
    ),
    "endpoint-nested": (
        head("doc:\n  endpoint: GET /things"),
        "`endpoint` is not a key of the frontmatter itself here: write",
    ),
    "endpoint-twice": (
        head("endpoint: GET /things\nendpoint: GET /others"),
        "`endpoint` is given twice in the frontmatter (first in line 2):",
    ),
    "endpoint-no-colon": (
        head("endpoint GET /things"),
        "`endpoint` is not a key of the frontmatter itself here: write",
    ),
    "no-frontmatter": ("# Things\n\n" + STEP, "the file has a section `Test Request` (line 3), as endpoint"),
    "blank-line-before": (
        "\n" + head("endpoint: GET /things"),
        "expected the frontmatter to begin in the first line, found 1",
    ),
    "space-before": (" " + head("endpoint: GET /things"), "expected the frontmatter to begin in the first line, found"),
    "two-boms": (
        "\ufeff\ufeff" + head("endpoint: GET /things"),
        "expected the frontmatter to begin in the first line, found a",
    ),
    "comment-before": (
        "<!-- reviewed -->\n" + head("endpoint: GET /things"),
        "`endpoint` stands outside a frontmatter here, and the file has",
    ),
    "unclosed-frontmatter": (
        "---\nendpoint: GET /things\n\n# Things\n\n" + STEP,
        "the frontmatter that starts here has no end: write a line `---`",
    ),
    "toml-frontmatter": (
        '+++\nendpoint = "GET /things"\n+++\n# T\n',
        "`endpoint` stands outside a frontmatter here, and the file has",
    ),
    "utf16": (
        head("endpoint: GET /things").encode("utf-16"),
        "the file is UTF-16, at byte offset 0. Save it as UTF-8.",
    ),
    "utf16-no-bom": (
        head("endpoint: GET /things").encode("utf-16-le"),
        "the file is not UTF-8: it holds zero bytes, as UTF-16 and",
    ),
    "latin1": (
        head("endpoint: GET /things\ndomain: caf\xe9").encode("latin-1"),
        "not UTF-8: byte 0xe9 at offset 37 (invalid continuation byte).",
    ),
    "nul": (head("endpoint: GET /things") + "\0", "a NUL character, which no text holds: the file is damaged or"),
    "status-misspelt": (
        head("endpoint: GET /things\nstatus: verfied"),
        'unknown status "verfied". Did you mean "verified"?',
    ),
    "status-list": (
        head("endpoint: GET /things\nstatus: [verified]"),
        "unknown status a list. Known: deprecated, failed, pass,",
    ),
    "status-key-misspelt": (
        head("endpoint: GET /things\nstaus: skip"),
        'unknown frontmatter key "staus". Did you mean "status"?',
    ),
    "key-unknown": (
        head("endpoint: GET /things\npriority: high"),
        'unknown frontmatter key "priority": call it "x-priority" if it',
    ),
    "skip-text": (
        head("endpoint: GET /things\nskip: 'no'"),
        '`skip` must be true or false, but is the text "no": write',
    ),
    "outcome-text": (
        head("endpoint: GET /things\nexpectedOutcome: not found"),
        "`expectedOutcome` must be a status code (100 to 599) or a list",
    ),
    "fallback-text": (
        head("endpoint: GET /things\nuseFallbackApi: sometimes"),
        "`useFallbackApi` must be true or false, but is the text",
    ),
    "requires-prose": (
        head("endpoint: GET /things\nrequires: [the clients doc]"),
        "`requires` lists endpoints, such as `POST /v1/apps`; found the",
    ),
    "requires-unknown": (
        head("endpoint: GET /things\nrequires: [POST /nowhere]"),
        "requires POST /nowhere, and no doc has that endpoint",
    ),
    "requires-itself": (
        head("endpoint: GET /selfish\nrequires: [GET /selfish]", STEP.replace("/things", "/selfish")),
        "these docs require each other: GET /selfish -> GET /selfish",
    ),
    "known-issue-key": (
        head("endpoint: GET /things\nknownIssues: [{path: /a, raeson: old}]"),
        'unknown key "raeson" of a known issue. Did you mean "reason"?',
    ),
    "no-request": (
        head("endpoint: GET /things", "Words.\n"),
        NO_REQUEST,
    ),
    "request-misspelt": (
        head("endpoint: GET /things", STEP.replace("Test Request", "Test Requets")),
        NO_REQUEST,
    ),
    "request-level-3": (
        head("endpoint: GET /things", STEP.replace("## Test", "### Test")),
        NO_REQUEST,
    ),
    "request-no-fence": (
        head("endpoint: GET /things", "## Test Request\n\nGET /things\n"),
        "no request: `Test Request` needs a `json` or `yaml` fence; it",
    ),
    "request-language": (
        head("endpoint: GET /things", STEP.replace("```yaml", "```")),
        "no request: `Test Request` needs a `json` or `yaml` fence; its",
    ),
    "request-twice": (after(STEP), "a second section with requests: the first is in line 6. Put the"),
    "unclosed-fence": (
        head("endpoint: GET /things", STEP.rstrip().removesuffix("```") + "\n## Cleanup\n\nx\n"),
        "the YAML cannot be read: while scanning a simple key, could not",
    ),
    "case-singular": (
        after("## Case\n\n```yaml\ncases: []\n```\n"),
        'nothing reads a section `Case`. Did you mean "Cases"?',
    ),
    "response-alone": (
        after("## Response\n\n```json\n{}\n```\n"),
        'nothing reads a section `Response`. Did you mean "Expected',
    ),
    "prerequisite-singular": (
        after("## Prerequisite\n\n```yaml\nsteps: []\n```\n"),
        "nothing reads a section `Prerequisite`. Did you mean",
    ),
    "teardown": (
        after("## Teardown\n\n```yaml\nsteps: []\n```\n"),
        'nothing reads a section `Teardown`. Did you mean "Cleanup"?',
    ),
    "example-comma": (
        after('## Expected Response\n\n```json\n{"a": 1,}\n```\n'),
        "the JSON cannot be read: JSON allows no comma after the last",
    ),
    "schema-type": (
        after('## Response Schema\n\n```json\n{"type": "objct"}\n```\n'),
        'in a JSON Schema: unknown `type` "objct". Did you mean "object"?',
    ),
    "schema-list": (after("## Response Schema\n\n```json\n[]\n```\n"), "a JSON Schema is a mapping, not a list."),
    "schema-required": (
        after('## Response Schema\n\n```json\n{"type": "object", "required": "id"}\n```\n'),
        "in a JSON Schema: `required` must be a list of names, but is the text",
    ),
    "schema-keyword": (
        after('## Response Schema\n\n```json\n{"type": "object", "proprties": {"a": {"type": "string"}}}\n```\n'),
        'in a JSON Schema: unknown keyword "proprties". Did you mean',
    ),
    "schema-ref": (
        after('## Response Schema\n\n```json\n{"$ref": "#/definitions/thing"}\n```\n'),
        'in a JSON Schema: `$ref` "#/definitions/thing" leads nowhere.',
    ),
    "schema-pattern": (
        after('## Response Schema\n\n```json\n{"type": "string", "pattern": "("}\n```\n'),
        "in a JSON Schema: `pattern` must be a regular expression, but is the",
    ),
    "prerequisites-json": (
        after('## Prerequisites\n\n```json\n{"steps": [{"method": "GET", "path": "/a"}]}\n```\n'),
        "`steps` are read from a `yaml` fence only: write this fence as",
    ),
    "steps-missing": (
        request("## Test Request\n\n```yaml\nmethod: GET\npath: /things\n```\n"),
        "a YAML request needs a `steps:` list; found `method`, `path`.",
    ),
    "steps-misspelt": (
        request("## Test Request\n\n```yaml\nstep:\n  - method: GET\n    path: /things\n```\n"),
        "a YAML request needs a `steps:` list; found `step`. Did you",
    ),
    "steps-empty": (
        request("## Test Request\n\n```yaml\nsteps: []\n```\n"),
        "`steps` is empty, so there is no request.",
    ),
    "steps-mapping": (
        request("## Test Request\n\n```yaml\nsteps:\n  method: GET\n  path: /things\n```\n"),
        "`steps` must be a list, but is a mapping: start every step with",
    ),
    "steps-text": (
        request("## Test Request\n\n```yaml\nsteps:\n  - GET /things\n```\n"),
        'a step must be a mapping, but is the text "GET /things".',
    ),
    "steps-yaml-broken": (
        request("## Test Request\n\n```yaml\nsteps:\n  - method: GET\n   path: /things\n```\n"),
        "the YAML cannot be read: while parsing a block collection, did",
    ),
    "key-twice": (step(PLAIN + "path: /others"), "`path` is given twice in one mapping (first in line 12): keep"),
    "method-missing": (step("path: /things"), "a step needs a `method`: add one of GET, POST, PUT, PATCH,"),
    "method-unknown": (step("method: FETCH\npath: /things"), 'unknown method "FETCH". Did you mean "PATCH"?'),
    "path-missing": (step("method: GET"), "a step needs a `path`, such as `path: /v1/clients`."),
    "path-relative": (
        step("method: GET\npath: things"),
        'the path "things" must start with "/"; the server comes from',
    ),
    "path-url": (
        step("method: GET\npath: http://127.0.0.1/things"),
        'the path "http://127.0.0.1/things" must start with "/"; the',
    ),
    "path-other": (
        step("method: GET\npath: /others"),
        "this request is GET /others, and the doc is about GET /things:",
    ),
    "method-other": (step("method: DELETE\npath: /things"), "this request is DELETE /things, and the doc is about GET"),
    "step-key": (step(PLAIN + "timout: 3"), 'unknown key "timout" of a step. Known: '),
    "step-retry": (step(PLAIN + "retry: 3"), 'unknown key "retry" of a step. A request is sent once; the'),
    "step-when": (step(PLAIN + "when: never"), 'unknown key "when" of a step. Every step runs: write `onFail`'),
    "step-status": (step(PLAIN + "status: 418"), 'unknown key "status" of a step. Write `expect: {status: 200}`.'),
    "expect-number": (step(PLAIN + "expect: 200"), "`expect` must be a mapping, but is 200: write `expect: {status:"),
    "expect-key": (
        step(PLAIN + "expect: {status: 200, jsonpath: {$.a: 1}}"),
        'unknown key "jsonpath" of `expect`. Write the expected part of',
    ),
    "expect-status-text": (
        step(PLAIN + "expect: {status: ok}"),
        "`expect.status` must be a status code (100 to 599) or a list of",
    ),
    "expect-status-range": (
        step(PLAIN + "expect: {status: 2000}"),
        "`expect.status` must be a status code (100 to 599) or a list of",
    ),
    "expect-status-2xx": (
        step(PLAIN + "expect: {status: 2xx}"),
        "`expect.status` must be a status code (100 to 599) or a list of",
    ),
    "expect-headers-list": (
        step(PLAIN + "expect: {headers: [a]}"),
        "`expect.headers` must be a mapping, but is a list.",
    ),
    "expect-schema-type": (
        step(PLAIN + "expect: {schema: {type: objct}}"),
        'in a JSON Schema: unknown `type` "objct". Did you mean "object"?',
    ),
    "expect-schema-text": (
        step(PLAIN + "expect: {schema: thing.json}"),
        "`expect.schema` must be a JSON Schema, but is the text",
    ),
    "header-regex": (
        step(PLAIN + "expect: {headers: {Content-Type: /(/}}"),
        "`expect.headers.Content-Type`: /(/ is not a regular expression:",
    ),
    "params-list": (step(PLAIN + "params: [a]"), "`params` of a step must be a mapping, but is a list."),
    "headers-mapping": (step(PLAIN + "headers: {X: {a: 1}}"), "`headers.X` must be text, but is a mapping."),
    "header-newline": (step(PLAIN + 'headers: {X: "a\\nb"}'), "step main: GET http://"),
    "token-number": (step(PLAIN + "token: [a]"), "`token` of a step must be text, but is a list."),
    "token-unknown": (step(PLAIN + "token: stff"), "no token kind 'stff': environment 'test' has none; add it under"),
    "content-type": (
        step(PLAIN + "content_type: xml"),
        'unknown `content_type` "xml". Known: form, json, multipart, text.',
    ),
    "form-list": (
        step("method: POST\npath: /things\ncontent_type: form\nbody: [1]", endpoint="POST /things"),
        "the `body` of a form must be a mapping, but is a list.",
    ),
    "file-missing": (
        step(
            "method: POST\npath: /things\ncontent_type: multipart\nfile_fields:\n  - {field_name: f, file_path: x}",
            endpoint="POST /things",
        ),
        "file 'x' cannot be looked up: environment 'test' has",
    ),
    "file-json": (
        step(
            "method: POST\npath: /things\nfile_fields:\n  - {field_name: f, file_path: x}",
            endpoint="POST /things",
        ),
        "`file_fields` is sent with `content_type: multipart` only: add",
    ),
    "onfail": (step(PLAIN + "onFail: ignore"), 'unknown `onFail` "ignore" of a step. Known: abort, continue,'),
    "sleep-negative": (step(PLAIN + "sleep: -1"), "`sleep` of a step must be a number that is not negative, but is"),
    "sleep-text": (step(PLAIN + "sleep: 1s"), "`sleep` of a step must be a number that is not negative, but is"),
    "extract-list": (step(PLAIN + "extract: [id]"), "`extract` of a step must be a mapping, but is a list."),
    "extract-broken": (
        step(PLAIN + "extract: {id: '$.a['}"),
        "`extract.id`: '$.a[' is not a path expression (RFC 9535), at",
    ),
    "variable-undefined": (
        step("method: GET\npath: /things?x={{nobody}}"),
        "undefined variable {{nobody}} in step main: nothing defines it",
    ),
    "variable-unclosed": (
        step("method: GET\npath: /things?x={{nobody"),
        "undefined variable {{nobody in step main: '{{nobody' has no",
    ),
    "variable-filter": (
        step("method: GET\npath: /things?x={{ timestamp | slice }}"),
        "undefined variable {{ timestamp | slice }} in step main:",
    ),
    "variable-single-brace": (
        step("method: GET\npath: /things?x={nobody}"),
        "undefined variable {nobody} in step main: nothing defines it",
    ),
    "variable-unquoted": (
        step(PLAIN + "params:\n  x: {{timestamp}}"),
        "the YAML cannot be read: a key that is not text (`{{name}}`",
    ),
    "placeholder-builtin": (
        step('method: POST\npath: /things\nbody: {name: "role_{timestamp}"}', endpoint="POST /things"),
        "`{timestamp}` is sent as it stands: write `{{timestamp}}` for",
    ),
    "placeholder-dollar": (
        step("method: GET\npath: /things\nheaders: {X: 'a ${timestamp}'}"),
        "`${timestamp}` is sent as it stands: write `{{timestamp}}` for",
    ),
    "placeholder-colon": (
        head("endpoint: GET /things/{id}", STEP.replace("/things", "/things/:id")),
        "`:id` is sent as it stands: write `{{id}}` for the variable. If it",
    ),
    "placeholder-prose": (
        step("method: GET\npath: /things\nparams: {email: <your email>}") + "\nReplace `<your email>` with yours.\n",
        "`<your email>` is sent as it stands, and the doc says to replace it",
    ),
    "placeholder-param": (
        step("method: GET\npath: /things\nparams: {of: 'a {client_id}'}"),
        "`{client_id}` is sent as it stands: write `{{client_id}}` for",
    ),
    "template-text": (tpl('"POST /things"'), "a request template is {method, path, body} or a body; found the"),
    "template-empty": (tpl(""), "the JSON cannot be read: Expecting value (line 10, column 1)."),
    "template-comment": (
        tpl('{"method": "POST", // why\n "path": "/things"}'),
        "the JSON cannot be read: Expecting property name enclosed in",
    ),
    "template-key": (
        tpl('{"method": "POST", "path": "/things", "bdy": {}}'),
        'unknown key "bdy" of a request template. Did you mean "body"?',
    ),
    "template-list": (
        tpl('[{"method": "POST", "path": "/things"}, {"method": "GET", "path": "/things"}]'),
        "a request template is {method, path, body} or a body; found",
    ),
    "template-variable": (
        tpl('{"method": "POST", "path": "/things", "body": {"n": {{timestamp}}}}'),
        "the JSON cannot be read: Expecting property name enclosed in",
    ),
    "template-twice": (
        tpl('{"method": "POST", "method": "PUT", "path": "/things"}'),
        "`method` is given twice in one JSON object: keep one.",
    ),
    "template-other": (
        tpl('{"method": "POST", "path": "/health"}'),
        "this request is POST /health, and the doc is about POST",
    ),
    "template-expect": (
        tpl('{"method": "POST", "path": "/things", "response": {"status": 201}}'),
        'unknown key "response" of a request template. Did you mean',
    ),
    "resolution-undefined": (
        tpl('{"method": "POST", "path": "/things", "body": {"id": "{{resolved.ghost}}"}}'),
        "undefined variable {{resolved.ghost}} in step request: nothing",
    ),
    "cases-mapping": (
        after("## Cases\n\n```yaml\ncases: {id: a}\n```\n"),
        "`Cases` needs a list under `cases:`; found a mapping: begin each",
    ),
    "cases-misspelt": (
        after("## Cases\n\n```yaml\ncasses:\n  - id: a\n```\n"),
        "`Cases` needs a list under `cases:`; found `casses`. Did you mean",
    ),
    "cases-json": (
        after('## Cases\n\n```json\n{"cases": [{"id": "a", "expect": {"status": 404}}]}\n```\n'),
        "`cases` are read from a `yaml` fence only: write this fence as",
    ),
    "cases-bare": (
        after("## Cases\n\n```yaml\n- id: taken\n  expect: {status: 409}\n```\n"),
        "`Cases` needs a list under `cases:`; found the list without it: write",
    ),
    "cases-keyed": (
        after("## Cases\n\n```yaml\ntaken:\n  expect: {status: 409}\n```\n"),
        "`Cases` needs a list under `cases:`; found `taken`. Write `cases:`",
    ),
    "case-no-id": (case("  - expect: {status: 404}\n"), "a case needs an `id`, such as `id: code-is-single-use`; it"),
    "case-id-twice": (
        case("  - id: a\n    expect: {status: 200}\n  - id: a\n    expect: {status: 200}\n"),
        'another item of this doc is called "a" already: give this case',
    ),
    "case-key": (
        case("  - id: a\n    response: {status: 418}\n"),
        'unknown key "response" of a case. Did you mean "expect"?',
    ),
    "case-change-place": (
        case("  - id: a\n    request: {/bdy/name: x}\n"),
        'a request has no "/bdy". Did you mean "body"?',
    ),
    "case-change-pointer": (
        case("  - id: a\n    request: {body/name: x}\n"),
        '"body/name" is not a JSON Pointer: write "/body/name".',
    ),
    "case-change-nowhere": (
        case("  - id: a\n    request: {/path/0: x}\n"),
        '"/path" is a text and has nothing below it; change "/path"',
    ),
    # What people bring along from Tavern, Hurl, Step CI, Postman and Bruno.
    "from-tavern": (
        fence("test_name: things\nstages:\n  - name: get\n    request: {url: /things, method: GET}"),
        "a YAML request needs a `steps:` list; found `test_name`, `stages`.",
    ),
    "from-hurl": (
        fence("GET http://localhost/things\nHTTP 200", "http"),
        "no request: `Test Request` needs a `json` or",
    ),
    "from-step-ci": (
        fence("steps:\n  - name: get\n    http: {url: /things, method: GET, check: {status: 200}}"),
        'unknown key "name" of a step. Did you mean "id"?',
    ),
    "captures": (
        step(PLAIN + "captures: {id: {jsonpath: $.id}}"),
        'unknown key "captures" of a step. Did you mean "extract"?',
    ),
    "asserts": (step(PLAIN + "asserts: ['status == 200']"), 'unknown key "asserts" of a step. Did you mean "expect"?'),
    "auth-mode": (step(PLAIN + "auth: {mode: bearer, token: x}"), "`auth` of a step must be text, but is a mapping."),
    "token-header": (step(PLAIN + "token: Bearer abc"), "no token kind 'Bearer abc': environment 'test' has none"),
    "base-url-variable": (
        step("method: GET\npath: '{{baseUrl}}/things'"),
        "undefined variable {{baseUrl}} in step main: nothing defines it; the server comes from the environment",
    ),
    "dynamic-variable": (
        step(PLAIN + "params: {id: '{{$timestamp}}'}"),
        "undefined variable {{$timestamp}} in step main: nothing defines it; did you mean {{timestamp}}",
    ),
    # Places and levels.
    "cases-level-3": (
        after("## Notes\n\n### Cases\n\n```yaml\ncases:\n  - id: a\n    expect: {status: 404}\n```\n"),
        "nothing reads `### Cases`: a section has a heading of level 2",
    ),
    "schema-level-3": (
        after('### Response Schema\n\n```json\n{"type": "string"}\n```\n'),
        "nothing reads `### Response Schema`: a section has a heading of",
    ),
    "request-level-1": (
        head("endpoint: GET /things", STEP.replace("## Test", "# Test")),
        f"{NO_REQUEST} Template`. Line 6 is not a heading of level 2",
    ),
    "request-no-space": (
        head("endpoint: GET /things", STEP.replace("## Test", "##Test")),
        f"{NO_REQUEST} Template`. Line 6 is not a heading of level 2",
    ),
    "two-docs": (
        head("endpoint: GET /things") + "\n---\nendpoint: GET /others\n---\n\n# Others\n",
        "a second doc begins here (`endpoint: GET /others`): a file holds",
    ),
    "two-methods": (head("endpoint: GET, POST /things"), 'a doc is about one method, and `endpoint` is "GET, POST'),
    "steps-in-json": (
        fence('{"steps": [{"method": "GET", "path": "/things"}]}', "json"),
        "`steps` are read from a `yaml` fence only: write this fence as",
    ),
    "response-in-request": (
        head(
            "endpoint: POST /things",
            '## Request Template\n\n```json\n{"a": 1}\n```\n\nResponse:\n\n```json\n{"id": 5}\n```\n',
        ),
        "the fence below `Response:` would be sent: an example of an answer",
    ),
    "answer-beside-steps": (
        fence("steps:\n  - method: GET\n    path: /things") + '\nIt answers\n\n```json\n{"id": 5}\n```\n',
        "this fence would be sent as the body of another request, beside the steps: an example of an answer",
    ),
    "cases-among-steps": (
        fence("steps:\n  - method: GET\n    path: /things\ncases:\n  - id: a\n    expect: {status: 404}"),
        'unknown key "cases" of a block of steps. Write them in a section',
    ),
    "expect-outside": (
        fence("steps:\n  - method: GET\n    path: /things\nexpect: {status: 418}"),
        'unknown key "expect" of a block of steps. It belongs to a step',
    ),
    "expect-a-step": (
        fence("steps:\n  - method: GET\n    path: /things\n  - expect: {status: 418}"),
        "a step needs a `method`: add one of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS. If `expect` belongs to the",
    ),
    "list-in-list": (
        fence("steps:\n  - - method: GET\n      path: /things"),
        "a step must be a mapping, but is a list.",
    ),
    # Characters.
    "tab-in-steps": (
        fence("steps:\n\t- method: GET\n\t  path: /things"),
        "the YAML cannot be read: while scanning for",
    ),
    "wide-space": (
        fence("steps:\n\u00a0\u00a0- method: GET\n\u00a0\u00a0\u00a0\u00a0path: /things"),
        "the line is indented with U+00A0, and YAML takes plain spaces only.",
    ),
    "no-width": (
        step("method: GET\npath: /things\u200b"),
        "the path holds a character that editors do not show (U+200B)",
    ),
    "no-width-endpoint": (head("endpoint: GET /things\u200b"), "`endpoint` holds a character that editors do not show"),
    "other-alphabet": (
        head("\u0435ndpoint: GET /things"),
        'expected the frontmatter key "endpoint", found "\u0435ndpoint", with U+0435',
    ),
    "curly-quotes": (
        tpl("{\u201cmethod\u201d: \u201cPOST\u201d}"),
        "the JSON cannot be read: Expecting property name enclosed in double quotes (line 9, column 2). JSON puts",
    ),
    "python-literals": (
        tpl('{"method": "POST", "path": "/things", "body": {"a": None}}'),
        "the JSON cannot be read: Expecting value (line 9, column 53). JSON writes `null`, not `None`.",
    ),
    "close-dots": (
        head("endpoint: GET /things").replace("\n---\n#", "\n...\n#"),
        "the frontmatter that starts here has no end: write a line `---`",
    ),
    # Values.
    "status-reason": (
        step(PLAIN + "expect: {status: 200 OK}"),
        "`expect.status` must be a status code (100 to 599) or",
    ),
    "status-quoted-2xx": (
        step(PLAIN + 'expect: {status: "2xx"}'),
        "`expect.status` must be a status code (100 to 599) or a list of",
    ),
    "body-key-twice": (
        step("method: POST\npath: /things\nbody: {a: 1, a: 2}", endpoint="POST /things"),
        "`a` is given twice in one mapping (first in line 13): keep one.",
    ),
    "case-path-misspelt": (
        case("  - id: a\n    request: {/pth: /thingz}\n    expect: {status: 200}\n"),
        'a request has no "/pth". Did you mean "path"?',
    ),
    "case-path-relative": (
        case("  - id: a\n    request: {/path: things}\n    expect: {status: 200}\n"),
        'the path "things" of \'/path\' must start with "/"; the server comes',
    ),
    "case-path-url": (
        case("  - id: a\n    request: {/path: http://127.0.0.1/things}\n    expect: {status: 200}\n"),
        'the path "http://127.0.0.1/things" of \'/path\' must start with "/";',
    ),
    "case-method-unknown": (
        case("  - id: a\n    request: {/method: GTE}\n    expect: {status: 200}\n"),
        'unknown method "GTE" in \'/method\'. Did you mean "GET"?',
    ),
    "case-dots": (
        case("  - id: a\n    request: {$.body.name: x}\n    expect: {status: 200}\n"),
        '"$.body.name" is not a JSON Pointer: write "/body/name".',
    ),
    "case-after": (case("  - id: a\n    after: first\n"), 'unknown `after` "first" of a case. Known: main.'),
}

TOLD: dict[str, tuple[str | bytes, str]] = {
    "tags-text": (
        head("endpoint: GET /things\ntags: one, two"),
        '`tags` must be a list, but is the text "one, two": write `tags:',
    ),
    "tags-mapping": (
        head("endpoint: GET /things\ntags: {one: two}"),
        "`tags` must be a list, but is a mapping: write `tags: [one,",
    ),
    "known-issue-no-path": (
        head("endpoint: GET /things\nknownIssues: [{reason: old}]"),
        "a known issue needs a `path`, a JSON Pointer with `*` for any",
    ),
    "date-wrong": (
        head("endpoint: GET /things\nskipUntil: soon"),
        '`skipUntil` must be an ISO 8601 date, but is the text "soon":',
    ),
    "list-unclosed": (
        head("endpoint: GET /things\nowner: [a"),
        "the frontmatter is not valid YAML (line 3, column 8: while",
    ),
    "tab-indented": (
        head("endpoint: GET /things\ntags:\n\t- a"),
        "the frontmatter is not valid YAML (line 4, column 1: while",
    ),
    "skip-no-reason": (
        head("endpoint: GET /things\nstatus: skip"),
        'no reason recorded: add `skipReason: "..."` that says why, and',
    ),
    "example-yaml": (
        after("## Expected Response\n\n```yaml\na: 1\n```\n"),
        "`Expected Response` has no `json` fence, so nothing is checked",
    ),
    "example-no-fence": (
        after("## Expected Response\n\nA list of things.\n"),
        "`Expected Response` has no `json` fence, so nothing is checked",
    ),
    "schema-text": (after("## Response Schema\n\nAn object.\n"), "`Response Schema` has no JSON or YAML fence."),
    "cleanup-no-steps": (
        after("## Cleanup\n\n```yaml\n- method: DELETE\n  path: /things/1\n```\n"),
        "this YAML under `Cleanup` has no `steps:` list, so it does not",
    ),
    "expect-body-empty": (
        step(PLAIN + "expect: {body: {data: []}}"),
        "`[]` in `expect.body` says that there is a list, whatever is in",
    ),
    "expect-mixed": (
        step(PLAIN + "expect: {status: [200, 409]}"),
        "`expect.status` accepts both a success and an error (200, 409):",
    ),
    "expect-empty": (step(PLAIN + "expect: {}"), "`expect` is empty, so any 2xx passes: write what is expected,"),
    "placeholder-angle": (
        step('method: POST\npath: /things\nbody: {email: "<your email>"}', endpoint="POST /things"),
        "`<your email>` is sent as it stands: if it is to be replaced,",
    ),
    "body-json-text": (
        step("method: POST\npath: /things\nbody: '{\"a\": 1}'", endpoint="POST /things"),
        "`body` is a text that holds JSON, and is sent as a JSON string",
    ),
    "body-json-block": (
        step('method: POST\npath: /things\nbody: |\n  {"a": 1}', endpoint="POST /things"),
        "`body` is a text that holds JSON, and is sent as a JSON string",
    ),
    "schema-in-notes": (
        after('## Notes\n\n### Response Schema\n\n```json\n{"type": "string"}\n```\n'),
        "nothing reads `### Response Schema`: a section has a heading of",
    ),
    "status-empty": (step(PLAIN + "expect: {status: }"), "`expect.status` is empty, so any 2xx passes: write the"),
    "expect-nothing": (step(PLAIN + "expect:"), "`expect` is empty, so any 2xx passes: write what is expected"),
    "status-quoted": (
        step(PLAIN + 'expect: {status: "200"}'),
        "`expect.status` is a number: write 200 without quotes.",
    ),
    "endpoint-colon": (
        head("endpoint: GET /things/:id", STEP.replace("/things", "/things/{{timestamp}}")),
        "`:id` is taken literally: a parameter of a path is written `{id}`.",
    ),
    "method-small": (head("endpoint: get /things"), 'write the method in capitals: "GET", not "get".'),
    "template-null": (tpl("null"), "the request template is null: no request recorded. Put {method,"),
    "case-learning": (
        case("  - id: a\n    learning: 4\n    expect: {status: 200}\n"),
        "there is no Critical Learning 4: the doc has 0.",
    ),
    "case-nothing": (case("  - id: a\n"), "the case changes nothing and expects nothing of its own."),
}


# What only the environment or a built-in's absence can show: lint, which knows of none, finds nothing.
ONLY_IN_A_RUN = frozenset(
    [
        "header-newline",
        "token-unknown",
        "file-missing",
        "token-header",
        "base-url-variable",
        "dynamic-variable",
        "placeholder-param",
        "variable-undefined",
        "variable-unclosed",
        "variable-filter",
        "variable-single-brace",
        "resolution-undefined",
    ]
)


@pytest.fixture
def wrong_docs(project):
    """A project that has all of them."""
    for name, (doc, _) in {**FAILING, **TOLD}.items():
        file = project.write(f"endpoints/{name}.md", "")
        file.write_bytes(doc if isinstance(doc, bytes) else doc.encode())
    project.environment("params: {client_id: cli_1}\n")
    project.server.on("GET /things", 200, {"data": [1]})
    return project


# Right docs that look odd: none of them fails, and nothing is told.
RIGHT: dict[str, str | bytes] = {
    "byte-order-mark-and-crlf": ("\ufeff" + head("endpoint: GET /things")).replace("\n", "\r\n").encode(),
    "carriage-returns": head("endpoint: GET /things").replace("\n", "\r").encode(),
    "tildes": head("endpoint: GET /things", STEP.replace("```", "~~~")),
    "underlined-heading": head("endpoint: GET /things", STEP.replace("## Test Request", "Test Request\n------------")),
    "fence-in-a-list": head(
        "endpoint: GET /things",
        "## Test Request\n\n1. Send:\n\n   ```yaml\n   steps:\n     - method: GET\n       path: /things\n   ```\n",
    ),
    "steps-below-headings-of-their-own": request(
        "## Test Request\n\n### Prerequisites\n\n```yaml\nsteps:\n  - method: GET\n    path: /before\n```\n\n"
        "### Test Request\n\n```yaml\nsteps:\n  - method: GET\n    path: /things\n```\n"
    ),
    "merged-mappings": fence("steps:\n  - &a\n    method: GET\n    path: /things\n  - <<: *a\n    headers: {X: y}"),
    "json-frontmatter": head('{"endpoint": "GET /things"}'),
}


def test_the_table_is_long():
    assert len(FAILING) + len(TOLD) >= 60


def test_right_docs_that_look_odd_pass(project):
    for name, doc in RIGHT.items():
        file = project.write(f"endpoints/{name}.md", "")
        file.write_bytes(doc if isinstance(doc, bytes) else doc.encode())
    project.environment()
    result = project.run("endpoints")
    result.assert_outcomes(passed=len(RIGHT))
    result.stdout.no_fnmatch_line("*warning*")


def test_an_extract_that_selects_nothing_and_that_nothing_needs_is_noted(project):
    project.write("endpoints/things.md", step(PLAIN + "extract: {uid: response.uid}"))
    project.server.on("GET /things", 200, {"data": [{"uid": 7}]})
    project.run("endpoints", "--endpoint-results", "results.json").assert_outcomes(passed=1)
    (item,) = json.loads((project.root / "results.json").read_text())["items"]
    (note,) = item["notes"]
    assert note == (
        "endpoints/things.md:13: uid has no value: extracted by step main with response.uid, which selected nothing; "
        "there is `$.data[0].uid`"
    )


def test_an_extract_from_an_answer_that_is_not_json_and_that_nothing_needs_is_noted(project):
    project.write("endpoints/things.md", step(PLAIN + "extract: {uid: response.uid}"))
    project.server.on("GET /things", 200, None)
    project.run("endpoints", "--endpoint-results", "results.json").assert_outcomes(passed=1)
    (item,) = json.loads((project.root / "results.json").read_text())["items"]
    (note,) = item["notes"]
    assert (
        note == "uid has no value: extracted by step main with response.uid, which answered with no content, not JSON"
    )


def test_a_folder_that_pytest_does_not_look_into_is_told(project):
    project.get()
    project.write("endpoints/build/jobs.md", head("endpoint: GET /jobs", STEP.replace("things", "jobs")))
    result = project.run("endpoints")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["1 Markdown file in endpoints/build gave no test: pytest's `norecursedirs` has build; name the folder *"]
    )
    project.run("endpoints", "endpoints/build").stdout.no_fnmatch_line("*norecursedirs*")
    project.write("test_own.py", "def test_own(endpoint_case):\n    endpoint_case.run()\n")
    over_all = project.run("test_own.py")
    over_all.assert_outcomes(passed=2)
    over_all.stdout.no_fnmatch_line("*norecursedirs*")


def test_every_wrong_doc_fails_or_is_told_in_a_run(wrong_docs):
    wrong_docs.run("endpoints", "-q", "--endpoint-results", "results.json")
    results = json.loads((wrong_docs.root / "results.json").read_text())
    items: dict[str, list[dict]] = {}
    for item in results["items"]:
        items.setdefault(item["doc"].removeprefix("endpoints/").removesuffix(".md"), []).append(item)
    assert items.keys() == {*FAILING, *TOLD}
    for name, (_, message) in FAILING.items():
        broken = [item for item in items[name] if item["outcome"] in ("failed", "error")]
        assert broken, f"{name} does not fail"
        assert f": {message}" in broken[0]["verdict"], name
    passed = [item for item in results["items"] if item["outcome"] == "passed"]
    assert len(wrong_docs.server.requests) == len(passed), "an item that fails sends something"
    for name, (_, message) in TOLD.items():
        found = [finding["message"] for item in items[name] for finding in item.get("findings", [])]
        assert any(text.startswith(message) for text in found), f"{name} passes without a word: {found}"


def test_every_wrong_doc_is_found_by_lint(wrong_docs, capsys, monkeypatch):
    monkeypatch.chdir(wrong_docs.root)
    assert main(["lint", "--format", "json"]) == 1
    found: dict[str, list[dict]] = {}
    for finding in json.loads(capsys.readouterr().out):
        found.setdefault(finding["path"].removeprefix("endpoints/").removesuffix(".md"), []).append(finding)
    for name, (_, message) in {**FAILING, **TOLD}.items():
        if name in ONLY_IN_A_RUN:
            assert not [finding for finding in found.get(name, []) if finding["severity"] == "error"], name
            continue
        told = [finding for finding in found.get(name, []) if finding["message"].startswith(message)]
        assert told, f"lint finds nothing in {name}: {found.get(name)}"
        assert name in TOLD or told[0]["severity"] == "error", name
        assert told[0]["line"] >= 1
