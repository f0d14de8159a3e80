# SPDX-License-Identifier: MIT
"""What the gateway takes, and what becomes of it."""

import pytest

import als
from als import record

MEMBERS_OF_OLD = ["_id", "service", "action", "userId", "metadata", "severity", "timestamp", "createdAt"]


def test_one_record_is_accepted_with_an_id(gateway):
    answer = gateway.log(record())
    assert answer.status_code == 202
    assert answer.headers["Content-Type"].startswith("application/json")
    body = answer.json()
    assert body == {"success": True, "logId": body["logId"], "message": "Log accepted for processing"}
    assert als.ANY_ID.fullmatch(body["logId"])


def test_a_new_id_is_a_version_7_uuid_and_no_two_are_equal(gateway):
    ids = gateway.batch_accepted([record()] * 50) + [gateway.accepted(record()) for _ in range(50)]
    assert len(set(ids)) == 100
    assert all(log_id[14] == "7" for log_id in ids)


def test_a_batch_is_accepted_with_an_id_each(gateway):
    answer = gateway.post("/logs/batch", json=[record(action="first"), record(action="second")])
    assert answer.status_code == 202
    body = answer.json()
    assert body == {"success": True, "logIds": body["logIds"], "count": 2, "message": "Logs accepted for processing"}
    first, second = body["logIds"]
    assert gateway.stored(first)["action"] == "first"
    assert gateway.stored(second)["action"] == "second"


def test_a_batch_of_a_thousand_is_accepted(gateway):
    ids = gateway.batch_accepted([record(action=f"a{n}") for n in range(1000)])
    assert len(set(ids)) == 1000
    gateway.wait_total(1000)


def test_a_stored_record_reads_as_the_old_service_showed_it(gateway):
    sent = record(metadata={"orderId": 7, "nested": {"list": [1, 2.5, None, True, "ü"]}}, severity="warn",
                  timestamp="2024-11-22T10:00:00.000Z")
    log_id = gateway.accepted(sent)
    log = gateway.stored(log_id)
    assert [name for name in log if name in MEMBERS_OF_OLD] == MEMBERS_OF_OLD
    assert list(log)[:len(MEMBERS_OF_OLD)] == MEMBERS_OF_OLD
    assert log["_id"] == log_id
    assert {name: log[name] for name in sent} == sent
    assert als.ISO_MS.fullmatch(log["createdAt"])
    assert not {"src", "hash", "expireAt"} & set(log)


def test_what_is_left_out_gets_its_default(gateway):
    log = gateway.stored(gateway.accepted(record()))
    assert log["severity"] == "info"
    assert log["timestamp"] == log["createdAt"]
    assert "metadata" not in log or log["metadata"] == {}
    assert log["source"] == "http"


def test_the_receive_time_is_ours(gateway):
    before = als.ago(minutes=1)
    log = gateway.stored(gateway.accepted(record(createdAt="2001-01-01T00:00:00.000Z")))
    assert before < als.moment(log["createdAt"]) < als.now() + als.timedelta(minutes=1)


@pytest.mark.parametrize("severity", ["info", "warn", "error", "critical"])
def test_every_severity_is_kept(gateway, severity):
    assert gateway.stored(gateway.accepted(record(severity=severity)))["severity"] == severity


TIMES = [
    ("2024-11-22T10:00:00.000Z", "2024-11-22T10:00:00.000Z"),
    ("2024-11-22T10:00:00Z", "2024-11-22T10:00:00.000Z"),
    ("2024-11-22T10:00:00+02:00", "2024-11-22T08:00:00.000Z"),
    ("2024-11-22T10:00:00-05:30", "2024-11-22T15:30:00.000Z"),
    ("2024-11-22T10:00:00", "2024-11-22T10:00:00.000Z"),
    ("2024-11-22T10:00:00.123987Z", "2024-11-22T10:00:00.123Z"),
    ("2024-11-22T10:00:00.5Z", "2024-11-22T10:00:00.500Z"),
    ("2024-11-22T10:00Z", "2024-11-22T10:00:00.000Z"),
    ("2024-11-22", "2024-11-22T00:00:00.000Z"),
    ("2024-11", "2024-11-01T00:00:00.000Z"),
    ("2024", "2024-01-01T00:00:00.000Z"),
    ("2024-02-29", "2024-02-29T00:00:00.000Z"),
    ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
]


def test_timestamps_of_every_form_are_shown_as_utc_with_milliseconds(gateway):
    ids = gateway.batch_accepted([record(timestamp=sent) for sent, _ in TIMES])
    shown = [gateway.stored(log_id)["timestamp"] for log_id in ids]
    assert shown == [shown for _, shown in TIMES]


def test_a_timestamp_more_than_a_day_ahead_becomes_the_receive_time_and_is_flagged(gateway):
    far, near = als.iso(als.ago(hours=-25)), als.iso(als.ago(hours=-23))
    far_id, near_id = gateway.batch_accepted([record(timestamp=far), record(timestamp=near)])
    log = gateway.stored(far_id)
    assert log["timestamp"] == log["createdAt"]
    assert "future" in log["enriched"]["flags"]
    log = gateway.stored(near_id)
    assert log["timestamp"] == near
    assert "future" not in log["enriched"].get("flags", [])


def test_every_field_of_the_record_is_kept(gateway):
    sent = record(
        actor={"type": "user", "id": "ada", "name": "Ada L."},
        resource={"type": "order", "id": "o-1", "name": "First"},
        changes=[{"field": "state", "old": "new", "new": None}, {"field": "total", "old": 1, "new": {"eur": 2}}],
        outcome="failure", message="did not work: \"quoted\" ∀", tags=["a", "b"], ip="10.1.2.3",
        userAgent="curl/8.0", sessionId="s-1", requestId="r-1",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    log = gateway.stored(gateway.accepted(sent))
    resource = {**log["resource"]}
    changes = log.get("changes") or resource.pop("changes", None)
    assert {**{name: log.get(name) for name in sent}, "resource": resource, "changes": changes} == sent


def test_actor_and_user_stand_in_for_each_other(gateway):
    by_user, by_actor = gateway.batch_accepted(
        [record(userId="ada"), record(userId=None, actor={"type": "user", "id": "bob"})])
    assert gateway.stored(by_user)["actor"]["id"] == "ada"
    assert gateway.stored(by_actor)["userId"] == "bob"


def test_client_address_and_agent_are_read_from_metadata_when_absent(gateway):
    metadata = {"ip": "192.0.2.7", "userAgent": "curl/8.0", "sessionId": "s-2", "requestId": "r-2"}
    bare, full = gateway.batch_accepted([record(metadata=metadata), record(metadata=metadata, ip="192.0.2.8")])
    log = gateway.stored(bare)
    assert {name: log[name] for name in metadata} == metadata
    assert log["metadata"] == metadata
    assert gateway.stored(full)["ip"] == "192.0.2.8"


def test_the_processor_says_what_it_found_out(gateway):
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
    found = gateway.stored(gateway.accepted(record(action="order.create", ip="10.1.2.3", userAgent=agent)))["enriched"]
    assert (found["ipClass"], found["ipVersion"]) == ("private", 4)
    assert found["browser"].startswith("Chrome")
    assert found["os"].startswith("Windows")
    assert found["bot"] is False
    assert {found["verb"], found["object"]} == {"create", "order"}


def test_unknown_fields_are_dropped(gateway):
    log = gateway.stored(gateway.accepted(record(colour="red", _v=1)))
    assert "colour" not in log and "_v" not in log


def test_unknown_fields_are_faults_when_strict(gateway):
    answer = gateway.log(record(colour="red"), strict="true")
    assert answer.status_code == 400
    assert [fault["field"] for fault in answer.json()["details"]] == ["colour"]
    assert gateway.log(record(), strict="true").status_code == 202


def test_text_of_any_script_comes_back_as_it_was_sent(gateway):
    sent = record(service="🛒" * 100, action="支付" * 100, userId="a\"\\\n\t\u2028ü", metadata={"ключ.a": "\u0001/\U0001F600"})
    log = gateway.stored(gateway.accepted(sent))
    assert {name: log[name] for name in sent} == sent


def test_of_two_equal_keys_the_last_counts(gateway):
    answer = gateway.raw('{"service":"first","action":"a","userId":"u","service":"last"}')
    assert gateway.stored(answer.json()["logId"])["service"] == "last"


def test_large_numbers_in_metadata_survive(gateway):
    sent = {"big": 9007199254740993, "negative": -9223372036854775808, "small": 1e-300, "zero": 0}
    assert gateway.stored(gateway.accepted(record(metadata=sent)))["metadata"] == sent
