# SPDX-License-Identifier: MIT
"""Has everything caught up? A marked record goes into each partition, and is waited for in each store.

Partitions keep their order, so once the mark has come out everywhere, so has all that was before it."""

import json
import time

import confluent_kafka
import pymongo
import redis

import als

TENANT = "chaos-probe"


def partitions():
    client = confluent_kafka.Producer({"bootstrap.servers": als.BROKERS, "log_level": 2})
    return len(client.list_topics(als.RAW, timeout=60).topics[als.RAW].partitions)


def everywhere(seconds=600):
    """Returns once the gateway accepts, and marks of now are in MongoDB, in /stats' shards and in Redis: after how
    many seconds each was seen."""
    mark = als.unique("mark")
    began = time.monotonic()
    als.wait_until(lambda: _accepted(mark), "the gateway accepts", seconds)
    stages = [f"gateway {time.monotonic() - began:.1f}"]
    count = _marked(mark, seconds)
    stages.append(f"produced {time.monotonic() - began:.1f}")
    base, counters = als.database(), als.counters()
    wanted = [f"{TENANT}/{mark}-{n}" for n in range(count)]
    key = f"{{als}}:{TENANT}:day:{time.strftime('%Y-%m-%d', time.gmtime())}"
    waiting = {
        "logs": lambda: base.logs.count_documents({"_id": {"$in": wanted}}) == count,
        "stats": lambda: _counted(base, mark) == count,
        "redis": lambda: int(counters.hget(key, f"service:{mark}") or 0) == count,
    }
    while waiting:
        for stage, is_there in list(waiting.items()):
            if _is(is_there):
                stages.append(f"{stage} {time.monotonic() - began:.1f}")
                del waiting[stage]
        assert time.monotonic() - began < seconds, f"not caught up within {seconds} s: {', '.join(waiting)}"
        time.sleep(0.05)
    return ", ".join(stages)


def _is(check):
    """A server that is away has not caught up."""
    try:
        return check()
    except (pymongo.errors.PyMongoError, redis.RedisError):
        return False


def _accepted(mark):
    with als.Client(TENANT) as client:
        return client.log({"id": f"{mark}-http", "service": "probe", "action": "http"}).status_code == 202


def _marked(mark, seconds):
    """Each partition gets one, counted under a service of this mark."""
    count = partitions()
    producer = confluent_kafka.Producer({
        "bootstrap.servers": als.BROKERS, "enable.idempotence": True, "message.timeout.ms": seconds * 1000,
        "log_level": 2})
    undelivered = []

    def delivered(error, _message):
        if error is not None:
            undelivered.append(error)

    at = als.iso(als.now())
    for n in range(count):
        value = {"id": f"{mark}-{n}", "service": mark, "action": "probe", "timestamp": at}
        producer.produce(als.RAW, json.dumps(value), partition=n, headers=[("als.tenant", TENANT.encode())],
                         on_delivery=delivered)
    producer.flush(seconds)
    assert not undelivered and not len(producer), f"marks could not be produced: {undelivered}"
    return count


def _counted(base, mark):
    shards = base.stats.find({"tenant": TENANT, "service": mark, "window": "day"})
    return sum(sum(shard["cells"].values()) for shard in shards)
