# SPDX-License-Identifier: MIT
"""CloudEvents 1.0 through both doors, and the trace that goes through every hop."""

import json

import pytest

import als
import topics

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def event(**more):
    whole = {"specversion": "1.0", "id": als.unique("e"), "source": "/shop", "type": "com.shop.order.paid",
             "time": "2026-11-22T10:00:00.123Z", "subject": "order-7", "data": {"sum": 5}, **more}
    return {name: value for name, value in whole.items() if value is not None}


def post(gateway, body, kind=STRUCTURED, path="/logs", **headers):
    return gateway.raw(body if isinstance(body, bytes) else json.dumps(body).encode(), path, kind, **headers)


def binary(sent, prefix="ce-"):
    return {f"{prefix}{name}": value for name, value in sent.items() if name != "data"}


def check(log, sent):
    assert log["_id"] == sent["id"]
    assert (log["service"], log["action"], log["timestamp"]) == ("/shop", "com.shop.order.paid", sent["time"])
    assert log["resource"] == {"id": "order-7"} and log["metadata"] == {"sum": 5}


def test_a_structured_event_is_a_log(gateway):
    sent = event()
    text = json.dumps(sent, indent=1).encode()
    with topics.Reader(als.RAW) as raw:
        answer = post(gateway, text)
        assert answer.status_code == 202 and answer.json()["logId"] == sent["id"]
        message = raw.find(lambda m: m.header("als.id") == sent["id"])[0]
        assert message.value == text and message.header("content-type") == STRUCTURED
    check(gateway.stored(sent["id"]), sent)
    gateway.wait_counted(1, service="/shop")


def test_a_binary_event_is_the_same_log(gateway):
    sent = event(subject="order%207")
    answer = gateway.post("/logs", content=b'{"sum":5}', headers={**binary(sent), "Content-Type": "application/json"})
    assert answer.status_code == 202 and answer.json()["logId"] == sent["id"]
    log = gateway.stored(sent["id"])
    assert log["resource"] == {"id": "order 7"}
    check({**log, "resource": {"id": "order-7"}}, sent)


@pytest.mark.parametrize("kind, data, metadata", [
    ("text/plain", b"hello", {"data": "hello", "cloudevent": {"datacontenttype": "text/plain"}}),
    ("image/png", b"\xff\x00", {"data_base64": "/wA=", "cloudevent": {"datacontenttype": "image/png"}}),
])
def test_binary_data_of_any_type_is_kept(gateway, kind, data, metadata):
    sent = event()
    answer = gateway.post("/logs", content=data, headers={**binary(sent), "Content-Type": kind})
    assert answer.status_code == 202, answer.text
    assert gateway.stored(sent["id"])["metadata"] == metadata


@pytest.mark.parametrize("path", ["/logs", "/logs/batch"])
def test_a_batch_of_events(gateway, path):
    sent = [event() for _ in range(3)]
    answer = post(gateway, sent, BATCH, path)
    assert answer.status_code == 202 and answer.json()["logIds"] == [one["id"] for one in sent]
    for one in sent:
        check(gateway.stored(one["id"]), one)


def test_data_that_is_a_record_speaks_for_itself(gateway):
    sent = event(data=als.record(severity="error", metadata={"a": 1}), partitionkey="k")
    assert post(gateway, sent).status_code == 202
    log = gateway.stored(sent["id"])
    assert (log["service"], log["action"], log["userId"], log["severity"]) == ("shop", "order.create", "ada", "error")
    assert log["metadata"] == {"a": 1, "cloudevent": {"source": "/shop", "type": "com.shop.order.paid", "partitionkey": "k"}}


def test_an_event_sent_again_is_one_log(gateway):
    sent = event(id="an id with spaces")
    ids = {post(gateway, sent).json()["logId"] for _ in range(3)}
    assert len(ids) == 1 and als.ANY_ID.fullmatch(ids.copy().pop())
    gateway.wait_total(1)
    gateway.wait_counted(1, service="/shop")


def details(answer):
    assert answer.status_code == 400, answer.text
    return [(detail["field"], detail["message"]) for detail in answer.json()["details"]]


def test_faults_are_told_in_the_usual_words(gateway):
    assert details(post(gateway, {})) == [
        ("id", '"id" is required'), ("source", '"source" is required'),
        ("specversion", '"specversion" is required'), ("type", '"type" is required')]
    assert details(post(gateway, event(specversion="0.3"))) == [("specversion", '"specversion" must be one of [1.0]')]
    assert details(post(gateway, event(time="soon"))) == [("timestamp", '"timestamp" must be in ISO 8601 date format')]
    assert details(post(gateway, event(type="t" * 201))) == [
        ("action", '"action" length must be less than or equal to 200 characters long')]
    assert details(post(gateway, [event()])) == [("", '"value" must be of type object')]
    assert details(post(gateway, event(), BATCH)) == [("", '"value" must be an array')]
    assert details(post(gateway, [event(), event(type=None)], BATCH)) == [("1.type", '"[1].type" is required')]
    assert details(post(gateway, event(), path="/logs/batch")) == [("", '"value" must be an array')]
    assert details(post(gateway, event(type=None), path="/logs/validate")) == [("type", '"type" is required')]
    assert post(gateway, event(), path="/logs/validate").json() == {"success": True, "valid": True}


def test_malformed_and_large_events_are_refused(gateway):
    assert post(gateway, b"{").json()["code"] == "malformed_json"
    assert post(gateway, event(data={"a": "x" * 300000})).status_code == 413
    sent = event()
    answer = gateway.post("/logs", content=b"{", headers={**binary(sent), "Content-Type": "application/json"})
    assert answer.status_code == 400 and answer.json()["code"] == "malformed_json"
    answer = gateway.post("/logs", content=b"x" * 300000, headers={**binary(sent), "Content-Type": "text/plain"})
    assert answer.status_code == 413
    deep = b'{"specversion":"1.0","id":"e","source":"s","type":"t","data":' + b"[" * 32 + b"]" * 32 + b"}"
    assert post(gateway, deep).json()["code"] == "malformed_json"


def test_events_come_from_kafka_too(gateway, direct):
    tenant = ("als.tenant", gateway.tenant)
    structured, plain = event(), event()
    direct.send(structured, headers=[tenant, ("content-type", f"{STRUCTURED}; charset=utf-8")])
    direct.send({"sum": 5}, headers=[tenant, ("content-type", "application/json"), *binary(plain, "ce_").items()])
    for sent in (structured, plain):
        log = gateway.stored(sent["id"])
        check(log, sent)
        assert log["source"] == "kafka"


def test_an_event_is_one_whichever_door_it_comes_through(gateway, direct):
    sent = event()
    assert post(gateway, sent).status_code == 202
    gateway.stored(sent["id"])
    key = b"/shop"
    direct.send(sent, key, [("als.tenant", gateway.tenant), ("content-type", STRUCTURED)])
    direct.send(event(), key, [("als.tenant", gateway.tenant), ("content-type", STRUCTURED)])
    gateway.wait_total(2)
    gateway.wait_counted(2, service="/shop")


@pytest.mark.parametrize("value, headers, why", [
    ({"specversion": "1.0"}, [("content-type", STRUCTURED)], '"id" is required'),
    (b"{", [("content-type", STRUCTURED)], None),
    ([], [("content-type", BATCH)], "a batch of events is for HTTP alone"),
    (b"{", [("ce_specversion", "1.0"), ("ce_id", "e"), ("ce_source", "s"), ("ce_type", "t")], None),
    (b"1", [("ce_specversion", "1.0"), ("ce_id", b"\xff"), ("ce_source", "s"), ("ce_type", "t")], '"id" must be a string'),
])
def test_bad_events_from_kafka_are_dead_letters(gateway, direct, value, headers, why):
    partition, offset = direct.send(value, headers=[("als.tenant", gateway.tenant), *headers])

    def look():
        rows = gateway.get("/admin/rejects").json()["data"]
        return next((row for row in rows if (row["partition"], row["offset"]) == (partition, offset)), None)

    row = als.wait_until(look, "the event is among the rejects")
    assert row["reason"] == ("validation_error" if why else "malformed_json")
    if why:
        assert row["detail"] == why


# The trace


def test_the_trace_goes_through_every_hop(gateway):
    """From the HTTP header to Kafka's, to the enriched record's, to the document, to the answer."""
    with topics.Reader(als.RAW) as raw, topics.Reader(als.ENRICHED) as enriched:
        log_id = gateway.post("/logs", json=als.record(), headers={"traceparent": TRACE}).json()["logId"]
        assert raw.find(lambda m: m.header("als.id") == log_id)[0].header("traceparent") == TRACE
        stored_id = f'{{"_id":"{gateway.tenant}/{log_id}"'.encode()
        message = enriched.find(lambda m: m.value.startswith(stored_id))[0]
        assert message.header("traceparent") == TRACE and message.json()["traceparent"] == TRACE
    assert gateway.stored(log_id)["traceparent"] == TRACE


def test_a_records_own_trace_stands(gateway):
    own = TRACE.replace("b7ad", "0000")
    log_id = gateway.post("/logs", json=als.record(traceparent=own), headers={"traceparent": TRACE}).json()["logId"]
    assert gateway.stored(log_id)["traceparent"] == own


def test_a_retry_within_another_trace_is_the_same_event(gateway):
    log_id = als.unique("id")
    for trace in (TRACE, TRACE.replace("b7ad", "1111")):
        assert gateway.post("/logs", json=als.record(id=log_id), headers={"traceparent": trace}).status_code == 202
    gateway.wait_counted(1, service="shop")
    assert gateway.stored(log_id)["traceparent"] == TRACE
    assert gateway.get("/admin/rejects").json()["data"] == []


def test_an_events_trace_is_the_logs(gateway):
    sent = event(traceparent=TRACE)
    post(gateway, sent)
    assert gateway.stored(sent["id"])["traceparent"] == TRACE
