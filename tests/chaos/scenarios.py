# SPDX-License-Identifier: MIT
"""Corners where such designs break, each by itself: some need quiet, some a server of their own making. The name on the
command line is the function's with dashes; its first line says what must hold. Each is given a `Scene`."""

import json
import random
import re
import time

import confluent_kafka
import httpx
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

import als
import load
import probe
import scenarios_erase
import scenarios_long
from faults import backup_redis, end, restore_redis
from scene import POSITION

# Redis


def flushall_in_silence(scene):
    """Redis is wiped while nothing flows, and all counters come back exact."""
    scene.send(2000)
    scene.settled()
    als.counters().flushall()
    scene.note(f"exact again after {scene.settled_by_itself():.1f} s")


def position_deleted_in_silence(scene):
    """The position hash alone is deleted while nothing flows: nothing is added twice."""
    scene.send(2000)
    scene.settled()
    base = als.counters()
    before = base.hgetall(POSITION)
    base.delete(POSITION)
    began = time.monotonic()
    als.wait_until(lambda: base.hgetall(POSITION) == before, "the positions are back", 60)
    scene.settled_by_itself()
    scene.note(f"exact again after {time.monotonic() - began:.1f} s")
    scene.send(100)
    scene.settled()


def position_of_another_type(scene):
    """The position becomes a string."""
    scene.send(500)
    scene.settled()
    als.counters().set(POSITION, "oops")
    scene.send(500)
    scene.settled()


def counters_of_another_type(scene):
    """A counter of each kind becomes something else."""
    scene.send(500)
    scene.settled()
    base = als.counters()
    for key in (f"{{als}}:{scene.tenant}:total", next(base.scan_iter(f"{{als}}:{scene.tenant}:users:day:*"))):
        base.delete(key)
        base.lpush(key, "oops")
        scene.send(500)
        scene.settled()


def redis_set_back(scene):
    """Redis holds again what it held some records ago, while nothing flows."""
    scene.send(1000)
    scene.settled()
    backup = backup_redis()
    scene.send(1000)
    scene.settled()
    restore_redis(backup)
    scene.note(f"exact again after {scene.settled_by_itself():.1f} s")


def redis_of_the_future(scene):
    """A position beyond the topic's end, as when the topics are older than the backup of Redis."""
    scene.send(500)
    scene.settled()
    base = als.counters()
    before = base.hgetall(POSITION)
    base.hset(POSITION, f"{als.STATS}:0", 10**9)
    began = time.monotonic()
    als.wait_until(lambda: base.hgetall(POSITION) == before, "the positions are what they were", 60)
    scene.settled_by_itself()
    scene.note(f"exact again after {time.monotonic() - began:.1f} s")


def counters_killed_in_rebuild(scene):
    """The counters thread dies several times in the middle of a rebuild."""
    scene.send(20_000)
    scene.settled()
    als.counters().hset(POSITION, "rebuild", "asked-for-by-hand")
    for _ in range(5):
        time.sleep(scene.chaos.between(0.2, 1.5))
        scene.chaos.kill("processor")
    scene.note(f"exact again after {scene.settled_by_itself(120):.1f} s")


# Transactions


def ids_behind_an_open_transaction(scene):
    """A hanging transaction, another processor commits behind it and dies, a third takes over: all ids are remembered."""
    scene.send(500)
    scene.settled()
    hanging, before = hang_in_transaction(), _processed()
    events = scene.events(2000)
    scene.post(events)
    als.wait_until(lambda: _processed() - before >= len(events), "the running processor has committed behind it", 30)
    als.dev("stop", "processor")
    third = scene.chaos.extra("processor")
    try:
        time.sleep(8)
        scene.post(events)  # a retry of each, now that only the enriched topic remembers them
        hanging.abort_transaction(30)
        scene.post(events)
        scene.settled()
    finally:
        end(third)
        als.dev("start", "processor")
    scene.settled()


def hang_in_transaction():
    """A producer that has written into each enriched partition and neither commits nor dies."""
    producer = confluent_kafka.Producer({
        "bootstrap.servers": als.BROKERS, "transactional.id": als.unique("hanging"), "transaction.timeout.ms": 60_000})
    producer.init_transactions(30)
    producer.begin_transaction()
    for partition in range(probe.partitions()):
        producer.produce(als.ENRICHED, b'{"never":"committed"}', partition=partition)
    assert producer.flush(30) == 0
    return producer


def _processed():
    """By the processor's own meter, since all readers wait behind the open transaction."""
    text = httpx.get(f"{als.PROCESSOR_URL}/metrics", timeout=5).text
    return als.metric_sums(text, "als_outcomes_total", "stage", "outcome").get(("processor", "accepted"), 0)


def frozen_processor_with_an_open_transaction(scene):
    """A processor is frozen in a transaction, others take over and die, and it goes on: it is fenced."""
    stream = load.Load(scene.tenant, scene.name, scene.ledger, 600, scene.tenant)
    other = scene.chaos.extra("processor")
    stream.start()
    try:
        time.sleep(4)
        with scene.chaos.stopped("processor"):
            time.sleep(14)  # the session has timed out, the other has all partitions
            scene.chaos.kill_extra(other)
            other = scene.chaos.extra("processor")
            time.sleep(14)
        time.sleep(3)
    finally:
        scene.stop(stream)
        end(other)
    scene.settled(180)


# Records


def records_that_compress_to_nothing(scene):
    """4 MB and 20 MB of one letter, which weigh nothing on the wire: dead letters, once each, and the rest goes on."""
    for megabytes in (4, 20):
        scene.poison(f"letters-{scene.tenant}-{megabytes}", b"a" * (megabytes * 1_000_000))
        scene.poison(f"valid-{scene.tenant}-{megabytes}",
                     b'{"service":"a","action":"b","message":"' + b"m" * (megabytes * 1_000_000) + b'"}')
    scene.send(200)
    scene.settled()


def record_just_under_the_limit(scene):
    """The largest record that the raw topic takes becomes a dead letter, whole, although its headers make it larger."""
    noise = random.Random(scene.tenant).randbytes(4 << 20)
    key = f"largest-{scene.tenant}"
    scene.ledger.poisoned(key, True)
    size = 4 << 20
    while True:  # the envelope is Kafka's business: go down to what it takes
        try:
            scene.produce_bytes(key, noise[:size])
            break
        except AssertionError:
            size -= 50
            assert size > (4 << 20) - 2000
    scene.note(f"{size} of {4 << 20} bytes")
    scene.send(200)
    scene.settled()


def one_id_two_contents(scene):
    """The first content is the log; the second, through either door, is a dead letter and never swallowed."""
    events = scene.send(200)
    for event in events[:5]:
        other = load.body(event) | {"message": "something else"}
        scene.ledger.poisoned(event.user, True)
        scene.produce_bytes(event.user, json.dumps(other).encode())
    scene.settled()


def the_same_id_every_second(scene):
    """One record sent every second for a minute, while processor and indexer are killed: one log, counted once."""
    events = scene.send(1)
    for second in range(60):
        time.sleep(1)
        scene.post(events) if second % 2 else scene.produce(events)
        if second % 20 == 10:
            scene.chaos.kill("processor")
            scene.chaos.kill("indexer")
    scene.settled()


# Topics and groups


def raw_topic_made_again(scene):
    """The raw topic is deleted and made again: what came before stays counted, what comes now is counted too."""
    scene.send(1000)
    scene.settled()
    admin = AdminClient({"bootstrap.servers": als.BROKERS})
    told = admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, als.RAW)])
    config = {name: entry.value for name, entry in next(iter(told.values())).result(30).items() if not entry.is_default}
    count = probe.partitions()
    admin.delete_topics([als.RAW])[als.RAW].result(30)
    time.sleep(scene.chaos.between(0, 3))

    def create():  # a daemon may have been quicker
        try:
            admin.create_topics([NewTopic(als.RAW, count, 1, config=config)])[als.RAW].result(30)
        except confluent_kafka.KafkaException as error:
            assert error.args[0].code() == confluent_kafka.KafkaError.TOPIC_ALREADY_EXISTS, error
        return True

    als.wait_until(create, "the topic is there again", 30)
    scene.send(1000, seconds=60)
    scene.settled()


def indexers_offsets_gone(scene):
    """The indexers' group has lost its offsets: it reads all again and stores nothing twice."""
    scene.send(1000)
    scene.settled()
    als.dev("stop", "indexer")
    delete_group("indexer")
    als.dev("start", "indexer")
    scene.send(100)
    scene.settled()


def processors_offsets_gone(scene):
    """The processors' group has lost its offsets: it refuses to count all again, says how to go on, and that works."""
    scene.send(1000)
    scene.settled()
    als.dev("stop", "processor")
    delete_group("processor")
    log = als.STATE / "log" / "processor.log"
    read_from = log.stat().st_size
    als.dev("start", "processor", check=False, seconds=150)
    als.wait_until(lambda: "--reset-offsets --to-offset" in _log_since(log, read_from), "it refuses", 60)
    als.dev("stop", "processor")
    follow_the_advice(log, read_from)
    als.dev("start", "processor")
    scene.send(1000)
    scene.settled()


def follow_the_advice(log, offset):
    """The message names a partition and the offset to set; others may be missing too, so each is asked for in turn."""
    group = f"{als.TOPIC}-processor"
    consumer = confluent_kafka.Consumer({"bootstrap.servers": als.BROKERS, "group.id": group})
    for _ in range(probe.partitions() + 1):
        found = re.findall(r"--topic \S+?:(\d+) --reset-offsets --to-offset (\d+)", _log_since(log, offset))
        if not found:
            return
        places = [confluent_kafka.TopicPartition(als.RAW, int(number), int(wanted)) for number, wanted in found]
        als.wait_until(lambda: _set_offsets(consumer, places), "the group takes the offsets", 60, pause=1)
        offset = log.stat().st_size
        als.dev("start", "processor", check=False, seconds=150)
        time.sleep(5)
        als.dev("stop", "processor")


def _set_offsets(consumer, places):
    try:
        return consumer.commit(offsets=places, asynchronous=False)
    except confluent_kafka.KafkaException as error:  # the one that died is still a member for 10 s
        raise AssertionError(str(error)) from error


def _log_since(log, offset):
    with open(log, "rb") as file:
        file.seek(offset)
        return file.read().decode(errors="replace")


def delete_group(stage):
    group = f"{als.TOPIC}-{stage}"
    admin = AdminClient({"bootstrap.servers": als.BROKERS})

    def delete():
        try:
            admin.delete_consumer_groups([group])[group].result(30)
        except confluent_kafka.KafkaException as error:
            raise AssertionError(str(error)) from error  # members of a killed one may still be known
        return True

    als.wait_until(delete, f"group {group} is deleted", 60, pause=1)


SHORT = [flushall_in_silence, position_deleted_in_silence, position_of_another_type, counters_of_another_type, redis_set_back,
         redis_of_the_future, counters_killed_in_rebuild, ids_behind_an_open_transaction, records_that_compress_to_nothing,
         record_just_under_the_limit, one_id_two_contents, raw_topic_made_again, indexers_offsets_gone,
         processors_offsets_gone, scenarios_erase.erase_under_fire]
LONG = [scenarios_erase.erase_past_a_frozen_indexer, frozen_processor_with_an_open_transaction, the_same_id_every_second, scenarios_long.kafkas_disk_is_full,
        scenarios_long.stores_disk_is_full, scenarios_long.restart_of_each_daemon, scenarios_long.scaled_out,
        scenarios_long.memory_in_outages, scenarios_long.flushall_with_a_million_behind]
SCENARIOS = {scenario.__name__.replace("_", "-"): scenario for scenario in SHORT + LONG}
