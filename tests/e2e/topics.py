# SPDX-License-Identifier: MIT
"""Direct producers, and readers of the four topics."""

import json
import time
from dataclasses import dataclass

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Consumer, Producer, TopicPartition

import als


@dataclass
class Message:
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: list  # of (name, bytes), in order
    timestamp_type: int
    timestamp_ms: int

    @property
    def place(self):
        return f"{self.partition}:{self.offset}:{self.timestamp_ms}"

    @property
    def append_time(self):
        assert self.timestamp_type == TIMESTAMP_LOG_APPEND_TIME
        return self.timestamp_ms

    def header(self, name):
        values = [value for key, value in self.headers if key == name]
        assert len(values) <= 1, f"{name} is there {len(values)} times"
        return values[0].decode() if values else None

    def json(self):
        return json.loads(self.value)


def message_of(raw):
    kind, when = raw.timestamp()
    return Message(raw.topic(), raw.partition(), raw.offset(), raw.key(), raw.value(), raw.headers() or [], kind, when)


class Direct:
    """A direct producer, with the partitioner that contract and other clients use."""

    def __init__(self, topic=als.RAW):
        self.topic = topic
        self.producer = Producer({
            "bootstrap.servers": als.BROKERS,
            "partitioner": "murmur2_random",
            "message.max.bytes": 8 << 20,
            "linger.ms": 1,
        })

    def send(self, value, key=b"ada", headers=None, **more):
        """Produces and waits for the acknowledgement; returns (partition, offset)."""
        return self.send_all([(value, key, headers)], **more)[0]

    def send_all(self, messages, **more):
        """[(value, key, headers)] → [(partition, offset)], all acknowledged."""
        places = [None] * len(messages)

        def report(index):
            def delivered(error, message):
                assert error is None, error
                places[index] = (message.partition(), message.offset())

            return delivered

        for index, (value, key, headers) in enumerate(messages):
            value = json.dumps(value).encode() if isinstance(value, (dict, list)) else value
            self.producer.produce(self.topic, value, key, headers=headers or [], on_delivery=report(index), **more)
            self.producer.poll(0)
        assert self.producer.flush(30) == 0
        assert None not in places
        return places


class Reader:
    """Reads what arrives in a topic from now on, read_committed."""

    def __init__(self, topic):
        self.topic = topic
        self.seen = []
        self.consumer = Consumer({
            "bootstrap.servers": als.BROKERS,
            "group.id": als.unique("reader"),
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "fetch.message.max.bytes": 9 << 20,
        })
        partitions = self.consumer.list_topics(topic, timeout=20).topics[topic].partitions
        assert partitions, f"there is no topic {topic}"
        ends = []
        for number in partitions:
            place = TopicPartition(topic, number)
            place.offset = self.consumer.get_watermark_offsets(place, timeout=20)[1]
            ends.append(place)
        self.consumer.assign(ends)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.consumer.close()

    def poll(self, seconds=0.2):
        raw = self.consumer.poll(seconds)
        if raw is None:
            return None
        assert raw.error() is None, raw.error()
        self.seen.append(message_of(raw))
        return self.seen[-1]

    def find(self, wanted, count=1, seconds=30):
        """The messages for which `wanted` holds, once there are `count` of them."""
        deadline = time.monotonic() + seconds
        found = [message for message in self.seen if wanted(message)]
        while len(found) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(found)} of {count} messages came to {self.topic} within {seconds} s "
                                     f"({len(self.seen)} others)")
            message = self.poll()
            if message is not None and wanted(message):
                found.append(message)
        return found

    def drain(self, idle_polls=5):
        """Reads what there is."""
        while idle_polls:
            idle_polls -= self.poll() is None
        return self.seen


def read_at(topic, partition, offset):
    """The one message at a place."""
    reader = Consumer({"bootstrap.servers": als.BROKERS, "group.id": als.unique("reader"),
                       "enable.auto.commit": False, "fetch.message.max.bytes": 9 << 20})
    try:
        reader.assign([TopicPartition(topic, partition, offset)])
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            raw = reader.poll(0.5)
            if raw is not None:
                assert raw.error() is None, raw.error()
                return message_of(raw)
    finally:
        reader.close()
    raise AssertionError(f"nothing at {topic}:{partition}:{offset}")
