# SPDX-License-Identifier: MIT
"""Direct producers: what they write to the raw topic, and what comes out of the other three."""

import json
import subprocess

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import als
import topics
from als import record


def tenant_header(client):
    return ("als.tenant", client.tenant.encode())


@pytest.fixture
def letters():
    """The dead letters from now on."""
    with topics.Reader(als.DLQ) as reader:
        yield reader


def checker(name):
    """Checks against one of the schema files, which refer to each other by their ids."""
    schemas = {path.name: json.loads(path.read_text()) for path in (als.ROOT / "schemas").glob("*.schema.json")}
    registry = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in schemas.values())
    return Draft202012Validator(schemas[f"{name}.schema.json"], registry=registry).validate


def test_a_direct_record_is_a_log_like_any_other(gateway, direct):
    log_id = als.unique("id")
    direct.send(record(id=log_id, metadata={"a": [1]}), headers=[tenant_header(gateway)])
    log = gateway.stored(log_id)
    assert (log["source"], log["userId"], log["metadata"]) == ("kafka", "ada", {"a": [1]})
    gateway.wait_counted(1)


def test_kcat_is_a_direct_producer(gateway):
    log_id = als.unique("id")
    subprocess.run(
        ["kcat", "-P", "-b", als.BROKERS, "-t", als.RAW, "-k", "ada", "-H", f"als.tenant={gateway.tenant}",
         "-X", "partitioner=murmur2_random"],
        input=json.dumps(record(_id=log_id)) + "\n", text=True, check=True, timeout=30)
    assert gateway.stored(log_id)["source"] == "kafka"


def test_underscore_id_names_a_direct_record(gateway, direct):
    log_id = als.unique("id")
    direct.send(record(_id=log_id), headers=[tenant_header(gateway)])
    assert gateway.stored(log_id)["_id"] == log_id


def test_a_direct_record_may_name_its_tenant_in_a_field(gateway, direct):
    log_id = als.unique("id")
    direct.send(record(id=log_id, tenant=gateway.tenant))
    gateway.stored(log_id)


def test_headers_beat_fields_of_the_same_meaning(gateway, direct):
    log_id = als.unique("id")
    headers = [tenant_header(gateway), ("als.id", log_id.encode()), ("als.source", b"http")]
    direct.send(record(id="another", tenant="another", source="kafka"), headers=headers)
    assert gateway.stored(log_id)["source"] == "http"


def test_a_direct_record_without_an_id_gets_one_from_its_place(gateway, direct):
    direct.send_all([(record(action=f"a{n}"), b"ada", [tenant_header(gateway)]) for n in range(20)])
    gateway.wait_total(20)
    ids = {log["_id"] for log in gateway.search()["data"]}
    assert len(ids) == 20
    assert all(als.ANY_ID.fullmatch(log_id) and log_id[14] == "8" for log_id in ids)


def test_the_receive_time_is_the_brokers_append_time(gateway, direct):
    log_id = als.unique("id")
    place = direct.send(record(id=log_id, timestamp="2024-05-05"), headers=[tenant_header(gateway)], timestamp=12345)
    raw = topics.read_at(als.RAW, *place)
    log = gateway.stored(log_id)
    assert als.moment(log["createdAt"]).timestamp() * 1000 == pytest.approx(raw.append_time, abs=0.5)
    assert log["timestamp"] == "2024-05-05T00:00:00.000Z"


def test_the_raw_topic_holds_what_the_client_sent_byte_for_byte(gateway):
    bodies = [b' {"service" : "shop","action":"a", "userId":"b\\u0061r"\n}', b'{"action":"a","service":"only \xc3\xbc"}']
    with topics.Reader(als.RAW) as raw:
        single = gateway.raw(bodies[0]).json()["logId"]
        first, second = gateway.raw(b"[ " + bodies[0].strip() + b" ,\n" + bodies[1] + b"]", "/logs/batch").json()["logIds"]
        sent = raw.find(lambda message: message.header("als.id") in (single, first, second), 3)
    by_id = {message.header("als.id"): message for message in sent}
    assert by_id[single].value.strip() == bodies[0].strip()
    assert by_id[first].value == bodies[0].strip()
    assert by_id[second].value == bodies[1]
    assert [by_id[one].key.decode() for one in (single, first, second)] == ["bar", "bar", "only ü"]
    for message in sent:
        assert message.header("als.tenant") == gateway.tenant
        assert message.header("als.source") == "http"
        assert message.append_time


def test_both_doors_put_a_key_into_the_same_partition(gateway, direct):
    users = [f"user-{n}" for n in range(30)]
    with topics.Reader(als.RAW) as raw:
        gateway.batch_accepted([record(userId=user) for user in users])
        sent = raw.find(lambda message: message.header("als.tenant") == gateway.tenant, len(users))
    places = direct.send_all([(record(userId=user), user.encode(), [tenant_header(gateway)]) for user in users])
    through_gateway = {message.key.decode(): message.partition for message in sent}
    assert through_gateway == {user: partition for user, (partition, _) in zip(users, places)}


def test_a_retry_through_the_other_door_is_not_a_second_event(gateway, direct, counters):
    log_id = als.unique("id")
    sent = record(id=log_id, metadata={"a": 1}, timestamp="2024-05-05T10:00:00Z")
    gateway.accepted(sent)
    direct.send_all([(sent, b"ada", [tenant_header(gateway)])] * 3)
    direct.send(record(action="last"), headers=[tenant_header(gateway)])
    gateway.wait_total(2)
    gateway.wait_counted(2)
    als.wait_until(lambda: counters.hget(f"{{als}}:{gateway.tenant}:meta", "duplicates") == "3",
                   "the three duplicates are metered")
    gateway.wait_counted(2)


def test_one_id_with_other_content_is_a_dead_letter(gateway, direct, letters, database):
    log_id = als.unique("id")
    gateway.accepted(record(id=log_id, action="first"))
    gateway.stored(log_id)
    gateway.accepted(record(id=log_id, action="second"))
    [letter] = letters.find(lambda message: message.header("als.id") == log_id)
    assert letter.header("als.error.reason") == "id_conflict"
    assert letter.json()["action"] == "second"
    assert gateway.stored(log_id)["action"] == "first"
    gateway.wait_total(1)
    gateway.wait_counted(1)


DEEP = b'{"service":"a","action":"b","metadata":' + b'{"a":' * 10000 + b"1" + b"}" * 10001

POISON = {
    "bytes of no meaning": (b"\x00\xff\xfe garbage", "malformed_json"),
    "nothing": (b"", "malformed_json"),
    "a tombstone": (None, "malformed_json"),
    "a cut record": (b'{"service":"a"', "malformed_json"),
    "bad UTF-8": (b'{"service":"a\xff","action":"b"}', "malformed_json"),
    "depth 10,000": (DEEP, "malformed_json"),
    "an array": (b'[{"service":"a","action":"b"}]', "validation_error"),
    "a number": (b"5", "validation_error"),
    "a record without action": (b'{"service":"a"}', "validation_error"),
    "wrong types": (b'{"service":1,"action":[],"userId":{}}', "validation_error"),
    "an id that is none": (b'{"service":"a","action":"b","id":"not an id"}', "validation_error"),
    "a record of 300 KiB": (json.dumps(record(message="x", padding="y" * (300 << 10))).encode(), "too_large"),
    "3.9 MB": (b"\x99" * 3_900_000, "too_large"),
}


def test_what_cannot_be_read_becomes_a_dead_letter_once_and_whole(gateway, direct, letters):
    """All kinds at once, among good records of the same partition, which all arrive."""
    key = als.unique("key").encode()
    batch, kinds = [], {}
    for n, (kind, (value, reason)) in enumerate(POISON.items()):
        headers = [tenant_header(gateway), ("x-kind", kind.encode()), ("x-binary", b"\x00\xff"),
                   ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
        kinds[kind] = (value, reason, headers, len(batch))
        batch.append((value, key, headers))
        batch.append((record(action=f"good{n}"), key, [tenant_header(gateway)]))
    places = direct.send_all(batch)
    gateway.wait_total(len(POISON))
    found = letters.find(lambda message: message.key == key, len(POISON))
    letters.drain()
    found = [message for message in letters.seen if message.key == key]
    assert sorted(message.header("x-kind") for message in found) == sorted(POISON)
    for letter in found:
        value, reason, headers, index = kinds[letter.header("x-kind")]
        partition, offset = places[index]
        assert letter.value == value
        assert [pair for pair in letter.headers if not pair[0].startswith("als.error.")] == headers
        assert letter.header("als.error.stage") == "processor"
        assert letter.header("als.error.reason") == reason, letter.header("x-kind")
        assert letter.header("als.error.topic") == als.RAW
        assert (int(letter.header("als.error.partition")), int(letter.header("als.error.offset"))) == (partition, offset)
        assert letter.header("als.error.truncated") is None
    gateway.wait_counted(len(POISON))


@pytest.mark.parametrize("header", [("als.tenant", b"a/b"), ("als.tenant", b""), ("als.id", b"a b"), ("als.id", b"x" * 65)], ids=str)
def test_a_malformed_header_makes_a_dead_letter(direct, letters, header):
    key = als.unique("key").encode()
    direct.send(record(), key, [header])
    [letter] = letters.find(lambda message: message.key == key)
    assert letter.header("als.error.reason") == "validation_error"


def test_rejected_records_are_metered_per_tenant(gateway, direct, counters):
    direct.send_all([(b"{bad", b"k", [tenant_header(gateway)])] * 3 + [(record(), b"k", [tenant_header(gateway)])])

    def metered():
        meta = counters.hgetall(f"{{als}}:{gateway.tenant}:meta")
        assert (meta["rejected"], meta["processed"]) == ("3", "1"), meta
        return True

    als.wait_until(metered, "three rejected and one processed are metered")


def test_an_enriched_record_begins_with_its_id_and_fits_its_schema(gateway):
    check = checker("enriched")
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    sent = [record(), record(userId=None), record(id="own", severity="error", outcome="failure", tags=["a"], message="m",
                                                   ip="2001:db8::1", userAgent="curl/8", metadata={"deep": {"a": [None]}})]
    with topics.Reader(als.ENRICHED) as enriched, topics.Reader(als.RAW) as raw:
        ids = gateway.post("/logs/batch", json=sent, headers={"traceparent": trace}).json()["logIds"]
        found = enriched.find(lambda message: message.header("als.tenant") == gateway.tenant, 3)
        places = {message.header("als.id"): message for message in
                  raw.find(lambda message: message.header("als.tenant") == gateway.tenant, 3)}
    assert {message.json()["_id"] for message in found} == {f"{gateway.tenant}/{log_id}" for log_id in ids}
    for message in found:
        body = message.json()
        check(body)
        original = places[body["_id"].split("/")[1]]
        assert message.value.startswith(b'{"_id":"')
        assert body["src"] == original.place
        assert (message.key, message.partition) == (original.key, original.partition)
        assert message.header("traceparent") == trace


def test_stats_records_fit_their_schema_and_add_up(gateway):
    check = checker("stats")
    batch = [record(service="a|b", action="c|d", severity="error", outcome="failure", timestamp="2024-05-05T10:11:12.345Z"),
             record(service="a|b", action="c|d", timestamp="2024-05-05T10:11:59.999Z"),
             record(service="a|b", action="c|d", timestamp="2024-05-05T10:12:00.000Z")]
    with topics.Reader(als.STATS) as stats:
        gateway.batch_accepted(batch)
        buckets, meta, delta = [], [], {}

        def ours(message):
            return message.json()["tenant"] == gateway.tenant

        while sum(delta.values()) < 3 or not meta:
            message = stats.find(ours, len(buckets) + len(meta) + 1)[-1]
            body = message.json()
            check(body)
            if body["kind"] == "meta":
                meta.append(body)
                continue
            buckets.append(body)
            shard = body["minute"]["shard"]
            assert message.key.decode().startswith(f"{gateway.tenant}|")
            assert message.key.decode().endswith(f"|a|b|c|d|{shard}")
            for cell, n in body["delta"].items():
                delta[cell] = delta.get(cell, 0) + n
        stats.drain()
    assert delta == {"error_failure": 1, "info_none": 2}
    last = {body["minute"]["start"]: body for body in buckets}
    assert sorted(last) == ["2024-05-05T10:11:00.000Z", "2024-05-05T10:12:00.000Z"]
    first_minute = last["2024-05-05T10:11:00.000Z"]["minute"]
    assert (first_minute["firstAt"], first_minute["lastAt"]) == ("2024-05-05T10:11:12.345Z", "2024-05-05T10:11:59.999Z")
    assert {body["day"]["start"] for body in buckets} == {"2024-05-05T00:00:00.000Z"}
    assert buckets[-1]["day"]["cells"] == buckets[-1]["hour"]["cells"]
    assert sum(one["delta"]["processed"] for one in meta) == 3


def test_the_topics_are_made_as_they_should_be():
    admin = AdminClient({"bootstrap.servers": als.BROKERS})
    names = [als.RAW, als.ENRICHED, als.STATS, als.DLQ]
    counts = [len(admin.list_topics(name, timeout=20).topics[name].partitions) for name in names]
    assert counts[0] == counts[1] == counts[2] and counts[3] == 1
    wanted = admin.describe_configs([ConfigResource(ResourceType.TOPIC, name) for name in names])
    configs = {resource.name: future.result(20) for resource, future in wanted.items()}
    days = {als.RAW: 7, als.ENRICHED: 9, als.STATS: 16, als.DLQ: 30}
    for name, config in configs.items():
        assert int(config["retention.ms"].value) == days[name] * 86_400_000
        assert config["cleanup.policy"].value == "delete"
        assert int(config["max.message.bytes"].value) == (4 if name == als.RAW else 8) << 20
    assert configs[als.RAW]["message.timestamp.type"].value == "LogAppendTime"
