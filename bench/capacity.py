# SPDX-License-Identifier: MIT
"""What a record costs each program and each disk, all the way: the figures that docs/capacity.md counts with."""

import subprocess
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


def capacity(_given):
    """CPU of each program, and bytes on each disk, for a record; each stage by itself."""
    caught_up("processor")
    caught_up("indexer")
    servers, result = _servers(), {}

    def stage(name, run):
        before = {server: cpu_seconds(pid) for server, pid in servers.items()}
        measured = run()
        for server, pid in servers.items():
            spent = (cpu_seconds(pid) - before[server]) / COUNT * 1e6
            if spent >= 0.05:
                result[f"{server}, {name}"] = {"cpu_us": spent}
        return measured

    with Paused("indexer", "processor"):
        disks = _disks()
        stage("taking in", lambda: produce(COUNT))
        result["ours, processor"] = stage("processing", lambda: daemon_drained("processor", COUNT))
        als.dev("stop", "processor")
        result["ours, indexer"] = stage("indexing", lambda: daemon_drained("indexer", COUNT))
        caught_up("indexer")
        for name, size in _disks().items():
            print(f"  {name}: {(size - disks[name]) / COUNT:.0f} bytes a record", flush=True)
    return [result]


BENCHES = {"capacity": capacity}
