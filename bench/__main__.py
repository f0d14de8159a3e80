# SPDX-License-Identifier: MIT
"""Measures the running instance against its own ceilings, in turns, and prints medians of ratios.

    ./dev bench                    all
    ./dev bench single backlog     some

Two things are compared only within one run: the machine's speed changes between runs, their ratio hardly does."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "e2e"))

import als  # noqa: E402

RAW_PRODUCE = als.BUILD / "bench" / "raw_produce"
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(daemon):
    """User and system time of the daemon's process so far."""
    fields = Path(f"/proc/{als.dev_pid(daemon)}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mib(daemon):
    status = Path(f"/proc/{als.dev_pid(daemon)}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def wrk(script, url, connections, seconds, **environment):
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(HERE / script), url],
        capture_output=True, text=True, env={**os.environ, "BENCH": str(HERE), **environment}, timeout=seconds + 60, check=True)
    result = json.loads(done.stdout.split("RESULT ", 1)[1].splitlines()[0])
    assert result["failed"] == 0, f"{result['failed']} requests failed: {done.stdout}"
    return result


def produce(count, users=100_000, actions=500):
    done = subprocess.run([RAW_PRODUCE, als.BROKERS, als.RAW, str(count), str(users), str(actions)],
                          capture_output=True, text=True, timeout=300, check=True)
    result = json.loads(done.stdout)
    assert result["failed"] == 0, result
    return result


def acknowledged(batch, connections, seconds):
    """Records a second that the gateway acknowledges, and what one costs it."""
    before = cpu_seconds("gateway")
    result = wrk("post.lua", als.URL, connections, seconds, BATCH=str(batch))
    records = result["requests"] * batch
    return {"rate": records / result["seconds"], "p50_ms": result["p50_ms"], "p99_ms": result["p99_ms"],
            "cpu_us": (cpu_seconds("gateway") - before) / records * 1e6, "rss_mib": resident_mib("gateway")}


def alone(paused, measure):
    """Measures while the consumers behind stand still, so that they take nothing from the two cores."""
    for daemon in paused:
        als.dev("stop", daemon)
    try:
        return measure()
    finally:
        for daemon in paused:
            als.dev("start", daemon)


def single(rounds, seconds):
    """Acknowledged single records against the cheapest answer of the same server, 256 connections."""
    def turn():
        ceiling = wrk("result.lua", f"{als.URL}/livez", 256, seconds)
        ours = acknowledged(1, 256, seconds)
        return {"ceiling": ceiling["requests"] / ceiling["seconds"], **ours}
    return alone(["processor", "indexer"], lambda: [turn() for _ in range(rounds)])


def batches(size):
    def measure(rounds, seconds):
        def turn():
            ceiling = produce(300_000)
            ours = acknowledged(size, 16, seconds)
            return {"ceiling": ceiling["records"] / ceiling["seconds"], **ours}
        return alone(["processor", "indexer"], lambda: [turn() for _ in range(rounds)])
    measure.__doc__ = f"Acknowledged batches of {size} against librdkafka alone, the same records."
    return measure


def lag(url, stage):
    sums = als.metric_sums(als.httpx.get(f"{url}/metrics").text, "als_consumer_lag", "stage")
    return sums.get((stage,), 0)


def backlog(rounds, _seconds, count=300_000):
    """A backlog through the processor, against librdkafka alone producing it."""
    def turn():
        als.dev("stop", "processor")
        ceiling = produce(count)
        als.dev("start", "processor")
        began, before = time.monotonic(), cpu_seconds("processor")
        als.wait_until(lambda: lag(als.PROCESSOR_URL, "processor") > 0, "the processor sees its backlog", 60)
        als.wait_until(lambda: lag(als.PROCESSOR_URL, "processor") == 0, "the processor is through", 300)
        return {"ceiling": ceiling["records"] / ceiling["seconds"], "rate": count / (time.monotonic() - began),
                "cpu_us": (cpu_seconds("processor") - before) / count * 1e6, "rss_mib": resident_mib("processor")}
    als.dev("stop", "indexer")
    try:
        return [turn() for _ in range(rounds)]
    finally:
        als.dev("start", "indexer")


BENCHES = {"single": single, "batch-100": batches(100), "batch-1000": batches(1000), "backlog": backlog}


def summary(name, turns):
    def median(key):
        values = [turn[key] for turn in turns if key in turn]
        return statistics.median(values) if values else None

    ratio = statistics.median(turn["rate"] / turn["ceiling"] for turn in turns)
    cells = [name, f"{median('rate'):,.0f}", f"{median('ceiling'):,.0f}", f"{ratio:.2f}",
             *(f"{median(key):.1f}" if median(key) is not None else "" for key in ("p50_ms", "p99_ms", "cpu_us", "rss_mib"))]
    return f"| {' | '.join(cells)} |"


def main():
    parser = argparse.ArgumentParser(prog="dev bench", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"some of: {', '.join(BENCHES)} (all)")
    parser.add_argument("--rounds", type=int, default=5, choices=range(1, 51), metavar="1..50")
    parser.add_argument("--seconds", type=int, default=5, choices=range(1, 61), metavar="1..60")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in BENCHES]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}")
    results = {}
    print("| what | ours, records/s | ceiling, /s | median ratio | p50 ms | p99 ms | CPU µs a record | RSS MiB |\n"
          "|---|---|---|---|---|---|---|---|", flush=True)
    for name in given.names or BENCHES:
        results[name] = BENCHES[name](given.rounds, given.seconds)
        print(summary(name, results[name]), flush=True)
    model = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    machine = f"{os.cpu_count()} x {model.split(':', 1)[1].strip()}, {os.uname().release}"
    path = als.STATE / "bench.json"
    path.write_text(json.dumps({"machine": machine, "taken": als.iso(als.now()), "results": results}, indent=1))
    print(f"\n{machine}; every round is in {path}")


if __name__ == "__main__":
    main()
