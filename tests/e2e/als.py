# SPDX-License-Identifier: MIT
"""The running system as the tests see it: where it is, and how to talk to each part of it."""

import json
import os
import re
import subprocess
import time
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

import httpx
import pymongo
import redis

ROOT = Path(__file__).resolve().parents[2]
URL = os.environ.get("ALS_URL", "http://127.0.0.1:3000")
INGEST_URL = os.environ.get("ALS_INGEST_URL", "http://127.0.0.1:3001")
PROCESSOR_URL = os.environ.get("ALS_PROCESSOR_URL", "http://127.0.0.1:3010")
INDEXER_URL = os.environ.get("ALS_INDEXER_URL", "http://127.0.0.1:3011")
BROKERS = os.environ.get("KAFKA_BROKERS", "127.0.0.1:9092")
TOPIC = os.environ.get("KAFKA_TOPIC", "activity-logs")
MONGO_URI = os.environ.get("MONGO_URI", "mongodb://127.0.0.1:27017/")
MONGO_DB_NAME = os.environ.get("MONGO_DB_NAME", "activity_logs")
REDIS_HOST = os.environ.get("REDIS_HOST", "127.0.0.1")
REDIS_PORT = int(os.environ.get("REDIS_PORT", "6379"))
BUILD = Path(os.environ.get("ALS_BUILD", ROOT / "build" / "release"))
STATE = Path(os.environ.get("ALS_STATE", ROOT / ".state"))
DEV = os.environ.get("ALS_DEV", str(ROOT / "dev"))

RAW, ENRICHED, STATS, DLQ = TOPIC, f"{TOPIC}-enriched", f"{TOPIC}-stats", f"{TOPIC}-dlq"
STATUS_URLS = {"gateway": URL, "processor": PROCESSOR_URL, "indexer": INDEXER_URL}
DAEMONS = tuple(STATUS_URLS)

ANY_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ISO_MS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def unique(prefix="t"):
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def record(**fields):
    """A small valid record, with `fields` on top; a field given as None is left out."""
    whole = {"service": "shop", "action": "order.create", "userId": "ada", **fields}
    return {name: value for name, value in whole.items() if value is not None}


def iso(when):
    """UTC with milliseconds, as every answer shows it."""
    return when.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def now():
    """The present, cut to milliseconds, since records carry no more."""
    present = datetime.now(timezone.utc)
    return present.replace(microsecond=present.microsecond // 1000 * 1000)


def ago(**how_long):
    return now() - timedelta(**how_long)


def wait_until(check, what, seconds=30, pause=0.1):
    """Calls `check` until it returns something true, and returns that. An AssertionError, or a
    server that is away, counts as not yet; the last reason is told when time runs out."""
    deadline = time.monotonic() + seconds
    while True:
        reason = None
        try:
            found = check()
            if found:
                return found
            reason = repr(found)
        except (AssertionError, KeyError, httpx.TransportError, pymongo.errors.PyMongoError,
                redis.RedisError) as error:
            reason = str(error)[:2000]
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}; last: {reason}")
        time.sleep(pause)


class Client(httpx.Client):
    """The gateway as one tenant sees it."""

    def __init__(self, tenant=None, url=URL, **settings):
        self.tenant = tenant or unique()
        super().__init__(base_url=f"{url}/api/v1", timeout=20, headers={"X-Tenant-Id": self.tenant},
                         transport=httpx.HTTPTransport(retries=2), **settings)

    def log(self, body, **params):
        return self.post("/logs", json=body, params=params)

    def accepted(self, body, **params):
        """Sends one record, which must be accepted, and returns its id."""
        answer = self.log(body, **params)
        assert answer.status_code == 202, answer.text
        return answer.json()["logId"]

    def batch_accepted(self, records):
        answer = self.post("/logs/batch", json=records)
        assert answer.status_code == 202, answer.text
        return answer.json()["logIds"]

    def raw(self, body, path="/logs", kind="application/json", **headers):
        """Sends bytes as they are."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if kind is not None:
            headers["Content-Type"] = kind
        return self.post(path, content=body, headers=headers)

    def search(self, **params):
        answer = self.get("/logs", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def stored(self, log_id, seconds=30):
        """The log with this id, once it can be read."""

        def look():
            answer = self.get(f"/logs/{log_id}")
            assert answer.status_code == 200, answer.text
            return answer.json()["data"]

        return wait_until(look, f"log {log_id} can be read", seconds)

    def wait_total(self, count, seconds=60, **filters):
        """Waits until exactly `count` logs of this tenant are stored."""

        def look():
            total = self.search(limit=1, count="exact", **filters)["pagination"]["total"]
            assert total == count, f"{total} of {count} logs are stored"
            return True

        wait_until(look, f"{count} logs can be read", seconds)

    def stats(self, **params):
        answer = self.get("/stats", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def wait_counted(self, count, seconds=60, **params):
        def look():
            counted = sum(row["count"] for row in self.stats(**params))
            assert counted == count, f"{counted} of {count} are counted"
            return True

        wait_until(look, f"{count} logs are in /stats", seconds)


def database():
    return pymongo.MongoClient(MONGO_URI, serverSelectionTimeoutMS=3000, tz_aware=True)[MONGO_DB_NAME]


def counters():
    return redis.Redis(REDIS_HOST, REDIS_PORT, decode_responses=True, socket_timeout=5)


def metric_sums(text, name, *labels):
    """{(label values): sum} of a metric in Prometheus text."""
    sums = {}
    for found in re.finditer(rf"^{name}(?:{{(.*?)}})? (\S+)$", text, re.M):
        values = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', found[1] or ""))
        key = tuple(values.get(label, "") for label in labels)
        sums[key] = sums.get(key, 0) + float(found[2])
    return sums


# The programs and servers of the instance under test, through `dev`.


def dev(*arguments, check=True, seconds=120):
    done = subprocess.run([DEV, *arguments], capture_output=True, text=True, timeout=seconds)
    if check:
        assert done.returncode == 0, f"dev {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout


def dev_pid(name):
    """The process id of a program that runs, or None."""
    for line in dev("status", check=False).splitlines():
        if line.split()[:1] == [name]:
            found = re.search(r"\bpid (\d+)", line)
            return int(found[1]) if found else None
    return None


def ready(url):
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def json_lines(text):
    return [json.loads(line) for line in text.splitlines() if line.strip()]
