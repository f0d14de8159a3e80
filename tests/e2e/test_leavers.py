# SPDX-License-Identifier: MIT
"""Ten thousand of each: clients that leave while their request waits for Kafka, time-outs whose report comes
late, a shutdown with requests waiting. Run on the AddressSanitizer build where there is one, so that the exit code
also says that nothing leaked."""

import os
import resource
import signal
import socket
import time

import pytest

import als
import programs
from test_connections import GOOD, Wire

MANY = 10_000
ROUND = 1000  # connections at once

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def enough_descriptors():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@pytest.fixture
def own():
    """A gateway that waits for Kafka half a second only; when it ends, it must end clean."""
    with programs.Gateway(programs.SANITIZED, ACK_TIMEOUT_MS="500") as gateway:
        yield gateway
        if gateway.process.poll() is None:
            assert gateway.stop() == 0, gateway.log()[-4000:]


class Hanging:
    """Kafka hangs: it takes connections, and says nothing."""

    def __enter__(self):
        self.pid = als.dev_pid("kafka")
        os.kill(self.pid, signal.SIGSTOP)

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGCONT)


def works_again(gateway):
    with als.Client(url=gateway.url) as client:
        als.wait_until(lambda: client.log(als.record()).status_code == 202, "records are taken again", 60)
    assert gateway.process.poll() is None


def close(wire, rudely):
    if rudely:  # with a reset
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    wire.__exit__()


def test_clients_that_leave_while_waiting_harm_nobody(own):
    with Hanging():
        for _ in range(MANY // ROUND):
            wires = [Wire(own.url) for _ in range(ROUND)]
            for number, wire in enumerate(wires):
                wire.socket.sendall(Wire.request(GOOD) * (1 + number % 3))
            for number, wire in enumerate(wires):
                close(wire, number % 2)
    works_again(own)


def test_reports_that_come_after_the_answer_harm_nobody(own):
    each = MANY // ROUND
    wires = [Wire(own.url) for _ in range(ROUND)]
    with Hanging():
        for wire in wires:
            wire.socket.settimeout(60)
            wire.socket.sendall(Wire.request(GOOD) * each)
        assert {wire.answer()[0] for wire in wires for _ in range(each)} == {503}
    works_again(own)
    for wire in wires:
        wire.__exit__()


def test_what_comes_in_pieces_while_one_waits_is_answered_after_it(own):
    wires = [Wire(own.url) for _ in range(100)]
    request = Wire.request(GOOD)
    with Hanging():
        for piece in (request, request[:50], request[50:-1], request[-1:] + request[:1]):
            for wire in wires:
                wire.socket.settimeout(60)
                wire.socket.sendall(piece)
            time.sleep(0.05)
        assert {wire.answer()[0] for wire in wires for _ in range(2)} == {503}
    works_again(own)
    for wire in wires:
        wire.socket.sendall(request[1:])
        assert wire.answer()[0] == 202
        wire.__exit__()


def test_a_shutdown_answers_whoever_waits(own):
    with Hanging():
        wires = [Wire(own.url) for _ in range(4 * ROUND)]
        for wire in wires:
            wire.socket.settimeout(60)
            wire.socket.sendall(Wire.request(GOOD) * 3)
        assert own.stop() == 0, own.log()[-4000:]
        assert {wire.answer()[0] for wire in wires} == {503}
        for wire in wires:
            wire.__exit__()
