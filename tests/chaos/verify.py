# SPDX-License-Identifier: MIT
"""Holds the stores against the ledger. `compare` is pure: a picture of what the stores hold goes in, differences come out."""

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timezone

import confluent_kafka

import als
import totals

LENGTH_MS = {"minute": 60_000, "hour": 3_600_000, "day": 86_400_000}
REDIS_DAYS = {"minute": 2, "hour": 14, "day": 14}
REDIS_NAME = {"minute": "%Y-%m-%dT%H:%MZ", "hour": "%Y-%m-%dT%HZ", "day": "%Y-%m-%d"}
DAY_MS = 86_400_000
HYPERLOGLOG_ERROR = 0.03  # its standard error is 0.81 %


@dataclass
class Picture:
    """What the stores hold of one tenant."""

    stored: Counter = field(default_factory=Counter)  # id -> documents
    shards: Counter = field(default_factory=Counter)  # (window, start_ms, service, action, cell) -> count
    totals: Counter = field(default_factory=Counter)  # the same of hours, days and weeks
    answer: Counter = field(default_factory=Counter)  # (service, action, severity) -> count, from /stats
    redis: dict = field(default_factory=dict)  # key -> {field or member: number}; a HyperLogLog: {"": estimate}
    dead: Counter = field(default_factory=Counter)  # (key, place in the raw topic) -> dead letters
    taken_ms: int = 0


def start_of(at_ms, window):
    return at_ms // LENGTH_MS[window] * LENGTH_MS[window]


def expected_shards(events):
    sums = Counter()
    for event in events:
        for window in LENGTH_MS:
            sums[window, start_of(event.at_ms, window), event.service, event.action, event.cell()] += 1
    return sums


def expected_totals(events):
    sums = Counter()
    for event in events:
        for window in totals.WINDOWS:
            sums[window, totals.start_of(event.at_ms, window), event.service, event.action, event.cell()] += 1
    return sums


def expected_redis(events, tenant, now_ms):
    """Every key of the contract that the events imply and that has not expired."""
    keys = defaultdict(Counter)
    users = defaultdict(set)
    for event in events:
        numbers = {"count": 1, event.severity: 1}
        if event.outcome:
            numbers[event.outcome] = 1
        keys[f"{{als}}:{tenant}:total"].update(numbers)
        member = f"{quote_member(event.service)}/{quote_member(event.action)}"
        for window, days in REDIS_DAYS.items():
            start = start_of(event.at_ms, window)
            name = datetime.fromtimestamp(start / 1000, timezone.utc).strftime(REDIS_NAME[window])
            if start + days * DAY_MS > now_ms:
                keys[f"{{als}}:{tenant}:{window}:{name}"].update({**numbers, f"service:{event.service}": 1})
                if window != "minute":
                    keys[f"{{als}}:{tenant}:actions:{window}:{name}"][member] += 1
            if window != "minute" and start + 7 * DAY_MS > now_ms:
                users[f"{{als}}:{tenant}:users:{window}:{name}"].add(event.user)
                if window == "day":
                    keys[f"{{als}}:{tenant}:top-users:day:{name}"][event.user] += 1
    return keys, {key: len(members) for key, members in users.items()}


def quote_member(text):
    return text.replace("%", "%25").replace("/", "%2F")


def compare(ledger, picture, tenant):
    """A list of differences, empty when every promise was kept. Each begins with lost, doubled, miscounted or
    dead letters."""
    found = []
    stored = picture.stored
    found += _few("lost: acknowledged, not stored", ledger.acknowledged - stored.keys())
    found += _few("doubled: stored more than once", [key for key, count in stored.items() if count > 1])
    found += _few("doubled: stored, never sent", stored.keys() - ledger.events.keys())
    present = [ledger.events[event_id] for event_id in stored if event_id in ledger.events]
    found += _unequal("MongoDB stats", expected_shards(present), picture.shards)
    found += _unequal("MongoDB totals", expected_totals(present), picture.totals)
    answer = Counter()
    for event in present:
        answer[event.service, event.action, event.severity] += 1
    found += _unequal("/stats", answer, picture.answer)
    found += redis_differences(present, picture, tenant)
    return found + _dead_letters(ledger, picture) + _rejected(picture, tenant)


def redis_differences(present, picture, tenant):
    keys, users = expected_redis(present, tenant, picture.taken_ms)
    meta = f"{{als}}:{tenant}:meta"
    found = []
    for key, numbers in keys.items():
        found += _unequal(f"Redis {key}", numbers, Counter(picture.redis.get(key, {})))
    for key, count in users.items():
        estimate = picture.redis.get(key, {}).get("", 0)
        if abs(estimate - count) > max(2, count * HYPERLOGLOG_ERROR):
            found.append(f"miscounted: Redis {key} estimates {estimate} users, there were {count}")
    found += _few("miscounted: Redis has keys that nothing implies", picture.redis.keys() - keys.keys() - users.keys() - {meta})
    return found + _unequal(f"Redis {meta}", Counter(processed=len(present)),
                            Counter(processed=picture.redis.get(meta, {}).get("processed", 0)))


def _rejected(picture, tenant):
    """Each dead letter was metered once."""
    meta = f"{{als}}:{tenant}:meta"
    return _unequal(f"Redis {meta}", Counter(rejected=sum(picture.dead.values())),
                    Counter(rejected=picture.redis.get(meta, {}).get("rejected", 0)))


def _dead_letters(ledger, picture):
    """A producer that was cut off may itself have put a record into the topic twice, and without an id nobody can tell:
    then each of the two has a letter. But one place in the topic never has two."""
    acknowledged = {key for key, was in ledger.poison.items() if was}
    keys = {key for key, _ in picture.dead}
    found = _few("dead letters: poison that is not there", acknowledged - keys)
    found += _few("dead letters: more than once", [key for (key, _), count in picture.dead.items() if count > 1])
    return found + _few("dead letters: not poison", keys - ledger.poison.keys())


def _unequal(where, expected, actual):
    """Both ways: too few is a miss, too many is a double count."""
    wrong = [(key, expected[key], actual[key]) for key in expected.keys() | actual.keys()
             if expected[key] != actual[key]]
    if not wrong:
        return []
    off = sum(abs(want - got) for _, want, got in wrong)
    examples = ", ".join(f"{key}: {got} for {want}" for key, want, got in sorted(wrong, key=str)[:3])
    return [f"miscounted: {where}: {len(wrong)} values differ, by {off} in all: {examples}"]


def _few(what, keys):
    keys = sorted(keys)
    return [f"{what}: {len(keys)}, such as {', '.join(map(str, keys[:5]))}"] if keys else []


def take_picture(tenant, now_ms):
    picture = Picture(taken_ms=now_ms)
    base = als.database()
    for document in base.logs.find({"tenant": tenant}, {"_id": 1}).batch_size(10_000):
        picture.stored[document["_id"].split("/", 1)[-1]] += 1
    for shard in base.stats.find({"tenant": tenant}).batch_size(10_000):
        for cell, count in shard["cells"].items():
            start = round(shard["start"].timestamp() * 1000)
            picture.shards[shard["window"], start, shard["service"], shard["action"], cell] += count
    picture.totals = totals.read(base, tenant)
    with als.Client(tenant) as client:
        for row in client.stats(limit=100, endDate="2100-01-01"):
            for severity, count in row["severity"].items():
                if count:
                    picture.answer[row["service"], row["action"], severity] += count
    picture.redis = take_redis_picture(tenant).redis
    picture.dead = _dead_picture(tenant)
    return picture


def take_redis_picture(tenant):
    base = als.counters()
    keys = {}
    for key in base.scan_iter(f"{{als}}:{tenant}:*", count=1000):
        name = key.split(":", 2)[2]
        if name.startswith("users:"):
            keys[key] = {"": base.pfcount(key)}
        elif name.startswith(("actions:", "top-users:")):
            keys[key] = {member: int(score) for member, score in base.zrange(key, 0, -1, withscores=True)}
        else:
            keys[key] = {field: int(value) for field, value in base.hgetall(key).items()
                         if field not in ("since", "watermark", "updatedAt", "duplicates")}
    return Picture(redis=keys, taken_ms=int(time.time() * 1000))


def _dead_picture(tenant):
    """Each record of a run bears its tenant in a header."""
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": als.BROKERS, "group.id": als.unique("verifier"), "isolation.level": "read_committed",
        "enable.auto.commit": False, "enable.partition.eof": True, "auto.offset.reset": "earliest"})
    consumer.assign([confluent_kafka.TopicPartition(als.DLQ, 0, confluent_kafka.OFFSET_BEGINNING)])
    dead = Counter()
    while True:
        message = consumer.poll(30)
        assert message is not None, "the dead-letter topic cannot be read"
        if message.error():
            assert message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF, message.error()
            consumer.close()
            return dead
        headers = dict(message.headers() or [])
        if headers.get("als.tenant") == tenant.encode():
            place = b":".join(headers[f"als.error.{part}"] for part in ("topic", "partition", "offset"))
            dead[(message.key() or b"").decode(errors="replace"), place] += 1
