# SPDX-License-Identifier: MIT
"""Clients that never give up: over HTTP and straight into Kafka, each record until it is acknowledged.

What was not acknowledged is sent again with the same id, as the service tells its clients to. Some is sent again
although it was acknowledged, through either door; some is old, some is early; one direct record in a hundred is poison, and
sometimes an id comes with two contents."""

import dataclasses
import http.client
import json
import random
import threading
import time
from collections import deque
from datetime import datetime, timezone
from urllib.parse import urlsplit

import confluent_kafka

import als
from ledger import Event

SERVICES = [f"service-{n}" for n in range(6)]
ACTIONS = [f"object{n}.{verb}" for n in range(5) for verb in ("create", "update", "delete")]
SEVERITIES = ["info"] * 7 + ["warn", "error", "critical"]
OUTCOMES = [None, "success", "success", "failure"]
USERS = 20_000
RETRY_RATE = 0.05
OTHER_DOOR_RATE = 0.02
CONFLICT_RATE = 0.002
RECONNECT_RATE = 0.02
POISON_RATE = 0.01
OLD_MS, EARLY_MS = -30 * 86_400_000, 3_600_000


class Maker:
    """Events from a seed. Ids are unique by run, maker and number."""

    def __init__(self, run, name, seed):
        self.rng = random.Random(f"{seed}/{name}")
        self._prefix = f"{run}-{name}"
        self._made = 0

    def event(self):
        self._made += 1
        rng = self.rng
        shift = rng.choices([0, OLD_MS, EARLY_MS], [95, 3, 2])[0]
        return Event(
            id=f"{self._prefix}-{self._made}", service=rng.choice(SERVICES), action=rng.choice(ACTIONS),
            user=f"user-{rng.randrange(USERS)}", severity=rng.choice(SEVERITIES),
            outcome=rng.choice(OUTCOMES), at_ms=int(time.time() * 1000) + shift - rng.randrange(2000))


def body(event):
    record = {"id": event.id, "service": event.service, "action": event.action, "userId": event.user,
              "severity": event.severity, "metadata": {"note": "x" * 60},
              "timestamp": als.iso(datetime.fromtimestamp(event.at_ms / 1000, timezone.utc))}
    if event.outcome:
        record["outcome"] = event.outcome
    return record


class Worker(threading.Thread):
    """Takes turns at `rate` records a second until told to stop, then finishes what is unacknowledged."""

    def __init__(self, name, run, seed, ledger, rate):
        super().__init__(name=name, daemon=True)
        self.maker, self.ledger, self.rate = Maker(run, name, seed), ledger, rate
        self.stopping = threading.Event()
        self.failure = None

    def run(self):
        try:
            self._work()
        except Exception as error:  # told by Load.failures
            self.failure = error

    def _work(self):
        due = time.monotonic()
        while not self.stopping.is_set():
            count = self.turn()
            due = max(due + count / self.rate, time.monotonic() - 1)
            self.stopping.wait(max(0, due - time.monotonic()))
        self.finish()


class HttpWorker(Worker):
    """Half of its turns are single records, the rest batches."""

    def __init__(self, name, run, seed, ledger, rate, tenant, urls):
        super().__init__(name, run, seed, ledger, rate)
        self.tenant, self.urls, self.unacked, self.connection = tenant, urls, deque(), None

    def turn(self):
        events = self._next()
        self._send(events)
        return len(events)

    def finish(self):
        deadline = time.monotonic() + 120
        while self.unacked and time.monotonic() < deadline:
            self._send(self.unacked.popleft())

    def _next(self):
        if self.unacked and self.maker.rng.random() < 0.5:
            return self.unacked.popleft()
        return [self.maker.event() for _ in range(self.maker.rng.choice([1, 1, 20, 100]))]

    def _send(self, events):
        self.ledger.sent(events, "http")
        if self._post(events):
            self.ledger.acked([event.id for event in events])
            self.ledger.recent.append(events[0])
            if self.maker.rng.random() < RETRY_RATE:
                self.ledger.sent(events, "http")
                self._post(events)
        else:
            self.unacked.append(events)
            self.stopping.wait(0.2)

    def _post(self, events):
        single = len(events) == 1
        text = json.dumps(body(events[0]) if single else [body(event) for event in events])
        try:
            if self.connection and self.maker.rng.random() < RECONNECT_RATE:
                self.connection.close()
                self.connection = None
            if self.connection is None:
                address = urlsplit(self.maker.rng.choice(self.urls))
                self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=15)
            self.connection.request("POST", "/api/v1/logs" if single else "/api/v1/logs/batch", text,
                                    {"Content-Type": "application/json", "X-Tenant-Id": self.tenant})
            answer = self.connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection = None
            return False
        if answer.status not in (202, 503):
            raise AssertionError(f"the gateway answered {answer.status}: {said[:300]!r}")
        return answer.status == 202


class KafkaWorker(Worker):
    """A direct producer, and the source of poison."""

    def __init__(self, name, run, seed, ledger, rate, tenant):
        super().__init__(name, run, seed, ledger, rate)
        self.tenant, self.unacked, self.poisons, self.contested = tenant, deque(), 0, deque()
        self.producer = confluent_kafka.Producer({
            "bootstrap.servers": als.BROKERS, "enable.idempotence": True, "partitioner": "murmur2_random",
            "message.timeout.ms": 60_000, "linger.ms": 5, "log_level": 2, "message.max.bytes": 4_000_000,
            "queue.buffering.max.messages": 50_000})

    def turn(self):
        rng = self.maker.rng
        self._send(self.unacked.popleft() if self.unacked else self.maker.event())
        if rng.random() < OTHER_DOOR_RATE and self.ledger.recent:
            self._send(rng.choice(self.ledger.recent))
        if rng.random() < POISON_RATE:
            self._poison()
        if rng.random() < CONFLICT_RATE:
            event = self.maker.event()
            self._send(dataclasses.replace(event, user=f"contested-{event.id}"))
        while self.contested:
            self._send_other_content(self.contested.popleft())
        self.producer.poll(0)
        return 1

    def finish(self):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            self.producer.flush(5)
            if not len(self.producer) and not self.unacked:
                return
            while self.unacked:
                self._send(self.unacked.popleft())

    def _send(self, event):
        self.ledger.sent([event], "kafka")

        def delivered(error, _message):
            if error is None:
                self.ledger.acked([event.id])
                if event.user.startswith("contested-"):
                    self.contested.append(event)
            else:
                self.unacked.append(event)

        self._produce(key=event.user, value=json.dumps(body(event)), headers=self._headers(), on_delivery=delivered)

    def _send_other_content(self, event):
        """The same id once more, saying something else: a dead letter, since the first is stored for sure."""
        self._produce_poison(event.user, json.dumps(body(event) | {"message": "something else"}))

    def _poison(self):
        self.poisons += 1
        rng = self.maker.rng
        key = f"poison-{self.maker._prefix}-{self.poisons}"
        value = rng.choice([
            lambda: rng.randbytes(rng.randrange(1, 400)) + b"\xff",
            lambda: json.dumps({"service": 5, "action": None, "severity": "loud"}).encode(),
            lambda: b'{"service":"a","action":"b","metadata":' + b"[" * 5000 + b"]" * 5000 + b"}",
            lambda: b'{"service":"a","action":"b","message":"' + b"m" * 2_000_000 + b'"}',
            lambda: b"",
        ])()
        self._produce_poison(key, value)

    def _produce_poison(self, key, value):
        self.ledger.poisoned(key, False)
        self._produce(key=key, value=value, headers=self._headers(),
                      on_delivery=lambda error, _message: self.ledger.poisoned(key, error is None))

    def _produce(self, **message):
        while True:
            try:
                return self.producer.produce(als.RAW, **message)
            except BufferError:
                self.producer.poll(0.5)

    def _headers(self):
        return [("als.tenant", self.tenant.encode())]


class Load:
    """All clients together, at `rate` records a second."""

    def __init__(self, run, seed, ledger, rate, tenant, urls=(als.URL, als.INGEST_URL), name=""):
        http_rate, kafka_rate = rate * 0.6 / 4, rate * 0.4 / 2
        self.workers = [HttpWorker(f"{name}http{n}", run, seed, ledger, http_rate, tenant, urls) for n in range(4)]
        self.workers += [KafkaWorker(f"{name}kafka{n}", run, seed, ledger, kafka_rate, tenant) for n in range(2)]

    def start(self):
        for worker in self.workers:
            worker.start()

    def stop(self):
        for worker in self.workers:
            worker.stopping.set()
        for worker in self.workers:
            worker.join(300)
            assert not worker.is_alive(), f"{worker.name} did not end"

    def failures(self):
        """A client that could not go on is a difference too."""
        return [f"lost: client {worker.name} ended: {worker.failure!r}" for worker in self.workers if worker.failure]
