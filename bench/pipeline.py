# SPDX-License-Identifier: MIT
"""What happens behind the acknowledgement: the processor, the indexer, and the whole way."""

import json
import subprocess
import time
import uuid

import confluent_kafka
import confluent_kafka.admin

import als
import peers
from generated import caught_up
from measure import Paused, cpu_seconds, drained, percentile, produce, resident_mib

RAW_INSERT = als.BUILD / "bench" / "raw_insert"


def _ends(topic):
    """{partition: (first offset, end)} of a topic."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": als.BROKERS, "group.id": "bench"})
    try:
        partitions = consumer.list_topics(topic, 10).topics[topic].partitions
        return {number: consumer.get_watermark_offsets(confluent_kafka.TopicPartition(topic, number), 10) for number in partitions}
    finally:
        consumer.close()


def _behind(consumer, ends):
    committed = consumer.committed([confluent_kafka.TopicPartition(als.RAW, number) for number in ends], 10)
    return sum(ends[place.partition][1] - max(place.offset, ends[place.partition][0]) for place in committed)


def _streams_backlog():
    """Kafka Streams through all that the raw topic holds."""
    group = f"peer-streams-{uuid.uuid4().hex[:8]}"
    ends = _ends(als.RAW)
    count = sum(end - first for first, end in ends.values())
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": als.BROKERS})
    topics = [confluent_kafka.admin.NewTopic(f"{group}-{kind}", len(ends), 1) for kind in ("enriched", "stats")]
    for future in admin.create_topics(topics).values():
        future.result(30)
    consumer = confluent_kafka.Consumer({"bootstrap.servers": als.BROKERS, "group.id": group})
    with peers.streams(group) as streams:
        began = time.monotonic()
        # Its transactions leave markers, and it commits behind them: a handful is not a backlog.
        als.wait_until(lambda: _behind(consumer, ends) < 50, "Kafka Streams is through", 900, pause=0.5)
        result = {"rate": count / (time.monotonic() - began), "cpu_us": cpu_seconds(streams.pid) / count * 1e6,
                  "rss_mib": resident_mib(streams.pid)}
    consumer.close()
    for future in admin.delete_topics([topic.topic for topic in topics]).values():
        future.result(30)
    return result


def backlog(rounds, _seconds, count=2_000_000):
    """2,000,000 records wait for the processor: against Kafka Streams (exactly_once_v2) with the same topic, and librdkafka producing it."""
    def turn():
        als.dev("stop", "processor")
        raw = produce(count)
        ours = drained("processor", als.PROCESSOR_URL, "processor", count, "the processor")
        return {"librdkafka": {"rate": raw["records"] / raw["seconds"]}, "ours": ours}
    with Paused("indexer"):
        turns = [turn() for _ in range(min(rounds, 3))]
        with Paused("processor"):
            turns[0]["streams"] = _streams_backlog()
        return turns


def index(rounds, _seconds, count=200_000):
    """Documents into the document store: against the bare driver inserting the same documents, with the same indexes."""
    def turn():
        als.dev("stop", "indexer")
        produce(count)
        als.wait_until(lambda: drained_already(), "the processor is through", 300)
        ours = drained("indexer", als.INDEXER_URL, "indexer", count, "the indexer")
        with Paused("indexer", "processor"):
            return {"ours": ours, "driver": _bare_inserts(count)}

    def drained_already():
        text = als.httpx.get(f"{als.PROCESSOR_URL}/metrics", timeout=10).text
        return als.metric_sums(text, "als_consumer_lag", "stage").get(("processor",)) == 0
    return [turn() for _ in range(min(rounds, 3))]


def _bare_inserts(count):
    base = als.database()
    base.drop_collection("bench_logs")
    base.create_collection("bench_logs")
    for name, index_ in base.logs.index_information().items():
        if name != "_id_":
            options = {"expireAfterSeconds": index_["expireAfterSeconds"]} if "expireAfterSeconds" in index_ else {}
            base.bench_logs.create_index(index_["key"], name=name, **options)
    done = subprocess.run([RAW_INSERT, als.MONGO_URI, als.MONGO_DB_NAME, "logs", "bench_logs", str(count)],
                          capture_output=True, text=True, timeout=600, check=True)
    base.drop_collection("bench_logs")
    result = json.loads(done.stdout)
    return {"rate": result["documents"] / result["seconds"]}


def end_to_end(_rounds, seconds, rate=2000):
    """2,000 records a second: how long until one is in Redis and in GET /logs, by marks sent among them."""
    redis_ms, logs_ms = [], []
    for url, stage in ((als.PROCESSOR_URL, "processor"), (als.INDEXER_URL, "indexer")):
        als.wait_until(lambda: caught_up(url, stage), f"the {stage} has nothing to catch up with", 1800, pause=1)
    with als.Client(tenant=als.unique("e2e")) as client, als.Client(tenant=client.tenant) as marks:
        counters, sent = als.counters(), 0
        end, due = time.monotonic() + max(seconds, 20), time.monotonic()
        while time.monotonic() < end:
            client.batch_accepted([als.record(userId=f"u{n}") for n in range(rate // 10)])
            began = time.monotonic()
            mark = marks.accepted(als.record(action="mark"))
            sent += rate // 10 + 1
            redis_ms.append(_until(lambda: int(counters.hget(f"{{als}}:{client.tenant}:total", "count") or 0) >= sent, began))
            logs_ms.append(_until(lambda: marks.get(f"/logs/{mark}").status_code == 200, began))
            due += 0.1
            time.sleep(max(0, due - time.monotonic()))
    return [{"redis": {"p50_ms": percentile(redis_ms, .5), "p99_ms": percentile(redis_ms, .99)},
             "logs": {"p50_ms": percentile(logs_ms, .5), "p99_ms": percentile(logs_ms, .99), "rate": sent / max(seconds, 20)}}]


def _until(check, began):
    while not check():
        time.sleep(0.005)
    return (time.monotonic() - began) * 1000


BENCHES = {"backlog": backlog, "index": index, "end-to-end": end_to_end}
