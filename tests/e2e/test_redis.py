# SPDX-License-Identifier: MIT
"""The keys that dashboards read: their types, what they hold, how long they live."""

from collections import Counter
from datetime import timedelta, timezone

import pytest

import als
import topics
from als import iso, record

SEVERITIES = ("info", "warn", "error", "critical")
NOW = als.now()
TODAY = NOW.replace(hour=0, minute=0, second=0)
MINUTE = (NOW - timedelta(minutes=3)).replace(second=7, microsecond=5000)
LATER = MINUTE - timedelta(hours=26)  # another day, another hour, another minute


def made():
    """Two services and odd names, at two moments."""
    kinds = [("auth", "login", "ada", "info", "success"), ("auth", "login", "bob", "warn", "failure"),
             ("a/b%c", "d/e%f g", "ada", "error", None), ("pipe|colon:", "x{y}z", "cy\n", "critical", "success"),
             ("auth", "login", "ada", "info", None)]
    for service, action, user, severity, outcome in kinds:
        for when in (MINUTE, MINUTE, LATER):
            yield record(service=service, action=action, userId=user, severity=severity, outcome=outcome, timestamp=iso(when))


SENT = list(made())


def names(when):
    stamp = when.astimezone(timezone.utc)
    return {"minute": stamp.strftime("%Y-%m-%dT%H:%MZ"), "hour": stamp.strftime("%Y-%m-%dT%HZ"), "day": stamp.strftime("%Y-%m-%d")}


def start(when, window):
    cut = {"minute": {"second": 0}, "hour": {"minute": 0, "second": 0}, "day": {"hour": 0, "minute": 0, "second": 0}}
    return int(when.replace(microsecond=0, **cut[window]).timestamp())


@pytest.fixture(scope="module")
def key():
    """Sends everything, waits for the counters, and returns a function that names a key of the tenant."""
    counters = als.counters()
    with als.Client() as client:
        client.batch_accepted(SENT)
        tenant = client.tenant

        def counted():
            assert counters.hget(f"{{als}}:{tenant}:total", "count") == str(len(SENT))
            users = counters.zrange(f"{{als}}:{tenant}:top-users:day:{names(MINUTE)['day']}", 0, -1, withscores=True)
            assert sum(score for _, score in users) >= 10
            return True

        als.wait_until(counted, "Redis has counted all")
        yield lambda rest: f"{{als}}:{tenant}:{rest}"


def expected(records, services=True):
    counts = Counter()
    for sent in records:
        counts.update(["count", sent["severity"]])
        if sent.get("outcome"):
            counts[sent["outcome"]] += 1
        if services:
            counts[f"service:{sent['service']}"] += 1
    return counts


def hash_counts(found):
    return Counter({name: int(n) for name, n in found.items() if name != "since" and int(n)})


def at(when):
    return [sent for sent in SENT if sent["timestamp"] == iso(when)]


def test_the_total_counts_everything_since_it_began(key, counters):
    found = counters.hgetall(key("total"))
    assert hash_counts(found) == expected(SENT, services=False)
    assert als.ISO_MS.fullmatch(found["since"])
    assert counters.ttl(key("total")) == -1


@pytest.mark.parametrize("window, days", [("minute", 2), ("hour", 14), ("day", 14)])
@pytest.mark.parametrize("when", [MINUTE, LATER], ids=["now", "before"])
def test_a_window_counts_its_own_events_and_expires_by_its_start(key, counters, window, days, when):
    name = key(f"{window}:{names(when)[window]}")
    assert counters.type(name) == "hash"
    assert hash_counts(counters.hgetall(name)) == expected(at(when))
    assert counters.expiretime(name) == start(when, window) + days * 86400


def escaped(text):
    return text.replace("%", "%25").replace("/", "%2F")


@pytest.mark.parametrize("window", ["hour", "day"])
def test_actions_are_ranked_with_their_names_percent_encoded(key, counters, window):
    name = key(f"actions:{window}:{names(MINUTE)[window]}")
    assert counters.type(name) == "zset"
    wanted = Counter(f"{escaped(sent['service'])}/{escaped(sent['action'])}" for sent in at(MINUTE))
    assert {action: int(n) for action, n in counters.zrange(name, 0, -1, withscores=True)} == wanted
    assert counters.expiretime(name) == start(MINUTE, window) + 14 * 86400


@pytest.mark.parametrize("window", ["hour", "day"])
def test_users_are_counted_in_a_hyperloglog(key, counters, window):
    name = key(f"users:{window}:{names(MINUTE)[window]}")
    assert counters.pfcount(name) == 3
    assert counters.expiretime(name) == start(MINUTE, window) + 7 * 86400


def test_users_are_ranked_by_day(key, counters):
    name = key(f"top-users:day:{names(MINUTE)['day']}")
    assert counters.type(name) == "zset"
    found = {user: int(n) for user, n in counters.zrange(name, 0, -1, withscores=True)}
    assert found == Counter(sent["userId"] for sent in at(MINUTE))
    assert counters.expiretime(name) == start(MINUTE, "day") + 7 * 86400


def test_the_meters_say_how_far_they_are(key, counters):
    meta = counters.hgetall(key("meta"))
    assert meta["processed"] == str(len(SENT))
    assert meta.get("rejected", "0") == meta.get("duplicates", "0") == "0"
    for name in ("watermark", "updatedAt"):
        assert NOW - timedelta(minutes=5) < als.moment(meta[name]) < als.now() + timedelta(minutes=5)
    assert counters.ttl(key("meta")) == -1


def test_the_position_says_the_next_offset_of_every_partition_read(key, counters):
    position = counters.hgetall("{als}:position")
    assert counters.ttl("{als}:position") == -1
    assert "rebuild" not in position
    for topic in (als.ENRICHED, als.STATS):
        with topics.Reader(topic) as reader:
            for place in reader.consumer.assignment():
                _, end = reader.consumer.get_watermark_offsets(place, timeout=20)
                reached = int(position.get(f"{topic}:{place.partition}", 0))
                assert reached <= end
        assert any(name.startswith(f"{topic}:") for name in position)


def test_an_event_older_than_a_window_lives_is_counted_there_no_more(gateway, counters):
    old = als.ago(days=20)
    gateway.batch_accepted([record(timestamp=iso(old)), record()])
    gateway.wait_counted(2)
    als.wait_until(lambda: counters.hget(f"{{als}}:{gateway.tenant}:day:{names(als.now())['day']}", "count") == "1",
                   "the new one is counted")
    found = list(counters.scan_iter(f"{{als}}:{gateway.tenant}:*", count=1000))
    assert not [name for name in found if names(old)["day"] in name]


def test_one_more_log_is_one_more_everywhere(gateway, counters):
    total = f"{{als}}:{gateway.tenant}:total"
    for n in range(1, 4):
        gateway.accepted(record())
        als.wait_until(lambda: counters.hget(total, "count") == str(n), f"the total is {n}")
