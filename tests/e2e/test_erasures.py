# SPDX-License-Identifier: MIT
"""Erasures stick: whatever comes late, again or anew, a user who is erased is found by no route; a new life is kept."""

import json
import os
import re
import signal
from datetime import timedelta

import pytest

import als
import rules
from als import iso, record

ANON = re.compile(r"anon-[0-9a-f]{16}")


def ranked(counters, client):
    """Everybody in the rankings of this tenant."""
    names = set()
    for key in counters.scan_iter(f"{{als}}:{client.tenant}:top-users:day:*", count=1000):
        names.update(counters.zrange(key, 0, -1))
    return names


def send(client, *users, count=5):
    for user in users:
        client.batch_accepted([record(userId=user) for _ in range(count)])


def test_a_users_logs_are_gone_and_the_others_are_there(gateway, counters):
    send(gateway, "ada", "bob")
    by_actor = gateway.accepted(record(userId="bob", actor={"type": "user", "id": "ada"}))
    gateway.wait_total(11)
    als.wait_until(lambda: ranked(counters, gateway) == {"ada", "bob"}, "both are ranked")
    ended = rules.erase(gateway, "ada")
    assert (ended["state"], ended["userId"], ended["mode"], ended["deleted"]) == ("done", "ada", "delete", 6)
    assert gateway.search(userId="ada")["data"] == []
    assert gateway.get(f"/logs/{by_actor}").status_code in (202, 404)  # 202: accepted lately, and not stored
    assert gateway.search(userId="bob")["pagination"]["total"] == 5
    assert "ada" not in ranked(counters, gateway)
    assert "bob" in ranked(counters, gateway)


def test_counts_stay(gateway):
    send(gateway, "ada", "bob")
    gateway.wait_counted(10, service="shop")
    rules.erase(gateway, "ada")
    gateway.wait_counted(10, service="shop")


def test_late_arrivals_are_dropped_and_a_new_life_is_kept(gateway, counters, direct):
    rules.erase(gateway, "ada")
    late = gateway.accepted(record(userId="ada", timestamp=iso(als.ago(minutes=5))))
    direct.send(record(userId="ada", timestamp=iso(als.ago(hours=2)), service="late"), headers=[("als.tenant", gateway.tenant.encode())])
    new = gateway.accepted(record(userId="ada"))
    gateway.stored(new)
    rules.caught_up(gateway)
    assert [log["_id"] for log in gateway.search(userId="ada")["data"]] == [new]
    assert gateway.get(f"/logs/{late}").status_code in (202, 404)
    als.wait_until(lambda: "ada" in ranked(counters, gateway), "the new life is ranked")


def test_a_new_life_keeps_its_counts_when_the_processor_starts_again(gateway, counters):
    rules.erase(gateway, "ada")
    send(gateway, "ada", count=3)
    key = f"{{als}}:{gateway.tenant}:top-users:day:{als.now():%Y-%m-%d}"
    als.wait_until(lambda: counters.zscore(key, "ada") == 3, "the new life is ranked")
    os.kill(als.dev_pid("processor"), signal.SIGKILL)
    als.wait_until(lambda: als.ready(als.PROCESSOR_URL), "the processor is back", 60)
    send(gateway, "ada", count=2)
    als.wait_until(lambda: counters.zscore(key, "ada") == 5, "all of the new life is ranked", 60)


def test_a_rebuild_of_the_counters_does_not_bring_a_user_back(gateway, counters):
    send(gateway, "ada", "bob")
    als.wait_until(lambda: ranked(counters, gateway) == {"ada", "bob"}, "both are ranked")
    rules.erase(gateway, "ada")
    counters.flushall()
    als.wait_until(lambda: counters.hget(f"{{als}}:{gateway.tenant}:total", "count") not in (None, "0"), "counted again", 90)
    als.wait_until(lambda: "bob" in ranked(counters, gateway), "bob is ranked again", 90)
    rules.caught_up(gateway)
    assert "ada" not in ranked(counters, gateway)


def test_what_the_indexer_reads_once_more_stays_away(gateway):
    """Killed in the middle, it begins again at the last commit."""
    send(gateway, "ada", "bob", count=500)
    made = rules.make(gateway, "erasures", {"userId": "ada", "mode": "delete"})
    os.kill(als.dev_pid("indexer"), signal.SIGKILL)
    als.wait_until(lambda: als.ready(als.INDEXER_URL), "the indexer is back", 60)
    assert rules.finished(gateway, "erasures", made["id"])["state"] == "done"
    gateway.wait_total(500, userId="bob")
    rules.caught_up(gateway)
    assert gateway.search(userId="ada")["pagination"]["total"] == 0


def test_all_of_the_topic_read_anew_brings_nobody_back(gateway):
    send(gateway, "ada", "bob")
    gateway.wait_total(10)
    rules.erase(gateway, "ada")
    rules.read_all_anew()
    rules.caught_up(gateway, 120)
    assert gateway.search(userId="ada")["data"] == []
    assert gateway.search(userId="bob")["pagination"]["total"] == 5


def test_anonymising_masks_what_is_stored_and_what_comes_late(gateway, database):
    made_of_ada = {"userId": "ada", "actor": {"type": "user", "id": "ada", "name": "Ada L"}, "ip": "10.1.2.3", "userAgent": "curl/8",
                   "sessionId": "s1", "metadata": {"ip": "10.1.2.3", "cart": {"items": 3}}, "message": "kept"}
    stored = gateway.accepted(record(**made_of_ada))
    gateway.stored(stored)
    ended = rules.erase(gateway, "ada", "anonymize")
    assert ended["anonymized"] == 1
    late = gateway.accepted(record(**made_of_ada, timestamp=iso(als.ago(minutes=5))))
    found = [gateway.stored(log_id) for log_id in (stored, late)]
    for log in found:
        assert ANON.fullmatch(log["userId"]) and log["userId"] == log["actor"]["id"] == found[0]["userId"]
        assert log["ip"] == log["metadata"]["ip"] != log["userId"]
        assert all(ANON.fullmatch(log[name]) for name in ("ip", "userAgent", "sessionId")) and ANON.fullmatch(log["actor"]["name"])
        assert (log["message"], log["metadata"]["cart"], log["actor"]["type"]) == ("kept", {"items": 3}, "user")
    assert gateway.search(userId="ada")["data"] == []
    assert gateway.search(userId=found[0]["userId"])["pagination"]["total"] == 2
    text = json.dumps(list(database.logs.find({"tenant": gateway.tenant, "service": "shop"})), default=str)
    assert not re.search(r"\"ada\"|Ada L|10\.1\.2\.3|curl/8", text), text


def test_two_tenants_have_their_own_users(gateway):
    with als.Client() as other:
        send(gateway, "ada")
        send(other, "ada")
        gateway.wait_total(5)
        other.wait_total(5)
        made = rules.make(gateway, "erasures", {"userId": "ada", "mode": "delete"})
        rules.finished(gateway, "erasures", made["id"])
        assert other.search(userId="ada")["pagination"]["total"] == 5
        assert other.get(f"/admin/erasures/{made['id']}").status_code == 404
        assert other.get("/admin/erasures").json()["data"] == []


def test_refused_records_of_a_user_are_forgotten(gateway, database, direct):
    for user in ("ada", "bob"):
        direct.send(record(userId=user, service=""), key=user.encode(), headers=[("als.tenant", gateway.tenant.encode())])
    als.wait_until(lambda: database.rejects.count_documents({"tenant": gateway.tenant}) == 2, "both are kept")
    rules.erase(gateway, "ada")
    assert [b"bob" in reject["value"] for reject in database.rejects.find({"tenant": gateway.tenant})] == [True]


def test_a_second_erasure_covers_the_second_life(gateway):
    send(gateway, "ada")
    rules.erase(gateway, "ada")
    send(gateway, "ada", count=3)
    gateway.wait_total(3, userId="ada")
    rules.erase(gateway, "ada")
    assert gateway.search(userId="ada")["data"] == []
    assert len(gateway.get("/admin/erasures").json()["data"]) == 2


def test_an_erasure_is_logged_without_a_name(gateway):
    made = rules.make(gateway, "erasures", {"userId": "ada", "mode": "delete"})
    log = rules.activity(gateway, "erasure.create")[0]
    assert (log["resource"], log["metadata"]) == ({"type": "erasure", "id": made["id"]}, {"mode": "delete"})
    assert '"ada"' not in json.dumps(log)


def test_a_store_that_forgot_its_version_of_the_rules_stops_nobody(gateway, counters, database):
    rules.erase(gateway, "ada")
    database.settings.delete_one({"_id": "rules"})
    send(gateway, "bob")
    als.wait_until(lambda: "bob" in ranked(counters, gateway), "counting goes on", 60)
    send(gateway, "cy")
    gateway.wait_total(5, userId="cy")
    rules.erase(gateway, "cy")
    late = gateway.accepted(record(userId="ada", timestamp=iso(als.ago(minutes=5))))
    rules.caught_up(gateway)
    assert gateway.get(f"/logs/{late}").status_code in (202, 404)
    assert gateway.search(userId="ada")["data"] == gateway.search(userId="cy")["data"] == []
    als.wait_until(lambda: not ranked(counters, gateway) & {"ada", "cy"}, "nobody who is erased is ranked")


@pytest.mark.parametrize("user", ["$ne", "ada|bob", "{als}", "ä 😀", "a" * 100, "retention/x", "%00", "a\0b"])
def test_odd_names_are_users_like_any(gateway, user):
    gateway.accepted(record(userId=user))
    gateway.accepted(record(userId="other"))
    gateway.wait_total(2)
    rules.erase(gateway, user)
    assert [log["userId"] for log in gateway.search(service="shop")["data"]] == ["other"]


@pytest.mark.parametrize("body, message", [
    ({}, '"userId" is required'),
    ({"userId": ""}, '"userId" is not allowed to be empty'),
    ({"userId": "a" * 101}, '"userId" length must be less than or equal to 100 characters long'),
    ({"userId": 7}, '"userId" must be a string'),
    ({"userId": {"$ne": 1}}, '"userId" must be a string'),
    ({"userId": ["a"]}, '"userId" must be a string'),
    ({"userId": "a", "mode": "shred"}, '"mode" must be one of [delete, anonymize]'),
    ({"userId": "a", "mode": None}, '"mode" must be one of [delete, anonymize]'),
    ({"userId": "a", "tenant": "b"}, '"tenant" is not allowed'),
    ([], '"value" must be of type object'),
])
def test_a_bad_body_is_refused_in_words(gateway, body, message):
    answer = gateway.post("/admin/erasures", json=body)
    assert answer.status_code == 400, answer.text
    assert message in [detail["message"] for detail in answer.json()["details"]]
    assert gateway.get("/admin/erasures").json()["data"] == []


def test_an_event_that_was_ahead_of_its_time_is_covered_when_it_had_been_received(gateway):
    ahead = gateway.accepted(record(userId="ada", timestamp=iso(als.now() + timedelta(hours=1))))
    gateway.stored(ahead)
    rules.erase(gateway, "ada")
    assert gateway.get(f"/logs/{ahead}").status_code in (202, 404)
    assert gateway.search(userId="ada")["data"] == []
