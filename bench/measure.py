# SPDX-License-Identifier: MIT
"""What every benchmark measures with: load, processor time, memory, and medians over rounds."""

import json
import os
import statistics
import subprocess
import time
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


def wrk(script, url, connections, seconds, **environment):
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(HERE / script), url],
        capture_output=True, text=True, env={**os.environ, "BENCH": str(HERE), **environment}, timeout=seconds + 60, check=True)
    result = json.loads(done.stdout.split("RESULT ", 1)[1].splitlines()[0])
    assert result["failed"] == 0, f"{result['failed']} requests failed: {done.stdout}"
    return result


def produce(count, users=100_000, actions=500):
    """librdkafka alone: `count` records into the raw topic, acknowledged."""
    done = subprocess.run([RAW_PRODUCE, als.BROKERS, als.RAW, str(count), str(users), str(actions)],
                          capture_output=True, text=True, timeout=300, check=True)
    result = json.loads(done.stdout)
    assert result["failed"] == 0, result
    return result


def posted(pid, url, batch, connections, seconds):
    """Records a second that a service acknowledges, and what one costs it."""
    before = cpu_seconds(pid)
    result = wrk("post.lua", url, connections, seconds, BATCH=str(batch))
    records = result["requests"] * batch
    return {"rate": records / result["seconds"], "p50_ms": result["p50_ms"], "p99_ms": result["p99_ms"],
            "cpu_us": (cpu_seconds(pid) - before) / records * 1e6, "rss_mib": resident_mib(pid)}


class Paused:
    """Daemons that stand still meanwhile, so that they take nothing from the cores."""

    def __init__(self, *daemons):
        self.daemons = daemons

    def __enter__(self):
        for daemon in self.daemons:
            als.dev("stop", daemon)

    def __exit__(self, *_):
        for daemon in self.daemons:
            als.dev("start", daemon)


def lag(url, stage):
    text = als.httpx.get(f"{url}/metrics", timeout=10).text
    return als.metric_sums(text, "als_consumer_lag", "stage").get((stage,), 0)


def drained(daemon, url, stage, count, what):
    """Starts a daemon with a backlog before it; how fast it got through, at which cost."""
    als.dev("start", daemon)
    pid = als.dev_pid(daemon)
    began, before = time.monotonic(), cpu_seconds(pid)
    als.wait_until(lambda: lag(url, stage) > 0, f"{what} sees its backlog", 60, pause=0.02)
    als.wait_until(lambda: lag(url, stage) == 0, f"{what} is through", 600, pause=0.05)
    seconds = time.monotonic() - began
    return {"rate": count / seconds, "cpu_us": (cpu_seconds(pid) - before) / count * 1e6, "rss_mib": resident_mib(pid)}


def median(turns, subject, key):
    values = [turn[subject][key] for turn in turns if key in turn.get(subject, {})]
    return statistics.median(values) if values else None


def ratio(turns, ours, other, key):
    """The median of the ratios within each turn: the machine's speed changes, their ratio hardly does."""
    values = [turn[ours][key] / turn[other][key] for turn in turns if turn.get(other, {}).get(key)]
    return statistics.median(values) if values else None


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
