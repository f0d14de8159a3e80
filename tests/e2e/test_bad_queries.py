# SPDX-License-Identifier: MIT
"""What reading routes say to bad input: the stated 400 with all faults, never a 500, and nothing where a range is empty."""

import pytest
from jsonschema import Draft202012Validator

import als
from als import record

READING = ("/logs", "/logs/histogram", "/logs/facets?field=service", "/users/ada/timeline")
FILTERED = (*READING, "/logs/export", "/logs/tail", "/stats/top?field=userId", "/stats/unique?field=userId")

MUST_DATE, MUST_ISO = "must be a valid date", "must be in ISO 8601 date format"
SEVERITIES = "must be one of [info, warn, error, critical]"

# What every route with filters refuses: query, then (field, message) of all faults.
FILTERS = [
    ("startDate=2026&startDate=2026", [("startDate", MUST_DATE)]),
    ("endDate=2026&endDate=2027", [("endDate", MUST_DATE)]),
    ("startDate=x&endDate=2026-02-30", [("startDate", MUST_ISO), ("endDate", MUST_ISO)]),
    ("startDate=10000-01-01", [("startDate", MUST_ISO)]), ("startDate=-1", [("startDate", MUST_ISO)]),
    ("startDate!=2026", [("startDate", "is not allowed to be negated")]),
    ("startDate[$gt]=2026", [("startDate", MUST_DATE)]),
    ("service[$ne]=x", [("service", "must be a string")]), ("service%5B%24regex%5D=.*", [("service", "must be a string")]),
    ("action[]=a&action[]=b", [("action", "must be a string")]), ("tag[$where]=1", [("tag", "must be a string")]),
    ("severity[$in]=info", [("severity", SEVERITIES), ("severity", "must be a string")]),
    ("severity=", [("severity", SEVERITIES), ("severity", "is not allowed to be empty")]),
    ("severity=INFO&severity=info", [("severity", SEVERITIES)]), ("severity!=fatal", [("severity", SEVERITIES)]),
    ("severity=in*", [("severity", SEVERITIES)]), ("outcome=ok", [("outcome", "must be one of [success, failure, none]")]),
    ("service=&action=", [("service", "is not allowed to be empty"), ("action", "is not allowed to be empty")]),
    ("service=a&service=", [("service", "is not allowed to be empty")]),
    ("service=%FF", [("service", "must be a string")]), ("q=%C3", [("q", "must be a string")]),
    ("q=", [("q", "is not allowed to be empty")]), ("q=a&q=b", [("q", "must be a string")]), ("q!=a", [("q", "is not allowed to be negated")]),
    ("q=" + "x" * 201, [("q", "length must be less than or equal to 200 characters long")]),
    ("q=" + "+".join("abcdefghijk"), [("q", "must contain less than or equal to 10 items")]),
    ("&".join(f"tag={n}" for n in range(51)), [("tag", "must contain less than or equal to 50 items")]),
    ("&".join(f"metadata.m{n}=1" for n in range(50)), [("metadata", "must contain less than or equal to 40 items")]),
    ("metadata.$where=1", [("metadata", "fails to match the required pattern")]),
    ("metadata.a.$gt=1", [("metadata", "fails to match the required pattern")]),
    ("metadata.a%00b=1", [("metadata", "fails to match the required pattern")]),
    ("metadata.=1", [("metadata", "fails to match the required pattern")]),
    ("metadata[a]=1", [("metadata", "fails to match the required pattern")]),
    ("metadata.a[$ne]=1", [("metadata.a", "must be a string")]), ("metadata.a=", [("metadata.a", "is not allowed to be empty")]),
    ("metadata." + "a" * 201 + "=1", [("metadata", "fails to match the required pattern")]),
]

SAFE, MUST_NUMBER = "must be a safe number", "must be a number"
PAGES = [
    ("limit=0", [("limit", "must be greater than or equal to 1")]), ("limit=-5", [("limit", "must be greater than or equal to 1")]),
    ("limit=1001", [("limit", "must be less than or equal to 1000")]),
    ("limit=1000000000000", [("limit", "must be less than or equal to 1000")]), ("limit=" + "9" * 30, [("limit", SAFE)]),
    ("limit=1.5", [("limit", "must be an integer")]), ("limit=ten", [("limit", MUST_NUMBER)]), ("limit=", [("limit", MUST_NUMBER)]),
    ("limit=1&limit=2", [("limit", MUST_NUMBER)]), ("limit[$gt]=1", [("limit", MUST_NUMBER)]), ("limit=NaN", [("limit", MUST_NUMBER)]),
    ("cursor=a&cursor=b", [("cursor", "must be a string")]), ("cursor=", [("cursor", "is not valid")]),
    ("cursor=x", [("cursor", "is not valid")]), ("cursor=" + "A" * 500, [("cursor", "is not valid")]),
    ("cursor=%00", [("cursor", "is not valid")]), ("cursor=%F0%9F%98%80", [("cursor", "is not valid")]),
]

OF_ONE_ROUTE = [("/logs", *case) for case in PAGES] + [("/users/ada/timeline", *case) for case in PAGES] + [
    ("/logs", "page=0", [("page", "must be greater than or equal to 1")]), ("/logs", "page=1&page=1", [("page", MUST_NUMBER)]),
    ("/logs", "page=" + "9" * 20, [("page", SAFE)]), ("/logs", "count=all", [("count", "must be one of [exact, none]")]),
    ("/logs", "sort=service", [("sort", "must be one of [timestamp, -timestamp]")]),
    ("/logs", "sort=timestamp&sort=timestamp", [("sort", "must be one of [timestamp, -timestamp]")]),
    ("/logs", "fields=", [("fields", "fails to match the required pattern")]),
    ("/logs", "fields=$where", [("fields", "fails to match the required pattern")]),
    ("/logs", "fields=a&fields=b", [("fields", "must be a string")]),
    ("/logs", "fields=" + ",".join(f"f{n}" for n in range(51)), [("fields", "must contain less than or equal to 50 items")]),
    ("/logs", "service[a]=1&severity=x&page=0&limit=x",
     [("service", "must be a string"), ("severity", SEVERITIES), ("page", "must be greater than or equal to 1"), ("limit", MUST_NUMBER)]),
    ("/logs/histogram", "interval=week", [("interval", "must be one of [auto, minute, hour, day]")]),
    ("/logs/histogram", "interval=hour&interval=hour", [("interval", "must be one of [auto, minute, hour, day]")]),
    ("/logs/histogram", "by=userId", [("by", "must be one of [severity, service, action, outcome]")]),
    ("/logs/histogram", "by[]=service&interval=", [("interval", "must be one of [auto, minute, hour, day]"),
                                                   ("by", "must be one of [severity, service, action, outcome]")]),
    ("/logs/facets", "", [("field", "is required")]),
    ("/users/%FF/timeline", "", [("id", "must be a string")]),
]


def faults(answer):
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert (body["success"], body["error"]) == (False, "Validation Error")
    return [(detail["field"], detail["message"]) for detail in body["details"]]


def get(client, path, query):
    return client.get(f"{path}{'&' if '?' in path else '?'}{query}")


def worded(expected):
    return [(field, f'"{field}" {message}') for field, message in expected]


@pytest.mark.parametrize("query, expected", FILTERS, ids=[query[:40] for query, _ in FILTERS])
@pytest.mark.parametrize("path", FILTERED)
def test_every_route_refuses_a_bad_filter(gateway, path, query, expected):
    assert faults(get(gateway, path, query)) == worded(expected)


@pytest.mark.parametrize("path, query, expected", OF_ONE_ROUTE, ids=[f"{path} {query[:30]}" for path, query, _ in OF_ONE_ROUTE])
def test_a_route_refuses_its_own(gateway, path, query, expected):
    assert faults(get(gateway, path, query)) == worded(expected)


@pytest.mark.parametrize("query", ["field=colour", "field=", "field=service,", "field=service,metadata", "field=service&field=action",
                                   "field[]=service"])
def test_facets_know_their_fields(gateway, query):
    [(field, message)] = faults(gateway.get(f"/logs/facets?{query}"))
    assert field == "field" and message.startswith('"field" must be one of [service, action, userId, severity, ')


EMPTY = ["startDate=2025&endDate=2024", "startDate=9999-12-31T23:59:59.999Z", "endDate=0000", "startDate=0000&endDate=0001",
         "startDate=9999-01-01&endDate=9999-02-01"]


@pytest.fixture(scope="module")
def logs(shared_gateway):
    shared_gateway.batch_accepted([record(userId="ada") for _ in range(3)])
    shared_gateway.wait_total(3)
    return shared_gateway


@pytest.mark.parametrize("query", EMPTY)
def test_a_range_without_logs_is_empty_and_no_error(logs, query):
    answer = logs.get(f"/logs?{query}")
    assert (answer.status_code, answer.json()["data"], answer.json()["pagination"]["total"]) == (200, [], 0)
    answer = logs.get(f"/logs/facets?field=service,userId&{query}")
    assert (answer.status_code, answer.json()["data"]) == (200, {"service": [], "userId": []})
    answer = logs.get(f"/users/ada/timeline?{query}")
    assert (answer.status_code, answer.json()["data"]) == (200, [])
    answer = logs.get(f"/logs/histogram?{query}")
    assert answer.status_code == 200
    assert not any(n for point in answer.json()["data"] for n in point["counts"].values())


def test_all_of_time_is_a_range(logs):
    every = "startDate=0000&endDate=9999-12-31T23:59:59.999Z"
    assert logs.get(f"/logs?{every}").json()["pagination"]["total"] == 3
    assert logs.get(f"/users/ada/timeline?{every}").json()["data"][0]["count"] == 3
    assert logs.get(f"/logs/facets?field=userId&{every}").json()["data"] == {"userId": [{"value": "ada", "count": 3}]}


TEN = "a b c d e f g h i j"


@pytest.mark.parametrize("words", ["a", " a\tb ", " ", "\t\r\n", "\u00a0", "\u00e4 \U00010348", TEN, f" {TEN}  ", TEN + " k", "x" * 200, "x" * 201])
def test_words_are_taken_exactly_as_the_document_says(logs, words):
    documented = als.json.loads((als.ROOT / "schemas/openapi.json").read_text())["components"]
    of_query, of_body = documented["parameters"]["q"]["schema"], documented["schemas"]["DeletionFilter"]["oneOf"][0]["properties"]["q"]
    for answer, schema in ((logs.get("/logs", params={"q": words}), of_query),
                           (logs.post("/admin/deletions", params={"dryRun": "true"}, json={"q": words}), of_body)):
        assert answer.status_code == (200 if Draft202012Validator(schema).is_valid(words) else 400), answer.text


OPERATORS = [
    "userId={\"$ne\":null}", "userId=$ne", "service=/.*/", "service=.*", "action=^", "tag=$gt", "q=$where", "q=.*", "q=[a", "q=(", "q=%5C",
    "metadata.a=$ne", "metadata.a=.**", "metadata.a=(*", "tag=[*", "ip=%5C*", "userId=%00", "userId=%00*", "q=%00",
    "metadata.constructor=1", "metadata.__proto__=1", "country=' or 1=1 --"]


@pytest.mark.parametrize("path, query", [(path, query) for path in READING for query in OPERATORS
                                         if "userId" not in query or "timeline" not in path])  # whose user is in its path
def test_operators_in_values_are_text(logs, path, query):
    answer = get(logs, path, query)
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert data in ([], {"service": []})


@pytest.mark.parametrize("query", ["tenant=default", "colour=red", "_id=x", "=x", "&&&", "metadata=x", "a[b]=c", "%zz=1", "expireAt=1"])
@pytest.mark.parametrize("path", READING)
def test_unknown_names_count_for_nothing(logs, path, query):
    plain, same = get(logs, path, ""), get(logs, path, query)
    assert same.status_code == 200
    assert same.json()["data"] == plain.json()["data"]


def test_a_very_long_query_is_answered(logs):
    """By h2o, when it is beyond what a request line may hold."""
    for length in (1000, 7000, 50000):
        try:
            status = logs.get("/logs?service=" + "x" * length).status_code
        except als.httpx.TransportError:
            status = 400
        assert status in (200, 400, 413, 414, 431)
    assert logs.get("/logs").status_code == 200
