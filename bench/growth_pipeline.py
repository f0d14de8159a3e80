# SPDX-License-Identifier: MIT
"""How the processor's cost grows with what it has to tell apart."""

import als
from lag import Paused, daemon_drained
from measure import produce
from plot import draw

COUNT = 300_000
NUMBERS = (10, 100, 1000, 10_000, 100_000)


def _against(what):
    def measure(_given):
        points = []
        with Paused("indexer", "processor"):
            for number in NUMBERS:
                produce(COUNT, **{what: number})
                points.append((number, daemon_drained("processor", COUNT)))
                als.dev("stop", "processor")
        return draw(what, f"Processor, {COUNT:,} records", f"distinct {what}", points, right="cpu_us")
    measure.__doc__ = f"The processor against the number of distinct {what}."
    return measure


BENCHES = {"growth-actions": _against("actions"), "growth-tenants": _against("tenants")}
