# SPDX-License-Identifier: MIT
"""OpenTelemetry's exporters and collectors can send here: OTLP/HTTP, JSON."""

import gzip
import json
import time

import httpx
import pytest

import als

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def attributes(**values):
    return [{"key": name.replace("__", "."), "value": {"stringValue": value}} for name, value in values.items()]


def log_record(event="order.pay", **fields):
    return {"timeUnixNano": str(time.time_ns()), "severityNumber": 9, "eventName": event,
            "body": {"stringValue": "an order was paid"}, **fields}


def export(*records, service="shop"):
    return {"resourceLogs": [{"resource": {"attributes": attributes(service__name=service, host__name="h1")},
                              "scopeLogs": [{"scope": {"name": "lib"}, "logRecords": list(records)}]}]}


def post(gateway, body, url=als.URL, **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", "X-Tenant-Id": gateway.tenant,
            **{name.replace("_", "-"): value for name, value in headers.items()}}
    return httpx.post(f"{url}/v1/logs", content=content, headers=sent, timeout=20)


def the_log(gateway, **filters):
    gateway.wait_total(1, **filters)
    return gateway.search(**filters)["data"][0]


@pytest.mark.parametrize("url", [als.URL, als.INGEST_URL])
def test_an_exported_record_is_a_log_like_any_other(gateway, url):
    sent = log_record(severityNumber=17, traceId=TRACE, spanId=SPAN, flags=1,
                      attributes=attributes(user__id="ada", client__address="203.0.113.9"))
    answer = post(gateway, export(sent), url)
    assert (answer.status_code, answer.json()) == (200, {"partialSuccess": {}})
    log = the_log(gateway)
    assert (log["service"], log["action"], log["message"]) == ("shop", "order.pay", "an order was paid")
    assert (log["severity"], log["userId"], log["ip"]) == ("error", "ada", "203.0.113.9")
    assert log["traceparent"] == f"00-{TRACE}-{SPAN}-01"
    milliseconds = als.moment(log["timestamp"]).timestamp() * 1000
    assert round(milliseconds) == int(sent["timeUnixNano"]) // 1000000
    assert log["metadata"] == {"user.id": "ada", "client.address": "203.0.113.9", "scope": "lib",
                               "resource": {"service.name": "shop", "host.name": "h1"}}
    gateway.wait_counted(1, service="shop")


def test_bad_records_are_told_of_and_stop_no_good_ones(gateway):
    bad = log_record(attributes=[{"key": "$where", "value": {"stringValue": "1"}}])
    answer = post(gateway, export(log_record(), bad, log_record(event="order.ship"), 7))
    assert answer.status_code == 200
    told = answer.json()["partialSuccess"]
    assert told["rejectedLogRecords"] == "2" and "metadata" in told["errorMessage"]
    gateway.wait_total(2)


def test_when_all_are_bad_all_are_told_of(gateway):
    answer = post(gateway, export(7, 8))
    assert answer.status_code == 200
    assert answer.json()["partialSuccess"] == {"rejectedLogRecords": "2",
                                               "errorMessage": '"[0]" must be of type object'}


@pytest.mark.parametrize("body", [{}, {"resourceLogs": []}, export()])
def test_nothing_to_export_is_fine(gateway, body):
    answer = post(gateway, body)
    assert (answer.status_code, answer.json()) == (200, {"partialSuccess": {}})


def test_a_collectors_batch_goes_through_whole_and_zipped(gateway):
    body = json.dumps(export(*[log_record(event=f"e{n % 10}") for n in range(8192)])).encode()
    answer = post(gateway, gzip.compress(body), Content_Encoding="gzip")
    assert (answer.status_code, answer.json()) == (200, {"partialSuccess": {}})
    gateway.wait_total(8192, seconds=120)


def test_a_retry_with_an_idempotency_key_is_not_a_second_event(gateway):
    body = export(log_record(), log_record(event="order.ship"))
    for _ in range(2):
        assert post(gateway, body, Idempotency_Key="one").status_code == 200
    gateway.wait_counted(2, service="shop")
    assert gateway.search()["pagination"]["total"] == 2


def test_protobuf_is_refused_with_the_cure(gateway):
    answer = post(gateway, b"\x0a\x00", Content_Type="application/x-protobuf")
    assert answer.status_code == 415 and answer.json()["code"] == "unsupported_media_type"
    assert "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/json" in answer.json()["error"]


@pytest.mark.parametrize("body, code, words", [
    (b"{", "malformed_json", None),
    (b"[]", "validation_error", '"value" must be of type object'),
    (b'{"resourceLogs":{}}', "validation_error", '"resourceLogs" must be an array'),
    (b'{"resourceLogs":[{"scopeLogs":[{"logRecords":1}]}]}', "validation_error", '"logRecords" must be an array'),
    (b'{"a":' * 70 + b"1" + b"}" * 70, "malformed_json", None),
])
def test_what_is_no_export_is_refused(gateway, body, code, words):
    answer = post(gateway, body)
    assert answer.status_code == 400 and answer.json()["code"] == code
    if words:
        assert [detail["message"] for detail in answer.json()["details"]] == [words]


def test_a_broken_encoding_is_refused(gateway):
    assert post(gateway, b"no gzip", Content_Encoding="gzip").status_code == 400


def test_a_bad_idempotency_key_is_a_fault_of_the_request(gateway):
    answer = post(gateway, export(log_record()), Idempotency_Key="k" * 256)
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json()["details"]] == ["Idempotency-Key"]


def test_more_than_can_be_taken_at_once_is_refused_whole(gateway):
    answer = post(gateway, export(*[{}] * 20001))
    assert answer.status_code == 413 and answer.json()["code"] == "payload_too_large"
    assert gateway.search()["pagination"]["total"] == 0
