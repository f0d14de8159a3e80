# SPDX-License-Identifier: MIT
"""Real input: this machine's own package history, through both doors, while daemons are killed."""

import gzip
import json
import os
import random
import signal
import subprocess
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

import als
import sender

CHUNK = 200

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def package_history(folder):
    """The log files of dpkg, or a made-up one in the same form where there are none."""
    files = [path for path in sorted(Path("/var/log").glob("dpkg.log*")) if path.stat().st_size]
    if files:
        return files
    made = folder / "dpkg.log"
    chance, when = random.Random(5), als.ago(days=20)
    with made.open("w", encoding="ascii") as out:
        for _ in range(4000):
            when += timedelta(seconds=chance.randrange(800))
            verb = chance.choice(("install", "upgrade", "remove", "configure", "status installed", "status unpacked"))
            out.write(f"{when:%Y-%m-%d %H:%M:%S} {verb} package{chance.randrange(300)}:amd64 1.0-1 1.1-1\n")
    return [made]


def lines_of(path):
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return text.decode().splitlines()


def record_of(name, number, line):
    """Who did what, when: one line as one record."""
    day, time, verb, *rest = line.split()
    action = f"{verb}.{rest.pop(0)}" if verb == "status" else verb
    return {"id": f"{name}:{number}", "service": "dpkg", "action": action, "userId": rest[0], "timestamp": f"{day}T{time}Z",
            "severity": "warn" if verb in ("remove", "purge") else "info", "metadata": {"rest": rest[1:]}}


def awk_counts(files, since=""):
    """Lines per action and day, counted by awk and not by us."""
    program = '$1 >= since { n[$3 == "status" ? $3 "." $4 : $3]++ } END { for (a in n) print n[a], a }'
    text = subprocess.run(["zcat", "-f", *files], capture_output=True, check=True).stdout
    done = subprocess.run(["awk", "-v", f"since={since}", program], input=text, capture_output=True, check=True)
    return Counter({action: int(n) for n, action in (row.split(" ", 1) for row in done.stdout.decode().splitlines())})


def send_with_kcat(tenant, records):
    text = "".join(f"{one['userId']}\t{json.dumps(one)}\n" for one in records)
    subprocess.run(["kcat", "-P", "-b", als.BROKERS, "-t", als.RAW, "-K", "\t", "-H", f"als.tenant={tenant}",
                    "-X", "partitioner=murmur2_random", "-X", "enable.idempotence=true"],
                   input=text, text=True, check=True, timeout=60)


def kill(name):
    pid = als.wait_until(lambda: als.dev_pid(name), f"the {name} runs", 60)
    os.kill(pid, signal.SIGKILL)


def test_the_package_history_is_counted_to_the_last_line_while_every_daemon_is_killed(gateway, database, counters, tmp_path):
    files = package_history(tmp_path)
    records = [record_of(path.name, number, line) for path in files for number, line in enumerate(lines_of(path), 1)]
    chunks = [records[at:at + CHUNK] for at in range(0, len(records), CHUNK)]
    victims = {len(chunks) * part // 4: name for part, name in zip((1, 2, 3), als.DAEMONS)}
    sending = sender.Sender(gateway.tenant)
    for number, chunk in enumerate(chunks):
        if number in victims:
            kill(victims[number])
        if number % 2:
            send_with_kcat(gateway.tenant, chunk)
        else:
            sending.send(gateway, chunk)

    sender.check_everywhere(gateway.tenant, len(records))
    expected = awk_counts(files)
    assert sum(expected.values()) == len(records)
    assert Counter({row["action"]: row["count"] for row in gateway.stats(service="dpkg")}) == expected
    stored = Counter({action: database.logs.count_documents({"tenant": gateway.tenant, "action": action}) for action in expected})
    assert stored == expected

    days = [als.iso(als.ago(days=back))[:10] for back in range(13)]
    recent = Counter()
    for day in days:
        for name, count in counters.zrange(f"{{als}}:{gateway.tenant}:actions:day:{day}", 0, -1, withscores=True):
            assert name.startswith("dpkg/")
            recent[name.removeprefix("dpkg/")] += int(count)
    assert recent == awk_counts(files, since=days[-1])
    als.wait_until(lambda: all(map(als.ready, als.STATUS_URLS.values())), "all are ready", 60)
