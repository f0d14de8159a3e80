# SPDX-License-Identifier: MIT
"""A worker that is stuck, the process else alive: it is frozen alone, as a debugger would."""

import ctypes
import os
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

import als
import programs

ATTACH, WALL = 16, 0x40000000  # ptrace(2), waitpid(2)


def freeze(thread):
    """Stops one thread of another process, until it dies. A tracer must wait for its death, too."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(ATTACH, thread, None, None) != 0:
        pytest.skip(f"this machine lets nobody trace: {os.strerror(ctypes.get_errno())}")
    os.waitpid(thread, WALL)


class Frozen:
    """A daemon on topics of its own, its main thread frozen."""

    def __init__(self, name):
        self.port = programs.free_port()
        self.output = tempfile.TemporaryFile("w+")
        environment = programs.environment(STATUS_PORT=str(self.port), WATCHDOG_MS="1000", PARTITIONS="1",
                                           KAFKA_TOPIC=als.unique("watchdog"))
        self.process = subprocess.Popen([programs.path(name)], stdout=self.output, stderr=self.output, env=environment)
        als.wait_until(lambda: als.ready(f"http://127.0.0.1:{self.port}"), f"{name} is ready", 60)
        freeze(self.process.pid)

    def log(self):
        self.output.seek(0)
        return self.output.read()


@pytest.mark.timeout(300)
def test_a_stuck_worker_ends_its_process():
    frozen = {"pipeline": Frozen("processor"), "consumer": Frozen("indexer")}
    try:
        for worker, daemon in frozen.items():
            assert daemon.process.wait(150) == -signal.SIGABRT, daemon.log()
            assert "a worker is stuck" in daemon.log() and worker in daemon.log(), daemon.log()
    finally:
        for daemon in frozen.values():
            if daemon.process.poll() is None:
                daemon.process.kill()


@pytest.mark.timeout(120)
def test_a_stuck_loop_of_the_gateway_ends_it():
    with programs.Gateway(WATCHDOG_MS="1000") as gateway:
        loops = [int(task.name) for task in Path(f"/proc/{gateway.process.pid}/task").iterdir()
                 if (task / "comm").read_text().strip() == "loop"]
        freeze(loops[0])
        os.waitpid(loops[0], WALL)
        assert gateway.process.wait(100) == -signal.SIGABRT, gateway.log()
        assert "a worker is stuck" in gateway.log()
