# SPDX-License-Identifier: MIT
"""A walk by cursor meets each log once, while others arrive and thousands bear the same timestamp."""

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import als
import generated

EQUAL, ARRIVING = 10_000, 1000


def walk(given):
    """Walks all logs of all tenants by cursor, while 1,000 a second arrive in the tenant being walked, new ones and late ones."""
    made = generated.load(given.logs)
    made.touched, walked, arrived = True, 0, 0
    for number in range(generated.TENANTS):
        tenant = made.tenant(number)
        there = {log.id for log in made.logs() if log.tenant == number}
        if number == 0:
            there |= _send_equal(tenant)
        stop = threading.Event()
        with als.Client(tenant=tenant) as client, ThreadPoolExecutor() as pool:
            arriving = pool.submit(_arrive, tenant, stop)
            try:
                seen = _walk(client)
            finally:
                stop.set()
            arrived += arriving.result()
        twice = [id_ for id_, times in seen.items() if times > 1]
        assert not twice, f"{len(twice)} met more than once, such as {twice[0]}"
        missed = there - set(seen)
        assert not missed, f"{len(missed)} missed, such as {next(iter(missed))}"
        walked += len(there)
    print(f"  walked {walked:,} logs, {EQUAL:,} of them with one timestamp, each exactly once, while {arrived:,} arrived", flush=True)
    return [{}]


def _send_equal(tenant):
    same, ids = als.iso(als.ago(days=10)), [f"equal-{n}" for n in range(EQUAL)]
    with als.Client(tenant=tenant) as client:
        for at in range(0, EQUAL, 1000):
            client.batch_accepted([als.record(id=id_, service="equal", timestamp=same) for id_ in ids[at:at + 1000]])
        client.wait_total(EQUAL, seconds=300, service="equal")
    return set(ids)


def _walk(client):
    seen, cursor = Counter(), None
    while True:
        page = client.search(limit=1000, count="none", fields="timestamp", **({"cursor": cursor} if cursor else {}))
        seen.update(log["_id"] for log in page["data"])
        cursor = page["pagination"].get("nextCursor")
        if not cursor:
            return seen


def _arrive(tenant, stop):
    """Half of what arrives is late: it lands somewhere among the logs that the walk meets, or has met."""
    chance, arrived, due = random.Random(1), 0, time.monotonic()
    with als.Client(tenant=tenant) as client:
        while not stop.wait(max(0, due - time.monotonic())):
            late = [als.iso(als.now() - timedelta(days=30) * chance.random()) for _ in range(ARRIVING // 2)]
            client.batch_accepted([als.record(timestamp=when) for when in late] + [als.record() for _ in range(ARRIVING // 2)])
            arrived += ARRIVING
            due += 1
    return arrived


BENCHES = {"walk": walk}
