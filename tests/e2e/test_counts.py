# SPDX-License-Identifier: MIT
"""Histogram and facets: held against the same, counted from the records that were sent."""

import collections
import random
from datetime import timedelta

import pytest

import als
from als import iso, moment, record

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LENGTHS = {"minute": MINUTE, "hour": HOUR, "day": DAY}
NAMES = {"severity": ("info", "warn", "error", "critical"), "outcome": ("success", "failure", "none")}
# Recent, so that buckets of each length are kept; and old, so that only those of days are.
RECENT = (als.now() - 3 * DAY).replace(minute=0, second=0, microsecond=0)
OLD = moment("2024-03-09T22:00:00.000Z")


def made():
    chance = random.Random(7)

    def one(n):
        start = OLD if n % 4 == 0 else RECENT
        return record(id=f"c{n}", service=chance.choice(("auth", "mail", "shop")), action=f"act.{chance.randrange(14)}",
                      userId=f"u{min(chance.randrange(25), chance.randrange(25))}", severity=chance.choice(NAMES["severity"]),
                      outcome=chance.choice(("success", "failure", None)), tags=chance.sample(["red", "blue", "green"], chance.randrange(3)),
                      resource={"type": "order", "id": f"o{chance.randrange(40)}"} if n % 3 else None, sessionId=f"s{n // 9}",
                      timestamp=iso(start + timedelta(milliseconds=chance.randrange(5 * 3600 * 1000))))

    return [one(n) for n in range(600)]


SENT = made()


@pytest.fixture(scope="module")
def logs(shared_gateway):
    shared_gateway.batch_accepted(SENT)
    shared_gateway.wait_total(len(SENT))
    shared_gateway.wait_counted(len(SENT))
    return shared_gateway


def value(sent, field):
    return sent.get(field, "none" if field == "outcome" else None)


def truncated(when, interval):
    floor = when.replace(second=0, microsecond=0)
    if interval != "minute":
        floor = floor.replace(minute=0)
    return floor.replace(hour=0) if interval == "day" else floor


def expected_points(chosen, interval, by, start, end):
    counts = collections.defaultdict(collections.Counter)
    for sent in chosen:
        counts[truncated(moment(sent["timestamp"]), interval)][value(sent, by)] += 1
    point, points = truncated(start, interval), []
    while point <= end:
        names = {name: 0 for name in NAMES.get(by, ())}
        points.append({"start": iso(point), "counts": {**names, **counts[point]}})
        point += LENGTHS[interval]
    return points


def histogram(client, **params):
    answer = client.get("/logs/histogram", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def within(sent, start, end):
    return iso(start) <= sent["timestamp"] <= iso(end)


RANGES = [
    (RECENT, RECENT + 5 * HOUR, "hour"), (RECENT, RECENT + 5 * HOUR, "minute"), (RECENT, RECENT + 5 * HOUR, "day"),
    (RECENT + timedelta(minutes=7, seconds=13, milliseconds=5), RECENT + timedelta(hours=3, minutes=9, seconds=44, milliseconds=777), "hour"),
    (RECENT + timedelta(minutes=7, seconds=13, milliseconds=5), RECENT + timedelta(hours=3, minutes=9, seconds=44, milliseconds=777), "minute"),
    (RECENT + timedelta(minutes=7, seconds=13, milliseconds=5), RECENT + timedelta(hours=3, minutes=9, seconds=44, milliseconds=777), "day"),
    (RECENT + timedelta(minutes=7, seconds=13), RECENT + timedelta(minutes=7, seconds=40), "minute"),
    (OLD, OLD + 5 * HOUR, "hour"), (OLD + timedelta(minutes=50), OLD + timedelta(minutes=170), "minute"), (OLD, OLD + 5 * HOUR, "day"),
    (OLD - 30 * DAY, OLD + 30 * DAY, "day"),
]


@pytest.mark.parametrize("by", ["severity", "outcome", "service", "action"])
@pytest.mark.parametrize("start, end, interval", RANGES)
def test_each_point_counts_what_was_sent(logs, start, end, interval, by):
    answer = histogram(logs, interval=interval, by=by, startDate=iso(start), endDate=iso(end))
    assert (answer["interval"], answer["by"]) == (interval, by)
    assert answer["data"] == expected_points([s for s in SENT if within(s, start, end)], interval, by, start, end)


@pytest.mark.parametrize("filters, wanted, source", [
    ({"service": "auth"}, lambda s: s["service"] == "auth", "counts"),
    ({"service": ["auth", "mail"], "severity!": "info"}, lambda s: s["service"] != "shop" and s["severity"] != "info", "counts"),
    ({"action": "act.1*", "outcome": "none"}, lambda s: s["action"].startswith("act.1") and "outcome" not in s, "counts"),
    ({"outcome!": "none"}, lambda s: "outcome" in s, "counts"),
    ({"userId": "u3"}, lambda s: s["userId"] == "u3", "logs"),
    ({"q": "ACT.12"}, lambda s: "act.12" in s["action"], "logs"),
    ({"service": "auth", "tag": "red"}, lambda s: s["service"] == "auth" and "red" in s["tags"], "logs"),
])
def test_filters_hold_in_histograms(logs, filters, wanted, source):
    start, end = RECENT + timedelta(minutes=3, seconds=2), RECENT + timedelta(hours=4, minutes=4, seconds=4)
    answer = histogram(logs, interval="hour", startDate=iso(start), endDate=iso(end), **filters)
    assert answer["source"] == source
    assert answer["data"] == expected_points([s for s in SENT if within(s, start, end) and wanted(s)], "hour", "severity", start, end)


def test_without_dates_the_range_is_that_of_the_logs(logs):
    answer = histogram(logs, interval="day")
    times = sorted(sent["timestamp"] for sent in SENT)
    assert answer["data"] == expected_points(SENT, "day", "severity", moment(times[0]), moment(times[-1]))
    chosen = [sent for sent in SENT if sent["userId"] == "u1" and sent["timestamp"] >= iso(RECENT)]
    times = sorted(sent["timestamp"] for sent in chosen)
    answer = histogram(logs, interval="hour", userId="u1", startDate=iso(RECENT), endDate=times[-1])
    assert answer["data"] == expected_points(chosen, "hour", "severity", RECENT, moment(times[-1]))


@pytest.mark.parametrize("length, interval", [(HOUR, "minute"), (3 * HOUR, "minute"), (5 * HOUR, "hour"), (15 * DAY, "hour"),
                                              (16 * DAY, "day"), (1900 * DAY, "day")])
def test_auto_chooses_an_interval_for_the_range(logs, length, interval):
    answer = histogram(logs, startDate=iso(RECENT), endDate=iso(RECENT + length))
    assert answer["interval"] == interval
    assert 1 < len(answer["data"]) <= 2000


def test_a_start_alone_reaches_until_now(logs):
    answer = histogram(logs, interval="hour", startDate=iso(RECENT))
    assert answer["data"][-1]["start"] >= iso(als.now() - 2 * HOUR)


def test_nothing_found_has_no_points(gateway):
    assert histogram(gateway)["data"] == []
    assert histogram(gateway, startDate="2025", endDate="2024")["data"] == []


@pytest.mark.parametrize("params, field", [
    ({"interval": "minute", "startDate": "2020", "endDate": "2021"}, "interval"),
    ({"interval": "day", "startDate": "0000", "endDate": "9999-12-31"}, "startDate"),
    ({"startDate": "0000", "endDate": "9999-12-31T23:59:59.999Z"}, "startDate")])
def test_too_many_points_are_refused_with_the_cure(logs, params, field):
    answer = logs.get("/logs/histogram", params=params)
    assert answer.status_code == 400
    [detail] = answer.json()["details"]
    assert detail["field"] == field and "at most 2000 are allowed: choose" in detail["message"]


def test_too_many_values_are_refused_with_the_cure(gateway):
    gateway.batch_accepted([record(action=f"act {n}") for n in range(501)])
    gateway.wait_total(501)
    gateway.wait_counted(501, limit=1000)
    answer = gateway.get("/logs/histogram", params={"by": "action"})
    assert (answer.status_code, answer.json()["details"]) == (400, [
        {"field": "by", "message": '"by" has too many values in this range: choose some with a filter'}])
    chosen = histogram(gateway, by="action", action="act 1*")
    assert sum(sum(point["counts"].values()) for point in chosen["data"]) == 111


def facets(client, **params):
    answer = client.get("/logs/facets", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def expected_facet(chosen, field):
    members = {"tag": lambda s: s["tags"], "resourceType": lambda s: [s["resource"]["type"]] if "resource" in s else [],
               "resourceId": lambda s: [s["resource"]["id"]] if "resource" in s else [], "source": lambda s: ["http"]}
    values = members.get(field, lambda s: [v for v in [value(s, field)] if v is not None])
    counts = collections.Counter(v for sent in chosen for v in values(sent))
    return [{"value": v, "count": n} for v, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:10]]


FIELDS = ("service", "action", "userId", "severity", "outcome", "resourceType", "resourceId", "sessionId", "tag", "source", "ip",
          "requestId", "country")


@pytest.mark.parametrize("filters, wanted", [
    ({}, lambda s: True), ({"service": "auth", "outcome!": "failure"}, lambda s: s["service"] == "auth" and s.get("outcome") != "failure"),
    ({"userId": "u2"}, lambda s: s["userId"] == "u2"), ({"tag": "blue"}, lambda s: "blue" in s["tags"]),
    ({"startDate": iso(RECENT + timedelta(minutes=11, seconds=7)), "endDate": iso(RECENT + timedelta(hours=2, minutes=1))},
     lambda s: within(s, RECENT + timedelta(minutes=11, seconds=7), RECENT + timedelta(hours=2, minutes=1))),
    ({"endDate": iso(OLD + timedelta(hours=1))}, lambda s: s["timestamp"] <= iso(OLD + timedelta(hours=1))),
    ({"startDate": "2025", "endDate": "2024"}, lambda s: False)], ids=str)
def test_facets_count_the_commonest_values(logs, filters, wanted):
    chosen = [sent for sent in SENT if wanted(sent)]
    assert facets(logs, field=",".join(FIELDS), **filters) == {field: expected_facet(chosen, field) for field in FIELDS}


def test_facets_come_once_each_in_the_order_of_the_list(logs):
    assert list(facets(logs, field="severity,service,severity")) == ["severity", "service"]


def test_a_tenant_counts_its_own_logs_alone(logs, gateway):
    assert facets(gateway, field="service,userId") == {"service": [], "userId": []}
