# SPDX-License-Identifier: MIT
"""Code, schemas/openapi.json and docs/http-api.md say the same: every route, parameter and member of a record is in all
of them or in none."""

import json
import re

import pytest
from als_validate import ROOT

OPENAPI = json.loads((ROOT / "schemas/openapi.json").read_text())
DOCS = (ROOT / "docs/http-api.md").read_text()
ROUTES = (ROOT / "gateway/routes.c").read_text()
METHODS = ("get", "post", "put", "delete", "patch")

# How a handler names a query parameter that it reads: a row of `struct param`, a list of such names, or a call.
READS = [
    r'\{\s*\.name = "(\w+)"\s*[,}]',
    r'form_get\([^;]*?, "(\w+)"\)',
    r'(?:read_flag|read_choice|each_value|param_get|flag_of|is_true)\(\w+(?:->\w+)*,\s*"(\w+)"',
]
LISTS = r'const char \*const names\[PARAMS\] = \{([^}]*)\}'


def followed(value):
    while isinstance(value, dict) and value.get("$ref", "").startswith("#/"):
        target = OPENAPI
        for step in value["$ref"][2:].split("/"):
            target = target[step]
        value = target
    return value


def operations():
    return {(method.upper(), path): operation for path, methods in OPENAPI["paths"].items()
            for method, operation in methods.items() if method in METHODS}


def parameters(operation, *places):
    return [p["name"] for p in map(followed, operation.get("parameters", [])) if p["in"] in places]


def routes():
    rows = re.findall(r'^\s*\{"([A-Z]+)", "([^"]+)", "[^"]*", (SCOPE_\w+)', ROUTES, re.M)
    return {(method, re.sub(r":(\w+)", r"{\1}", path)): scope for method, path, scope in rows}


def sections():
    """Of the page: the text under each `### METHOD /path`."""
    parts = re.split(r"^### ([A-Z]+) (\S+)\n", DOCS, flags=re.M)
    return {(method, path): re.split(r"^## ", text, flags=re.M)[0]
            for method, path, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)}


def code():
    files = [*(ROOT / "gateway").glob("*.c"), *(ROOT / "schemas").glob("selection*.c")]
    return "\n".join(path.read_text() for path in sorted(files))


def read_by_the_code():
    text = code()
    names = {name for pattern in READS for name in re.findall(pattern, text)}
    names |= {name for words in re.findall(LISTS, text) for name in re.findall(r'"(\w+)"', words)}
    names |= set(re.findall(r'\[SELECT_\w+\] = \{"(\w+)"', text)) - {"metadata"}
    return names


def in_openapi():
    return {name for operation in operations().values() for name in parameters(operation, "query")}


def test_the_table_of_routes_is_read():
    assert len(routes()) == len(re.findall(r'^\s*\{"[A-Z]+", ', ROUTES, re.M)) > 15


def test_every_route_is_described():
    missing = routes().keys() - operations().keys()
    assert not missing, f"gateway/routes.c serves {sorted(missing)}: add them to `paths` in schemas/openapi.json"


def test_everything_described_is_served():
    extra = operations().keys() - routes().keys()
    assert not extra, f"schemas/openapi.json has {sorted(extra)}, which gateway/routes.c does not serve"


def test_the_page_has_a_section_for_every_operation_and_no_other():
    missing, extra = operations().keys() - sections().keys(), sections().keys() - operations().keys()
    assert not missing, f"docs/http-api.md lacks a section `### METHOD /path` for {sorted(missing)}"
    assert not extra, f"docs/http-api.md has sections of {sorted(extra)}, which schemas/openapi.json does not describe"


def test_every_scope_is_told():
    for key, scope in routes().items():
        name = scope.removeprefix("SCOPE_").lower()
        told = operations()[key].get("description", "")
        assert (f"Scope `{name}`" in told) == (name != "none"), f"{key}: say \"Scope `{name}`.\" in schemas/openapi.json"
        assert (f"Scope `{name}`" in sections()[key]) == (name != "none"), f"{key}: say it in docs/http-api.md too"


def test_every_parameter_that_the_code_reads_is_described():
    missing = read_by_the_code() - in_openapi()
    assert not missing, (f"the code reads the query parameters {sorted(missing)}: add them in schemas/openapi.json "
                         "(components/parameters, and the operation) and in docs/http-api.md")


def test_every_parameter_described_is_read():
    literals = set(re.findall(r'"([\w.]+)"', code())) | {"metadata.path"}
    extra = in_openapi() - literals
    assert not extra, f"schemas/openapi.json has the query parameters {sorted(extra)}, which no code in gateway/ names"


@pytest.mark.parametrize("key", sorted(operations()), ids=" ".join)
def test_the_page_names_every_parameter_of_the_operation_and_no_other(key):
    text, operation = sections()[key], operations()[key]
    wanted = parameters(operation, "query", "path")
    missing = [name for name in wanted if f"`{name}`" not in text]
    assert not missing, f"docs/http-api.md, {' '.join(key)}: name the parameters {missing}"
    rows = re.findall(r"^\| `([^`]+)` \| (query|path) \|", text, re.M)
    extra = [name for name, _ in rows if name not in wanted]
    assert not extra, f"docs/http-api.md, {' '.join(key)}: schemas/openapi.json does not have {extra}"


def test_every_member_of_a_record_is_on_the_page():
    table = DOCS.split("## The record")[1].split("## Filters")[0]
    given = json.loads((ROOT / "schemas/activity-log.schema.json").read_text())["$defs"]["record"]["properties"]
    shown = json.loads((ROOT / "schemas/enriched.schema.json").read_text())["properties"]
    for name in [*given, *shown.keys() - {"hash", "src"}, *shown["enriched"]["properties"]]:
        assert f"`{name}`" in table, f"docs/http-api.md, The record: {name} of schemas/ is not there"
    for name in re.findall(r"^\| (.*?) \|", table, re.M)[2:]:
        for member in re.findall(r"`(\w+)`", name):
            assert member in given, f"docs/http-api.md, The record: {member} is not in schemas/activity-log.schema.json"


def test_every_member_of_a_record_is_in_the_code():
    given = json.loads((ROOT / "schemas/activity-log.schema.json").read_text())["$defs"]["record"]["properties"]
    literals = set(re.findall(r'"(\w+)"', "\n".join(path.read_text() for path in (ROOT / "schemas").glob("record*.[ch]"))))
    assert not given.keys() - literals, "schemas/activity-log.schema.json has members that schemas/record*.c does not name"


def test_what_is_shown_of_a_log_is_what_the_schema_has():
    shown = json.loads((ROOT / "schemas/enriched.schema.json").read_text())["properties"].keys()
    assert set(OPENAPI["components"]["schemas"]["Log"]["properties"]) == shown - {"hash", "src"}
