# SPDX-License-Identifier: MIT
"""What the processor adds and masks: GEOIP_DB, REDACT_FIELDS, clockSkewMs. Processors of the test's own, on topics of their own."""

import subprocess
import tempfile
from datetime import timedelta

import pytest
from confluent_kafka.admin import AdminClient

import als
import mmdb
import programs
import topics

BERLIN = {"country": {"iso_code": "DE"}, "city": {"names": {"de": "Berlin, Hauptstadt", "en": "Berlin"}}}
PARIS = {"country": {"iso_code": "FR"}, "city": {"names": {"fr": "Paris", "en": "Paris"}}}
TOKYO = {"country": {"iso_code": "JP"}, "city": {"names": {"ja": "東京", "en": "Tōkyō"}}}
NOWHERE = {"continent": {"code": "EU"}}  # known, but not where


def databases(folder):
    """Of both record sizes and both versions, sold apart as vendors do."""
    return [
        mmdb.write(folder / "city.mmdb", {"198.51.100.0/24": BERLIN, "203.0.113.0/25": PARIS, "203.0.113.128/25": NOWHERE,
                                          "2001:db8:1::/48": TOKYO, "2001:db8:2::7/128": BERLIN}, record_size=28),
        mmdb.write(folder / "asn.mmdb", {"198.51.100.0/25": {"autonomous_system_number": 64500, "autonomous_system_organization": "Überall"},
                                         "2001:db8:1::/48": {"autonomous_system_number": 4200000001}}, record_size=24),
        mmdb.write(folder / "country-v4.mmdb", {"198.51.100.0/24": {"country": {"iso_code": "XX"}},
                                                "192.0.2.0/24": {"country": {"iso_code": "CH"}}}, version=4)]


class Processor:
    """Ready, and all that it makes is read."""

    def __init__(self, **settings):
        self.topic, self.tenant, self.port = als.unique("enrichment"), als.unique(), programs.free_port()
        self.output = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([programs.path("processor")], stdout=self.output, stderr=self.output, env=programs.environment(
            KAFKA_TOPIC=self.topic, PARTITIONS="1", STATUS_PORT=str(self.port), LOG_LEVEL="debug", **settings))

    def __enter__(self):
        try:
            als.wait_until(lambda: als.ready(f"http://127.0.0.1:{self.port}"), "the processor is ready", 60)
            self.direct, self.reader = topics.Direct(self.topic), topics.Reader(f"{self.topic}-enriched")
            self.stats = topics.Reader(f"{self.topic}-stats")
        except BaseException:
            self.process.kill()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(40)
        self.output.close()
        self.reader.consumer.close()
        self.stats.consumer.close()
        self.forget(als.counters())
        admin = AdminClient({"bootstrap.servers": als.BROKERS})
        for future in admin.delete_topics([self.topic, *(f"{self.topic}-{kind}" for kind in ("enriched", "stats", "dlq"))]).values():
            future.result(30)

    def forget(self, counters):
        for field in counters.hkeys("{als}:position"):
            if field.startswith(self.topic):
                counters.hdel("{als}:position", field)
        for key in self.keys(counters):
            counters.delete(key)

    def keys(self, counters):
        return list(counters.scan_iter(f"{{als}}:{self.tenant}:*", count=10000))

    def message(self, key=b"k", headers=None, **fields):
        """What becomes of a record, as it is in Kafka."""
        log_id = als.unique("e")
        self.direct.send(als.record(id=log_id, tenant=self.tenant, **fields), key=key, headers=headers)
        return self.reader.find(lambda message: message.json()["_id"] == f"{self.tenant}/{log_id}")[0]

    def record(self, **fields):
        return self.message(**fields).json()

    def enriched(self, **fields):
        return self.record(**fields)["enriched"]

    def log(self):
        self.output.seek(0)
        return self.output.read()


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    files = databases(tmp_path_factory.mktemp("geoip"))
    with Processor(GEOIP_DB=" , ".join(map(str, files))) as processor:
        yield processor


MASKED = "message, ip,userId,metadata.password,metadata.people.pin,metadata.enduser.mail,resource.name,metadata.sessionId"


@pytest.fixture(scope="module")
def masking(tmp_path_factory):
    files = databases(tmp_path_factory.mktemp("geoip"))
    with Processor(GEOIP_DB=",".join(map(str, files)), REDACT_FIELDS=MASKED) as processor:
        yield processor


def place(enriched):
    return {name: enriched[name] for name in ("country", "city", "asn") if name in enriched}


# GEOIP_DB


@pytest.mark.parametrize("ip, expected", [
    ("198.51.100.9", {"country": "DE", "city": "Berlin", "asn": 64500}),  # the first that knows, in the order given
    ("198.51.100.200", {"country": "DE", "city": "Berlin"}),
    ("203.0.113.127", {"country": "FR", "city": "Paris"}),
    ("203.0.113.128", {}),
    ("192.0.2.1", {"country": "CH"}),
    ("2001:db8:1:ffff::1", {"country": "JP", "city": "Tōkyō", "asn": 4200000001}),
    ("2001:db8:2::7", {"country": "DE", "city": "Berlin"}),
    ("2001:db8:2::8", {}), ("2001:db8:3::", {}), ("8.8.8.8", {}), ("10.0.0.1", {}), ("127.0.0.1", {}), ("fe80::1", {}), ("::1", {}),
    ("nonsense", {}), (None, {})])
def test_an_address_has_the_place_that_the_databases_say(plain, ip, expected):
    assert place(plain.enriched(ip=ip)) == expected


def test_an_address_in_metadata_has_a_place_too(plain):
    assert place(plain.enriched(metadata={"ip": "203.0.113.1"})) == {"country": "FR", "city": "Paris"}


def test_without_databases_no_place_is_known(gateway):
    assert place(gateway.stored(gateway.accepted(als.record(ip="198.51.100.9")))["enriched"]) == {}


# REDACT_FIELDS


def test_what_is_named_is_masked_and_nothing_else(masking):
    got = masking.record(message="m", userId="ada", requestId="r", metadata={
        "password": {"old": 1}, "people": [{"pin": 1, "age": 2}, [{"pin": [3]}], "pin"], "pin": 4, "note": "n"})
    assert {name: got[name] for name in ("message", "userId", "requestId", "service", "action")} == {
        "message": "***", "userId": "***", "requestId": "r", "service": "shop", "action": "order.create"}
    assert got["metadata"] == {"password": "***", "people": [{"pin": "***", "age": 2}, [{"pin": "***"}], "pin"], "pin": 4, "note": "n"}
    assert got["enriched"]["flags"] == ["masked"]


def test_a_masked_address_still_has_a_place(masking):
    got = masking.record(ip="198.51.100.9")
    assert got["ip"] == "***"
    assert place(got["enriched"]) == {"country": "DE", "city": "Berlin", "asn": 64500}
    assert got["enriched"]["ipVersion"] == 4 and got["enriched"]["ipClass"]


@pytest.mark.parametrize("fields", [{"userId": "SECRET"}, {"userId": None, "actor": {"id": "SECRET", "name": "n"}},
                                    {"actor": {"id": "SECRET"}, "userId": "SECRET"}], ids=str)
def test_a_user_who_is_the_actor_too_is_masked_as_both(masking, fields):
    got = masking.record(**fields)
    assert (got["userId"], got["actor"]["id"]) == ("***", "***")


def test_another_actor_stays(masking):
    got = masking.record(userId="ada", actor={"id": "support-7"})
    assert (got["userId"], got["actor"]["id"]) == ("***", "support-7")


def test_what_metadata_stands_in_for_is_masked_in_both_places(masking):
    got = masking.record(metadata={"ip": "198.51.100.9", "sessionId": "SECRET", "requestId": "r"})
    assert (got["ip"], got["sessionId"], got["requestId"]) == ("***", "***", "r")
    assert got["metadata"] == {"ip": "***", "sessionId": "***", "requestId": "r"}


def test_a_name_with_dots_is_masked_as_a_path_is(masking):
    got = masking.record(metadata={"enduser.mail": "SECRET", "enduser": {"mail": "SECRET", "mailbox": 1}, "enduser.mailbox": 2})
    assert got["metadata"] == {"enduser.mail": "***", "enduser": {"mail": "***", "mailbox": 1}, "enduser.mailbox": 2}


def test_what_is_masked_is_readable_nowhere_behind_the_raw_topic(masking, counters):
    got = masking.message(key=b"SECRET-user", userId="SECRET-user", message="SECRET", ip="203.0.113.77", resource={"name": "SECRET", "type": "t"},
                          metadata={"password": "SECRET", "people": [{"pin": "SECRET"}], "enduser.mail": "SECRET"},
                          headers=[("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), ("x-own", b"SECRET")])
    day = got.json()["createdAt"][:10]
    als.wait_until(lambda: counters.zrange(f"{{als}}:{masking.tenant}:top-users:day:{day}", 0, -1) and counters.hgetall(f"{{als}}:{masking.tenant}:total"),
                   "Redis has counted")
    masking.stats.find(lambda message: masking.tenant.encode() in message.key)
    kept = {"enriched": repr((got.key, got.value, got.headers)), "log": masking.log(),
            "stats": repr([(message.key, message.value) for message in masking.stats.drain()]),
            "redis": repr([(key, contents(counters, key)) for key in masking.keys(counters)])}
    for where, text in kept.items():
        assert text and "SECRET" not in text and "203.0.113.77" not in text, f"{where}: {text}"


def contents(counters, key):
    read = {"hash": counters.hgetall, "zset": lambda name: counters.zrange(name, 0, -1)}.get(counters.type(key))
    return read(key) if read else None  # a HyperLogLog holds no names


def test_an_unmasked_record_keeps_its_key(plain):
    assert plain.message(key=b"ada").key == b"ada"


# clockSkewMs


def ms(text):
    return round(als.moment(text).timestamp() * 1000)


@pytest.mark.parametrize("ahead, sign", [(timedelta(seconds=-90), 1), (timedelta(days=-400), 1), (timedelta(hours=2), -1), (timedelta(hours=23), -1)], ids=str)
def test_a_clock_that_is_off_is_told_with_its_sign(plain, ahead, sign):
    sent = als.iso(als.now() + ahead)
    got = plain.record(timestamp=sent)
    assert got["timestamp"] == sent
    assert got["enriched"]["clockSkewMs"] == ms(got["createdAt"]) - ms(sent)
    assert got["enriched"]["clockSkewMs"] * sign > 0
    assert "flags" not in got["enriched"]


def test_a_clock_more_than_a_day_ahead_is_not_believed(plain):
    sent = als.iso(als.now() + timedelta(hours=25))
    message = plain.message(timestamp=sent)
    got = message.json()
    assert got["timestamp"] == got["createdAt"] and ms(got["createdAt"]) == int(got["src"].split(":")[2])
    assert got["enriched"]["flags"] == ["future"]
    assert got["enriched"]["clockSkewMs"] == ms(got["createdAt"]) - ms(sent) < -86400000


def test_without_a_timestamp_there_is_no_skew(plain):
    got = plain.record()
    assert got["timestamp"] == got["createdAt"]
    assert not {"clockSkewMs", "flags"} & got["enriched"].keys()


# Settings that are wrong


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("databases")
    databases(folder)
    (folder / "empty.mmdb").write_bytes(b"")
    (folder / "text.mmdb").write_text("country,city\n" * 100)
    whole = (folder / "city.mmdb").read_bytes()
    (folder / "cut.mmdb").write_bytes(whole[:len(whole) // 2])
    return folder


def refused(arguments, **settings):
    done = programs.run("processor", *arguments, **settings)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    assert done.returncode == 78 and len(lines) == 1, done
    return lines[0]


STARTS = pytest.mark.parametrize("arguments", [["--check-config"], []], ids=["checked", "started"])


@STARTS
@pytest.mark.parametrize("name, why", [
    ("missing.mmdb", "cannot be read: No such file or directory"), (".", "no MaxMind database"), ("empty.mmdb", "no MaxMind database"),
    ("text.mmdb", "no MaxMind database"), ("cut.mmdb", "no MaxMind database")])
def test_what_is_no_database_is_refused_at_the_start(files, arguments, name, why):
    line = refused(arguments, GEOIP_DB=f"{files / 'city.mmdb'},{files / name}")
    assert f"GEOIP_DB names {files / name}" in line and why in line


@STARTS
def test_five_databases_are_too_many_and_four_are_not(files, arguments):
    four = ",".join([str(files / "city.mmdb")] * 4)
    line = refused(arguments, GEOIP_DB=f"{four},{files / 'asn.mmdb'}")
    assert "GEOIP_DB names more than 4 databases" in line and str(files / "asn.mmdb") in line
    assert programs.run("processor", "--check-config", GEOIP_DB=four).returncode == 0


@STARTS
@pytest.mark.parametrize("field", ["servise", "service", "metadata", "metadata.", "metadata.a..b", "metadata.a.", "Message", "x" * 300])
def test_a_field_that_cannot_be_masked_is_refused_at_the_start(arguments, field):
    line = refused(arguments, REDACT_FIELDS=f"ip,{field}, message")
    assert "REDACT_FIELDS" in line and field[:100] in line and "metadata.<path>" in line and "resource.name" in line
