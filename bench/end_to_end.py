# SPDX-License-Identifier: MIT
"""The whole way: how long until an acknowledged record is in Redis, and in GET /logs."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import als
from lag import caught_up
from measure import percentile

RATE, WATCHERS = 2000, 4


def end_to_end(given):
    """2,000 records a second; marks sent among them are watched for, each by a tenant of its own."""
    seconds, stop = max(given.seconds, 20), threading.Event()
    caught_up("processor")
    caught_up("indexer")
    with ThreadPoolExecutor() as pool:
        load = pool.submit(_load, stop)
        watchers = [pool.submit(_watch, stop) for _ in range(WATCHERS)]
        stop.wait(seconds)
        stop.set()
        redis_ms, logs_ms = ([ms for watcher in watchers for ms in watcher.result()[which]] for which in (0, 1))
        rate = load.result() / seconds
    return [{"ours, in Redis": {"rate": rate, "p50_ms": percentile(redis_ms, .5), "p99_ms": percentile(redis_ms, .99)},
             "ours, in GET /logs": {"rate": rate, "p50_ms": percentile(logs_ms, .5), "p99_ms": percentile(logs_ms, .99)}}]


def _load(stop):
    sent, due = 0, time.monotonic()
    with als.Client() as client:
        while not stop.wait(max(0, due - time.monotonic())):
            client.batch_accepted([als.record(userId=f"u{n}") for n in range(RATE // 10)])
            sent += RATE // 10
            due += 0.1
    return sent


def _watch(stop):
    redis_ms, logs_ms, counters = [], [], als.counters()
    with als.Client() as client:
        while not stop.is_set():
            began = time.monotonic()
            mark = client.accepted(als.record(action="mark"))
            redis_ms.append(_until(lambda: int(counters.hget(f"{{als}}:{client.tenant}:total", "count") or 0) > len(redis_ms), began))
            logs_ms.append(_until(lambda: client.get(f"/logs/{mark}").status_code == 200, began))
    return redis_ms, logs_ms


def _until(check, began):
    while not check():
        time.sleep(0.005)
    return (time.monotonic() - began) * 1000


BENCHES = {"end-to-end": end_to_end}
