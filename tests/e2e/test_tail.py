# SPDX-License-Identifier: MIT
"""GET /logs/tail: logs as they are processed, filtered, of one's own tenant, and never in the way of others."""

import json
import socket
import threading

import httpx
import pytest

import als
import programs


class Tail:
    """Follows the log on a thread of its own; what comes is in `lines`."""

    def __init__(self, client, accept="application/x-ndjson", **parameters):
        self.lines, self.head = [], threading.Event()
        self.thread = threading.Thread(target=self._follow, args=(client, accept, parameters), daemon=True)

    def _follow(self, client, accept, parameters):
        try:
            with httpx.stream("GET", f"{als.URL}/api/v1/logs/tail", params=parameters, timeout=60,
                              headers={"X-Tenant-Id": client.tenant, "Accept": accept}) as answer:
                self.answer = answer
                self.head.set()
                for line in answer.iter_lines():
                    self.lines.append(line)
        except (httpx.HTTPError, httpx.StreamError):
            pass
        self.head.set()

    def __enter__(self):
        self.thread.start()
        assert self.head.wait(30)
        assert self.answer.status_code == 200
        return self

    def __exit__(self, *_):
        """The thread ends with the test's process, or when the gateway does."""

    def logs(self):
        return [json.loads(line) for line in self.lines if line.strip()]

    def wait(self, count):
        return als.wait_until(lambda: len(self.logs()) >= count and self.logs(), f"{count} logs have come", 30)


def test_a_log_comes_as_the_query_shows_it(gateway):
    with Tail(gateway) as tail:
        log_id = gateway.accepted(als.record(message="now", tags=["a"], metadata={"n": 1}))
        assert tail.wait(1) == [gateway.stored(log_id)]


def test_only_what_the_filters_choose_comes(gateway):
    with Tail(gateway, service="shop", severity="error") as tail:
        gateway.batch_accepted([als.record(id="t-1"), als.record(id="t-2", severity="error"),
                                als.record(id="t-3", service="mail", severity="error"), als.record(id="t-4", severity="error")])
        assert {log["_id"] for log in tail.wait(2)} == {"t-2", "t-4"}


def test_of_another_tenant_nothing_comes(gateway):
    with als.Client() as other, Tail(gateway) as tail:
        other.accepted(als.record(id="theirs"))
        gateway.accepted(als.record(id="ours"))
        assert [log["_id"] for log in tail.wait(1)] == ["ours"]


def test_events_have_id_name_and_data(gateway):
    with Tail(gateway, accept="text/event-stream") as tail:
        assert tail.answer.headers["content-type"].startswith("text/event-stream")
        log_id = gateway.accepted(als.record())
        als.wait_until(lambda: len(tail.lines) >= 5, "an event has come", 30)
        assert tail.lines[:4] == [":", "", f"id: {log_id}", "event: log"]
        assert json.loads(tail.lines[4].removeprefix("data: "))["_id"] == log_id


def test_bad_filters_are_refused(gateway):
    answer = gateway.get("/logs/tail", params={"userId[$ne]": "x"})
    assert (answer.status_code, answer.json()["details"][0]["message"]) == (400, '"userId" must be a string')


def test_a_head_follows_nothing(gateway):
    assert gateway.head("/logs/tail").status_code == 200


def test_a_tail_on_which_nothing_happens_shows_that_it_lives(gateway):
    with Tail(gateway, "text/event-stream") as tail:
        als.wait_until(lambda: tail.lines == [":", "", ":", ""], "a second comment has come", 60)


@pytest.mark.parametrize("accept, told", [("application/x-ndjson", b'{"dropped":'),
                                          ("text/event-stream", b'event: dropped\ndata: {"dropped":')], ids=["NDJSON", "SSE"])
def test_who_reads_too_slowly_is_told_what_it_missed(gateway, accept, told):
    with programs.Gateway(build=programs.SANITIZED) as own:
        sock = socket.create_connection(("127.0.0.1", own.port), timeout=60)
        sock.sendall(f"GET /api/v1/logs/tail HTTP/1.1\r\nHost: x\r\nX-Tenant-Id: {gateway.tenant}\r\n"
                     f"Accept: {accept}\r\n\r\n".encode())
        text = sock.recv(4096)
        assert b" 200 " in text
        big, sent = "x" * 1500, 12_000
        for _ in range(sent // 500):
            gateway.batch_accepted([als.record(message=big) for _ in range(500)])
        gateway.wait_counted(sent, seconds=120)
        while told not in text:
            piece = sock.recv(1 << 16)
            assert piece, "the connection ended"
            text = text[-100:] + piece
        sock.close()
        assert own.stop() == 0, own.log()


def following(own):
    return als.metric_sums(httpx.get(f"{own.url}/metrics").text, "als_http_tails")[()]


@pytest.mark.timeout(240)
def test_hundreds_follow_at_once_leave_and_a_stop_waits_for_none(gateway):
    with programs.Gateway(build=programs.SANITIZED) as own:
        followers = []
        for _ in range(400):
            sock = socket.create_connection(("127.0.0.1", own.port), timeout=60)
            sock.sendall(f"GET /api/v1/logs/tail HTTP/1.1\r\nHost: x\r\nX-Tenant-Id: {gateway.tenant}\r\n"
                         "Accept: application/x-ndjson\r\n\r\n".encode())
            followers.append(sock)
        assert all(b" 200 " in sock.recv(4096) for sock in followers)
        assert following(own) == 400
        for sock in followers[:200]:
            sock.close()
        for n in range(20):
            gateway.accepted(als.record(id=f"many-{n}"))
        for sock in followers[200:]:
            text = b""
            while b"many-19" not in text:
                text += sock.recv(1 << 16)
        als.wait_until(lambda: following(own) == 200, "those that left are not counted any more", 60)
        assert own.stop() == 0, own.log()
        for sock in followers[200:]:
            sock.settimeout(10)
            rest = b""
            while piece := sock.recv(1 << 16):
                rest += piece
            assert rest.endswith(b"0\r\n\r\n") or rest == b"0\r\n\r\n", "a tail ends whole when the gateway stops"
            sock.close()
