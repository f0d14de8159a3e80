# SPDX-License-Identifier: MIT
"""A tenant of its own, known events in it, and the verdict on them: what each scenario works with."""

import json
import time

import confluent_kafka
import httpx

import als
import load
import probe
import verify
from faults import Chaos
from ledger import Ledger

BATCH = 500
POSITION = "{als}:position"


class Scene:
    def __init__(self, name):
        self.name = name
        self.tenant = als.unique("scene")  # short, since ids begin with it
        self.ledger = Ledger(als.STATE / f"{name}-{self.tenant}.ledger")
        self.maker = load.Maker(self.tenant, "scene", seed=name)
        self.chaos = Chaos(name)
        self.figures = []  # what was measured
        self.producer = confluent_kafka.Producer({
            "bootstrap.servers": als.BROKERS, "enable.idempotence": True, "partitioner": "murmur2_random",
            "compression.type": "lz4", "message.max.bytes": 64 << 20, "message.timeout.ms": 60_000})

    def events(self, count):
        return [self.maker.event() for _ in range(count)]

    def send(self, count, seconds=60):
        """Accepted over HTTP, each batch for as long as it takes."""
        events = self.events(count)
        self.post(events, seconds)
        return events

    def post(self, events, seconds=60):
        self.ledger.sent(events, "http")
        with als.Client(self.tenant) as client:
            for at in range(0, len(events), BATCH):
                part = [load.body(event) for event in events[at:at + BATCH]]
                als.wait_until(lambda: client.post("/logs/batch", json=part).status_code == 202, "a batch is accepted", seconds)
        self.ledger.acked([event.id for event in events])

    def produce(self, events):
        """Straight into Kafka."""
        self.ledger.sent(events, "kafka")
        for event in events:
            self.produce_bytes(event.user, json.dumps(load.body(event)).encode(), wait=False)
        assert self.producer.flush(60) == 0
        self.ledger.acked([event.id for event in events])

    def produce_bytes(self, key, value, wait=True):
        failed = []
        self.producer.produce(als.RAW, value, key=key, headers=[("als.tenant", self.tenant.encode())],
                              on_delivery=lambda error, _: error and failed.append(error))
        if wait:
            assert self.producer.flush(60) == 0 and not failed, failed

    def poison(self, key, value):
        """A record that must become a dead letter, exactly one."""
        self.ledger.poisoned(key, True)
        self.produce_bytes(key, value)

    def differences(self):
        return verify.compare(self.ledger, verify.take_picture(self.tenant, int(time.time() * 1000)), self.tenant)

    def settled(self, seconds=120):
        """All caught up, and nothing lost, doubled or miscounted."""
        probe.everywhere(seconds)
        assert not (found := self.differences()), "\n".join(found)

    def settled_by_itself(self, seconds=60):
        """The same without a new record, which could be what sets things right. Returns after how long."""
        began = time.monotonic()
        while found := self.differences():
            assert time.monotonic() - began < seconds, "\n".join(found)
            time.sleep(0.1)
        return time.monotonic() - began

    def redis_settled(self, seconds):
        """Redis alone agrees with what was acknowledged."""
        began = time.monotonic()
        while found := verify.redis_differences(self.ledger.events.values(), verify.take_redis_picture(self.tenant), self.tenant):
            assert time.monotonic() - began < seconds, "\n".join(found)
            time.sleep(0.1)
        return time.monotonic() - began

    def refused(self, seconds=30):
        """Waits until the gateway says that it cannot take records."""
        event = self.events(1)[0]
        self.ledger.sent([event], "http")

        def look():
            with als.Client(self.tenant) as client:
                answer = client.log(load.body(event))
            if answer.status_code == 202:
                self.ledger.acked([event.id])
            return answer.status_code == 503

        als.wait_until(look, "the gateway answers 503", seconds)

    def stop(self, stream):
        stream.stop()
        assert not stream.failures(), stream.failures()

    def note(self, text):
        self.figures.append(text)
        print(f"    {text}", flush=True)


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def restarted(name, seconds=60):
    """Waits until a program answers /readyz again."""
    url = als.STATUS_URLS[name]
    als.wait_until(lambda: httpx.get(f"{url}/readyz", timeout=2).status_code == 200, f"{name} is ready", seconds)
