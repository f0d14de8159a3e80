# SPDX-License-Identifier: MIT
"""Our programs, started by a test beside those of the instance."""

import os
import signal
import socket
import subprocess
import tempfile

import als


# The build with AddressSanitizer, where there is one beside the build under test.
SANITIZED = als.BUILD.parent / "asan" if (als.BUILD.parent / "asan/gateway/als-gateway").exists() else als.BUILD


def path(name, build=als.BUILD):
    return build / name / f"als-{name}"


def environment(**settings):
    """The instance's servers, and nothing else that the caller's environment may hold."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")
            if name in os.environ}
    servers = {"KAFKA_BROKERS": als.BROKERS, "KAFKA_TOPIC": als.TOPIC, "MONGO_URI": als.MONGO_URI,
               "MONGO_DB_NAME": als.MONGO_DB_NAME, "INSTANCE_ID": "of-a-test",
               "REDIS_HOST": als.REDIS_HOST, "REDIS_PORT": str(als.REDIS_PORT),
               # Else libmongoc says a line of its own when a killed process of the same id left its file in /dev/shm.
               "MONGOC_DISABLE_SHM": "1"}
    return {**kept, **servers, **settings}


def run(name, *arguments, seconds=20, **settings):
    """Runs a program that is expected to end by itself."""
    return subprocess.run([path(name), *arguments], env=environment(**settings), capture_output=True, text=True, timeout=seconds)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Gateway:
    """A gateway of the test's own, ready."""

    def __init__(self, build=als.BUILD, **settings):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([path("gateway", build)], env=environment(PORT=str(self.port), **settings),
                                        stdout=self.errors, stderr=self.errors)

    def __enter__(self):
        als.wait_until(lambda: als.ready(self.url), "the gateway is ready")
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.errors.close()

    def log(self):
        self.errors.seek(0)
        return self.errors.read()

    def stop(self, seconds=40):
        """Asks it to end, and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
