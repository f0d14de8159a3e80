# SPDX-License-Identifier: MIT
"""The old service's own load shape: autocannon, 1,000 connections, 10 requests under way on each."""

import json
import subprocess
from pathlib import Path

import als
import peers
from lag import Paused
from measure import cpu_seconds, resident_mib, warm

SOURCE = Path(__file__).resolve().parent / "autocannon"


def _posted(load, pid, url, seconds):
    before = cpu_seconds(pid)
    done = subprocess.run(["node", load, url, str(seconds)], capture_output=True, text=True, timeout=seconds + 60, check=True)
    result = json.loads(done.stdout)
    assert result["failed"] == 0, result
    return {"rate": result["requests"] / result["seconds"], "p50_ms": result["p50_ms"], "p99_ms": result["p99_ms"],
            "cpu_us": (cpu_seconds(pid) - before) / result["requests"] * 1e6, "rss_mib": resident_mib(pid)}


def single_pipelined(given):
    """Single records, 1,000 connections, 10 requests under way on each: against Axum and Express."""
    load, pid = peers.built(SOURCE, peers.build_node) / "load.js", int(als.dev("pid", "gateway"))

    def turn():
        return {"ours": _posted(load, pid, als.URL, given.seconds), "axum": _posted(load, axum.pid, axum.url, given.seconds),
                "express": _posted(load, express.pid, express.url, given.seconds)}
    with Paused("processor", "indexer"), peers.axum() as axum, peers.express() as express:
        warm(als.URL, axum.url, express.url)
        return [turn() for _ in range(given.rounds)]


BENCHES = {"single-pipelined": single_pipelined}
