# SPDX-License-Identifier: MIT
"""A long walk with cursors while records arrive: each log that was there at the beginning, exactly once."""

import threading
from datetime import timedelta

import pytest

import als
from als import iso, record

START = als.moment("2024-12-01T00:00:00.000Z")
BEFORE, DURING, EQUAL = 3000, 2000, 700


def made(count, name):
    """The first EQUAL share one timestamp, the others come three to a millisecond."""
    return [record(id=f"{name}{n:05}", service=f"s{n % 3}", timestamp=iso(START + timedelta(milliseconds=max(0, n - EQUAL) // 3)))
            for n in range(count)]


def arrive(tenant, stopped):
    """Among those of the walk and beyond both ends of it, until the walk is over."""
    with als.Client(tenant) as client:
        records = made(DURING, "d")
        for first in range(0, DURING, 50):
            if stopped.is_set():
                return
            client.batch_accepted(records[first:first + 50])


def others_came(client):
    return client.search(limit=1)["pagination"]["total"] > BEFORE


def walk(client, **params):
    """What a walk meets; it goes on behind its first page when others have been stored among the rest."""
    met, cursor = [], None
    while True:
        answer = client.search(**params, **({"cursor": cursor} if cursor else {}))
        met += [(log["timestamp"], log["_id"]) for log in answer["data"]]
        cursor = answer["pagination"].get("nextCursor")
        if not cursor:
            return met
        if len(met) == params["limit"]:
            als.wait_until(lambda: others_came(client), "records arrive during the walk", seconds=60)


@pytest.mark.parametrize("params", [{"limit": 13}, {"limit": 97, "sort": "timestamp"}, {"limit": 31, "service": "s1", "sort": "timestamp"}],
                         ids=str)
def test_a_walk_meets_each_log_once_while_others_arrive(gateway, params):
    sent = made(BEFORE, "b")
    for first in range(0, BEFORE, 1000):
        gateway.batch_accepted(sent[first:first + 1000])
    gateway.wait_total(BEFORE)
    stopped = threading.Event()
    sender = threading.Thread(target=arrive, args=(gateway.tenant, stopped))
    sender.start()
    try:
        met = walk(gateway, **params)
    finally:
        stopped.set()
        sender.join()
    assert met == sorted(met, reverse="sort" not in params)
    assert len(set(met)) == len(met), "none twice, those that arrived included"
    wanted = {log["id"] for log in sent if log["service"] == params.get("service", log["service"])}
    assert wanted <= {log_id for _, log_id in met}
    assert any(log_id.startswith("d") for _, log_id in met), "those that arrive ahead of the walk are met too"
