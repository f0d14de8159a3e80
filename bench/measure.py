# SPDX-License-Identifier: MIT
"""What every benchmark measures with: load, processor time, memory, and medians over rounds."""

import json
import os
import statistics
import subprocess
from pathlib import Path

import als

HERE = Path(__file__).resolve().parent
RAW_PRODUCE = als.BUILD / "bench" / "raw_produce"
TICKS = os.sysconf("SC_CLK_TCK")


def children(pid):
    """The process and all below it: a peer may be a cluster of processes."""
    found = [pid]
    for process in found:
        for task in Path(f"/proc/{process}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def cpu_seconds(pid):
    """User and system time of a process and its children so far."""
    total = 0
    for process in children(pid):
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def resident_mib(pid):
    return sum(int(Path(f"/proc/{process}/status").read_text().split("VmRSS:")[1].split()[0]) for process in children(pid)) / 1024


def wrk(script, url, connections, seconds, headers=(), **environment):
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(HERE / script),
         *(word for header in headers for word in ("-H", header)), url],
        capture_output=True, text=True, env={**os.environ, "BENCH": str(HERE), **environment}, timeout=seconds + 60, check=True)
    result = json.loads(done.stdout.split("RESULT ", 1)[1].splitlines()[0])
    assert result["failed"] == 0, f"{result['failed']} requests failed: {done.stdout}"
    return result


def produce(count, users=100_000, actions=500, tenants=1, topic=als.RAW):
    """librdkafka alone: `count` records into a topic, acknowledged; how many a second."""
    done = subprocess.run([RAW_PRODUCE, als.BROKERS, topic, *map(str, (count, users, actions, tenants))],
                          capture_output=True, text=True, timeout=300, check=True)
    result = json.loads(done.stdout)
    assert result["failed"] == 0, result
    return {"rate": result["per_second"]}


def posted(pid, url, batch, connections, seconds, size=0):
    """Records a second that a service acknowledges, and what one costs it; each of `size` bytes, if that is given."""
    before = cpu_seconds(pid)
    result = wrk("post.lua", url, connections, seconds, BATCH=str(batch), SIZE=str(size))
    records = result["requests"] * batch
    return {"rate": records / result["seconds"], "p50_ms": result["p50_ms"], "p99_ms": result["p99_ms"],
            "cpu_us": (cpu_seconds(pid) - before) / records * 1e6, "rss_mib": resident_mib(pid)}


def warm(*urls):
    """The first second is of a Kafka, a JIT, a cache that is not warm yet: it counts for nobody."""
    for url in urls:
        wrk("post.lua", url, 64, 1)


def median(turns, subject, key):
    values = [turn[subject][key] for turn in turns if key in turn.get(subject, {})]
    return statistics.median(values) if values else None


def ratio(turns, ours, other, key):
    """The median of the ratios within each turn: the machine's speed changes, their ratio hardly does."""
    values = [turn[ours][key] / turn[other][key] for turn in turns if turn.get(other, {}).get(key) and turn.get(ours, {}).get(key)]
    return statistics.median(values) if values else None


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
