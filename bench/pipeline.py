# SPDX-License-Identifier: MIT
"""What happens behind the acknowledgement: the processor and the indexer, each with a backlog before it."""

import json
import subprocess
import uuid

import confluent_kafka.admin

import als
import peers
from lag import Group, Paused, caught_up, daemon_drained, drained, ends
from measure import produce

COPY = "bench_logs"
RAW_INSERT = als.BUILD / "bench" / "raw_insert"


def _streams(before, count):
    """Kafka Streams through what came to the raw topic since it ended at `before`."""
    name = f"peer-streams-{uuid.uuid4().hex[:8]}"
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": als.BROKERS})
    topics = [confluent_kafka.admin.NewTopic(f"{name}-{kind}", len(before), 1) for kind in ("enriched", "stats")]
    for future in admin.create_topics(topics).values():
        future.result(30)
    with Group(name, als.RAW) as group:
        group.start_at(before)
        with peers.streams(name) as streams:
            result = drained(group, count, lambda: streams.pid)
    for future in admin.delete_topics([topic.topic for topic in topics]).values():
        future.result(30)
    return result


def backlog(given, count=2_000_000):
    """2,000,000 records wait for the processor: against Kafka Streams (exactly_once_v2) with the same records, and librdkafka producing them."""
    def turn():
        before = ends(als.RAW)
        librdkafka = produce(count)
        ours = daemon_drained("processor", count)
        als.dev("stop", "processor")
        return {"librdkafka": librdkafka, "ours": ours, "streams": _streams(before, count)}
    with Paused("indexer", "processor"):
        return [turn() for _ in range(min(given.rounds, 3))]


def index(given, count=100_000):
    """Documents into the document store: against the bare driver inserting the same documents, with the same indexes."""
    def turn():
        caught_up("processor")
        caught_up("indexer")
        als.dev("stop", "indexer")
        since = als.now()
        produce(count)
        caught_up("processor")
        with Paused("processor"):
            ours = daemon_drained("indexer", count)
            with Paused("indexer"):
                return {"ours": ours, "driver": _bare_inserts(since, count)}
    _empty_copy()
    turns = [turn() for _ in range(min(given.rounds, 3))]
    als.database().drop_collection(COPY)
    return turns


def _empty_copy():
    """A collection with the indexes of `logs`."""
    base = als.database()
    base.drop_collection(COPY)
    base.create_collection(COPY)
    for name, index_ in base.logs.index_information().items():
        if name != "_id_":
            options = {key: index_[key] for key in ("expireAfterSeconds", "partialFilterExpression") if key in index_}
            base[COPY].create_index(index_["key"], name=name, **options)


def _bare_inserts(since, count):
    """The driver alone: what was stored since then, into the copy."""
    done = subprocess.run([RAW_INSERT, als.MONGO_URI, als.MONGO_DB_NAME, "logs", COPY, str(count), str(int(since.timestamp() * 1000))],
                          capture_output=True, text=True, timeout=600, check=True)
    result = json.loads(done.stdout)
    assert result["documents"] == count, result
    return {"rate": result["documents"] / result["seconds"]}


BENCHES = {"backlog": backlog, "index": index}
