# SPDX-License-Identifier: MIT
"""How long logs are kept: the most specific rule decides, for what comes and for what is stored."""

from datetime import timedelta

import pytest

import als
import rules
from als import record

RULES = [{"service": "auth", "severity": "info", "days": 30}, {"service": "auth", "days": 40}, {"severity": "error", "days": 50}]
LOGS = [("auth", "info", 30), ("auth", "error", 40), ("mail", "error", 50), ("mail", "info", 20)]


def days_kept(database, client, log_id):
    stored = database.logs.find_one({"_id": f"{client.tenant}/{log_id}"})
    return stored and (stored["expireAt"] - stored["createdAt"]) / timedelta(days=1)


def send(client):
    return client.batch_accepted([record(service=service, severity=severity) for service, severity, _ in LOGS])


def test_without_a_setting_the_default_is_shown_and_kept(gateway, database):
    assert gateway.get("/admin/retention").json() == {"success": True, "data": {"days": 90, "rules": []}}
    log_id = gateway.accepted(record())
    gateway.stored(log_id)
    assert days_kept(database, gateway, log_id) == 90


def test_a_change_reaches_what_is_stored_and_what_comes(gateway, database):
    before = send(gateway)
    for log_id in before:
        gateway.stored(log_id)
    shown = rules.keep(gateway, 20, RULES)
    assert (shown["days"], shown["rules"]) == (20, RULES)
    after = send(gateway)
    for log_id in after:
        gateway.stored(log_id)
    for ids in (before, after):
        assert [days_kept(database, gateway, log_id) for log_id in ids] == [days for _, _, days in LOGS]


def test_the_last_of_two_changes_counts(gateway, database):
    log_id = gateway.accepted(record())
    gateway.stored(log_id)
    rules.keep(gateway, 5)
    gateway.put("/admin/retention", json={"days": 6})
    rules.keep(gateway, 7)
    assert days_kept(database, gateway, log_id) == 7


def test_another_tenant_keeps_its_own(gateway, database):
    rules.keep(gateway, 3)
    with als.Client() as other:
        assert other.get("/admin/retention").json()["data"]["days"] == 90
        log_id = other.accepted(record())
        other.stored(log_id)
        assert days_kept(database, other, log_id) == 90


def test_what_is_too_old_expires(gateway, database):
    """With a day, what was received two days ago is due at once."""
    log_id = gateway.accepted(record())
    gateway.stored(log_id)
    database.logs.update_one({"_id": f"{gateway.tenant}/{log_id}"}, {"$set": {"createdAt": als.ago(days=2)}})
    rules.keep(gateway, 1)
    assert database.logs.find_one({"_id": f"{gateway.tenant}/{log_id}"}, {"expireAt": 1}) is None or \
        database.logs.find_one({"_id": f"{gateway.tenant}/{log_id}"})["expireAt"] < als.now()


def test_a_change_is_logged(gateway):
    rules.keep(gateway, 9)
    assert rules.activity(gateway, "retention.update")[0]["metadata"]["days"] == 9


@pytest.mark.parametrize("body, message", [
    ({}, '"days" is required'),
    ({"days": 0}, '"days" must be greater than or equal to 1'),
    ({"days": 10**12}, '"days" must be less than or equal to 36500'),
    ({"days": 10**20}, '"days" must be a safe number'),
    ({"days": "9"}, '"days" must be a number'),
    ({"days": None}, '"days" must be a number'),
    ({"days": 9, "rules": {}}, '"rules" must be an array'),
    ({"days": 9, "rules": [{"days": 1}]}, '"rules[0]" must contain at least one of [service, severity]'),
    ({"days": 9, "rules": [{"service": {"$ne": 1}, "days": 1}]}, '"rules[0].service" must be a string'),
    ({"days": 9, "rules": [{"service": "a", "days": 1}] * 2}, '"rules[1]" contains a duplicate value'),
    ({"days": 9, "rules": [{"service": "a", "days": 1}] * 101}, '"rules" must contain less than or equal to 100 items'),
    ({"days": 9, "tenant": "x"}, '"tenant" is not allowed'),
    ([], '"value" must be of type object'),
])
def test_a_bad_body_is_refused_in_words(gateway, body, message):
    answer = gateway.put("/admin/retention", json=body)
    assert answer.status_code == 400, answer.text
    assert message in [detail["message"] for detail in answer.json()["details"]]


def test_what_is_no_json_is_refused(gateway):
    answer = gateway.put("/admin/retention", content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    assert gateway.post("/admin/retention", json={}).status_code == 405
