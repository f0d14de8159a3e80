# SPDX-License-Identifier: MIT
"""Ranges of weeks, and ranges that end now: read from the running week, and exact with events that are dated ahead."""

import random
from collections import Counter

import pytest

import als
from als import iso, record

TODAY = als.now().replace(hour=0, minute=0, second=0, microsecond=0)
MONDAY = TODAY - als.timedelta(days=TODAY.weekday())
FIRST = MONDAY - als.timedelta(weeks=5)


def made(count=900, seed=5):
    """From five weeks before this one until now; half of them crowd around the borders of weeks and days."""
    chance = random.Random(seed)
    for _ in range(count):
        at = FIRST + chance.random() * (als.now() - FIRST)
        if chance.random() < 0.5:
            at = min(FIRST + als.timedelta(days=chance.choice((7, 7, 1)) * chance.randrange(1, 6), milliseconds=chance.choice((-1, 0, 1))), als.now())
        yield record(service=chance.choice(("auth", "shop")), action=chance.choice(("a", "b|c")), timestamp=iso(at),
                     severity=chance.choice(("info", "error")))


SENT = list(made())


@pytest.fixture(scope="module")
def logs(shared_gateway):
    shared_gateway.batch_accepted(SENT)
    shared_gateway.wait_total(len(SENT))
    shared_gateway.wait_counted(len(SENT))
    return shared_gateway


def inside(start, end):
    return [one for one in SENT if start <= one["timestamp"] <= end]


def rows(client, **params):
    return {(row["service"], row["action"], name): count for row in client.stats(**params) for name, count in row["severity"].items() if count}


def ranges():
    chance = random.Random(6)
    borders = [FIRST + als.timedelta(days=days, milliseconds=chance.choice((-1, 0, 1))) for days in (0, 1, 6, 7, 8, 13, 14, 21, 27, 28, 30)]
    for start in borders:
        for end in [*chance.sample(borders, 3), als.now()]:
            if start < end:
                yield iso(start), iso(end)
    for _ in range(40):
        start, end = sorted(FIRST + chance.random() * (als.now() - FIRST) for _ in range(2))
        yield iso(start), iso(end)
        yield iso(start), iso(als.now())


def test_any_range_across_weeks_is_what_was_sent(logs):
    for start, end in ranges():
        wanted = Counter((one["service"], one["action"], one["severity"]) for one in inside(start, end))
        assert rows(logs, startDate=start, endDate=end) == wanted, (start, end)


@pytest.mark.parametrize("since", ["10 s", "20 min", "5 h", "3 days", "9 days", "33 days"])
def test_all_that_counts_up_to_now_agrees(logs, since):
    number, unit = since.split()
    start = als.ago(**{{"s": "seconds", "min": "minutes", "h": "hours", "days": "days"}[unit]: int(number)})
    params = {"startDate": iso(start), "endDate": iso(als.now())}
    count = len(inside(params["startDate"], params["endDate"]))
    assert counts(logs, **params) == dict.fromkeys(("stats", "top", "facets", "histogram", "hours"), count)


def counts(client, **params):
    """The same figure from all that reads buckets."""
    def asked(path, **more):
        answer = client.get(path, params={**params, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return {"stats": sum(row["count"] for row in asked("/stats")["data"]),
            "top": sum(one["count"] for one in asked("/stats/top", field="service")["data"]),
            "facets": sum(one["count"] for one in asked("/logs/facets", field="service")["data"]["service"]),
            "histogram": sum(sum(point["counts"].values()) for point in asked("/logs/histogram", interval="hour")["data"]),
            "hours": sum(point["count"] for point in asked("/stats/timeseries", interval="hour")["data"])}


@pytest.mark.parametrize("ahead", [{"seconds": 2}, {"seconds": 50}, {"minutes": 61}, {"hours": 23}], ids=str)
def test_what_is_dated_ahead_is_counted_from_its_time_on(gateway, ahead):
    at = als.now() + als.timedelta(**ahead)
    gateway.batch_accepted([record(), record(timestamp=iso(als.ago(days=8))), record(timestamp=iso(at))])
    gateway.wait_total(3)
    gateway.wait_counted(3, endDate=iso(at + als.timedelta(days=2)))
    start = iso(als.ago(days=20))
    for end, count in ((at - als.timedelta(milliseconds=1), 2), (at, 3), (at + als.timedelta(hours=1), 3)):
        assert set(counts(gateway, startDate=start, endDate=iso(end)).values()) == {count}, end


@pytest.mark.timeout(120)
def test_what_is_dated_ahead_is_never_counted_while_it_comes_in():
    start = iso(als.ago(days=20))
    for _ in range(10):
        with als.Client() as client:
            client.batch_accepted([record(timestamp=iso(als.now() + als.timedelta(minutes=minutes))) for minutes in (-1, 60) for _ in range(20)])
            count = 0
            while count < 20:
                count = sum(row["count"] for row in client.stats(startDate=start, endDate=iso(als.now())))
                assert count <= 20
            client.wait_counted(40, endDate=iso(als.now() + als.timedelta(days=1)))


def put(database, collection, tenant, window, start, **members):
    """A bucket of seven logs, in this window alone."""
    database[collection].insert_one({"_id": f"{tenant}|{window}|made|{als.unique()}", "tenant": tenant, "window": window, "start": start, **members})


def test_the_running_week_is_read_for_its_days_hours_and_minutes(gateway, database):
    put(database, "totals", gateway.tenant, "week", MONDAY, rows={"shop|buy": {"in": 7}}, positions={})
    start = iso(MONDAY - als.timedelta(weeks=1))
    assert counts(gateway, startDate=start, endDate=iso(als.now())) == {"stats": 7, "top": 7, "facets": 7, "histogram": 0, "hours": 0}
    assert sum(row["count"] for row in gateway.stats(startDate=start)) == 7
    assert gateway.stats(startDate=start, endDate=iso(als.ago(minutes=2))) == []


def test_it_is_not_read_when_something_is_counted_later(gateway, database):
    start, end = MONDAY - als.timedelta(weeks=1), MONDAY + als.timedelta(weeks=1, milliseconds=-1)
    later = als.now() + (end - als.now()) / 2
    put(database, "totals", gateway.tenant, "week", MONDAY, rows={"shop|buy": {"in": 7}}, positions={})
    put(database, "stats", gateway.tenant, "minute", later, lastAt=later, service="shop", action="buy", cells={"info_none": 1})
    assert gateway.stats(startDate=iso(start), endDate=iso(als.now())) == []
    assert sum(row["count"] for row in gateway.stats(startDate=iso(start), endDate=iso(end))) == 7
