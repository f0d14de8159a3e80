# SPDX-License-Identifier: MIT
"""Queries over generated logs: pages against the bare driver's find, stats against aggregating the logs."""

import json
import subprocess
import time
from urllib.parse import urlencode

import als
import generated
from measure import percentile, wrk

RAW_FIND = als.BUILD / "bench" / "raw_find"
FINDS = 3000  # about as many as pages of ours are read in the same time


def timed(ask, times):
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - began) * 1000)
    return {"p50_ms": percentile(taken, .5), "p99_ms": percentile(taken, .99)}


def _raw_find(tenant, until_ms):
    """The driver alone, which reads a page and one more."""
    done = subprocess.run([RAW_FIND, als.MONGO_URI, als.MONGO_DB_NAME, tenant, str(until_ms), str(FINDS)],
                          capture_output=True, text=True, timeout=300, check=True)
    return json.loads(done.stdout)


def asked(tenant, seconds, **parameters):
    """One client that asks GET /logs for the same again and again; wrk, since a client in Python takes longer than an answer."""
    result = wrk("result.lua", f"{als.URL}/api/v1/logs?{urlencode(parameters)}", 1, seconds, headers=[f"X-Tenant-Id: {tenant}"])
    return {"rate": result["requests"] / result["seconds"], "p50_ms": result["p50_ms"], "p99_ms": result["p99_ms"]}


def pages(given):
    """GET /logs?count=none, the first page and 10,000 pages deep by cursor, against the bare driver's find at the same places."""
    made = generated.load(given.logs)
    tenant, page = made.tenant(), {"count": "none", "limit": 50}
    with als.Client(tenant=tenant) as client:
        cursor = {}
        for _ in range(min(10_000, made.count // 100) * 50 // 1000):  # as deep, in larger steps
            answer = client.search(count="none", limit=1000, **cursor)
            cursor = {"cursor": answer["pagination"]["nextCursor"]}
    deep_ms = int(als.moment(answer["data"][-1]["timestamp"]).timestamp() * 1000)

    def turn():
        return {"driver": _raw_find(tenant, made.end_ms), "ours": asked(tenant, given.seconds, **page),
                "driver, deep": _raw_find(tenant, deep_ms), "ours, deep": asked(tenant, given.seconds, **page, **cursor),
                "ours, with total": asked(tenant, given.seconds, limit=50),
                "ours, count=exact": asked(tenant, given.seconds, limit=50, count="exact")}
    return [turn() for _ in range(given.rounds)]


def stats(given):
    """GET /stats over 30 days: against aggregating the logs themselves, and with a tenth of the logs."""
    few, many = generated.Generated().grow_to(given.logs // 10), generated.load(given.logs)

    def turn():
        range_ = {"startDate": als.iso(als.ago(days=30)), "endDate": als.iso(als.now())}
        result = {}
        for who, made in (("ours", many), ("ours, a tenth of the logs", few)):
            with als.Client(tenant=made.tenant()) as client:
                result[who] = timed(lambda: client.stats(**range_), 50)
        return {**result, "aggregation": timed(lambda: _aggregate(many.tenant()), 2)}
    return [turn() for _ in range(min(given.rounds, 3))]


def _aggregate(tenant):
    rows = als.database().logs.aggregate([
        {"$match": {"tenant": tenant, "timestamp": {"$gte": als.ago(days=30), "$lte": als.now()}}},
        {"$group": {"_id": {"service": "$service", "action": "$action"}, "count": {"$sum": 1},
                    **{severity: {"$sum": {"$cond": [{"$eq": ["$severity", severity]}, 1, 0]}}
                       for severity in ("info", "warn", "error", "critical")}}},
        {"$sort": {"count": -1}}, {"$limit": 100}])
    assert len(list(rows)) == 100


BENCHES = {"stats": stats, "pages": pages}
