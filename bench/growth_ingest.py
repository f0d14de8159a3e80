# SPDX-License-Identifier: MIT
"""How the cost of taking records in grows."""

import als
from lag import Paused
from measure import posted, warm
from plot import draw


def _against(values, measure):
    pid = int(als.dev("pid", "gateway"))
    with Paused("processor", "indexer"):
        warm(als.URL)
        return [(value, measure(pid, value)) for value in values]


def connections(given):
    """Acknowledged singles against the number of connections."""
    points = _against((1, 4, 16, 64, 256, 1000, 4000, 10_000), lambda pid, count: posted(pid, als.URL, 1, count, given.seconds))
    return draw("connections", "Acknowledged single records", "connections", points)


def batch_size(given):
    """Acknowledged records against the size of a batch, 16 connections."""
    points = _against((1, 10, 50, 100, 300, 1000), lambda pid, size: posted(pid, als.URL, size, 16, given.seconds))
    return draw("batch-size", "Acknowledged records in batches, 16 connections", "records a batch", points)


def record_size(given):
    """Acknowledged singles against the size of a record, 256 connections; metadata may have 32 KiB, so the rest is in a field that is not kept."""
    points = _against((100, 300, 1000, 3000, 10_000, 30_000, 100_000),
                      lambda pid, size: posted(pid, als.URL, 1, 256, given.seconds, size=size))
    return draw("record-size", "Acknowledged single records, 256 connections", "bytes of a record", points)


BENCHES = {"growth-connections": connections, "growth-batch-size": batch_size, "growth-record-size": record_size}
