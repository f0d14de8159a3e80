# SPDX-License-Identifier: MIT
"""How far a consumer group is behind, as Kafka has it: one measure for ours and for a peer."""

import subprocess
import time

from confluent_kafka import Consumer, TopicPartition

import als
from measure import cpu_seconds, resident_mib

NEARLY = 50  # the markers of transactions are no backlog, and some commit in front of them


def ends(topic):
    """{partition: (first offset, end)} of a topic."""
    consumer = Consumer({"bootstrap.servers": als.BROKERS, "group.id": "bench"})
    try:
        partitions = consumer.list_topics(topic, 10).topics[topic].partitions
        return {number: consumer.get_watermark_offsets(TopicPartition(topic, number), 10) for number in partitions}
    finally:
        consumer.close()


class Group:
    """A consumer group and its way to the end that a topic has now."""

    def __init__(self, name, topic):
        self.topic, self.ends = topic, ends(topic)
        self.consumer = Consumer({"bootstrap.servers": als.BROKERS, "group.id": name, "enable.auto.commit": False})
        self.whole = self.left()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.consumer.close()

    def left(self):
        committed = self.consumer.committed([TopicPartition(self.topic, number) for number in self.ends], 10)
        return sum(self.ends[place.partition][1] - max(place.offset, self.ends[place.partition][0]) for place in committed)

    def start_at(self, ends):
        """Sets where the group begins, {partition: (…, offset)}; a stopped member is one until its session has ended."""
        places = [TopicPartition(self.topic, number, end) for number, (_, end) in ends.items()]

        def commit():
            try:
                self.consumer.commit(offsets=places, asynchronous=False)
                return True
            except Exception as error:
                raise AssertionError(error) from error
        als.wait_until(commit, f"the group can be set to another place in {self.topic}", 60, pause=0.5)
        self.whole = self.left()

    def skip(self):
        if self.left():
            self.start_at(self.ends)


def group_of(daemon, topic=None):
    return Group(f"{als.TOPIC}-{daemon}", topic or {"processor": als.RAW, "indexer": als.ENRICHED}[daemon])


def skip(daemon):
    """What was sent while a daemon stood still was load: it goes on behind it."""
    for topic in {"processor": [als.RAW], "indexer": [als.ENRICHED, als.STATS]}.get(daemon, []):
        with group_of(daemon, topic) as group:
            group.skip()


class Paused:
    """Daemons that stand still meanwhile, so that they take nothing from the cores."""

    def __init__(self, *daemons):
        self.daemons = daemons

    def __enter__(self):
        for daemon in self.daemons:
            als.dev("stop", daemon)

    def __exit__(self, *_):
        for daemon in self.daemons:
            skip(daemon)
            als.dev("start", daemon)


def drained(group, count, pid_of):
    """How fast `count` records, which are all before a group, go through, and at which cost. The first tenth is not measured: so
    neither starting, restoring, rebalancing nor a JVM's warming up counts, for ours as for a peer."""
    als.wait_until(lambda: group.left() <= 0.9 * group.whole, "a tenth is through", 300, pause=0.05)
    pid = pid_of()
    left, began, before = group.left(), time.monotonic(), cpu_seconds(pid)
    als.wait_until(lambda: group.left() <= NEARLY, "all is through", 1800, pause=0.05)
    seconds, records = time.monotonic() - began, count * left / group.whole
    return {"rate": records / seconds, "cpu_us": (cpu_seconds(pid) - before) / records * 1e6, "rss_mib": resident_mib(pid)}


def daemon_drained(daemon, count):
    """The same of a daemon of ours that stands still before its backlog."""
    with group_of(daemon) as group:
        starting = subprocess.Popen([als.DEV, "start", daemon], stdout=subprocess.DEVNULL)
        try:
            return drained(group, count, lambda: int(als.dev("pid", daemon)))
        finally:
            assert starting.wait(120) == 0, f"the {daemon} does not start"


def caught_up(daemon):
    """Waits until nothing is before a daemon."""
    for topic in [als.RAW] if daemon == "processor" else [als.ENRICHED, als.STATS]:
        with group_of(daemon, topic) as group:
            als.wait_until(lambda: group.left() <= NEARLY, f"the {daemon} is through {topic}", 1800, pause=0.5)
