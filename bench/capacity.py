# SPDX-License-Identifier: MIT
"""What a record costs each program and each disk, all the way: the figures that docs/capacity.md counts with."""

import subprocess
import time
from pathlib import Path

import als
from lag import Paused, caught_up, daemon_drained
from measure import cpu_seconds, produce

COUNT = 200_000
SERVERS = ("kafka", "redis", "postgres", "ferretdb", "mongod")
TOPICS = {"raw topic": als.RAW, "enriched topic": als.ENRICHED, "stats topic": als.STATS}


def _servers():
    """{name: process id} of the servers that are ours."""
    running = [line.split()[0] for line in als.dev("status", check=False).splitlines()[1:]]
    return {name: int(als.dev("pid", name)) for name in SERVERS if name in running}


def _size(*folders):
    done = subprocess.run(["du", "-sb", "--total", *folders], capture_output=True, text=True)  # a file may go meanwhile
    return int(done.stdout.splitlines()[-1].split()[0])


def _disks():
    logs = Path(als.STATE) / "kafka" / "logs"
    sizes = {name: _size(*logs.glob(f"{topic}-[0-9]*")) for name, topic in TOPICS.items()}
    postgres = Path(als.STATE) / "postgres" / "data" / "base"
    if postgres.exists():
        sizes["store"] = _size(postgres)
    return sizes


def _idle(servers, seconds=5):
    """The share of a core that each takes while nothing flows."""
    before = {server: cpu_seconds(pid) for server, pid in servers.items()}
    time.sleep(seconds)
    return {server: (cpu_seconds(pid) - before[server]) / seconds for server, pid in servers.items()}


def _processed():
    """Through the processor, and on through its counters into Redis."""
    measured = daemon_drained("processor", COUNT)
    als.wait_until(lambda: "\nals_counters_lag 0\n" in als.httpx.get(f"{als.PROCESSOR_URL}/metrics", timeout=10).text,
                   "the counters are through", 300, pause=0.2)
    return measured


def capacity(_given):
    """CPU of each program beyond what it takes idle, and bytes on each disk, for a record; each stage by itself."""
    caught_up("processor")
    caught_up("indexer")
    servers, result = _servers(), {}

    def stage(name, run):
        before, began = {server: cpu_seconds(pid) for server, pid in servers.items()}, time.monotonic()
        measured = run()
        for server, pid in servers.items():
            spent = cpu_seconds(pid) - before[server] - idle[server] * (time.monotonic() - began)
            if spent / COUNT * 1e6 >= 0.05:
                result[f"{server}, {name}"] = {"cpu_us": spent / COUNT * 1e6}
        return measured

    with Paused("indexer", "processor"):
        idle, disks = _idle(servers), _disks()
        stage("taking in", lambda: produce(COUNT))
        result["ours, processor"] = stage("processing", _processed)
        als.dev("stop", "processor")
        result["ours, indexer"] = stage("indexing", lambda: daemon_drained("indexer", COUNT))
        caught_up("indexer")
        for name, size in _disks().items():
            print(f"  {name}: {(size - disks[name]) / COUNT:.0f} bytes a record", flush=True)
    return [result]


BENCHES = {"capacity": capacity}
