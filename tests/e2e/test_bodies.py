# SPDX-License-Identifier: MIT
"""How bodies may come: compressed, as lines, as forms, in parts, through either port."""

import gzip
import json

import pytest
import zstandard

import als
from als import record

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


def test_a_chunked_body_is_read(gateway):
    body = json.dumps(record()).encode()
    answer = gateway.post("/logs", content=(body[at:at + 7] for at in range(0, len(body), 7)),
                          headers={"Content-Type": "application/json"})
    assert answer.status_code == 202, answer.text


def test_a_client_that_asks_first_is_told_to_go_on(gateway):
    answer = gateway.post("/logs", json=record(), headers={"Expect": "100-continue"})
    assert answer.status_code == 202


