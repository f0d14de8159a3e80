# SPDX-License-Identifier: MIT
"""What the gateway takes, and what becomes of it."""

import gzip
import json

import pytest
import zstandard

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


def test_a_body_cannot_say_whose_it_is_or_where_it_came_from(gateway, database):
    log_id = gateway.accepted(record(tenant="victim", source="kafka", enriched={"bot": True}, _id="forged",
                                     createdAt="2001-01-01", src="0:0:0", hash="0", expireAt="2001-01-01"))
    assert log_id != "forged"
    log = gateway.stored(log_id)
    assert log["source"] == "http"
    assert log["enriched"].get("bot") is not True
    assert als.moment(log["createdAt"]) > als.ago(hours=1)
    with als.Client("victim") as victim:
        assert victim.get(f"/logs/{log_id}").status_code == 404
        assert victim.get("/logs/forged").status_code == 404
    document = database.logs.find_one({"_id": f"{gateway.tenant}/{log_id}"})
    assert document["tenant"] == gateway.tenant
    assert document["src"] != "0:0:0"
    assert document["expireAt"] > als.now()


def test_a_header_cannot_say_where_a_record_came_from(gateway):
    answer = gateway.post("/logs", json=record(), headers={"als.id": "forged", "als.tenant": "victim", "als.source": "kafka"})
    log_id = answer.json()["logId"]
    assert log_id != "forged"
    assert gateway.stored(log_id)["source"] == "http"


def test_one_tenant_does_not_see_another(gateway):
    log_id = gateway.accepted(record())
    gateway.stored(log_id)
    with als.Client() as other:
        assert other.get(f"/logs/{log_id}").status_code == 404
        assert other.search()["data"] == []
        assert other.search(tenant=gateway.tenant)["data"] == []
        assert other.stats() == []


def test_two_tenants_may_use_the_same_id(gateway):
    log_id = als.unique("id")
    with als.Client() as other:
        assert gateway.accepted(record(id=log_id, action="mine")) == log_id
        assert other.accepted(record(id=log_id, action="theirs")) == log_id
        assert gateway.stored(log_id)["action"] == "mine"
        assert other.stored(log_id)["action"] == "theirs"


def test_without_a_tenant_header_the_tenant_is_default(database):
    log_id = als.unique("id")
    with als.Client("default") as default:
        del default.headers["X-Tenant-Id"]
        assert default.accepted(record(id=log_id)) == log_id
        assert default.stored(log_id)["_id"] == log_id
    assert database.logs.find_one({"_id": log_id})["tenant"] == "default"


@pytest.mark.parametrize("tenant", ["", "a/b", "a b", "x" * 65, "ü".encode(), "a|b", "{a}", "*"])
def test_a_malformed_tenant_is_refused(tenant):
    with als.Client() as client:
        answer = client.post("/logs", json=record(), headers={"X-Tenant-Id": tenant})
        assert answer.status_code == 400, answer.text
        assert client.get("/logs", headers={"X-Tenant-Id": tenant}).status_code == 400


@pytest.mark.parametrize("log_id", ["a", "A.b_c:d-1", "x" * 64])
def test_an_id_of_the_client_is_kept(log_id):
    with als.Client() as client:
        assert client.accepted(record(id=log_id)) == log_id
        assert client.stored(log_id)["_id"] == log_id


@pytest.mark.parametrize("log_id", ["a b", "a/b", "ü", "a\u0000"])
def test_an_id_of_other_characters_is_refused(gateway, log_id):
    answer = gateway.log(record(id=log_id))
    assert answer.status_code == 400
    [fault] = answer.json()["details"]
    assert fault["field"] == "id"
    assert "fails to match the required pattern" in fault["message"]


def test_a_retry_with_the_same_id_is_one_log_and_one_count(gateway):
    log_id, sent = als.unique("id"), record(metadata={"n": 1})
    for _ in range(3):
        assert gateway.accepted({**sent, "id": log_id}) == log_id
    assert gateway.batch_accepted([{**sent, "id": log_id}] * 2) == [log_id] * 2
    gateway.accepted(record(action="last"))
    gateway.wait_total(2)
    gateway.wait_counted(2)


def test_an_idempotency_key_makes_the_id(gateway):
    key = {"Idempotency-Key": als.unique("key")}
    first, again = (gateway.post("/logs", json=record(), headers=key).json()["logId"] for _ in range(2))
    assert first == again
    assert first[14] == "8"
    with als.Client() as other:
        assert other.post("/logs", json=record(), headers=key).json()["logId"] != first
    different = {"Idempotency-Key": als.unique("key")}
    assert gateway.post("/logs", json=record(), headers=different).json()["logId"] != first
    gateway.wait_total(2)
    gateway.wait_counted(2)


def test_an_idempotency_key_makes_the_ids_of_a_batch_that_bring_none(gateway):
    key = {"Idempotency-Key": als.unique("key")}
    own = als.unique("id")
    batch = [record(action="a"), record(action="b", id=own), record(action="c")]
    first, again = (gateway.post("/logs/batch", json=batch, headers=key).json()["logIds"] for _ in range(2))
    assert first == again
    assert first[1] == own
    assert len(set(first)) == 3
    gateway.wait_total(3)


ENCODERS = {"gzip": gzip.compress, "zstd": zstandard.ZstdCompressor().compress}


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_compressed_body_is_read(gateway, encoding):
    body = json.dumps([record(action=f"a{n}") for n in range(100)]).encode()
    answer = gateway.raw(ENCODERS[encoding](body), "/logs/batch", Content_Encoding=encoding)
    assert answer.status_code == 202, answer.text
    assert answer.json()["count"] == 100
    assert gateway.stored(answer.json()["logIds"][99])["action"] == "a99"


@pytest.mark.parametrize("encoding", ENCODERS)
def test_the_limit_is_on_the_decompressed_size(gateway, encoding):
    bomb = ENCODERS[encoding](b" " * (200 << 20))
    answer = gateway.raw(bomb, Content_Encoding=encoding)
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
    assert gateway.log(record()).status_code == 202


@pytest.mark.parametrize("encoding", ENCODERS)
@pytest.mark.parametrize("damage", [lambda body: body[:-9], lambda body: b"not compressed", lambda body: b""])
def test_a_damaged_compressed_body_is_refused(gateway, encoding, damage):
    body = ENCODERS[encoding](json.dumps(record()).encode())
    answer = gateway.raw(damage(body), Content_Encoding=encoding)
    assert (answer.status_code, answer.json()["success"]) == (400, False)
    assert gateway.log(record()).status_code == 202


def test_an_unknown_encoding_is_refused(gateway):
    answer = gateway.raw(b"x", Content_Encoding="br")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n\n"])
def test_lines_of_json_are_a_batch(gateway, end):
    lines = "\n".join(json.dumps(record(action=f"a{n}")) for n in range(3)) + end
    answer = gateway.raw(lines, kind="application/x-ndjson")
    assert answer.status_code == 202, answer.text
    assert answer.json()["count"] == 3
    assert gateway.stored(answer.json()["logIds"][2])["action"] == "a2"


def test_one_bad_line_refuses_the_batch(gateway):
    answer = gateway.raw(json.dumps(record()) + "\n{bad\n", kind="application/x-ndjson")
    assert (answer.status_code, answer.json()["success"]) == (400, False)


def test_an_array_on_logs_is_a_batch(gateway):
    answer = gateway.log([record(), record()])
    assert answer.status_code == 202
    assert answer.json()["count"] == 2 == len(answer.json()["logIds"])


def test_one_bad_record_refuses_the_whole_batch(gateway):
    answer = gateway.post("/logs/batch", json=[record(), record(service=None), record()])
    assert answer.status_code == 400
    gateway.accepted(record(action="after"))
    gateway.wait_total(1)


def test_partial_takes_the_good_ones(gateway):
    batch = [record(action="a"), record(service=None), record(action="c"), record(action="")]
    answer = gateway.log(batch, partial="true")
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert (body["accepted"], body["rejected"]) == (2, 2)
    refused = {row["index"]: row["details"] for row in body["results"] if row["status"] == "rejected"}
    assert refused == {
        1: [{"field": "1.service", "message": '"[1].service" is required'}],
        3: [{"field": "3.action", "message": '"[3].action" is not allowed to be empty'}],
    }
    gateway.wait_total(2)
    assert {log["action"] for log in gateway.search()["data"]} == {"a", "c"}


def test_partial_takes_the_good_lines(gateway):
    lines = "\n".join([json.dumps(record()), "{bad", json.dumps(record()), "5"])
    answer = gateway.raw(lines, "/logs?partial=true", kind="application/x-ndjson")
    assert answer.status_code == 202, answer.text
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (2, 2)
    gateway.wait_total(2)


def test_validate_checks_and_produces_nothing(gateway):
    log_id = als.unique("id")
    answer = gateway.post("/logs/validate", json=record(id=log_id))
    assert (answer.status_code, answer.json()) == (200, {"success": True, "valid": True})
    refused = gateway.post("/logs/validate", json=record(service=None))
    assert refused.status_code == 400
    assert refused.json()["details"] == gateway.log(record(service=None)).json()["details"]
    gateway.stored(gateway.accepted(record()))
    assert gateway.get(f"/logs/{log_id}").status_code == 404


def test_an_answer_before_the_acknowledgement_says_so(gateway):
    answer = gateway.log(record(), ack="none")
    assert answer.status_code == 202
    assert answer.json()["durability"] == "queued"
    assert "durability" not in gateway.log(record()).json()
    gateway.stored(answer.json()["logId"])


def test_json_in_curls_default_type_is_json(gateway):
    form = "application/x-www-form-urlencoded"
    assert gateway.raw(json.dumps(record()), kind=form).status_code == 202
    assert gateway.raw("  " + json.dumps([record()] * 2), kind=form).json()["count"] == 2


def test_a_form_of_plain_fields_is_a_record(gateway):
    answer = gateway.post("/logs", data={"service": "shop & co", "action": "a+b%", "userId": "ada ü", "severity": "warn"})
    assert answer.status_code == 202, answer.text
    log = gateway.stored(answer.json()["logId"])
    assert [log[name] for name in ("service", "action", "userId", "severity")] == ["shop & co", "a+b%", "ada ü", "warn"]


def test_a_form_is_checked_like_any_record(gateway):
    answer = gateway.post("/logs", data={"service": "", "severity": "bad"})
    assert answer.status_code == 400
    assert [fault["message"] for fault in answer.json()["details"]] == [
        '"service" is not allowed to be empty', '"action" is required',
        '"severity" must be one of [info, warn, error, critical]']


@pytest.mark.parametrize("kind", [
    "application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.acme+json", None])
def test_every_name_of_json_is_taken(gateway, kind):
    assert gateway.raw(json.dumps(record()), kind=kind).status_code == 202


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "json", "text/json/x"])
def test_any_other_type_is_refused(gateway, kind):
    answer = gateway.raw(json.dumps(record()), kind=kind)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert gateway.log(record()).status_code == 202


def test_the_ingest_port_takes_records_and_answers_nothing_else(gateway):
    with als.Client(gateway.tenant, als.INGEST_URL) as ingest:
        log_id = ingest.accepted(record())
        assert len(ingest.batch_accepted([record()] * 2)) == 2
        assert ingest.post("/logs/validate", json=record()).status_code == 200
        assert ingest.log(record(service=None)).json()["error"] == "Validation Error"
        assert ingest.get("/logs").status_code in (404, 405)
        assert ingest.get(f"/logs/{log_id}").status_code == 404
        assert ingest.get("/stats").status_code == 404
    gateway.stored(log_id)
    gateway.wait_total(3)


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


def test_a_chunked_body_is_read(gateway):
    body = json.dumps(record()).encode()
    answer = gateway.post("/logs", content=(body[at:at + 7] for at in range(0, len(body), 7)),
                          headers={"Content-Type": "application/json"})
    assert answer.status_code == 202, answer.text


def test_a_client_that_asks_first_is_told_to_go_on(gateway):
    answer = gateway.post("/logs", json=record(), headers={"Expect": "100-continue"})
    assert answer.status_code == 202


