# SPDX-License-Identifier: MIT
"""Measures the running instance against its ceilings and its peers, in turns, and prints medians.

    ./dev bench                    all
    ./dev bench single backlog     some

Two things are compared only within one run: the machine's speed changes between runs, their ratio hardly does."""

import argparse
import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "e2e"))

import als  # noqa: E402
import capacity  # noqa: E402
import end_to_end  # noqa: E402
import export  # noqa: E402
import figures  # noqa: E402
import growth_ingest  # noqa: E402
import growth_pipeline  # noqa: E402
import growth_partitions  # noqa: E402
import growth_stored  # noqa: E402
import ingest  # noqa: E402
import pipeline  # noqa: E402
import pipelined  # noqa: E402
import reading  # noqa: E402
import walk  # noqa: E402
from measure import median, ratio  # noqa: E402

BENCHES = {name: bench for module in (ingest, pipelined, pipeline, end_to_end, capacity, reading, figures, walk, export, growth_ingest, growth_pipeline,
                                      growth_partitions, growth_stored) for name, bench in module.BENCHES.items()}
SHOWN = {"rate": "{:,.0f}", "p50_ms": "{:.2f}", "p99_ms": "{:.2f}", "cpu_us": "{:.1f}", "rss_mib": "{:.0f}"}
HEAD = ("| what | who | a second | ours / theirs | p50 ms | p99 ms | p99 ours / theirs | CPU µs a record | RSS MiB |\n"
        "|---|---|---|---|---|---|---|---|---|")


def counterpart(subject, turn):
    """What a peer is compared with: of "driver, deep" it is "ours, deep"."""
    of_a_kind = f"ours, {subject.split(', ', 1)[1]}" if ", " in subject else "ours"
    return of_a_kind if of_a_kind in turn else "ours"


def rows(name, turns):
    """A line for each that was measured, ours first; the ratios are medians of those within each turn."""
    subjects = list(dict.fromkeys(subject for turn in turns for subject in turn))
    subjects.sort(key=lambda subject: not subject.startswith("ours"))
    for subject in subjects:
        shown = {key: text.format(value) if (value := median(turns, subject, key)) is not None else ""
                 for key, text in SHOWN.items()}
        ratios = {}
        for key in ("rate", "p99_ms"):
            found = ratio(turns, counterpart(subject, turns[0]), subject, key) if not subject.startswith("ours") else None
            ratios[key] = f"{found:.2f}" if found is not None else ""
        yield (f"| {name} | {subject} | {shown['rate']} | {ratios['rate']} | {shown['p50_ms']} | {shown['p99_ms']} | "
               f"{ratios['p99_ms']} | {shown['cpu_us']} | {shown['rss_mib']} |")


def machine():
    model = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    return f"{os.cpu_count()} x {model.split(':', 1)[1].strip()}, {os.uname().release}"


def main():
    parser = argparse.ArgumentParser(prog="dev bench", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"some of: {', '.join(BENCHES)} (all)")
    parser.add_argument("--rounds", type=int, default=5, choices=range(1, 51), metavar="1..50")
    parser.add_argument("--seconds", type=int, default=5, choices=range(1, 61), metavar="1..60")
    parser.add_argument("--logs", type=int, default=1_000_000, choices=range(10_000, 10_000_001), metavar="10000..10000000",
                        help="logs that are generated for what reads (1000000)")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in BENCHES]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    results = {}
    path = als.STATE / "bench.json"
    print(HEAD, flush=True)
    for name in given.names or BENCHES:
        results[name] = BENCHES[name](given)
        for row in rows(name, results[name]):
            print(row, flush=True)
        path.write_text(json.dumps({"machine": machine(), "taken": als.iso(als.now()), "results": results}, indent=1))
    print(f"\n{machine()}; every round is in {path}")


if __name__ == "__main__":
    main()
