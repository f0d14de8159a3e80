# SPDX-License-Identifier: MIT
"""1,000,000 generated logs: every figure that the interface gives equals the same from the generator's own list, a walk by cursor
meets each log once while others arrive, and an export needs no memory to speak of."""

import threading
from collections import Counter
from datetime import datetime, timedelta, timezone

import als
import reading
from measure import resident_mib

EQUAL, ARRIVING = 10_000, 1000


def _data(client, path, **parameters):
    answer = client.get(path, params=parameters)
    assert answer.status_code == 200, f"{path}: {answer.text}"
    return answer.json()["data"]


def _day(log):
    return datetime.fromtimestamp(log.at_ms // 86_400_000 * 86_400, timezone.utc)


def figures(_rounds, _seconds):
    """stats, timeseries, top, facets and histogram of each tenant against the generator's list."""
    generated = reading.million()
    everything = generated.logs()
    end = als.iso(datetime.fromtimestamp(generated.end_ms / 1000, timezone.utc) + timedelta(days=1))
    begin = als.iso(datetime.fromtimestamp(generated.end_ms / 1000, timezone.utc) - timedelta(days=31))
    compared = 0
    for number in range(3):
        logs = [log for log in everything if log.tenant == number]
        with als.Client(tenant=generated.tenant(number)) as client:
            for ours, wanted in _pairs(client, logs, begin, end):
                assert ours == wanted, f"differs: {list((Counter(ours) - Counter(wanted)).items())[:5]}"
                compared += len(wanted)
    print(f"figures compared: {compared}, differing: 0", flush=True)
    return [{"ours": {}}]


def _pairs(client, logs, begin, end):
    """(what the interface says, what the list says), each {what: count}."""
    dates = {"startDate": begin, "endDate": end}
    yield ({(row["service"], row["action"]): row["count"] for row in _data(client, "/stats", limit=1000, service="service-7", **dates)},
           Counter((log.service, log.action) for log in logs if log.service == "service-7"))
    yield ({row["severity"]: row["count"] for row in _data(client, "/stats", groupBy="severity", **dates)},
           Counter(log.severity for log in logs))
    yield ({als.moment(row["start"]): row["count"] for row in _data(client, "/stats/timeseries", interval="day", **dates) if row["count"]},
           Counter(map(_day, logs)))
    yield ({row["value"]: row["count"] for row in _data(client, "/stats/top", field="service", limit=50, **dates)},
           Counter(log.service for log in logs))
    facets = _data(client, "/logs/facets", field="severity,outcome", **dates)
    yield {row["value"]: row["count"] for row in facets["severity"]}, Counter(log.severity for log in logs)
    yield ({row["value"]: row["count"] for row in facets["outcome"]},
           Counter(log.outcome for log in logs if log.outcome != "none"))
    points = _data(client, "/logs/histogram", interval="day", by="severity", **dates)
    yield ({(als.moment(point["start"]), severity): count for point in points for severity, count in point["counts"].items() if count},
           Counter((_day(log), log.severity) for log in logs))


def walk(_rounds, _seconds):
    """Walks all logs of a tenant by cursor while others arrive, thousands of equal timestamps among them: each exactly once."""
    generated = reading.million()
    tenant = generated.tenant(1)
    same = als.iso(als.ago(days=10))
    with als.Client(tenant=tenant) as client:
        before = {f"equal-{n}" for n in range(EQUAL)}
        ids = sorted(before)
        for at in range(0, EQUAL, 1000):
            client.batch_accepted([als.record(id=id_, timestamp=same) for id_ in ids[at:at + 1000]])
        client.wait_total(EQUAL, service="shop")
        before |= {log.id for log in generated.logs() if log.tenant == 1}
        stop = threading.Event()
        arriving = threading.Thread(target=_arrive, args=(tenant, stop))
        arriving.start()
        try:
            seen = _walk(client)
        finally:
            stop.set()
            arriving.join()
    assert not [id_ for id_, times in seen.items() if times > 1], "met twice"
    assert not before - set(seen), f"missed {len(before - set(seen))}"
    print(f"walked {len(seen)} logs, each once, {len(before)} of them there from the beginning", flush=True)
    return [{"ours": {}}]


def _walk(client):
    seen, cursor = Counter(), None
    while True:
        page = client.search(limit=1000, count="none", fields="timestamp", **({"cursor": cursor} if cursor else {}))
        seen.update(log["_id"] for log in page["data"])
        cursor = page["pagination"].get("nextCursor")
        if not cursor:
            return seen


def _arrive(tenant, stop):
    with als.Client(tenant=tenant) as client:
        while not stop.wait(1):
            client.batch_accepted([als.record() for _ in range(ARRIVING)])


def export(_rounds, _seconds):
    """An export of a third of the logs: complete, and the gateway grows by less than 32 MiB."""
    generated = reading.million()
    with als.Client(tenant=generated.tenant(2)) as client:
        pid, rows = als.dev_pid("gateway"), 0
        before = most = resident_mib(pid)
        with client.stream("GET", "/logs/export", params={"format": "ndjson"}, timeout=600) as answer:
            assert answer.status_code == 200, answer.read()
            for line in answer.iter_lines():
                rows += bool(line)
                if rows % 20_000 == 0:
                    most = max(most, resident_mib(pid))
    assert rows == sum(log.tenant == 2 for log in generated.logs()), rows
    assert most - before < 32, f"{most - before:.1f} MiB more"
    print(f"exported {rows} rows, the gateway grew by {most - before:.1f} MiB", flush=True)
    return [{"ours": {"rss_mib": most}}]


BENCHES = {"figures": figures, "walk": walk, "export": export}
