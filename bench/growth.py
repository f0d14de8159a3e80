# SPDX-License-Identifier: MIT
"""How cost grows: each benchmark varies one thing, and draws it with gnuplot into STATE/growth-*.png."""

import subprocess

import als
from generated import Generated
from measure import Paused, cpu_seconds, drained, posted, produce, wrk
from reading import timed


def _plot(name, title, x, points, second="p99_ms"):
    """`points`: [(x, {rate, p99_ms or cpu_us})]; rate on the left axis, the other on the right."""
    data = als.STATE / f"growth-{name}.dat"
    data.write_text("".join(f"{at} {point['rate']} {point[second]}\n" for at, point in points))
    subprocess.run(["gnuplot"], text=True, check=True, input=f"""
set terminal pngcairo size 800,420 font ',10'
set output '{als.STATE}/growth-{name}.png'
set title '{title}'
set xlabel '{x}'; set ylabel 'a second'; set y2label '{second.replace('_', ' ')}'
set logscale x; set yrange [0:]; set y2range [0:]; set y2tics; set ytics nomirror; set grid; set key below
plot '{data}' using 1:2 with linespoints lw 2 title 'a second', '' using 1:3 axes x1y2 with linespoints lw 2 title '{second.replace('_', ' ')}'
""")
    for at, point in points:
        print(f"  {name} {at}: {point['rate']:,.0f}/s, {second} {point[second]:.2f}", flush=True)
    return [{f"ours, {at}": point for at, point in points}]


def connections(_rounds, seconds):
    """Acknowledged singles against the number of connections."""
    with Paused("processor", "indexer"):
        points = [(count, posted(als.dev_pid("gateway"), als.URL, 1, count, seconds)) for count in (1, 4, 16, 64, 256, 1000, 4000, 8000)]
    return _plot("connections", "Acknowledged single records", "connections", points)


def batch_size(_rounds, seconds):
    """Acknowledged records against the size of a batch, 16 connections."""
    with Paused("processor", "indexer"):
        points = [(size, posted(als.dev_pid("gateway"), als.URL, size, 16, seconds)) for size in (1, 10, 50, 100, 300, 1000)]
    return _plot("batch-size", "Acknowledged records in batches, 16 connections", "records a batch", points)


def record_size(_rounds, seconds):
    """Acknowledged singles against the size of a record."""
    points = []
    with Paused("processor", "indexer"):
        for size in (100, 300, 1000, 3000, 10_000, 30_000):
            pid = als.dev_pid("gateway")
            before = cpu_seconds(pid)
            result = wrk("post.lua", als.URL, 256, seconds, BATCH="1", PADDING=str(size))
            points.append((size, {"rate": result["requests"] / result["seconds"], "p99_ms": result["p99_ms"],
                                  "cpu_us": (cpu_seconds(pid) - before) / result["requests"] * 1e6}))
    return _plot("record-size", "Acknowledged single records, 256 connections", "bytes of padding in a record", points)


def actions(_rounds, _seconds, count=300_000):
    """The processor against the number of distinct actions."""
    points = []
    with Paused("indexer"):
        for distinct in (10, 100, 1000, 10_000, 100_000):
            als.dev("stop", "processor")
            produce(count, actions=distinct)
            points.append((distinct, drained("processor", als.PROCESSOR_URL, "processor", count, "the processor")))
    return _plot("actions", "Processor, backlog of 300,000", "distinct actions", points, second="cpu_us")


def stored(_rounds, _seconds):
    """A page and 30 days of stats against the number of logs stored."""
    generated, points = Generated(), []
    range_ = {"startDate": als.iso(als.ago(days=30)), "endDate": als.iso(als.now())}
    with als.Client(tenant=generated.tenant()) as client:
        for count in (10_000, 30_000, 100_000, 300_000, 1_000_000):
            generated.grow_to(count)
            page = timed(lambda: client.search(count="none"), 200)
            points.append((count, {"rate": 1000 / page["p50_ms"], **page, "stats_p99_ms": timed(lambda: client.stats(**range_), 30)["p99_ms"]}))
            print(f"  {count} logs: stats over 30 days p99 {points[-1][1]['stats_p99_ms']:.1f} ms", flush=True)
    return _plot("stored", "GET /logs, one client", "logs stored", points)


BENCHES = {"growth-connections": connections, "growth-batch-size": batch_size, "growth-record-size": record_size,
           "growth-actions": actions, "growth-stored": stored}
