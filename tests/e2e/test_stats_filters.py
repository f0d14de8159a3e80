# SPDX-License-Identifier: MIT
"""/stats with filters and groups: what it says equals a plain count of what was sent."""

import random
from collections import Counter

import pytest

import als
from als import iso, record

SEVERITIES = ("info", "warn", "error", "critical")
START = als.now().replace(hour=0, minute=0, second=0, microsecond=0) - als.timedelta(days=9)
SPAN_MS = 4 * 24 * 3600 * 1000 + 98765


def made(count=600, seed=21):
    chance = random.Random(seed)
    for _ in range(count):
        yield record(service=chance.choice(("auth", "authz", "shop", "*")), action=chance.choice(("user.login", "user.out", "user", "b|c", "é%")),
                     severity=chance.choice(SEVERITIES), outcome=chance.choice(("success", "failure", None)),
                     timestamp=iso(START + als.timedelta(milliseconds=chance.randrange(SPAN_MS))))


SENT = list(made())


@pytest.fixture(scope="module")
def logs(shared_gateway):
    shared_gateway.batch_accepted(SENT)
    shared_gateway.wait_total(len(SENT))
    shared_gateway.wait_counted(len(SENT))
    return shared_gateway


def value(sent, name):
    return sent.get(name) or ("none" if name == "outcome" else None)


def counted(chosen, names=("service", "action")):
    return Counter(tuple(value(sent, name) for name in names) for sent in SENT if chosen(sent))


def found(rows, names=("service", "action")):
    assert all(list(row)[:len(names)] == list(names) for row in rows)
    return {tuple(row[name] for name in names): row["count"] for row in rows}


def is_user(action):
    return action.startswith("user.")


FILTERS = [
    ("service=auth&service=shop", lambda one: one["service"] in ("auth", "shop")),
    ("service!=auth", lambda one: one["service"] != "auth"),
    ("service!=auth&service!=shop", lambda one: one["service"] not in ("auth", "shop")),
    ("action=user.*", lambda one: is_user(one["action"])),
    ("action!=user.*", lambda one: not is_user(one["action"])),
    ("action=user.*&action!=user.out", lambda one: one["action"] == "user.login"),
    ("action=user.*&action=b|c&service!=shop", lambda one: (is_user(one["action"]) or one["action"] == "b|c") and one["service"] != "shop"),
    ("service=%5C*", lambda one: one["service"] == "*"),
    ("severity=error&severity=critical", lambda one: one["severity"] in ("error", "critical")),
    ("severity!=info", lambda one: one["severity"] != "info"),
    ("outcome=failure", lambda one: one.get("outcome") == "failure"),
    ("outcome=none", lambda one: one.get("outcome") is None),
    ("outcome!=success", lambda one: one.get("outcome") != "success"),
    ("outcome!=success&severity!=warn&service=auth", lambda one: one.get("outcome") != "success" and one["severity"] != "warn" and one["service"] == "auth"),
    ("service=nobody", lambda one: False),
    ("userId=nobody&colour=red", lambda one: True),  # not of /stats: ignored, as ever
]


@pytest.mark.parametrize("query,chosen", FILTERS, ids=[query for query, _ in FILTERS])
def test_a_filter_counts_what_it_chooses(logs, query, chosen):
    rows = logs.get(f"/stats?{query}").json()["data"]
    assert found(rows) == counted(chosen)
    for row in rows:
        key = {"service": row["service"], "action": row["action"]}
        here = Counter(one["severity"] for one in SENT if chosen(one) and key.items() <= one.items())
        assert row["severity"] == {name: here[name] for name in SEVERITIES}


@pytest.mark.parametrize("query,chosen", FILTERS, ids=[query for query, _ in FILTERS])
def test_a_filter_counts_within_a_ragged_range(logs, query, chosen):
    chance = random.Random(query)
    for _ in range(3):
        start, end = sorted(chance.choice(SENT)["timestamp"] for _ in range(2))
        rows = logs.get(f"/stats?{query}&startDate={start}&endDate={end}").json()["data"]
        assert found(rows) == counted(lambda one, start=start, end=end: chosen(one) and start <= one["timestamp"] <= end)


@pytest.mark.parametrize("names", ["service", "action", "severity", "outcome", "action,service", "severity,outcome", "outcome,service,severity,action"])
def test_any_groups_add_up_to_what_was_sent(logs, names):
    split = names.split(",")
    end = iso(START + als.timedelta(days=3, hours=7, minutes=1, seconds=13))
    assert found(logs.stats(groupBy=names, limit=1000), split) == counted(lambda one: True, split)
    assert found(logs.stats(groupBy=names, limit=1000, endDate=end), split) == counted(lambda one: one["timestamp"] <= end, split)
    for row in logs.stats(groupBy=names, limit=3):
        assert isinstance(row["severity"], str if "severity" in split else dict)


def test_the_limit_keeps_the_highest(logs):
    end = iso(als.now())
    assert logs.stats(limit=3, endDate=end) == logs.stats(endDate=end)[:3]


def test_the_answer_says_as_of_when_and_how_exact(logs):
    answer = logs.get("/stats").json()
    assert als.ISO_MS.fullmatch(answer["asOf"])
    assert answer["resolution"] == "exact"


def test_as_of_goes_on_while_nothing_comes(gateway):
    gateway.accepted(record())
    gateway.wait_counted(1)
    sent = iso(als.now())

    def goes_on():
        answer = gateway.get("/stats").json()
        assert sum(row["count"] for row in answer["data"]) == 1
        return answer["asOf"] > sent

    als.wait_until(goes_on, "all that was received before now is counted, in idle partitions too")


BAD = [
    ("groupBy=userId", "groupBy", '"groupBy" must be one of [service, action, severity, outcome]'),
    ("groupBy=service,", "groupBy", '"groupBy" must be one of [service, action, severity, outcome]'),
    ("groupBy=service,service", "groupBy", '"groupBy" contains a duplicate value'),
    ("groupBy=", "groupBy", '"groupBy" is not allowed to be empty'),
    ("groupBy=service&groupBy=action", "groupBy", '"groupBy" must be a string'),
    ("groupBy[$ne]=service", "groupBy", '"groupBy" must be a string'),
    ("limit=0", "limit", '"limit" must be greater than or equal to 1'),
    ("limit=1000000000000", "limit", '"limit" must be less than or equal to 1000'),
    ("limit=x", "limit", '"limit" must be a number'),
    ("startDate=2026-01-01&startDate=2026-01-01", "startDate", '"startDate" must be a valid date'),
    ("endDate=2026-02-30", "endDate", '"endDate" must be in ISO 8601 date format'),
    ("severity=bad", "severity", '"severity" must be one of [info, warn, error, critical]'),
    ("outcome=maybe", "outcome", '"outcome" must be one of [success, failure, none]'),
    ("service=", "service", '"service" is not allowed to be empty'),
    ("service[$ne]=a", "service", '"service" must be a string'),
]


@pytest.mark.parametrize("query,field,message", BAD, ids=[query for query, _, _ in BAD])
def test_bad_input_is_told(gateway, query, field, message):
    answer = gateway.get(f"/stats?{query}")
    assert answer.status_code == 400, answer.text
    assert {"field": field, "message": message} in answer.json()["details"]


def test_a_range_upside_down_is_empty(logs):
    assert logs.stats(startDate="2026-02-02", endDate="2026-02-01") == []
    assert logs.stats(startDate="9999-01-01") == []
    assert logs.stats(endDate="0000-01-01") == []
