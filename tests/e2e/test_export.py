# SPDX-License-Identifier: MIT
"""GET /logs/export: everything that the filters choose, in order, in bounded memory, and never a part that looks whole."""

import csv
import io
import json
import socket
import time
from urllib.parse import urlparse

import httpx
import pytest

import als
import programs

COUNT = 25_000


@pytest.fixture(scope="module")
def logs():
    """A tenant with several pages of logs, a third of them of another service, a thousand with one timestamp."""
    same = als.iso(als.ago(hours=2))
    with als.Client() as client:
        records = [als.record(id=f"x-{n:05}", service="shop" if n % 3 else "mail", metadata={"n": n},
                              timestamp=same if n < 1000 else als.iso(als.ago(hours=1, seconds=-(n // 100))))
                   for n in range(COUNT)]
        for at in range(0, COUNT, 1000):
            client.batch_accepted(records[at:at + 1000])
        client.wait_total(COUNT, seconds=120, service="shop,mail".split(","))
        yield client


def lines(client, **parameters):
    answer = client.get("/logs/export", params=parameters, timeout=120)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    return als.json_lines(answer.text)


def test_all_logs_come_once_and_oldest_first(logs):
    found = [log for log in lines(logs) if log["service"] != "activity-log"]
    assert len(found) == COUNT
    assert len({log["_id"] for log in found}) == COUNT
    places = [(log["timestamp"], log["_id"]) for log in found]
    assert places == sorted(places)


def test_what_is_exported_is_what_is_filtered(logs):
    assert {log["_id"] for log in lines(logs, service="mail")} == {f"x-{n:05}" for n in range(0, COUNT, 3)}
    assert [log["_id"] for log in lines(logs, **{"metadata.n": "77"})] == ["x-00077"]
    assert lines(logs, service="nowhere") == []


def test_a_line_is_the_log_as_the_query_shows_it(logs):
    assert lines(logs, **{"metadata.n": "5"}) == logs.search(**{"metadata.n": "5"})["data"]


def test_csv_has_a_head_and_a_line_for_each_log(logs):
    answer = logs.get("/logs/export", params={"format": "csv", "service": "mail"}, timeout=120)
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="activity-logs.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert {row["_id"] for row in rows} == {f"x-{n:05}" for n in range(0, COUNT, 3)}
    assert rows[0]["metadata"].startswith('{"n":')


def test_cells_that_a_spreadsheet_would_run_are_harmless(gateway):
    for n, text in enumerate(("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "plain, \"quoted\"\nline")):
        gateway.accepted(als.record(id=f"f-{n}", message=text))
    gateway.wait_total(6)
    answer = gateway.get("/logs/export", params={"format": "csv", "service": "shop"})
    cells = {row["_id"]: row["message"] for row in csv.DictReader(io.StringIO(answer.text, newline=""))}
    assert cells == {"f-0": "'=cmd|' /C calc'!A0", "f-1": "'+1", "f-2": "'-1", "f-3": "'@SUM(1)", "f-4": "'\t=1",
                     "f-5": "plain, \"quoted\"\nline"}


@pytest.mark.parametrize("parameters, field", [
    ({"format": "xml"}, "format"), ({"userId[$ne]": "x"}, "userId"), ({"startDate": "never"}, "startDate"),
    ([("format", "csv"), ("format", "csv")], "format"),
])
def test_bad_questions_are_refused(gateway, parameters, field):
    answer = gateway.get("/logs/export", params=parameters)
    assert (answer.status_code, answer.json()["details"][0]["field"]) == (400, field), answer.text


def test_an_export_is_logged(gateway):
    gateway.get("/logs/export", params={"format": "csv"})
    als.wait_until(lambda: gateway.search(service="activity-log", action="logs.export")["data"], "the export is in the log")


def test_over_http_1_0_which_cannot_show_that_it_broke_off_there_is_none(gateway):
    with socket.create_connection(("127.0.0.1", urlparse(als.URL).port), timeout=30) as sock:
        sock.sendall(b"GET /api/v1/logs/export HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: sock.recv(4096), b""))
    head, body = answer.split(b"\r\n\r\n", 1)
    assert b" 426 Upgrade Required" in head and b"\r\nupgrade: HTTP/1.1" in head.replace(b"Upgrade:", b"upgrade:")
    assert json.loads(body)["code"] == "upgrade_required"


def test_a_head_exports_nothing(gateway):
    answer = gateway.head("/logs/export")
    assert (answer.status_code, answer.content) == (200, b"")


def start_export(port, tenant, buffer=4096):
    """A client that reads no more than the beginning."""
    sock = socket.create_connection(("127.0.0.1", port), timeout=30)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    sock.sendall(f"GET /api/v1/logs/export HTTP/1.1\r\nHost: x\r\nX-Tenant-Id: {tenant}\r\n\r\n".encode())
    return sock, sock.recv(4096)


def under_way(gateway):
    return als.metric_sums(httpx.get(f"{gateway.url}/metrics").text, "als_http_exports")[()]


def test_there_are_only_so_many_at_once_and_leavers_make_room(logs):
    with programs.Gateway(build=programs.SANITIZED) as gateway:
        open_ones = [start_export(gateway.port, logs.tenant) for _ in range(3)]
        assert all(b"HTTP/1.1 200" in head for _, head in open_ones)
        assert under_way(gateway) == 3
        with als.Client(logs.tenant, gateway.url) as client, als.Client(url=gateway.url) as other:
            refused = client.get("/logs/export")
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert other.get("/logs/export").status_code == 200
            for sock, _ in open_ones:
                sock.close()
            als.wait_until(lambda: client.get("/logs/export", params={"service": "nowhere"}).status_code == 200,
                           "there is room again", 60)
            als.wait_until(lambda: under_way(gateway) == 0, "none is under way any more", 60)
        assert gateway.stop() == 0, gateway.log()


def test_memory_does_not_grow_with_the_export(logs):
    with programs.Gateway() as gateway:
        with als.Client(logs.tenant, gateway.url) as client:
            lines(client, service="nowhere")
            before = gateway.resident_bytes()
            with client.stream("GET", "/logs/export", timeout=120) as answer:
                most = max(gateway.resident_bytes() for _ in answer.iter_bytes(1 << 20))
        assert most - before < 32 << 20


def test_a_store_that_goes_away_leaves_no_file_that_looks_whole(logs):
    sock, head = start_export(urlparse(als.URL).port, logs.tenant, 1 << 16)
    assert b"HTTP/1.1 200" in head
    store = next(name for name in ("mongod", "ferretdb") if als.dev_pid(name))
    als.dev("stop", store)
    try:
        got, end = b"", time.monotonic() + 90
        sock.settimeout(90)
        try:
            while time.monotonic() < end and (piece := sock.recv(1 << 20)):
                got = (got + piece)[-16:]
        except ConnectionResetError:
            got = b""
        assert not got.endswith(b"0\r\n\r\n"), "the export ended as if it were whole"
    finally:
        sock.close()
        als.dev("start", store)
    als.wait_until(lambda: logs.get("/logs", params={"limit": 1}).status_code == 200, "the store is back", 60)


def test_before_it_begins_a_store_that_is_away_is_503(logs):
    with programs.Gateway(MONGO_URI=f"mongodb://127.0.0.1:{programs.free_port()}/") as gateway:
        assert httpx.get(f"{gateway.url}/api/v1/logs/export", timeout=30).status_code == 503
