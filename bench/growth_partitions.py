# SPDX-License-Identifier: MIT
"""How cost grows with the number of partitions: a gateway and a processor over topics of their own."""

import uuid
from contextlib import contextmanager

import confluent_kafka.admin

import als
import programs
from lag import Group, Paused, drained
from measure import posted, produce, warm
from peers import Peer
from plot import draw

COUNT = 300_000
NUMBERS = (1, 3, 6, 12, 24, 48)


@contextmanager
def _topics(partitions):
    """The name of a raw topic with that many partitions; it and those made of it are gone afterwards."""
    name = f"bench-{partitions}-{uuid.uuid4().hex[:6]}"
    try:
        yield name
    finally:
        admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": als.BROKERS})
        ours = [topic for topic in admin.list_topics(timeout=10).topics if topic.startswith(name)]
        for future in admin.delete_topics(ours).values() if ours else []:
            future.result(30)


def _measured(partitions, seconds):
    with _topics(partitions) as topic:
        settings = {"KAFKA_TOPIC": topic, "PARTITIONS": str(partitions)}
        with programs.Gateway(**settings) as gateway:
            warm(gateway.url)
            singles = posted(gateway.process.pid, gateway.url, 1, 256, seconds)
        processor = Peer("processor", [programs.path("processor")], **programs.environment(STATUS_PORT="0", **settings))
        with Group(f"{topic}-processor", topic) as group:
            group.start_at(group.ends)
        produce(COUNT, topic=topic)
        with Group(f"{topic}-processor", topic) as group, processor:
            return singles, drained(group, COUNT, lambda: processor.pid)


def partitions(given):
    """Acknowledged singles, and the processor, against the number of partitions."""
    with Paused("processor", "indexer"):
        measured = [(number, *_measured(number, given.seconds)) for number in NUMBERS]
    singles = draw("partitions", "Acknowledged single records, 256 connections", "partitions", [(at, single) for at, single, _ in measured])
    processor = draw("partitions-processor", f"Processor, {COUNT:,} records", "partitions", [(at, drain) for at, _, drain in measured], right="cpu_us")
    return [{f"{who}, {number}": point for who, points in (("ours, singles", singles), ("ours, processor", processor))
             for number, point in zip(NUMBERS, points[0].values())}]


BENCHES = {"growth-partitions": partitions}
