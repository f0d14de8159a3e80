# SPDX-License-Identifier: MIT
"""Kills things under load, then proves that nothing was lost, doubled or miscounted.

    ./dev chaos --seed 7 --minutes 10 --faults kill-processor,flushall
"""

import argparse
import random
import statistics
import sys
import time
import traceback
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

import als  # noqa: E402
import probe  # noqa: E402
import verify  # noqa: E402
from faults import FAULTS, QUICK, SLOW, Chaos  # noqa: E402
from ledger import Ledger  # noqa: E402
from load import Load  # noqa: E402
from scenarios import SCENARIOS, SHORT  # noqa: E402
from scene import Scene  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(prog="dev chaos", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=None, help="the same seed, the same faults (default: by chance)")
    parser.add_argument("--minutes", type=float, default=3, help="how long the load lasts, at most 240 (3)")
    parser.add_argument("--rate", type=int, default=1500, help="records a second, at most 20000 (1500)")
    parser.add_argument("--scenario", default="", help=f"instead: some of: short, {', '.join(SCENARIOS)}")
    parser.add_argument("--faults", default="", help=f"some of: {', '.join(FAULTS)} (all)")
    given = parser.parse_args()
    unknown = [name for name in given.faults.split(",") if name and name not in FAULTS]
    if unknown:
        parser.error(f"unknown faults: {', '.join(unknown)}")
    given.scenarios = [name for name in given.scenario.split(",") if name]
    if given.scenarios == ["short"]:
        given.scenarios = [name for name, scenario in SCENARIOS.items() if scenario in SHORT]
    unknown = [name for name in given.scenarios if name not in SCENARIOS]
    if unknown:
        parser.error(f"unknown scenarios: {', '.join(unknown)}")
    if not 0 < given.minutes <= 240 or not 0 < given.rate <= 20_000:
        parser.error("--minutes is at most 240, --rate at most 20000")
    given.seed = random.randrange(1 << 32) if given.seed is None else given.seed
    return given


def chosen(given):
    if given.faults:
        return [FAULTS[name] for name in given.faults.split(",") if name]
    return QUICK + (SLOW if given.minutes >= 5 else [])


def inject(chaos, faults, until, ledger):
    """All chosen faults in shuffled rounds until time is up; {name: [seconds to recover]}."""
    recovered = defaultdict(list)
    waiting = []
    while time.monotonic() < until:
        waiting = waiting or chaos.rng.sample(faults, len(faults))
        fault = waiting.pop()
        name = fault.__name__.replace("_", "-")
        ledger.note(f"fault {name}")
        print(f"  {time.strftime('%H:%M:%S')} {name}", end="", flush=True)
        fault(chaos)
        began = time.monotonic()
        stages = probe.everywhere()
        recovered[name].append(time.monotonic() - began)
        print(f": caught up after {recovered[name][-1]:.1f} s ({stages})", flush=True)
        time.sleep(chaos.between(0.2, 2))
    return recovered


def report(ledger, recovered, differences, chaos):
    print(f"\n{'fault':28} {'times':>5} {'median s':>9} {'worst s':>8}   to lag zero, after the fault's end")
    for name, seconds in sorted(recovered.items()):
        print(f"{name:28} {len(seconds):5} {statistics.median(seconds):9.1f} {max(seconds):8.1f}")
    kinds = {kind: sum(line.startswith(kind) for line in differences)
             for kind in ("lost", "doubled", "miscounted", "dead letters")}
    print(f"\nrecords {len(ledger.events)}, sent {sum(ledger.sends.values())} times, acknowledged "
          f"{len(ledger.acknowledged)}, poison {sum(ledger.poison.values())}, "
          f"faults {sum(map(len, recovered.values()))}, kills {chaos.kills}")
    for line in differences:
        print(line)
    print(", ".join(f"{kind} {count}" for kind, count in kinds.items()))


def play(names):
    """Each scenario in turn, however the one before it ended; how many failed."""
    failed = []
    for name in names:
        print(f"  {time.strftime('%H:%M:%S')} {name}: {SCENARIOS[name].__doc__}", flush=True)
        try:
            SCENARIOS[name](Scene(name))
        except Exception:
            failed.append(name)
            traceback.print_exc(file=sys.stdout)
            print(f"  {time.strftime('%H:%M:%S')} {name} FAILED", flush=True)
    print(f"scenarios {len(names)}, failed {len(failed)}{': ' if failed else ''}{', '.join(failed)}")
    return len(failed)


def main():
    given = arguments()
    if given.scenarios:
        return 1 if play(given.scenarios) else 0
    run = f"chaos-{given.seed}-{int(time.time())}"
    print(f"seed {given.seed}, {given.minutes:g} minutes, {given.rate} records a second, tenant {run}", flush=True)
    ledger = Ledger(als.STATE / f"{run}.ledger")
    urls = [als.URL, als.INGEST_URL]
    chaos = Chaos(given.seed, urls)
    load = Load(run, given.seed, ledger, given.rate, tenant=run, urls=urls)
    load.start()
    try:
        recovered = inject(chaos, chosen(given), time.monotonic() + given.minutes * 60, ledger)
    finally:
        load.stop()
    probe.everywhere()
    differences = load.failures() + verify.compare(ledger, verify.take_picture(run, int(time.time() * 1000)), run)
    ledger.close()
    report(ledger, recovered, differences, chaos)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
