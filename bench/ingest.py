# SPDX-License-Identifier: MIT
"""Taking records in: acknowledged singles and batches, under closed loops and at a fixed rate."""

import json
import subprocess

import als
import peers
from lag import Paused
from measure import posted, produce, resident_mib, warm, wrk

OPEN_LOOP = als.BUILD / "bench" / "open_loop"


def _single(connections):
    def measure(given):
        def turn():
            static = wrk("result.lua", f"{als.URL}/livez", connections, given.seconds)
            return {"static": {"rate": static["requests"] / static["seconds"], "p99_ms": static["p99_ms"]},
                    "ours": posted(als.dev_pid("gateway"), als.URL, 1, connections, given.seconds),
                    "axum": posted(axum.pid, axum.url, 1, connections, given.seconds),
                    "express": posted(express.pid, express.url, 1, connections, given.seconds)}
        with Paused("processor", "indexer"), peers.axum() as axum, peers.express() as express:
            warm(als.URL, axum.url, express.url)
            return [turn() for _ in range(given.rounds)]
    measure.__doc__ = (f"Single records, {connections} connections: against a static answer of the same server, Axum and Express.")
    return measure


def naive_express(given):
    """Single records, 256 connections, against Express that sends each request by itself, as kafkajs' documentation shows."""
    def turn():
        return {"ours": posted(als.dev_pid("gateway"), als.URL, 1, 256, given.seconds),
                "express": posted(express.pid, express.url, 1, 256, given.seconds)}
    with Paused("processor", "indexer"), peers.express(0) as express:
        warm(als.URL, express.url)
        return [turn() for _ in range(given.rounds)]


def _batches(size):
    def measure(given):
        def turn():
            return {"librdkafka": produce(1_000_000),
                    "ours": posted(als.dev_pid("gateway"), als.URL, size, 16, given.seconds),
                    "axum": posted(axum.pid, axum.url, size, 16, given.seconds)}
        with Paused("processor", "indexer"), peers.axum() as axum:
            warm(als.URL, axum.url)
            return [turn() for _ in range(given.rounds)]
    measure.__doc__ = f"Batches of {size}, 16 connections: against librdkafka alone with the same records, and Axum with the same batches."
    return measure


def open_loop(given):
    """1,000 single records a second at fixed times, against the bare round trip of librdkafka at the same rate. Latencies count from
    the time that a request was due, so that a stall is not left out."""
    def run(*arguments):
        done = subprocess.run([OPEN_LOOP, *arguments], capture_output=True, text=True, timeout=given.seconds * 4 + 60, check=True)
        result = json.loads(done.stdout)
        assert result["failed"] == 0, result
        return result

    def turn():
        count = str(1000 * given.seconds)
        return {"librdkafka": run("kafka", als.BROKERS, als.RAW, "1000", count),
                "ours": run("http", als.URL.rsplit(":", 1)[1], "-", "1000", count)}
    with Paused("processor", "indexer"):
        warm(als.URL)
        return [turn() for _ in range(given.rounds)]


def memory(given):
    """Resident memory of the gateway under full load of 1,000 connections, singles and batches."""
    result = {}
    with Paused("processor", "indexer"):
        for size in (1, 100):
            wrk("post.lua", als.URL, 1000, given.seconds, BATCH=str(size))
            result[f"batch {size}"] = resident_mib(als.dev_pid("gateway"))
    return [{"ours": {"rss_mib": max(result.values())}}]


BENCHES = {"single": _single(256), "single-1000": _single(1000), "express-naive": naive_express,
           "batch-100": _batches(100), "batch-1000": _batches(1000), "open-loop": open_loop, "memory": memory}
