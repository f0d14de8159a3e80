# SPDX-License-Identifier: MIT
"""A steady sender that keeps a ledger of what it sent and what was acknowledged."""

import threading
import time

import httpx

import als


class Sender(threading.Thread):
    """Sends small batches until it is told to stop. What is not acknowledged it sends again under the
    same ids, as a careful client does, so that at the end every record of the ledger was accepted."""

    def __init__(self, tenant, batch=20, pause=0.01):
        super().__init__(daemon=True)
        self.tenant, self.batch, self.pause, self.prefix = tenant, batch, pause, als.unique("load")
        self.acknowledged, self.retries, self.failure = 0, 0, None
        self.stopping = threading.Event()

    def run(self):
        try:
            with als.Client(self.tenant) as client:
                while not self.stopping.is_set():
                    self.send(client, [self.record(self.acknowledged + n) for n in range(self.batch)])
                    self.acknowledged += self.batch
                    time.sleep(self.pause)
        except Exception as failure:  # told to the test by finish()
            self.failure = failure

    def record(self, number):
        severity = ("info", "warn", "error", "critical")[number % 4]
        return als.record(id=f"{self.prefix}-{number}", action=f"a{number % 7}", userId=f"u{number % 13}", severity=severity)

    def send(self, client, records):
        deadline = time.monotonic() + 90
        while True:
            answer = None
            try:
                answer = client.post("/logs/batch", json=records)
                if answer.status_code == 202:
                    return
                assert answer.status_code == 503, answer.text
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline, f"not accepted for too long: {answer and answer.text}"
            self.retries += 1
            time.sleep(0.2)

    def reach(self, count, seconds=90):
        """Waits until so many more records are acknowledged."""
        goal = self.acknowledged + count

        def reached():
            assert self.failure is None, self.failure
            return self.acknowledged >= goal

        als.wait_until(reached, f"{count} more records are acknowledged", seconds)

    def finish(self):
        self.stopping.set()
        self.join(100)
        assert not self.is_alive() and self.failure is None, self.failure
        return self.acknowledged


def check_everywhere(tenant, count, seconds=90):
    """Logs, statistics and Redis all come to say `count`."""
    counters = als.counters()
    with als.Client(tenant) as client:
        client.wait_total(count, seconds)
        client.wait_counted(count, seconds)

        def redis_agrees():
            found = counters.hget(f"{{als}}:{tenant}:total", "count")
            assert found == str(count), f"Redis says {found} of {count}"
            return True

        als.wait_until(redis_agrees, "Redis has counted all", seconds)
