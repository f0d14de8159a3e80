# SPDX-License-Identifier: MIT
"""Bad days: servers that stop, programs that are killed."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

import als
import programs
import sender
from als import record

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def present(*names):
    """The first of these that this instance runs by itself."""
    status = als.dev("status", check=False)
    running = {line.split()[0] for line in status.splitlines() if line.strip()}
    return next((name for name in names if name in running), None) or pytest.fail(f"none of {names} is in: {status}")


def check_of(name, check):
    with als.Client() as client:
        answer = client.get(f"{als.STATUS_URLS[name]}/readyz?verbose")
    return answer.status_code, next(one for one in answer.json()["checks"] if one["name"] == check)["ok"]


def all_ready():
    als.wait_until(lambda: all(map(als.ready, als.STATUS_URLS.values())), "all are ready again", 60)


class Away:
    """A server that is stopped, until back() or the end of the block."""

    def __init__(self, *names):
        self.names = names

    def __enter__(self):
        for name in self.names:
            als.dev("stop", name)
        self.away = True
        return self

    def back(self):
        if self.away:
            for name in reversed(self.names):
                als.dev("start", name)
        self.away = False

    def __exit__(self, *_):
        self.back()


@pytest.fixture(scope="class")
def own():
    """A gateway of our own, ready before Kafka goes."""
    with programs.Gateway() as gateway:
        yield gateway


@pytest.fixture(scope="class")
def kafka(own):
    with Away(present("kafka")) as away:
        yield away
    all_ready()


@pytest.fixture(scope="class")
def refused():
    """(record, id) of what was answered with 503."""
    return []


class TestKafkaAway:
    def test_a_record_is_refused_for_now_under_an_id(self, kafka, shared_gateway, refused):
        for n in range(2):
            sent = record(action=f"single{n}")
            answer = shared_gateway.log(sent)
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["Retry-After"]) >= 1
            body = answer.json()
            assert (body["success"], body["code"], body["retryable"]) == (False, "kafka_unavailable", True)
            assert als.ANY_ID.fullmatch(body["logId"])
            refused.append((sent, body["logId"]))

    def test_a_batch_is_refused_for_now_under_its_ids(self, kafka, shared_gateway, refused):
        sent = [record(action="one"), record(action="two", id="own-id")]
        answer = shared_gateway.post("/logs/batch", json=sent)
        assert answer.status_code == 503
        ids = answer.json()["logIds"]
        assert len(ids) == 2 and ids[1] == "own-id"
        refused.extend(zip(sent, ids))

    def test_bad_records_are_still_told_their_faults(self, kafka, shared_gateway):
        assert shared_gateway.log({}).status_code == 400
        assert shared_gateway.post("/logs/validate", json=record()).status_code == 200

    def test_logs_can_still_be_read(self, kafka, shared_gateway):
        assert shared_gateway.get("/logs").status_code == 200
        assert shared_gateway.get("/stats").status_code == 200

    def test_the_gateway_says_what_is_missing(self, kafka, shared_gateway):
        als.wait_until(lambda: check_of("gateway", "kafka") == (503, False), "readiness names Kafka")
        assert shared_gateway.get(f"{als.URL}/livez").status_code == 200
        for name in ("processor", "indexer"):
            als.wait_until(lambda: check_of(name, "kafka") == (503, False), f"the {name} names Kafka")

    def test_a_gateway_that_must_end_answers_those_who_wait(self, kafka, own):
        def ask(_):
            with als.Client(url=own.url) as client:
                return client.log(record()).status_code

        with ThreadPoolExecutor(20) as threads:
            answers = [threads.submit(ask, n) for n in range(20)]
            als.wait_until(lambda: open_requests(own.port) >= 20, "all twenty wait")
            assert own.stop() == 0
            assert {answer.result() for answer in answers} <= {503, 202}

    def test_by_itself_it_takes_records_again_and_a_retry_is_no_second_log(self, kafka, shared_gateway, refused):
        kafka.back()
        als.wait_until(lambda: shared_gateway.log(record(action="back", id="back")).status_code == 202,
                       "records are taken again", 30)
        for sent, log_id in refused:
            assert shared_gateway.accepted({**sent, "id": log_id}) == log_id
        for sent, log_id in refused:
            assert shared_gateway.stored(log_id)["action"] == sent["action"]
        logs = shared_gateway.search(limit=1000)["data"]
        assert sorted(log["_id"] for log in logs if log["action"] in {sent["action"] for sent, _ in refused}) == sorted(
            log_id for _, log_id in refused)
        all_ready()


def open_requests(port):
    """Established connections to a local port, seen from its side."""
    found = 0
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table.readlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            found += state == "01" and int(local.split(":")[1], 16) == port
    return found


def test_without_redis_nothing_stops_and_counters_catch_up(gateway, counters):
    gateway.batch_accepted([record()] * 10)
    with Away(present("redis")):
        gateway.batch_accepted([record()] * 20)
        gateway.wait_total(30)
        gateway.wait_counted(30)
        als.wait_until(lambda: check_of("gateway", "redis") == (200, False), "the gateway names Redis")
        als.wait_until(lambda: check_of("processor", "redis") == (200, False), "the processor names Redis")
    sender.check_everywhere(gateway.tenant, 30)
    all_ready()


def test_counters_that_were_wiped_come_back_exact(gateway, counters):
    day = als.iso(als.now())[:10]
    gateway.batch_accepted([record(userId=f"u{n % 5}", action=f"a{n % 3}") for n in range(50)])
    sender.check_everywhere(gateway.tenant, 50)
    actions = f"{{als}}:{gateway.tenant}:actions:day:{day}"
    users = f"{{als}}:{gateway.tenant}:top-users:day:{day}"
    als.wait_until(lambda: counters.zscore(users, "u0") == 10, "users are ranked")
    before = {name: counters.zrange(name, 0, -1, withscores=True) for name in (actions, users)}
    counters.flushall()

    def same():
        assert counters.hget(f"{{als}}:{gateway.tenant}:total", "count") == "50"
        assert {name: counters.zrange(name, 0, -1, withscores=True) for name in (actions, users)} == before
        return True

    als.wait_until(same, "the counters are what they were", 150)
    gateway.accepted(record())
    sender.check_everywhere(gateway.tenant, 51)


def test_without_the_document_store_ingest_goes_on_and_all_is_stored_later(gateway, counters):
    first = gateway.accepted(record())
    gateway.stored(first)
    with Away(present("mongod", "ferretdb")):
        ids = gateway.batch_accepted([record()] * 20)
        answer = gateway.get("/logs")
        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
        assert gateway.get("/stats").status_code == 503
        als.wait_until(lambda: check_of("gateway", "document_store") == (200, False), "the gateway names the store")
        als.wait_until(lambda: check_of("indexer", "document_store") == (503, False), "the indexer names the store")
        als.wait_until(lambda: counters.hget(f"{{als}}:{gateway.tenant}:total", "count") == "21", "Redis counts on")
    for log_id in ids:
        gateway.stored(log_id, 60)
    sender.check_everywhere(gateway.tenant, 21)
    all_ready()


def test_a_log_is_pending_while_the_indexer_is_away(gateway):
    with Away("indexer"):
        log_id = gateway.accepted(record())
        answer = gateway.get(f"/logs/{log_id}")
        assert (answer.status_code, answer.json()) == (202, {"success": True, "state": "pending"})
        assert gateway.get("/logs/never-sent").status_code == 404
    gateway.stored(log_id)
    all_ready()


@pytest.mark.parametrize("name", als.DAEMONS)
def test_a_daemon_that_is_asked_to_end_ends_with_zero(name):
    log = als.STATE / "supervisor" / "log"
    before = log.stat().st_size
    with Away(name):
        told = log.read_text()[before:]
        assert f"stopped: {name} (exit status 0)" in told, told
    all_ready()


def kill(name):
    """Kills a program, and returns once it runs anew."""
    pid = als.wait_until(lambda: als.dev_pid(name), f"{name} runs")
    os.kill(pid, signal.SIGKILL)
    als.wait_until(lambda: als.dev_pid(name) not in (None, pid), f"{name} is back", 60)


def test_daemons_killed_under_load_lose_and_double_nothing(gateway):
    sending = sender.Sender(gateway.tenant)
    sending.start()
    for name in als.DAEMONS * 2:
        sending.reach(200)
        kill(name)
    sending.reach(200)
    sender.check_everywhere(gateway.tenant, sending.finish())
    all_ready()


def test_kafka_killed_under_load_loses_and_doubles_nothing(gateway):
    sending = sender.Sender(gateway.tenant)
    sending.start()
    sending.reach(300)
    kill(present("kafka"))
    sending.reach(300)
    sender.check_everywhere(gateway.tenant, sending.finish(), 120)
    all_ready()
