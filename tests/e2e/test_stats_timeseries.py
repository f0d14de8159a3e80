# SPDX-License-Identifier: MIT
"""/stats/timeseries: every point equals a plain count of what was sent, on the days on which clocks change too."""

import random
from collections import Counter
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

import pytest

import als
from als import iso, moment, record

SEVERITIES = ("info", "warn", "error", "critical")
UTC = timezone.utc


def last_change(month):
    """The latest last Sunday of this month that is over: the clocks of Berlin change."""
    for year in (als.now().year, als.now().year - 1):
        day = date(year, month, 31)
        day -= als.timedelta(days=(day.weekday() + 1) % 7)
        if day < als.now().date() - als.timedelta(days=2):
            return day
    raise AssertionError


SPRING, AUTUMN = last_change(3), last_change(10)
RECENT = (als.now() - als.timedelta(days=12)).date()


def made(seed=5):
    chance = random.Random(seed)
    for day in (SPRING, AUTUMN, RECENT):
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        for _ in range(300):
            yield record(service=chance.choice(("auth", "shop")), action=chance.choice(("user.login", "user.out", "buy")),
                         severity=chance.choice(SEVERITIES), outcome=chance.choice(("success", "failure", None)),
                         timestamp=iso(noon + als.timedelta(milliseconds=chance.randrange(-36 * 3600_000, 36 * 3600_000))))


SENT = list(made())


@pytest.fixture(scope="module")
def logs(shared_gateway):
    shared_gateway.batch_accepted(SENT)
    shared_gateway.wait_total(len(SENT))
    shared_gateway.wait_counted(len(SENT))
    return shared_gateway


def series(client, query=None, **params):
    answer = client.get("/stats/timeseries" + (f"?{query}" if query else ""), **({"params": params} if params else {}))
    assert answer.status_code == 200, answer.text
    return answer.json()


def at_midnight(day, zone="UTC", hours=0):
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC) + als.timedelta(hours=hours)


def check(points, start, end, chosen=lambda one: True):
    """The points adjoin, cover the range, and hold what was sent within both."""
    assert points[0]["start"] <= start <= points[0]["end"]
    assert points[-1]["start"] <= end <= points[-1]["end"]
    assert all(one["end"] == following["start"] for one, following in zip(points, points[1:]))
    for point in points:
        inside = [one for one in SENT if point["start"] <= one["timestamp"] < point["end"] and start <= one["timestamp"] <= end and chosen(one)]
        severities = Counter(one["severity"] for one in inside)
        assert point["count"] == len(inside), point
        assert point["severity"] == {name: severities[name] for name in SEVERITIES}, point


def cut(when, day):
    """Minutes are kept for 90 days; of what is older, full hours are exact."""
    old = day < (als.now() - als.timedelta(days=80)).date()
    return when.replace(minute=0, second=0, microsecond=0) if old else when


def around(day, zone, chance):
    """Whole days around this one, and ragged ranges within them."""
    first, last = at_midnight(day - als.timedelta(days=1), zone), at_midnight(day + als.timedelta(days=2), zone)
    yield first, last - als.timedelta(milliseconds=1)
    for _ in range(4):
        start, end = sorted(cut(first + (last - first) * chance.random(), day) for _ in range(2))
        yield start, end - als.timedelta(milliseconds=1)


@pytest.mark.parametrize("day", [SPRING, AUTUMN, RECENT], ids=str)
@pytest.mark.parametrize("interval,zone", [("day", "UTC"), ("day", "Europe/Berlin"), ("day", "America/New_York"), ("hour", "UTC"),
                                           ("hour", "Europe/Berlin"), ("hour", "America/New_York")])
def test_every_point_is_what_was_sent(logs, day, interval, zone):
    for start, end in around(day, zone, random.Random(f"{day}{interval}{zone}")):
        start, end = iso(start), iso(end)
        answer = series(logs, interval=interval, tz=zone, startDate=start, endDate=end)
        assert (answer["interval"], answer["tz"], answer["resolution"]) == (interval, zone, "exact")
        check(answer["data"], start, end)
        for point in answer["data"]:
            local = moment(point["start"]).astimezone(ZoneInfo(zone))
            assert (local.minute, local.second) == (0, 0)
            assert interval == "hour" or local.hour == 0


@pytest.mark.parametrize("interval,zone", [("day", "Asia/Kolkata"), ("hour", "Asia/Kolkata"), ("hour", "Asia/Kathmandu"), ("minute", "UTC"),
                                           ("day", "Australia/Lord_Howe"), ("minute", "Asia/Kolkata")])
def test_what_is_built_from_minutes_is_what_was_sent(logs, interval, zone):
    for start, end in around(RECENT, zone, random.Random(zone)):
        start, end = iso(start), iso(end)
        check(series(logs, interval=interval, tz=zone, startDate=start, endDate=end)["data"], start, end)


def test_days_are_as_long_as_the_clocks_make_them(logs):
    for day, hours in ((SPRING, 23), (AUTUMN, 25)):
        start = at_midnight(day, "Europe/Berlin")
        [point] = series(logs, interval="day", tz="Europe/Berlin", startDate=iso(start), endDate=iso(start + als.timedelta(hours=2)))["data"]
        assert point["start"] == iso(start)
        assert moment(point["end"]) - moment(point["start"]) == als.timedelta(hours=hours)
        end = moment(point["end"]) - als.timedelta(milliseconds=1)
        points = series(logs, interval="hour", tz="Europe/Berlin", startDate=iso(start), endDate=iso(end))["data"]
        assert len(points) == hours
        whole = series(logs, interval="day", tz="Europe/Berlin", startDate=iso(start), endDate=iso(end))["data"][0]
        assert sum(one["count"] for one in points) == whole["count"] > 0


def test_groups_of_a_point_add_up(logs):
    start, end = iso(at_midnight(RECENT, hours=-5)), iso(at_midnight(RECENT, hours=29))
    answer = series(logs, f"interval=hour&groupBy=action,severity&startDate={start}&endDate={end}&action=user.*&service!=shop")
    total = 0
    for point in answer["data"]:
        inside = Counter((one["action"], one["severity"]) for one in SENT if point["start"] <= one["timestamp"] < point["end"]
                         and start <= one["timestamp"] <= end and one["action"].startswith("user.") and one["service"] != "shop")
        assert {(group["action"], group["severity"]): group["count"] for group in point["groups"]} == inside
        assert point["count"] == sum(inside.values())
        total += point["count"]
    assert total > 0


def test_filters_choose_what_is_counted(logs):
    start, end = iso(at_midnight(RECENT)), iso(at_midnight(RECENT, hours=30))
    answer = series(logs, f"interval=hour&startDate={start}&endDate={end}&severity=error&severity=warn&outcome!=success")
    check(answer["data"], start, end, lambda one: one["severity"] in ("error", "warn") and one.get("outcome") != "success")


def test_without_dates_it_ends_now(gateway):
    gateway.batch_accepted([record()] * 7)
    gateway.wait_counted(7)
    for interval, points in (("minute", (60, 61, 62)), ("hour", (48, 49)), ("day", (30, 31))):
        data = series(gateway, interval=interval)["data"]
        assert len(data) in points
        assert sum(one["count"] for one in data) == 7


def test_a_range_upside_down_has_no_points(gateway):
    assert series(gateway, interval="day", startDate="2026-02-02", endDate="2026-02-01")["data"] == []


def test_all_days_of_a_century_fit_no_answer_but_those_of_ten_years_do(gateway):
    assert len(series(gateway, interval="day", startDate="2016-01-01", endDate="2025-12-31")["data"]) == 3653
    assert gateway.get("/stats/timeseries?interval=day&startDate=1926-01-01").status_code == 400


ONE_OF = '"groupBy" must be one of [service, action, severity, outcome]'
TOO_MANY = '"interval" makes more than 11000 points: choose a longer interval or a shorter range'
BAD = [
    ("", "interval", '"interval" is required'),
    ("interval=week", "interval", '"interval" must be one of [minute, hour, day]'),
    ("interval=day&interval=day", "interval", '"interval" must be one of [minute, hour, day]'),
    ("interval=day&tz=Mars/Olympus", "tz", '"tz" is not a known time zone'),
    ("interval=day&tz=../../etc/passwd", "tz", '"tz" is not a known time zone'),
    ("interval=day&tz=/etc/passwd", "tz", '"tz" is not a known time zone'),
    ("interval=day&tz=Europe", "tz", '"tz" is not a known time zone'),
    ("interval=day&tz=Europe/Berlin%00", "tz", '"tz" is not a known time zone'),
    ("interval=day&tz=" + "a" * 5000, "tz", '"tz" is not a known time zone'),
    ("interval=day&tz=", "tz", '"tz" is not allowed to be empty'),
    ("interval=day&tz=UTC&tz=UTC", "tz", '"tz" must be a string'),
    ("interval=day&groupBy=userId", "groupBy", ONE_OF),
    ("interval=day&userId=ada", "userId", '"userId" is not allowed'),
    ("interval=minute&startDate=1970-01-01", "interval", TOO_MANY),
    ("interval=minute&endDate=9999-12-31&startDate=0000-01-01", "interval", TOO_MANY),
    ("interval=day&endDate=9999-12-31&startDate=0000-01-01", "interval", TOO_MANY),
    ("interval=day&startDate=2026-01-01&startDate=2026-01-01", "startDate", '"startDate" must be a valid date'),
    ("interval=day&startDate=yesterday", "startDate", '"startDate" must be in ISO 8601 date format'),
]


@pytest.mark.parametrize("query,field,message", BAD, ids=[query[:50] for query, _, _ in BAD])
def test_bad_input_is_told(gateway, query, field, message):
    answer = gateway.get(f"/stats/timeseries?{query}")
    assert answer.status_code == 400, answer.text
    assert {"field": field, "message": message} in answer.json()["details"]


def test_what_is_kept_no_longer_is_told_with_its_cure(gateway):
    def told(**params):
        answer = gateway.get("/stats/timeseries", params=params)
        assert answer.status_code == 400, answer.text
        return answer.json()["details"][0]["message"]

    assert "90 days" in told(interval="minute", startDate="2020-01-01", endDate="2020-01-01T01:00")
    assert "tz=UTC" in told(interval="day", tz="Europe/Berlin", startDate="2020-01-01", endDate="2020-01-05")
    assert "full minutes" in told(interval="day", tz="Europe/Amsterdam", startDate="1890-01-01", endDate="1890-01-05")
    assert series(gateway, interval="day", startDate="9999-12-30", endDate="9999-12-31")["data"]
    assert series(gateway, interval="day", startDate="0000-01-01", endDate="0000-01-02")["data"]
