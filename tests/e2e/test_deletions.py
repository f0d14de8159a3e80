# SPDX-License-Identifier: MIT
"""Deletions: counted first, then carried out in the background, for good."""

import os
import signal

import pytest

import als
import programs
import rules
from als import record


def send(client, count=20, **fields):
    return client.batch_accepted([record(service="auth" if i % 2 else "mail", **fields) for i in range(count)])


def test_what_the_filter_selects_is_deleted_and_no_more(gateway):
    send(gateway)
    gateway.wait_total(20)
    made = rules.make(gateway, "deletions", {"service": "auth"})
    assert (made["state"], made["matched"]) == ("accepted", 10)
    ended = rules.finished(gateway, "deletions", made["id"])
    assert (ended["state"], ended["deleted"], ended["filter"]) == ("done", 10, {"service": "auth"})
    assert gateway.search(service="auth")["pagination"]["total"] == 0
    assert gateway.search(service="mail")["pagination"]["total"] == 10


def test_a_dry_run_only_counts(gateway):
    send(gateway)
    gateway.wait_total(20)
    answer = gateway.post("/admin/deletions", json={"service": ["auth", "mail"]}, params={"dryRun": "true"})
    assert (answer.status_code, answer.json()) == (200, {"success": True, "dryRun": True, "matched": 20})
    assert gateway.get("/admin/deletions").json()["data"] == []
    assert gateway.search()["pagination"]["total"] == 20


@pytest.mark.parametrize("body, left", [
    ({"service!": "auth"}, 10),
    ({"all": True}, 0),
    ({"metadata.n": 3}, 19),
    ({"q": "create", "severity": "info"}, 0),
    ({"endDate": "2020-01-01"}, 20),
    ({"userId": "nobody"}, 20),
])
def test_filters_are_those_of_queries(gateway, body, left):
    gateway.batch_accepted([record(service="auth" if i % 2 else "mail", metadata={"n": i}) for i in range(20)])
    gateway.wait_total(20)
    assert rules.delete(gateway, body)["state"] == "done"
    assert gateway.search(**{"service!": "activity-log"})["pagination"]["total"] == left


def test_thousands_of_one_moment_are_deleted_in_chunks(gateway):
    for _ in range(4):
        gateway.batch_accepted([record(timestamp="2026-01-01", service="old") for _ in range(1000)])
    keep = gateway.accepted(record(timestamp="2026-01-01", service="kept"))
    gateway.wait_total(4001)
    ended = rules.delete(gateway, {"service": "old"})
    assert ended["deleted"] == 4000
    assert gateway.search(service="old")["pagination"]["total"] == 0
    gateway.stored(keep)


def test_what_is_still_on_its_way_is_deleted_too_and_what_comes_later_is_kept(gateway):
    als.dev("stop", "indexer")
    try:
        send(gateway)
        made = rules.make(gateway, "deletions", {"service": "auth"})
        assert made["matched"] == 0
        later = gateway.accepted(record(service="auth"))
        als.wait_until(lambda: rules.one(gateway, "deletions", made["id"])["state"] == "waiting", "it waits for the indexer")
    finally:
        als.dev("start", "indexer")
    gateway.stored(later)
    assert rules.finished(gateway, "deletions", made["id"])["state"] == "done"
    gateway.wait_total(1, service="auth")
    gateway.wait_total(10, service="mail")


def test_a_deletion_goes_on_after_its_gateway_and_indexer_were_killed(gateway):
    for _ in range(5):
        send(gateway, 1000)
    gateway.wait_total(5000, seconds=120)
    made = rules.make(gateway, "deletions", {"all": True})
    os.kill(als.dev_pid("gateway"), signal.SIGKILL)
    os.kill(als.dev_pid("indexer"), signal.SIGKILL)
    als.wait_until(lambda: als.ready(als.URL), "the gateway is back", 60)
    als.wait_until(lambda: als.ready(als.INDEXER_URL), "the indexer is back", 60)
    assert rules.finished(gateway, "deletions", made["id"])["state"] == "done"
    assert gateway.search(**{"service!": "activity-log"})["pagination"]["total"] == 0


def test_two_gateways_share_the_work(gateway):
    send(gateway, 200)
    gateway.wait_total(200)
    with programs.Gateway():
        assert rules.delete(gateway, {"all": True})["deleted"] >= 200
    assert gateway.search(**{"service!": "activity-log"})["pagination"]["total"] == 0


def test_a_cancelled_one_deletes_no_more(gateway):
    als.dev("stop", "indexer")
    try:
        made = rules.make(gateway, "deletions", {"service": "auth"})
        send(gateway)
        answer = gateway.delete(f"/admin/deletions/{made['id']}")
        assert (answer.status_code, answer.json()["data"]["state"]) == (200, "cancelled")
    finally:
        als.dev("start", "indexer")
    gateway.wait_total(20, **{"service!": "activity-log"})
    assert rules.one(gateway, "deletions", made["id"])["state"] == "cancelled"
    again = gateway.delete(f"/admin/deletions/{made['id']}")
    assert (again.status_code, again.json()["data"]["state"]) == (200, "cancelled")


def test_another_tenant_sees_and_loses_nothing(gateway):
    with als.Client() as other:
        send(other)
        send(gateway)
        other.wait_total(20)
        gateway.wait_total(20)
        made = rules.make(gateway, "deletions", {"all": True})
        rules.finished(gateway, "deletions", made["id"])
        assert other.search()["pagination"]["total"] == 20
        assert other.get("/admin/deletions").json()["data"] == []
        assert other.get(f"/admin/deletions/{made['id']}").status_code == 404
        assert other.delete(f"/admin/deletions/{made['id']}").status_code == 404


def test_acts_are_logged(gateway):
    made = rules.make(gateway, "deletions", {"service": "auth"})
    gateway.delete(f"/admin/deletions/{made['id']}")
    for action in ("deletion.create", "deletion.cancel"):
        assert rules.activity(gateway, action)[0]["resource"] == {"type": "deletion", "id": made["id"]}


@pytest.mark.parametrize("body, message", [
    ({}, '"value" must have at least 1 filter, or "all": true'),
    ({"all": False}, '"all" must be [true]'),
    ({"all": True, "service": "a"}, '"all" must not stand beside a filter'),
    ({"sevrice": "a"}, '"sevrice" is not allowed'),
    ({"tenant": "a"}, '"tenant" is not allowed'),
    ({"userId[$ne]": "a"}, '"userId[$ne]" is not allowed'),
    ({"userId": {"$ne": "a"}}, '"userId" must be a string'),
    ({"severity": "loud"}, '"severity" must be one of [info, warn, error, critical]'),
    ({"startDate": "0"}, '"startDate" must be in ISO 8601 date format'),
    ([], '"value" must be of type object'),
])
def test_a_bad_body_is_refused_in_words(gateway, body, message):
    answer = gateway.post("/admin/deletions", json=body)
    assert answer.status_code == 400, answer.text
    assert message in [detail["message"] for detail in answer.json()["details"]]
    assert gateway.get("/admin/deletions").json()["data"] == []


@pytest.mark.parametrize("query", ["dryRun=yes", "dryRun=true&dryRun=false", "dryRun=false&dryRun=true", "dryRun[]=true", "dryRun"])
def test_a_dry_run_that_is_none_deletes_nothing(gateway, query):
    answer = gateway.post(f"/admin/deletions?{query}", json={"all": True})
    assert (answer.status_code, answer.json()["details"][0]["message"]) == (400, '"dryRun" must be a boolean')


@pytest.mark.parametrize("rule_id", ["nope", "%00", "%ff", "a" * 200, "$ne", "retention%2Fx"])
def test_an_unknown_one_is_not_found(gateway, rule_id):
    assert gateway.get(f"/admin/deletions/{rule_id}").status_code == 404
    assert gateway.delete(f"/admin/deletions/{rule_id}").status_code == 404
