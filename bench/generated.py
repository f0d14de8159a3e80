# SPDX-License-Identifier: MIT
"""The list that generate.c sends, and getting it into the running instance."""

import json
import subprocess
import time
import uuid
from typing import NamedTuple

import als
from lag import caught_up

GENERATE = als.BUILD / "bench" / "generate"
TENANTS, SHARE_OF_LARGEST = 3, 204 / 256
SPAN_MS, HOUR_MS = 30 * 86_400_000, 3_600_000
FIRST_SWEEPS = 100_000
MASK = (1 << 64) - 1
VERBS = ("create", "update", "delete", "view")
SEVERITIES = ("info",) * 6 + ("warn",) * 2 + ("error", "critical")
OUTCOMES = ("none", "success", "failure")


class Log(NamedTuple):
    tenant: int
    service: str
    action: str
    user: str
    severity: str
    outcome: str
    at_ms: int
    id: str


def _mixed(n):
    z = (n + 1) * 0x9E3779B97F4A7C15 & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def _time(n, k):
    sweep = FIRST_SWEEPS // 10 if n < FIRST_SWEEPS else FIRST_SWEEPS
    return k % SPAN_MS if (k >> 40) % 100 == 0 else n % sweep * (SPAN_MS - HOUR_MS) // sweep + k % HOUR_MS


def log(n, end_ms):
    h = _mixed(n)
    k = _mixed(h)
    share = k >> 56
    return Log(0 if share < 204 else 1 if share < 243 else 2, f"service-{h // 3 % 50}", f"object{h // 150 % 10}.{VERBS[h >> 40 & 3]}",
               f"user-{h // 500 % 20000}", SEVERITIES[(h >> 44) % 10], OUTCOMES[(h >> 52) % 3], end_ms - SPAN_MS + _time(n, k), f"g-{n}")


class Generated:
    """A growing set of generated logs in the instance, under tenants of its own."""

    def __init__(self):
        self.prefix = f"gen-{uuid.uuid4().hex[:6]}"
        self.end_ms = int(time.time() * 1000)
        self.count = 0
        self.touched = False  # holds others, too

    def tenant(self, number=0):
        return f"{self.prefix}-{number}"

    def grow_to(self, count):
        if count > self.count:
            done = subprocess.run([GENERATE, als.BROKERS, als.RAW, str(self.count), str(count - self.count), self.prefix, str(self.end_ms)],
                                  capture_output=True, text=True, timeout=600, check=True)
            assert json.loads(done.stdout)["failed"] == 0, done.stdout
            self.count = count
            caught_up("processor")
            caught_up("indexer")
        return self

    def logs(self):
        return [log(n, self.end_ms) for n in range(self.count)]


_made = None


def load(count, untouched=False):
    """At least `count` logs; one load serves all benchmarks of a run."""
    global _made
    if _made is None or untouched and _made.touched:
        _made = Generated()
    return _made.grow_to(count)
