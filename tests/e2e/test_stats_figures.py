# SPDX-License-Identifier: MIT
"""/stats/top, /stats/unique and /stats/live: what they say equals a plain count of what was sent."""

import random
from collections import Counter

import pytest

import als
from als import iso, record

NOW = als.now()
TODAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
SEVERITIES = ("info", "warn", "error", "critical")


def made(count=900, seed=31):
    """Over ten days, the newer the more."""
    chance = random.Random(seed)
    for _ in range(count):
        age = als.timedelta(milliseconds=int(chance.random() ** 2 * 10 * 86_400_000))
        yield record(service=chance.choice(("auth", "shop", "a/b", "ü")), action=chance.choice(("user.login", "user.out", "buy")),
                     userId=f"u{int(chance.random() ** 2 * 80)}", severity=chance.choice(SEVERITIES),
                     outcome=chance.choice(("success", "failure", None)), timestamp=iso(NOW - age))


SENT = list(made())


@pytest.fixture(scope="module")
def logs(shared_gateway, counters):
    shared_gateway.batch_accepted(SENT)
    shared_gateway.wait_total(len(SENT))
    shared_gateway.wait_counted(len(SENT))
    als.wait_until(lambda: counters.hget(f"{{als}}:{shared_gateway.tenant}:total", "count") == str(len(SENT)), "Redis has counted them")
    wanted = {one["userId"] for one in SENT if one["timestamp"] >= iso(TODAY)}
    als.wait_until(lambda: counters.zcard(f"{{als}}:{shared_gateway.tenant}:top-users:day:{iso(TODAY)[:10]}") == len(wanted), "Redis knows the users")
    return shared_gateway


def figures(client, path, query="", **params):
    answer = client.get(f"/stats/{path}?{query}" if query else f"/stats/{path}", **({"params": params} if params else {}))
    assert answer.status_code == 200, answer.text
    return answer.json()


def inside(start=None, end=None, chosen=lambda one: True):
    return [one for one in SENT if (start is None or iso(start) <= one["timestamp"]) and (end is None or one["timestamp"] <= iso(end)) and chosen(one)]


def ranks(records, field, limit=10):
    counts = Counter(one[field] for one in records)
    return [{"value": name, "count": count} for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0].encode()))[:limit]]


WEEK = TODAY - als.timedelta(days=6)


@pytest.mark.parametrize("field", ["service", "action"])
def test_the_commonest_services_and_actions_come_from_buckets(logs, field):
    answer = figures(logs, "top", field=field)
    assert (answer["source"], answer["exact"], answer["degraded"]) == ("buckets", True, False)
    assert answer["data"] == ranks(inside(WEEK), field)
    start, end = NOW - als.timedelta(days=8, hours=3, milliseconds=5), NOW - als.timedelta(days=1, seconds=7)
    assert figures(logs, "top", field=field, startDate=iso(start), endDate=iso(end))["data"] == ranks(inside(start, end), field)
    chosen = inside(WEEK, chosen=lambda one: one["severity"] == "error" and one["service"] != "shop")
    assert figures(logs, "top", f"field={field}&severity=error&service!=shop&limit=2")["data"] == ranks(chosen, field, 2)


def test_filters_that_buckets_do_not_know_are_counted_in_the_logs(logs):
    answer = figures(logs, "top", field="action", userId="u0")
    assert (answer["source"], answer["exact"]) == ("logs", True)
    assert answer["data"] == ranks(inside(WEEK, chosen=lambda one: one["userId"] == "u0"), "action")


@pytest.mark.parametrize("limit", [1, 10, 1000])
def test_the_busiest_users_of_whole_days_come_from_redis(logs, limit):
    answer = figures(logs, "top", field="userId", limit=limit)
    assert (answer["source"], answer["exact"], answer["degraded"]) == ("redis", True, False)
    assert answer["data"] == ranks(inside(WEEK), "userId", limit)
    end = TODAY - als.timedelta(milliseconds=1)
    answer = figures(logs, "top", field="userId", limit=limit, startDate=iso(TODAY - als.timedelta(days=3)), endDate=iso(end))
    assert answer["source"] == "redis"
    assert answer["data"] == ranks(inside(TODAY - als.timedelta(days=3), end), "userId", limit)


def test_the_busiest_users_of_any_range_come_from_the_logs(logs):
    for start, end in ((NOW - als.timedelta(days=2, minutes=1), NOW - als.timedelta(hours=5)), (NOW - als.timedelta(days=9), NOW)):
        answer = figures(logs, "top", field="userId", startDate=iso(start), endDate=iso(end))
        assert (answer["source"], answer["exact"], answer["degraded"]) == ("logs", True, False)
        assert answer["data"] == ranks(inside(start, end), "userId")
    answer = figures(logs, "top", "field=userId&action=user.*")
    assert answer["data"] == ranks(inside(WEEK, chosen=lambda one: one["action"].startswith("user.")), "userId")


def test_countries_come_from_the_logs_and_nobody_has_one_without_a_database(logs):
    answer = figures(logs, "top", field="country")
    assert (answer["source"], answer["data"]) == ("logs", [])


def test_different_users_are_counted_by_redis_within_its_error(logs):
    for start, end in ((WEEK, NOW), (NOW - als.timedelta(hours=30), NOW - als.timedelta(hours=2)), (TODAY - als.timedelta(days=2), TODAY)):
        answer = figures(logs, "unique", field="userId", startDate=iso(start), endDate=iso(end))
        assert (answer["source"], answer["error"], answer["degraded"]) == ("redis", 0.0081, False)
        covered = [als.moment(answer["timeRange"][name]) for name in ("start", "end")]
        assert covered[0] <= start and end <= covered[1] and covered[1] - covered[0] <= end - start + als.timedelta(hours=2)
        exact = len({one["userId"] for one in inside(*covered)})
        assert abs(answer["count"] - exact) <= max(2, exact * 0.0081 * 4)


def test_different_users_beyond_what_redis_keeps_come_from_the_logs(logs):
    start, end = NOW - als.timedelta(days=9), NOW - als.timedelta(days=1, minutes=3)
    answer = figures(logs, "unique", field="userId", startDate=iso(start), endDate=iso(end))
    assert (answer["source"], answer["error"], answer["degraded"]) == ("logs", 0, True)
    assert answer["count"] == len({one["userId"] for one in inside(start, end)})
    answer = figures(logs, "unique", "field=userId&service=auth&severity!=info")
    assert answer["count"] == len({one["userId"] for one in inside(WEEK, chosen=lambda one: one["service"] == "auth" and one["severity"] != "info")})


def test_nobody_is_nobody(gateway):
    for start, end in (("2026-02-02", "2026-02-01"), (iso(NOW), iso(NOW)), ("9999-01-01", "9999-12-31")):
        assert figures(gateway, "unique", field="userId", startDate=start, endDate=end)["count"] == 0
        assert figures(gateway, "top", field="userId", startDate=start, endDate=end)["data"] == []


def check_live(client, sent, source):
    answer = figures(client, "live")
    assert (answer["source"], answer["degraded"]) == (source, source != "redis")
    minutes = answer["data"]
    assert len(minutes) == 60
    assert all(one["end"] == following["start"] for one, following in zip(minutes, minutes[1:]))
    assert minutes[-1]["start"] <= iso(als.now() + als.timedelta(seconds=1))
    for minute in minutes:
        here = [one for one in sent if minute["start"] <= one["timestamp"] < minute["end"]]
        assert minute["count"] == len(here)
        assert minute["severity"] == {name: sum(one["severity"] == name for one in here) for name in SEVERITIES}
        assert minute["outcome"] == {name: sum((one.get("outcome") or "none") == name for one in here) for name in ("success", "failure", "none")}
        assert minute["services"] == Counter(one["service"] for one in here)
    return True


def test_the_last_hour_is_shown_minute_by_minute(gateway):
    chance = random.Random(4)
    sent = [record(service=chance.choice(("auth", "a/b", "ü\"")), severity=chance.choice(SEVERITIES), outcome=chance.choice(("success", "failure", None)),
                   timestamp=iso(als.ago(seconds=chance.randrange(3400)))) for _ in range(200)]
    gateway.batch_accepted(sent)
    als.wait_until(lambda: check_live(gateway, sent, "redis"), "the last hour is what was sent")


BAD = [
    ("top", "field", '"field" is required'),
    ("top?field=ip", "field", '"field" must be one of [service, action, userId, country]'),
    ("top?field=userId&field=action", "field", '"field" must be one of [service, action, userId, country]'),
    ("top?field=action&limit=0", "limit", '"limit" must be greater than or equal to 1'),
    ("top?field=action&limit=1000000000000", "limit", '"limit" must be less than or equal to 1000'),
    ("top?field=action&startDate=2026&startDate=2026", "startDate", '"startDate" must be a valid date'),
    ("top?field=userId&userId[$ne]=a", "userId", '"userId" must be a string'),
    ("unique", "field", '"field" is required'),
    ("unique?field=service", "field", '"field" must be one of [userId]'),
    ("unique?field=userId&endDate=x", "endDate", '"endDate" must be in ISO 8601 date format'),
]


@pytest.mark.parametrize("path,field,message", BAD, ids=[path for path, _, _ in BAD])
def test_bad_input_is_told(gateway, path, field, message):
    answer = gateway.get(f"/stats/{path}")
    assert answer.status_code == 400, answer.text
    assert {"field": field, "message": message} in answer.json()["details"]


@pytest.fixture(scope="class")
def redis_away(logs):
    als.dev("stop", "redis")
    yield
    als.dev("start", "redis")
    als.wait_until(lambda: figures(logs, "live")["degraded"] is False, "Redis answers again")


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("redis_away")
class TestRedisAway:
    def test_the_last_hour_comes_from_buckets(self, logs):
        check_live(logs, SENT, "buckets")

    def test_users_come_from_the_logs(self, logs):
        answer = figures(logs, "top", field="userId")
        assert (answer["source"], answer["degraded"]) == ("logs", True)
        assert answer["data"] == ranks(inside(WEEK), "userId")
        answer = figures(logs, "unique", field="userId")
        assert (answer["source"], answer["degraded"], answer["error"]) == ("logs", True, 0)
        assert answer["count"] == len({one["userId"] for one in inside(WEEK)})
