# SPDX-License-Identifier: MIT
"""Bad requests: each gets its answer, word for word, and the next request works."""

import json

import pytest

import als
from als import record

STRING = '"{0}" must be a string'.format
OBJECT = '"{0}" must be of type object'.format
EMPTY = '"{0}" is not allowed to be empty'.format
REQUIRED = '"{0}" is required'.format
ONE_OF_SEVERITY = '"severity" must be one of [info, warn, error, critical]'
ISO = '"{0}" must be in ISO 8601 date format'.format
DATE = '"{0}" must be a valid date'.format


def long(field, limit):
    return f'"{field}" length must be less than or equal to {limit} characters long'


def without(field):
    return {name: value for name, value in record().items() if name != field}


# what is sent, and the faults, as (field, message)
FAULTS = [
    (without("service"), [("service", REQUIRED("service"))]),
    (without("action"), [("action", REQUIRED("action"))]),
    ({}, [("service", REQUIRED("service")), ("action", REQUIRED("action"))]),
    (record(service=""), [("service", EMPTY("service"))]),
    (record(action=""), [("action", EMPTY("action"))]),
    (record(userId=""), [("userId", EMPTY("userId"))]),
    (record(service="x" * 101), [("service", long("service", 100))]),
    (record(action="x" * 201), [("action", long("action", 200))]),
    (record(userId="x" * 101), [("userId", long("userId", 100))]),
    (record(service="ü" * 101), [("service", long("service", 100))]),
    (record(service="😀" * 101), [("service", long("service", 100))]),
    ({**record(), "service": None}, [("service", STRING("service"))]),
    ({**record(), "action": None}, [("action", STRING("action"))]),
    ({**record(), "userId": None}, [("userId", STRING("userId"))]),
    (record(service=5), [("service", STRING("service"))]),
    (record(action=True), [("action", STRING("action"))]),
    (record(userId=5), [("userId", STRING("userId"))]),
    (record(userId=["u"]), [("userId", STRING("userId"))]),
    (record(userId={"$ne": "u"}), [("userId", STRING("userId"))]),
    (record(metadata="x"), [("metadata", OBJECT("metadata"))]),
    (record(metadata=[]), [("metadata", OBJECT("metadata"))]),
    (record(metadata=5), [("metadata", OBJECT("metadata"))]),
    ({**record(), "metadata": None}, [("metadata", OBJECT("metadata"))]),
    (record(severity="fatal"), [("severity", ONE_OF_SEVERITY)]),
    (record(severity="INFO"), [("severity", ONE_OF_SEVERITY)]),
    (record(severity=5), [("severity", ONE_OF_SEVERITY), ("severity", STRING("severity"))]),
    ({**record(), "severity": None}, [("severity", ONE_OF_SEVERITY), ("severity", STRING("severity"))]),
    (record(severity=""), [("severity", ONE_OF_SEVERITY), ("severity", EMPTY("severity"))]),
    (record(timestamp="yesterday"), [("timestamp", ISO("timestamp"))]),
    (record(timestamp="2026-02-30"), [("timestamp", ISO("timestamp"))]),
    (record(timestamp="2025-02-29T10:00:00Z"), [("timestamp", ISO("timestamp"))]),
    (record(timestamp="2026-13-01"), [("timestamp", ISO("timestamp"))]),
    (record(timestamp="2026-11-22T24:00:00Z"), [("timestamp", ISO("timestamp"))]),
    (record(timestamp="2026-11-22T23:59:60Z"), [("timestamp", ISO("timestamp"))]),
    (record(timestamp="2026-11-22T10:00:00+2"), [("timestamp", ISO("timestamp"))]),
    (record(timestamp="2026-11-22 T10:00:00Z"), [("timestamp", ISO("timestamp"))]),
    (record(timestamp="1763805600000"), [("timestamp", ISO("timestamp"))]),
    (record(timestamp=1763805600000), [("timestamp", DATE("timestamp"))]),
    (5, [("", OBJECT("value"))]),
    ("text", [("", OBJECT("value"))]),
    (True, [("", OBJECT("value"))]),
    (None, [("", OBJECT("value"))]),
    ([], [("", '"value" must contain at least 1 items')]),
    ([5], [("0", OBJECT("[0]"))]),
    ([record(), None], [("1", OBJECT("[1]"))]),
    ([record(), []], [("1", OBJECT("[1]"))]),
    ([record(), without("action")], [("1.action", REQUIRED("[1].action"))]),
    ([{**record(), "severity": 5}], [("0.severity", '"[0].severity" must be one of [info, warn, error, critical]'),
                                     ("0.severity", STRING("[0].severity"))]),
    ([{}, record(), record(userId="")], [
        ("0.service", REQUIRED("[0].service")), ("0.action", REQUIRED("[0].action")), ("2.userId", EMPTY("[2].userId"))]),
    (record(outcome="maybe"), [("outcome", '"outcome" must be one of [success, failure]')]),
    (record(message="x" * 2001), [("message", long("message", 2000))]),
    (record(message=5), [("message", STRING("message"))]),
    (record(tags="a"), [("tags", '"tags" must be an array')]),
    (record(tags=["a"] * 21), [("tags", '"tags" must contain less than or equal to 20 items')]),
    (record(tags=["a", "b" * 51]), [("tags.1", long("tags[1]", 50))]),
    (record(tags=[5]), [("tags.0", STRING("tags[0]"))]),
    (record(actor="ada"), [("actor", OBJECT("actor"))]),
    (record(actor={"id": 5}), [("actor.id", STRING("actor.id"))]),
    (record(resource=[]), [("resource", OBJECT("resource"))]),
    (record(ip=5), [("ip", STRING("ip"))]),
    (record(sessionId=5), [("sessionId", STRING("sessionId"))]),
    # all faults in one answer, in the contract's order, whatever order they are sent in
    ({"timestamp": "x", "severity": "x", "metadata": 1, "userId": "", "action": 5},
     [("service", REQUIRED("service")), ("action", STRING("action")), ("userId", EMPTY("userId")),
      ("metadata", OBJECT("metadata")), ("severity", ONE_OF_SEVERITY), ("timestamp", ISO("timestamp"))]),
    ({"outcome": "x", "message": 5, "service": "x" * 101},
     [("service", long("service", 100)), ("action", REQUIRED("action")),
      ("outcome", '"outcome" must be one of [success, failure]'), ("message", STRING("message"))]),
]


def check_details(answer, faults):
    body = answer.json()
    assert answer.status_code == 400, answer.text
    assert (body["success"], body["error"], body["code"]) == (False, "Validation Error", "validation_error")
    assert [(fault["field"], fault["message"]) for fault in body["details"]] == faults
    assert body["requestId"]


@pytest.mark.parametrize("body, faults", FAULTS, ids=lambda value: json.dumps(value)[:60])
def test_a_fault_is_named_in_the_words_that_clients_know(shared_gateway, body, faults):
    check_details(shared_gateway.raw(json.dumps(body)), faults)
    check_details(shared_gateway.raw(json.dumps(body), "/logs/validate"), faults)


BATCH_FAULTS = [
    ([], [("", '"value" must contain at least 1 items')]),
    (record(), [("", '"value" must be an array')]),
    ("text", [("", '"value" must be an array')]),
    (None, [("", '"value" must be an array')]),
    ([record()] * 1001, [("", '"value" must contain less than or equal to 1000 items')]),
    ([record(), {}] + [record()] * 999, [
        ("1.service", REQUIRED("[1].service")), ("1.action", REQUIRED("[1].action")),
        ("", '"value" must contain less than or equal to 1000 items')]),
]


@pytest.mark.parametrize("body, faults", BATCH_FAULTS, ids=lambda value: json.dumps(value)[:60])
def test_a_fault_of_a_batch_is_named_in_the_words_that_clients_know(shared_gateway, body, faults):
    check_details(shared_gateway.raw(json.dumps(body), "/logs/batch"), faults)


def test_lengths_are_counted_in_characters_not_bytes(shared_gateway):
    assert shared_gateway.log(record(service="😀" * 100, action="ü" * 200, userId="支" * 100)).status_code == 202


QUERY_FAULTS = [
    ("limit=1001", "limit", '"limit" must be less than or equal to 1000'),
    ("limit=0", "limit", '"limit" must be greater than or equal to 1'),
    ("page=0", "page", '"page" must be greater than or equal to 1'),
    ("page=-1", "page", '"page" must be greater than or equal to 1'),
    ("limit=ten", "limit", '"limit" must be a number'),
    ("limit=", "limit", '"limit" must be a number'),
    ("page=1.5", "page", '"page" must be an integer'),
    ("limit=1.5", "limit", '"limit" must be an integer'),
    ("page=100000000000000000000", "page", '"page" must be a safe number'),
    ("startDate=yesterday", "startDate", ISO("startDate")),
    ("endDate=2026-02-30", "endDate", ISO("endDate")),
    ("severity=fatal", "severity", ONE_OF_SEVERITY),
    ("userId[$ne]=x", "userId", STRING("userId")),
    ("userId%5B%24ne%5D=x", "userId", STRING("userId")),
    ("userId[]=x", "userId", STRING("userId")),
    ("service[$gt]=", "service", STRING("service")),
    ("action[a][b]=1", "action", STRING("action")),
    ("cursor=made-up", "cursor", '"cursor" is not valid'),
    ("cursor=", "cursor", '"cursor" is not valid'),
    ("cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "cursor", '"cursor" is not valid'),
]


@pytest.mark.parametrize("query, field, message", QUERY_FAULTS)
def test_a_fault_of_a_query_is_named_in_the_words_that_clients_know(shared_gateway, query, field, message):
    check_details(shared_gateway.get(f"/logs?{query}"), [(field, message)])
    assert shared_gateway.get("/logs").status_code == 200


@pytest.mark.parametrize("query", [
    "page=1&page=2", "limit=1&limit=1", "startDate=2026-01-01&startDate=2026-01-02", "endDate=2026&endDate=2026",
    "cursor=a&cursor=a"])
def test_a_page_a_limit_a_date_or_a_cursor_is_given_once(shared_gateway, query):
    answer = shared_gateway.get(f"/logs?{query}")
    assert answer.status_code == 400
    assert [fault["field"] for fault in answer.json()["details"]] == [query.split("=")[0]]


def test_all_faults_of_a_query_are_in_one_answer(shared_gateway):
    answer = shared_gateway.get("/logs?limit=0&page=x&userId[a]=b&severity=q&startDate=q")
    assert {fault["field"] for fault in answer.json()["details"]} == {"limit", "page", "userId", "severity", "startDate"}


def test_statistics_refuse_the_same_faults(shared_gateway):
    for query, field in [("startDate=x", "startDate"), ("endDate=x", "endDate"), ("service[$ne]=x", "service")]:
        answer = shared_gateway.get(f"/stats?{query}")
        assert (answer.status_code, answer.json()["details"][0]["field"]) == (400, field)


NESTED_10000 = b'{"service":"a","action":"b","metadata":' + b'{"a":' * 10000 + b"1" + b"}" * 10001

MALFORMED = {
    "an open brace": b"{",
    "a cut string": b'{"service":"a',
    "a trailing comma": b'{"service":"a",}',
    "a trailing comma in an array": b'[{"service":"a","action":"b"},]',
    "single quotes": b"{'service':'a','action':'b'}",
    "no quotes": b'{service:"a"}',
    "a comment": b'{"service":"a","action":"b"/**/}',
    "NaN": b'{"service":"a","action":"b","metadata":{"a":NaN}}',
    "Infinity": b'{"service":"a","action":"b","metadata":{"a":-Infinity}}',
    "a number that ends in a dot": b'{"service":"a","action":"b","metadata":{"a":1.}}',
    "a number that begins with a nought": b'{"service":"a","action":"b","metadata":{"a":01}}',
    "a plus sign": b'{"service":"a","action":"b","metadata":{"a":+1}}',
    "a hexadecimal number": b'{"service":"a","action":"b","metadata":{"a":0x1}}',
    "trailing bytes": b'{"service":"a","action":"b"} x',
    "two objects": b'{"service":"a","action":"b"}{"service":"a","action":"b"}',
    "a raw newline in a string": b'{"service":"a\n","action":"b"}',
    "a raw control character": b'{"service":"a\x01","action":"b"}',
    "a NUL in a string": b'{"service":"a\x00","action":"b"}',
    "a NUL after the end": b'{"service":"a","action":"b"}\x00',
    "only a NUL": b"\x00",
    "a byte of no character": b'{"service":"a\xff","action":"b"}',
    "a cut character": b'{"service":"a\xc3","action":"b"}',
    "an overlong character": b'{"service":"a\xc0\x80","action":"b"}',
    "an encoded surrogate": b'{"service":"a\xed\xa0\x80","action":"b"}',
    "a character past the last": b'{"service":"a\xf4\x90\x80\x80","action":"b"}',
    "a bad character in a key": b'{"service":"a","action":"b","\xff":1}',
    "an unknown escape": b'{"service":"\\x61","action":"b"}',
    "a short escape": b'{"service":"\\u12","action":"b"}',
    "half a surrogate pair": b'{"service":"\\ud800","action":"b"}',
    "no colon": b'{"service" "a"}',
    "a closing brace": b"}",
    "the wrong closing": b'{"service":"a"]',
    "a word": b"nothing",
    "depth 33": b'{"a":' * 33 + b"1" + b"}" * 33,
    "depth 10,000": NESTED_10000,
    "depth 10,000, never closed": b"[" * 10000,
    "UTF-16": '{"service":"a","action":"b"}'.encode("utf-16"),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_is_no_json_is_called_malformed(shared_gateway, kind):
    for path in ("/logs", "/logs/batch", "/logs/validate"):
        answer = shared_gateway.raw(MALFORMED[kind], path)
        assert answer.status_code == 400, answer.text
        body = answer.json()
        assert (body["success"], body["code"]) == (False, "malformed_json")
        assert body["error"] and body["requestId"]
    assert shared_gateway.log(record()).status_code == 202


METADATA_FAULTS = {
    "more than 32 KiB": {"a": "x" * (33 << 10)},
    "a key that begins with $": {"$where": "1"},
    "a deep key that begins with $": {"a": [{"b": {"$ne": 1}}]},
    "a key with a NUL": {"a\0b": 1},
    "a key of 201 characters": {"k" * 201: 1},
}


@pytest.mark.parametrize("kind", METADATA_FAULTS)
def test_metadata_that_could_not_be_stored_is_refused(shared_gateway, kind):
    answer = shared_gateway.log(record(metadata=METADATA_FAULTS[kind]))
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error"), answer.text
    assert [fault["field"].split(".")[0] for fault in answer.json()["details"]] == ["metadata"]


def test_metadata_is_refused_past_its_depth(shared_gateway):
    def nested(levels):
        return {"a": nested(levels - 1)} if levels > 1 else {"a": 1}

    assert shared_gateway.log(record(metadata=nested(16))).status_code == 202
    answer = shared_gateway.log(record(metadata=nested(17)))
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")


def test_a_record_over_256_kib_is_refused(shared_gateway):
    big = record(changes=[{"field": "x" * 1000, "old": "y" * 1000, "new": None}] * 140)
    answer = shared_gateway.log(big)
    assert answer.status_code in (400, 413), answer.text
    assert shared_gateway.log([record(), big]).status_code in (400, 413)


def test_a_body_of_more_than_10_mb_is_refused(shared_gateway):
    body = b"[" + b" " * (10 * 1000 * 1000 + 500_000) + b"]"
    for path in ("/logs", "/logs/batch"):
        with als.Client(shared_gateway.tenant) as one_time:
            answer = one_time.raw(body, path)
        assert answer.status_code == 413
        assert (answer.json()["success"], answer.json()["code"]) == (False, "payload_too_large")
    assert shared_gateway.log(record()).status_code == 202


def test_a_body_that_does_not_say_its_size_is_refused_past_10_mb(shared_gateway):
    with als.Client(shared_gateway.tenant) as one_time:
        answer = one_time.post("/logs", content=(b" " * 100_000 for _ in range(150)),
                               headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
    assert shared_gateway.log(record()).status_code == 202


def test_a_body_of_just_under_10_mb_is_read(shared_gateway):
    records = [record(message="x" * 1900, metadata={"pad": "y" * 7000}) for _ in range(1000)]
    body = json.dumps(records).encode()
    assert 9_000_000 < len(body) < 10_000_000
    assert shared_gateway.raw(body, "/logs/batch").status_code == 202


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/nope", "/api", "/api/v1", "/api/v1/nope", "/api/v2/logs", "/logs", "/nope%2Fa%00b?x=1"])
def test_an_unknown_path_is_not_found_in_the_old_words(shared_gateway, method, path):
    answer = shared_gateway.request(method, als.URL + path)
    assert answer.status_code == 404
    body = answer.json()
    assert (body["success"], body["error"], body["code"]) == (False, "Not Found", "not_found")
    if "%" not in path:
        assert body["path"] == path


@pytest.mark.parametrize("method, path, allowed", [
    ("DELETE", "/logs", {"GET", "POST"}), ("PUT", "/logs", {"GET", "POST"}), ("PATCH", "/logs", {"GET", "POST"}),
    ("PUT", "/logs/batch", {"POST"}), ("POST", "/stats", {"GET"}), ("DELETE", "/logs/some-id", {"GET"}),
    ("BREW", "/logs", {"GET", "POST"}), ("DELETE", "/logs/validate", {"POST"})])
def test_another_method_is_told_which_ones_there_are(shared_gateway, method, path, allowed):
    answer = shared_gateway.request(method, path)
    assert answer.status_code == 405
    assert (answer.json()["success"], answer.json()["code"]) == (False, "method_not_allowed")
    assert allowed <= {name.strip() for name in answer.headers["Allow"].split(",")}


def test_every_error_carries_its_request_id_and_is_json(shared_gateway):
    for answer in (shared_gateway.log({}), shared_gateway.raw(b"{"), shared_gateway.raw(b"x", kind="text/plain"),
                   shared_gateway.get("/nope"), shared_gateway.delete("/logs"), shared_gateway.get("/logs/no-such-log")):
        body = answer.json()
        assert answer.headers["Content-Type"].startswith("application/json")
        assert body["success"] is False and body["error"] and body["code"] and body["requestId"]
