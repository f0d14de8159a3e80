# SPDX-License-Identifier: MIT
"""How the cost of reading grows with what is stored."""

import als
from generated import Generated
from plot import draw
from reading import asked, timed

NUMBERS = (10_000, 30_000, 100_000, 300_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000)


def stored(given):
    """A page and 30 days of stats against the number of logs stored; --logs says how many at most."""
    made, points = Generated(), []
    with als.Client(tenant=made.tenant()) as client:
        for count in [number for number in NUMBERS if number <= given.logs]:
            made.grow_to(count)
            page = asked(made.tenant(), given.seconds, count="none", limit=50)
            range_ = {"startDate": als.iso(als.ago(days=30)), "endDate": als.iso(als.now())}
            stats = timed(lambda: client.stats(**range_), 30)
            points.append((count, {**page, "stats_p50_ms": stats["p50_ms"], "stats_p99_ms": stats["p99_ms"]}))
            print(f"  {count:,} logs: page p99 {page['p99_ms']:.2f} ms, stats over 30 days p99 {stats['p99_ms']:.2f} ms", flush=True)
    draw("stored-stats", "GET /stats over 30 days, one client", "logs stored", points, left="stats_p50_ms", right="stats_p99_ms")
    return draw("stored", "GET /logs?count=none, one client", "logs stored", points, left="p50_ms")


BENCHES = {"growth-stored": stored}
