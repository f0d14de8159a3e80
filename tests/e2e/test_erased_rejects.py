# SPDX-License-Identifier: MIT
"""What was refused and names an erased user is forgotten too: kept, on its way, late, or replayed."""

import json

import pytest

import als
import rules
from als import iso, record
from test_rejects import reject_at, rejects, replay, wait_state

BEFORE = iso(als.ago(minutes=5))
NAMING = {
    "its user": {"service": "", "action": "a", "userId": "lovelace"},
    "its actor, and another user": {"service": "", "action": "a", "userId": "bob", "actor": {"id": "lovelace"}},
    "a user that is no string": {"service": "s", "action": "a", "userId": ["lovelace"]},
    "an actor that is no object": {"service": "s", "action": "a", "actor": "lovelace"},
    "a user in a list of records": [{"service": "s", "action": "a", "userId": "lovelace"}],
    "a user in an event": {"specversion": "1.0", "data": {"userId": "lovelace"}},
    "a user in metadata": {"service": "", "action": "a", "metadata": {"userId": "lovelace"}},
    "no JSON": b'{"userId": "lovelace", ',
    "a form": b"service=s&userId=lovelace",
}


def send(direct, gateway, value):
    return direct.send(value, key=b"k", headers=[("als.tenant", gateway.tenant)])


def kept(gateway, direct, value):
    return reject_at(gateway, *send(direct, gateway, value))


def assert_forgotten(gateway):
    assert "lovelace" not in json.dumps(rejects(gateway, limit=100)["data"])
    assert gateway.search(userId="lovelace")["data"] == []
    assert "lovelace" not in gateway.get("/logs/export").text


def late(value):
    return {**value, "timestamp": BEFORE} if isinstance(value, dict) else value


@pytest.mark.parametrize("value", NAMING.values(), ids=NAMING)
def test_what_is_kept_is_forgotten(gateway, direct, value):
    kept(gateway, direct, value)
    rules.erase(gateway, "lovelace")
    assert_forgotten(gateway)


@pytest.mark.parametrize("value", [late(value) for value in NAMING.values() if isinstance(value, dict)],
                         ids=[name for name, value in NAMING.items() if isinstance(value, dict)])
def test_what_comes_late_is_not_kept(gateway, direct, value):
    rules.erase(gateway, "lovelace")
    send(direct, gateway, value)
    mark = send(direct, gateway, {"service": "", "action": "a", "userId": "mark"})
    reject_at(gateway, *mark)
    rules.caught_up(gateway)
    assert_forgotten(gateway)


def test_what_was_received_before_and_is_refused_after_is_not_kept(gateway, direct):
    """A record without a timestamp: its place in the raw topic alone tells that it was there before."""
    als.dev("stop", "processor")
    try:
        for value in NAMING.values():
            send(direct, gateway, value)
        made = rules.make(gateway, "erasures", {"userId": "lovelace", "mode": "delete"})
        als.wait_until(lambda: rules.one(gateway, "erasures", made["id"])["state"] in ("waiting", "confirming", "done"),
                       "the erasure is in force")
        als.wait_until(als.now, "a moment has passed")
    finally:
        als.dev("start", "processor")
    mark = send(direct, gateway, {"service": "", "action": "a", "userId": "mark"})
    reject_at(gateway, *mark, seconds=60)
    rules.finished(gateway, "erasures", made["id"])
    rules.caught_up(gateway)
    assert_forgotten(gateway)


def test_an_erasure_waits_for_rejects_on_their_way(gateway, direct):
    """While nobody keeps rejects there may be one in hand that knows nothing of the erasure."""
    kept(gateway, direct, NAMING["its user"])
    als.dev("stop", "indexer")
    try:
        send(direct, gateway, NAMING["its user"])
        behind(gateway)
        made = rules.make(gateway, "erasures", {"userId": "lovelace", "mode": "delete"})
        als.wait_until(lambda: rules.one(gateway, "erasures", made["id"])["state"] == "waiting", "the erasure waits")
        for _ in range(5):
            als.wait_until(als.now, "a moment has passed", pause=0.3)
            assert rules.one(gateway, "erasures", made["id"])["state"] == "waiting"
    finally:
        als.dev("start", "indexer")
    rules.finished(gateway, "erasures", made["id"])
    assert_forgotten(gateway)


def behind(gateway):
    """Waits until a dead letter is in its topic that nobody has kept."""

    def look():
        stages = gateway.get("/admin/pipeline").json()["data"]["stages"]
        return next(stage["lag"] for stage in stages if stage["stage"] == "rejects") > 0

    als.wait_until(look, "a dead letter waits")


def test_a_replayed_record_that_names_the_user_is_forgotten(gateway, direct):
    row = kept(gateway, direct, {"service": "", "action": "a", "userId": "bob"})
    assert replay(gateway, row, record(userId="lovelace", service="mended")).status_code == 202
    wait_state(gateway, row, "replayed")
    gateway.wait_total(1, service="mended")
    rules.erase(gateway, "lovelace")
    assert_forgotten(gateway)


def test_a_replay_that_was_asked_for_before_brings_nothing_back(gateway, direct):
    row = kept(gateway, direct, {"service": "", "action": "a", "userId": "lovelace"})
    als.dev("stop", "indexer")
    try:
        assert replay(gateway, row, {"service": "mended", "action": "a", "userId": "lovelace"}).status_code == 202
        made = rules.make(gateway, "erasures", {"userId": "lovelace", "mode": "delete"})
        als.wait_until(lambda: rules.one(gateway, "erasures", made["id"])["state"] != "accepted", "the erasure has begun")
    finally:
        als.dev("start", "indexer")
    rules.finished(gateway, "erasures", made["id"])
    rules.caught_up(gateway)
    assert_forgotten(gateway)


@pytest.mark.parametrize("extra", [{}, {"timestamp": BEFORE}], ids=["without a timestamp", "with one of before"])
def test_a_replay_that_is_asked_for_after_brings_nothing_back(gateway, direct, extra):
    """What was received before the erasure is of before, however late it is mended."""
    row = kept(gateway, direct, {"service": "", "action": "a", "userId": "bob"})
    rules.erase(gateway, "lovelace")
    assert replay(gateway, row, {"service": "mended", "action": "a", "userId": "lovelace"} | extra).status_code == 202

    def look():
        return "lovelace" not in json.dumps(rejects(gateway, limit=100)["data"])

    als.wait_until(look, "the reject is forgotten with what it was to become")
    rules.caught_up(gateway)
    assert_forgotten(gateway)


def test_a_replay_is_of_the_time_when_its_record_was_received(gateway, direct):
    row = kept(gateway, direct, {"service": "", "action": "a", "userId": "bob"})
    replay(gateway, row, {"service": "mended", "action": "a", "userId": "bob"})
    gateway.wait_total(1, service="mended")
    log, = gateway.search(service="mended")["data"]
    assert log["timestamp"] == row["receivedAt"] <= row["at"] < log["createdAt"]


def test_a_second_life_is_refused_and_kept_like_any(gateway, direct):
    rules.erase(gateway, "lovelace")
    kept(gateway, direct, {"service": "", "action": "a", "userId": "lovelace"})
