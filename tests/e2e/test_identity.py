# SPDX-License-Identifier: MIT
"""Whose a record is and what it is called: tenants, ids, retries."""

import pytest

import als
from als import record


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
