# SPDX-License-Identifier: MIT
"""Where a request ends: a proxy in front and the gateway must agree, or one client's bytes become the next one's request."""

import json
import socket
from urllib.parse import urlsplit

import pytest

import als

RECORD = json.dumps(als.record()).encode()
LENGTH = f"Content-Length: {len(RECORD)}"
CHUNKED = f"{len(RECORD):x}\r\n".encode() + RECORD + b"\r\n0\r\n\r\n"
SMUGGLED = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


def send(headers, body, version="1.1"):
    """All that comes back for one request with another behind it, until the gateway closes."""
    place = urlsplit(als.URL)
    head = f"POST /api/v1/logs HTTP/{version}\r\nHost: x\r\nX-Tenant-Id: framing\r\nContent-Type: application/json\r\n"
    with socket.create_connection((place.hostname, place.port), timeout=20) as sock:
        sock.sendall(head.encode() + "".join(line + "\r\n" for line in headers).encode() + b"\r\n" + body + SMUGGLED)
        sock.shutdown(socket.SHUT_WR)
        got = b""
        while piece := sock.recv(65536):
            got += piece
    return got


def named(value):
    return "; ".join(value) if isinstance(value, list) else ""


@pytest.mark.parametrize("headers, body, version", [
    (["Content-Length: 4", "Transfer-Encoding: chunked"], CHUNKED, "1.1"),
    (["Transfer-Encoding: chunked", "Content-Length: 4"], CHUNKED, "1.1"),
    ([LENGTH, "Content-Length: 4"], RECORD, "1.1"),
    ([LENGTH, LENGTH], RECORD, "1.1"),
    (["Content-Length: 4", " " + LENGTH], RECORD, "1.1"),
    (["Content-Length: 4", "\t0"], RECORD, "1.1"),
    (["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"], CHUNKED, "1.1"),
    (["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], CHUNKED, "1.1"),
    (["Transfer-Encoding: gzip, chunked"], CHUNKED, "1.1"),
    (["Transfer-Encoding: identity"], RECORD, "1.1"),
    (["Transfer-Encoding: identity", LENGTH], RECORD, "1.1"),
    (["TRANSFER-ENCODING: chunked", "content-length: 4"], CHUNKED, "1.1"),
    (["Transfer-Encoding: chunked", "Connection: keep-alive"], CHUNKED, "1.0"),
    ([LENGTH + ", 4"], RECORD, "1.1"), ([f"Content-Length: +{len(RECORD)}"], RECORD, "1.1"),
    (["Content-Length : 4"], RECORD, "1.1"), (["Transfer-Encoding : chunked"], CHUNKED, "1.1"),
], ids=named)
def test_a_body_whose_end_is_not_clear_is_refused_and_nothing_behind_it_is_read(headers, body, version):
    got = send(headers, body, version)
    assert got.count(b"HTTP/1.1 ") == 1 and got.startswith(b"HTTP/1.1 400 "), got


@pytest.mark.parametrize("headers, body", [
    ([LENGTH], RECORD), (["Transfer-Encoding: chunked"], CHUNKED), (["transfer-encoding: Chunked"], CHUNKED),
    ([LENGTH, "X-Note: Content-Length: 4"], RECORD), ([LENGTH, "X-Content-Length: 4"], RECORD)], ids=named)
def test_a_body_whose_end_is_clear_is_taken_and_the_next_request_is_read(headers, body):
    got = send(headers, body)
    assert got.startswith(b"HTTP/1.1 202 ") and got.count(b"HTTP/1.1 200 ") == 1, got


def test_lines_within_a_body_count_for_nothing():
    body = b" \r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n" + RECORD
    got = send([f"Content-Length: {len(body)}"], body)
    assert b"malformed_json" in got and got.count(b"HTTP/1.1 200 ") == 1, got
