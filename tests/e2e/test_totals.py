# SPDX-License-Identifier: MIT
"""The totals of hours, days and weeks: each log is added once, whatever happens to the indexer."""

import os
import random
import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import confluent_kafka
import pytest

import als
import totals
from als import iso, record

SERVICES = ("auth", "a.b", "$shop", "x|y", "100%", "%2E", "ü 日本", ".", "a/b")
ACTIONS = ("user.login", "$set", "a|b", "buy", "%7C", "ö.ä")
SEVERITIES = ("info", "warn", "error", "critical")


def made(count, seed):
    """Over 40 days, so that a batch meets many days and hours."""
    chance = random.Random(seed)
    return [record(service=chance.choice(SERVICES), action=chance.choice(ACTIONS), userId=f"u{n}", severity=chance.choice(SEVERITIES),
                   outcome=chance.choice(("success", "failure", None)), timestamp=iso(als.ago(seconds=chance.randrange(40 * 86_400))))
            for n in range(count)]


def expected(sent):
    sums = Counter()
    for one in sent:
        at_ms = round(als.moment(one["timestamp"]).timestamp() * 1000)
        for window in totals.WINDOWS:
            cell = f"{one['severity']}_{one.get('outcome', 'none')}"
            sums[window, totals.start_of(at_ms, window), one["service"], one["action"], cell] += 1
    return sums


def wait_added(database, tenant, sent):
    def look():
        assert totals.read(database, tenant) == expected(sent)
        return True

    als.wait_until(look, "the totals are what was sent", 60, pause=0.5)


def wait_idle(seconds=60):
    """Asked for by a tenant of its own, since who looks is logged."""
    def look():
        stages = operator.get("/admin/pipeline").json()["data"]["stages"]
        assert {stage["lag"] for stage in stages if stage["stage"] == "indexer"} == {0}, stages
        return True

    with als.Client() as operator:
        als.wait_until(look, "the indexer has nothing to do", seconds)


@pytest.fixture(scope="module")
def logs(shared_gateway, database):
    sent = made(1500, 7)
    for at in range(0, len(sent), 500):
        shared_gateway.batch_accepted(sent[at:at + 500])
    wait_added(database, shared_gateway.tenant, sent)
    return shared_gateway, sent


def test_every_log_is_in_one_row_of_its_hour_its_day_and_its_week(logs, database):
    gateway, sent = logs
    found = totals.read(database, gateway.tenant)
    assert found == expected(sent)
    for window in totals.WINDOWS:
        assert sum(count for key, count in found.items() if key[0] == window) == len(sent)


def test_totals_of_hours_expire_and_those_of_days_and_weeks_do_not(logs, database):
    for total in database.totals.find({"tenant": logs[0].tenant}):
        assert total["_id"].startswith(f"{logs[0].tenant}|{total['window']}|{iso(total['start'])}|")
        assert total.get("expireAt") == (total["start"] + als.timedelta(days=400) if total["window"] == "hour" else None)


@pytest.mark.parametrize("params", [{}, {"service": "a.b"}, {"action": "a|b", "severity": "error"}, {"outcome": "failure", "groupBy": "outcome,service"}],
                         ids=str)
def test_stats_are_what_was_sent(logs, params):
    gateway, sent = logs
    by = params.get("groupBy", "service,action").split(",")
    chosen = [one for one in sent if all(one.get(name) == value for name, value in params.items() if name != "groupBy")]
    wanted = Counter(tuple(one[name] for name in by) for one in chosen)
    assert {tuple(row[name] for name in by): row["count"] for row in gateway.stats(**params)} == wanted


def set_back(topic):
    """The indexer's offsets in a topic, to its beginning. A stopped indexer is a member of its group for a while."""
    group = confluent_kafka.Consumer({"bootstrap.servers": als.BROKERS, "group.id": f"{als.TOPIC}-indexer", "enable.auto.commit": False})
    places = [confluent_kafka.TopicPartition(topic, number) for number in group.list_topics(topic, timeout=20).topics[topic].partitions]
    for place in places:
        place.offset = group.get_watermark_offsets(place, timeout=20)[0]

    def commit():
        try:
            return all(place.error is None for place in group.commit(offsets=places, asynchronous=False))
        except confluent_kafka.KafkaException as error:
            raise AssertionError(str(error)) from error

    als.wait_until(commit, "the group's offsets are set back", 60, pause=1)
    group.close()


def test_what_is_delivered_again_is_not_added_again(logs, database):
    """From the beginning of the stats topic, in whatever batches."""
    gateway, sent = logs
    wait_idle()
    als.dev("stop", "indexer")
    try:
        set_back(als.STATS)
    finally:
        als.dev("start", "indexer")
    wait_idle(120)
    assert totals.read(database, gateway.tenant) == expected(sent)


def rows(database, tenant, window):
    """(service, action, cell) → count, of all totals of a window."""
    sums = Counter()
    for (_, _, *row), count in totals.read(database, tenant, window=window).items():
        sums[tuple(row)] += count
    return sums


def look_until(over, database, tenant):
    """Looks at the totals, the coarsest first: what a finer one lacks, and how many looks fell between two windows."""
    lacking, between = [], 0
    while not over.wait(0.02):
        seen = [(window, rows(database, tenant, window)) for window in reversed(totals.WINDOWS)]
        for (coarse, more), (fine, less) in zip(seen, seen[1:]):
            lacking += [(fine, row, less[row], coarse, count) for row, count in more.items() if less[row] < count]
            between += more != less
    return lacking, between


def test_a_killed_indexer_adds_each_log_once_and_to_the_finest_first(gateway, database):
    sent = made(3000, 8)
    over = threading.Event()
    with ThreadPoolExecutor() as pool:
        looks = pool.submit(look_until, over, database, gateway.tenant)
        try:
            for at in range(0, len(sent), 300):
                gateway.batch_accepted(sent[at:at + 300])
                os.kill(als.wait_until(lambda: als.dev_pid("indexer"), "the indexer runs"), signal.SIGKILL)
                als.dev("start", "indexer")
            wait_added(database, gateway.tenant, sent)
        finally:
            over.set()
    lacking, between = looks.result()
    assert not lacking, lacking[:5]
    assert between > 0, "no look fell between two windows, so this has shown nothing"


def test_a_total_that_another_writer_has_begun_is_gone_on_with(gateway, database):
    """The start of an hour that a zombie has added to, with positions that are behind and ahead of what comes."""
    at = datetime(2026, 5, 6, 7, 8, tzinfo=timezone.utc)
    gateway.accepted(record(timestamp=iso(at)))
    first = als.wait_until(lambda: database.totals.find_one({"tenant": gateway.tenant, "window": "day"}), "the first log is added")
    (partition, position), = first["positions"].items()
    assert position["o"] >= 0 and abs(position["t"] - als.now()) < als.timedelta(hours=1)
    database.totals.update_one({"_id": first["_id"]}, {"$set": {f"positions.{int(partition) + 1}": {"o": 10**12, "t": als.now() + als.timedelta(days=1)}}})
    gateway.accepted(record(timestamp=iso(at)))
    als.wait_until(lambda: totals.read(database, gateway.tenant)[("day", 1778025600000, "shop", "order.create", "info_none")] == 2, "the second is added")


def test_a_series_shows_no_log_twice_while_others_are_added(gateway):
    """Over more totals than a store hands out at once, all of which are added to."""
    until = als.now().replace(minute=0, second=0, microsecond=0)
    sent, seen, over = [0], [0], threading.Event()

    def send():
        while not over.wait(0.1):
            if sent[0] - seen[0] > 20_000:
                continue  # a slow machine must not have more to add afterwards than it is waited for
            from_, sent[0] = sent[0], sent[0] + 200
            gateway.batch_accepted([record(service=f"s{n % 10}", action=f"a{n // 10 % 20}", timestamp=iso(until - als.timedelta(minutes=n * 37 % 3600 + 1)))
                                    for n in range(from_, sent[0])])

    def shown():
        points = gateway.get("/stats/timeseries", params={"interval": "hour", "startDate": iso(until - als.timedelta(hours=60)), "endDate": iso(until)})
        return sum(point["count"] for point in points.json()["data"])

    with ThreadPoolExecutor() as pool:
        sending = pool.submit(send)
        try:
            als.wait_until(lambda: shown() >= 4000, "the first are added")
            for _ in range(200):
                before, seen[0] = seen[0], shown()
                assert before <= seen[0] <= sent[0], "what was shown once is there no more"
        finally:
            over.set()
        sending.result()
    als.wait_until(lambda: shown() == sent[0], "all are added", 60)
