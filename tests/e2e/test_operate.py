# SPDX-License-Identifier: MIT
"""What operators see: health, metrics, headers, settings, logs."""

import shutil
import subprocess

import pytest

import als
import programs
from als import record

SIDES = pytest.mark.parametrize("name", als.DAEMONS)


def fetch(name, path, **settings):
    with als.Client() as client:
        return client.get(als.STATUS_URLS[name] + path, **settings)


@SIDES
def test_health_says_who_it_is_and_since_when(name):
    answer = fetch(name, "/health")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["service"]) == ("healthy", f"activity-log-{name}")
    assert als.ISO_MS.fullmatch(body["timestamp"])
    assert body["uptime"] >= 0
    assert 1 << 20 < body["memory"]["rss"] < 1 << 30


@SIDES
def test_it_is_alive_and_ready(name):
    assert fetch(name, "/livez").status_code == 200
    assert fetch(name, "/readyz").status_code == 200


@pytest.mark.parametrize("name, needs", [
    ("gateway", {"kafka": True, "document_store": False, "redis": False}), ("processor", {"kafka": True, "redis": False}),
    ("indexer", {"kafka": True, "document_store": True})])
def test_readiness_names_what_it_needs(name, needs):
    body = fetch(name, "/readyz?verbose").json()
    assert body["status"] == "ready"
    checks = {check["name"]: check for check in body["checks"]}
    assert all(check["ok"] for check in checks.values())
    assert needs.items() <= {check: checks[check]["required"] for check in checks}.items()


@SIDES
def test_metrics_are_as_prometheus_wants_them(name):
    answer = fetch(name, "/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert shutil.which("promtool"), "promtool comes with the package prometheus"
    done = subprocess.run(["promtool", "check", "metrics"], input=answer.text, text=True, capture_output=True, timeout=30)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@SIDES
def test_every_metric_of_ours_has_a_unit_or_says_it_is_a_total(name):
    for line in fetch(name, "/metrics").text.splitlines():
        if line.startswith("# TYPE als_") and line.endswith(" counter"):
            assert line.split()[2].endswith("_total"), line


@SIDES
def test_what_was_received_is_accepted_rejected_or_failed(name, gateway, direct):
    tenant = [("als.tenant", gateway.tenant.encode())]
    gateway.batch_accepted([record()] * 10)
    gateway.log([record(), {}, record()], partial="true")
    gateway.log({})
    gateway.raw(b"{")
    direct.send(b"{", headers=tenant)
    gateway.accepted(record(id="same"))
    gateway.accepted(record(id="same"))
    gateway.wait_total(13)
    gateway.wait_counted(13)

    def adds_up():
        sums = als.metric_sums(fetch(name, "/metrics").text, "als_outcomes_total", "stage", "outcome")
        stages = {stage for stage, _ in sums}
        assert name in stages
        for stage in stages:
            received, *parts = (sums.get((stage, outcome), 0) for outcome in ("received", "accepted", "rejected", "failed"))
            assert received == sum(parts) > 0, sums
        return True

    als.wait_until(adds_up, "the outcomes add up")


def test_no_user_or_tenant_is_in_a_label(gateway):
    user = als.unique("user")
    gateway.stored(gateway.accepted(record(userId=user)))
    gateway.wait_counted(1)
    for name in als.DAEMONS:
        text = fetch(name, "/metrics").text
        assert user not in text and gateway.tenant not in text


@pytest.mark.parametrize("path", ["/health", "/api/v1/logs", "/nope", "/metrics"])
def test_every_answer_has_the_usual_security_headers(path):
    headers = fetch("gateway", path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "X-Powered-By" not in headers


def test_a_browser_may_ask_from_another_origin(gateway):
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answer = gateway.options("/logs", headers=asked)
    assert answer.status_code in (200, 204)
    assert answer.headers["Access-Control-Allow-Origin"] in ("*", "https://app.example")
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "content-type" in answer.headers["Access-Control-Allow-Headers"].lower()
    answer = gateway.post("/logs", json=record(), headers={"Origin": "https://app.example"})
    assert answer.headers["Access-Control-Allow-Origin"] in ("*", "https://app.example")
    assert "X-Request-Id" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Expose-Headers" not in gateway.post("/logs", json=record()).headers
    refused = gateway.post("/logs", json={}, headers={"Origin": "https://app.example"})
    assert refused.headers["Access-Control-Allow-Origin"] in ("*", "https://app.example")


def test_every_request_has_an_id_which_a_client_may_choose(gateway):
    own = gateway.post("/logs", json={}, headers={"X-Request-Id": "mine-1"})
    assert (own.headers["X-Request-Id"], own.json()["requestId"]) == ("mine-1", "mine-1")
    first, second = (gateway.post("/logs", json={}) for _ in range(2))
    assert first.headers["X-Request-Id"] == first.json()["requestId"] != second.headers["X-Request-Id"]
    odd = gateway.post("/logs", json={}, headers={"X-Request-Id": 'a"<b>\\' + "x" * 500})
    assert odd.json()["requestId"] and '"<b>' not in odd.headers["X-Request-Id"]


# The programs themselves.


def lines_of(done):
    return [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]


@SIDES
def test_help_shows_the_settings(name):
    done = programs.run(name, "--help")
    assert done.returncode == 0
    for setting in ("KAFKA_BROKERS", "KAFKA_TOPIC", "LOG_LEVEL", "KAFKA_PROPERTY_"):
        assert setting in done.stdout


def test_help_of_each_shows_its_own_settings():
    assert "ACK_TIMEOUT_MS" in programs.run("gateway", "--help").stdout
    assert "DEDUPE_WINDOW_MS" in programs.run("processor", "--help").stdout
    assert "RETENTION_DAYS" in programs.run("indexer", "--help").stdout


@SIDES
def test_settings_can_be_checked_without_starting(name):
    assert programs.run(name, "--check-config").returncode == 0


BAD_SETTINGS = [
    {"KAFKA_PROPERTY_no_such_thing": "1"}, {"KAFKA_PROPERTY_socket_timeout_ms": "soon"}, {"LOG_LEVEL": "loud"}, {"LOG_FORMAT": "xml"},
    {"KAFKA_TOPIC": "no topic/at all"}]


@SIDES
@pytest.mark.parametrize("settings", BAD_SETTINGS, ids=str)
@pytest.mark.parametrize("arguments", [["--check-config"], []], ids=["checked", "started"])
def test_a_bad_setting_is_one_line_and_exit_78(name, settings, arguments):
    done = programs.run(name, *arguments, **settings)
    assert done.returncode == 78, done
    [line] = lines_of(done)
    assert next(iter(settings)).removeprefix("KAFKA_PROPERTY_").replace("_", ".") in line.replace("_", ".")


@pytest.mark.parametrize("name, settings", [
    ("gateway", {"PORT": "http"}), ("gateway", {"PORT": "70000"}), ("gateway", {"PORT": "-1"}), ("gateway", {"MAX_BATCH": "0"}),
    ("gateway", {"ACK_TIMEOUT_MS": "1s"}), ("gateway", {"AUTH": "maybe"}), ("gateway", {"REDIS_PORT": "tcp://10.0.0.1:6379"}),
    ("processor", {"STATUS_PORT": "x"}), ("processor", {"DEDUPE_WINDOW_MS": "-5"}), ("processor", {"PARTITIONS": "0"}),
    ("processor", {"REDIS_PASSWORD_FILE": "/no/such/file"}), ("indexer", {"MONGO_URI": "http://127.0.0.1"}),
    ("indexer", {"RETENTION_DAYS": "ninety"})], ids=str)
def test_a_bad_setting_of_one_program_is_one_line_and_exit_78(name, settings):
    done = programs.run(name, "--check-config", **settings)
    assert done.returncode == 78, done
    [line] = lines_of(done)
    assert next(iter(settings)) in line


def test_anonymous_access_from_elsewhere_must_be_allowed_in_so_many_words():
    done = programs.run("gateway", "--check-config", HOST="0.0.0.0", AUTH="none")
    assert done.returncode == 78
    assert "ALLOW_ANONYMOUS" in done.stdout + done.stderr
    assert programs.run("gateway", "--check-config", HOST="0.0.0.0", AUTH="none", ALLOW_ANONYMOUS="1").returncode == 0


def test_a_secret_may_come_from_a_file(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("s3cret\n")
    done = programs.run("processor", "--check-config", REDIS_PASSWORD_FILE=str(secret))
    assert done.returncode == 0
    assert "s3cret" not in done.stdout + done.stderr


def test_a_passed_on_kafka_property_is_taken():
    assert programs.run("gateway", "--check-config", KAFKA_PROPERTY_socket_timeout_ms="30000").returncode == 0


@SIDES
def test_an_unknown_argument_is_refused(name):
    assert programs.run(name, "--no-such-argument").returncode not in (0, -11)


def test_past_the_limit_a_client_is_told_when_to_come_back():
    """Ingest gets twice what the rest gets."""
    with programs.Gateway(MAX_REQUESTS_PER_MINUTE="5") as own, als.Client(url=own.url) as client:
        reads = [client.get("/logs") for _ in range(8)]
        sent = [client.log(record()) for _ in range(14)]
        assert client.get(f"{own.url}/livez").status_code == 200
    assert [answer.status_code for answer in reads] == [200] * 5 + [429] * 3
    assert [answer.status_code for answer in sent] == [202] * 10 + [429] * 4
    for answer in (reads[-1], sent[-1]):
        assert (answer.json()["success"], answer.json()["code"]) == (False, "rate_limited")
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert answer.headers["RateLimit-Remaining"] == "0"
        assert answer.headers["RateLimit-Limit"] and answer.headers["RateLimit-Reset"]


def test_log_lines_are_json_and_the_end_is_clean():
    with programs.Gateway(LOG_LEVEL="debug", LOG_FORMAT="json") as own:
        with als.Client(url=own.url) as client:
            client.accepted(record())
            client.log({})
        assert own.stop() == 0
        lines = als.json_lines(own.log())
    assert lines
    for line in lines:
        assert {"time", "level"} <= set(line) or {"ts", "level"} <= set(line), line
        assert line["level"] in ("debug", "info", "warn", "error")


def test_a_second_gateway_on_the_same_port_does_not_start():
    with programs.Gateway() as first:
        done = programs.run("gateway", PORT=str(first.port), INGEST_PORT="0")
        assert done.returncode not in (0, None)
        assert str(first.port) in done.stdout + done.stderr
        with als.Client(url=first.url) as client:
            for _ in range(20):
                client.accepted(record())
