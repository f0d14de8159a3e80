# SPDX-License-Identifier: MIT
"""On one connection that is kept: what is wrong with a request does not spoil the next one."""

import json
import signal
import socket
from urllib.parse import urlsplit

import pytest

import als
import programs
from als import record
from test_faults import NESTED_10000


class Wire:
    """One connection, and bytes."""

    def __init__(self, url=als.URL):
        place = urlsplit(url)
        self.socket = socket.create_connection((place.hostname, place.port), timeout=20)
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, body, method="POST", path="/api/v1/logs", kind="application/json"):
        self.socket.sendall(self.request(body, method, path, kind))
        return self.answer()

    @staticmethod
    def request(body, method="POST", path="/api/v1/logs", kind="application/json"):
        head = f"{method} {path} HTTP/1.1\r\nHost: test\r\nX-Tenant-Id: wire\r\nContent-Type: {kind}\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def answer(self):
        """(status, parsed body)"""
        status, headers = self.file.readline(), {}
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, value = line.decode().split(":", 1)
            headers[name.lower()] = value.strip()
        assert "transfer-encoding" not in headers
        return int(status.split()[1]), json.loads(self.file.read(int(headers["content-length"])))


GOOD = json.dumps(record()).encode()


def test_bad_requests_leave_their_connection_usable():
    bad = [(b"{}", 400), (b"{", 400), (b"\xff", 400), (b"\x00", 400), (NESTED_10000, 400), (b"5", 400), (b"", 400)]
    with Wire() as wire:
        for body, status in bad:
            assert wire.send(body)[0] == status
            assert wire.send(GOOD)[0] == 202
        assert wire.send(GOOD, kind="text/plain")[0] == 415
        assert wire.send(GOOD, path="/nope")[0] == 404
        assert wire.send(b"", method="DELETE")[0] == 405
        assert wire.send(b"", method="GET", path="/api/v1/logs?userId[$ne]=x")[0] == 400
        assert wire.send(GOOD)[0] == 202


def test_requests_sent_without_waiting_are_answered_in_order():
    bodies = [GOOD, b"{", GOOD, b"{}", json.dumps([record()] * 3).encode(), b"[]"] * 10
    with Wire() as wire:
        wire.socket.sendall(b"".join(map(Wire.request, bodies)))
        statuses = [wire.answer()[0] for _ in bodies]
    assert statuses == [202, 400, 202, 400, 202, 400] * 10


@pytest.mark.parametrize("rubbish", [
    b"\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
    b"POST /api/v1/logs HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"POST /api/v1/logs HTTP/1.1\r\nContent-Length: 9999999999999999999999\r\n\r\n",
    b"POST /api/v1/logs HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"A" * 100_000,
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 2000 + b"\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ids=lambda rubbish: repr(rubbish[:30]))
def test_what_is_not_http_harms_nobody_else(rubbish):
    with Wire() as other:
        with Wire() as wire:
            wire.socket.sendall(rubbish)
            wire.socket.shutdown(socket.SHUT_WR)
            try:
                while wire.socket.recv(65536):
                    pass
            except ConnectionError:
                pass
        assert other.send(GOOD)[0] == 202


def test_a_shutdown_answers_connections_that_were_not_accepted_yet():
    with programs.Gateway() as own:
        own.process.send_signal(signal.SIGSTOP)
        wires = [Wire(own.url) for _ in range(300)]
        for wire in wires:
            wire.socket.sendall(Wire.request(GOOD))
        own.process.send_signal(signal.SIGTERM)
        own.process.send_signal(signal.SIGCONT)
        assert {wire.answer()[0] for wire in wires} == {202}
        assert own.process.wait(40) == 0, own.log()[-4000:]
    for wire in wires:
        wire.__exit__()
