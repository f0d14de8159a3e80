# SPDX-License-Identifier: MIT
"""An export is complete, and needs no memory to speak of."""

import time

import als
import generated
from measure import resident_mib


def export(given):
    """As many rows as the generated logs are, all of one tenant: complete, and the gateway grows by less than 32 MiB."""
    made = generated.load(int(given.logs / generated.SHARE_OF_LARGEST * 1.01))
    wanted = {log.id for log in made.logs() if log.tenant == 0}
    assert len(wanted) >= given.logs, len(wanted)
    pid, seen, began = int(als.dev("pid", "gateway")), set(), time.monotonic()
    before = most = resident_mib(pid)
    with als.Client(tenant=made.tenant()) as client, client.stream("GET", "/logs/export", timeout=600) as answer:
        assert answer.status_code == 200, answer.read()
        for rows, line in enumerate(answer.iter_lines()):
            id_ = line.split('"', 4)[3]  # _id comes first
            assert id_ not in seen, f"{id_} comes twice"
            seen.add(id_)
            if rows % 10_000 == 0:
                most = max(most, resident_mib(pid))
    missed = wanted - seen
    assert not missed, f"{len(missed)} are missing, such as {next(iter(missed))}"
    assert most - before < 32, f"the gateway grew by {most - before:.1f} MiB"
    print(f"  exported {len(seen):,} rows, all {len(wanted):,} that were generated, in {time.monotonic() - began:.0f} s; "
          f"the gateway grew by {most - before:.1f} MiB", flush=True)
    return [{"ours": {"rss_mib": most}}]


BENCHES = {"export": export}
