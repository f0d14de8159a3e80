# SPDX-License-Identifier: MIT
"""How long counting pauses: the widest gap between two changes of a tenant's total in Redis while something is done."""

import threading
import time

import als


def widest_gap(tenant, act, seconds=15):
    """`act` is called after two seconds; what flows must flow all the while."""
    done = threading.Event()
    gaps = []

    def watch():
        base, key = als.counters(), f"{{als}}:{tenant}:total"
        last, since = None, time.monotonic()
        while not done.wait(0.05):
            count = base.hget(key, "count")
            if count != last:
                gaps.append(time.monotonic() - since)
                last, since = count, time.monotonic()
        gaps.append(time.monotonic() - since)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    time.sleep(2)
    act()
    time.sleep(seconds)
    done.set()
    watcher.join()
    return max(gaps)
