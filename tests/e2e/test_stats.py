# SPDX-License-Identifier: MIT
"""Statistics: what /stats says is what was sent, over any range, and all stores agree."""

import random
from collections import Counter

import pytest

import als
from als import iso, record

SEVERITIES = ("info", "warn", "error", "critical")
OUTCOMES = ("success", "failure", None)
MIDNIGHT = als.now().replace(hour=0, minute=0, second=0, microsecond=0) - als.timedelta(days=20)
START = MIDNIGHT - als.timedelta(hours=2, minutes=1, seconds=30)
SPAN_MS = 3 * 24 * 3600 * 1000 + 4321


def made(count=700, seed=7):
    """Records over three days; half of them crowd around minute, hour and day borders."""
    chance = random.Random(seed)
    for _ in range(count):
        offset = chance.randrange(SPAN_MS)
        if chance.random() < 0.5:
            border = chance.choice((60_000, 3_600_000, 86_400_000))
            offset = int((MIDNIGHT - START).total_seconds() * 1000) + chance.randrange(3) * border + chance.choice((-1, 0, 1))
        yield record(service=chance.choice(("auth", "shop")), action=chance.choice(("a", "b|c", "d/e%")),
                     userId=f"u{chance.randrange(40)}", severity=chance.choice(SEVERITIES),
                     outcome=chance.choice(OUTCOMES), timestamp=iso(START + als.timedelta(milliseconds=offset)))


SENT = list(made())


@pytest.fixture(scope="module")
def logs(shared_gateway):
    shared_gateway.batch_accepted(SENT)
    shared_gateway.wait_total(len(SENT))
    shared_gateway.wait_counted(len(SENT))
    return shared_gateway


def counted(start=None, end=None, **filters):
    """{(service, action): Counter of severities} over what was sent."""
    rows = {}
    for sent in SENT:
        inside = (start is None or start <= sent["timestamp"]) and (end is None or sent["timestamp"] <= end)
        if inside and all(sent[name] == value for name, value in filters.items()):
            rows.setdefault((sent["service"], sent["action"]), Counter())[sent["severity"]] += 1
    return rows


def check(rows, expected):
    found = {(row["service"], row["action"]): {name: n for name, n in row["severity"].items() if n} for row in rows}
    assert found == {key: dict(severities) for key, severities in expected.items()}
    assert all(row["count"] == sum(row["severity"].values()) for row in rows)
    assert all(list(row["severity"]) == list(SEVERITIES) for row in rows)
    counts = [row["count"] for row in rows]
    assert counts == sorted(counts, reverse=True)


def test_all_time_is_what_was_sent(logs):
    check(logs.stats(), counted())


def test_a_row_has_the_members_of_old(logs):
    for row in logs.stats():
        assert list(row)[:5] == ["service", "action", "count", "severity", "timeRange"]


def test_the_range_is_all_time_until_now_when_not_given(logs):
    before = als.ago(minutes=2)
    for row in logs.stats():
        assert row["timeRange"]["start"] == "1970-01-01T00:00:00.000Z"
        assert before < als.moment(row["timeRange"]["end"]) < als.now() + als.timedelta(minutes=2)


def test_the_range_asked_for_is_shown(logs):
    day, next_day = iso(MIDNIGHT)[:10], iso(MIDNIGHT + als.timedelta(days=1))[:10]
    rows = logs.stats(startDate=day, endDate=f"{next_day}T01:00:00+01:00")
    assert rows
    for row in rows:
        assert row["timeRange"] == {"start": f"{day}T00:00:00.000Z", "end": f"{next_day}T00:00:00.000Z"}


def test_one_service_is_counted_alone(logs):
    check(logs.stats(service="auth"), counted(service="auth"))
    assert logs.stats(service="nobody") == []


BORDERS = [iso(MIDNIGHT + als.timedelta(**distance)) for distance in (
    {"hours": -2, "minutes": -1, "seconds": -30}, {"milliseconds": -1}, {}, {"milliseconds": 1}, {"minutes": 1},
    {"hours": 1, "milliseconds": -1}, {"hours": 1}, {"hours": 1, "milliseconds": 1}, {"days": 1}, {"days": 2},
    {"days": 2, "hours": 22})]


def ranges():
    chance = random.Random(11)
    for start in BORDERS:
        for end in chance.sample(BORDERS, 4):
            yield start, end
    for _ in range(60):
        first, second = (START + als.timedelta(milliseconds=chance.randrange(SPAN_MS)) for _ in range(2))
        yield iso(min(first, second)), iso(max(first, second))
    for sent in chance.sample(SENT, 20):
        yield sent["timestamp"], sent["timestamp"]


def test_any_range_is_exact_with_both_ends_included(logs):
    for start, end in ranges():
        rows = logs.stats(startDate=start, endDate=end)
        try:
            check(rows, counted(start, end))
        except AssertionError as error:
            raise AssertionError(f"{start} to {end}: {error}") from error


def test_an_open_range_is_exact(logs):
    for border in BORDERS:
        check(logs.stats(startDate=border), counted(start=border))
        check(logs.stats(endDate=border), counted(end=border))


def test_the_first_hundred_are_shown_highest_count_first(gateway):
    batch = [record(action=f"a{n:03}") for n in range(130) for _ in range(1 + n % 5)]
    gateway.batch_accepted(batch)
    gateway.wait_total(len(batch))
    wanted = sorted(Counter(sent["action"] for sent in batch).values(), reverse=True)[:100]
    als.wait_until(lambda: [row["count"] for row in gateway.stats()] == wanted, "the hundred highest are shown")


def test_what_was_just_sent_is_counted_up_to_now(gateway):
    gateway.batch_accepted([record()] * 25)
    gateway.wait_counted(25)
    gateway.wait_counted(25, startDate=iso(als.ago(hours=1)))
    gateway.wait_counted(0, startDate=iso(als.now() + als.timedelta(hours=1)))


def test_late_events_are_counted_in_their_own_windows(gateway):
    gateway.batch_accepted([record(timestamp="2024-06-15T12:00:00Z"), record(timestamp="2023-01-01T00:00:00Z"), record()])
    gateway.wait_counted(3)
    assert sum(row["count"] for row in gateway.stats(startDate="2023-01-01", endDate="2023-01-02")) == 1
    assert sum(row["count"] for row in gateway.stats(startDate="2024-06-15", endDate="2024-06-16")) == 1


def test_the_shards_of_every_window_add_up_to_what_was_sent(logs, database):
    for window, length in (("minute", 16), ("hour", 13), ("day", 10)):
        expected = Counter((sent["timestamp"][:length], sent["service"], sent["action"],
                            f"{sent['severity']}_{sent.get('outcome') or 'none'}") for sent in SENT)
        found = Counter()
        for document in database.stats.find({"tenant": logs.tenant, "window": window}):
            names = [document[name] for name in ("tenant", "window", "service", "action", "shard")]
            tenant, _, service, action, shard = names
            assert document["_id"].startswith(f"{tenant}|{window}|")
            assert document["_id"].endswith(f"|{service}|{action}|{shard}")
            assert iso(document["start"]) <= iso(document["firstAt"]) <= iso(document["lastAt"])
            for cell, n in document["cells"].items():
                found[iso(document["start"])[:length], service, action, cell] += n
        assert found == expected


def test_redis_agrees_with_what_was_sent(gateway, counters):
    now = als.now()
    sent = [record(service=service, severity=severity, timestamp=iso(now - als.timedelta(hours=hours)))
            for service in ("auth", "shop") for severity in SEVERITIES for hours in (0, 1, 30) for _ in range(3)]
    gateway.batch_accepted(sent)
    gateway.wait_counted(len(sent))
    days = Counter(one["timestamp"][:10] for one in sent)

    def agree():
        key = f"{{als}}:{gateway.tenant}:"
        assert counters.hget(key + "total", "count") == str(len(sent))
        for day, count in days.items():
            assert counters.hget(f"{key}day:{day}", "count") == str(count)
        return True

    als.wait_until(agree, "Redis has counted them")
