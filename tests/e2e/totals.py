# SPDX-License-Identifier: MIT
"""The totals of hours, days and weeks as they lie in the document store."""

from collections import Counter
from urllib.parse import unquote

SEVERITY = {"i": "info", "w": "warn", "e": "error", "c": "critical"}
OUTCOME = {"s": "success", "f": "failure", "n": "none"}
LENGTH_MS = {"hour": 3_600_000, "day": 86_400_000, "week": 7 * 86_400_000}
WINDOWS = tuple(LENGTH_MS)  # the finest first, as they are written
FIRST_MONDAY_MS = 4 * 86_400_000


def start_of(at_ms, window):
    past = at_ms - FIRST_MONDAY_MS if window == "week" else at_ms
    return at_ms - past % LENGTH_MS[window]


def read(database, tenant, **chosen):
    """(window, start in ms, service, action, cell) → count, and no row twice. In one batch: between two the store goes on, and what changes
    meanwhile may come twice or not at all."""
    sums = Counter()
    for total in database.totals.find({"tenant": tenant, **chosen}).batch_size(100_000):
        start = round(total["start"].timestamp() * 1000)
        for name, cells in total["rows"].items():
            service, action = map(unquote, name.split("|"))
            for cell, count in cells.items():
                key = (total["window"], start, service, action, f"{SEVERITY[cell[0]]}_{OUTCOME[cell[1]]}")
                assert key not in sums, key
                sums[key] = count
    return sums
