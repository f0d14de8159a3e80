# SPDX-License-Identifier: MIT
"""The services we are measured against: built once into the cache, started for a benchmark, ended after it."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import als
import programs

HERE = Path(__file__).resolve().parent / "peers"
CACHE = Path(os.environ.get("ALS_CACHE", als.STATE / "cache")) / "peers"


def built(source, build):
    """The folder of a program's build; made when its sources have changed."""
    sources = sorted(path for path in source.rglob("*")
                     if path.is_file() and not {"node_modules", "target"} & set(path.parts) and path.name != "Cargo.lock")
    mark = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    to = CACHE / source.name
    if not (to / "built").exists() or (to / "built").read_text() != mark:
        print(f"building {source.name} …", file=sys.stderr, flush=True)
        to.mkdir(parents=True, exist_ok=True)
        build(source, to)
        (to / "built").write_text(mark)
    return to


def _run(*command, cwd=None):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"


def build_node(source, to):
    for path in source.iterdir():
        if path.is_file():
            shutil.copy(path, to)
    _run("npm", "ci", "--omit=dev", "--no-audit", "--no-fund", cwd=to)


def _build_axum(source, to):
    _run("cargo", "build", "--release", "--target-dir", str(to / "target"), cwd=source)


def _build_streams(source, to):
    _run("mvn", "-B", "-q", "-f", str(source / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={to}/jars")
    _run("javac", "-cp", f"{to}/jars/*", "-d", str(to), str(source / "PeerStreams.java"))


class Peer:
    """A program of somebody else's making, running between __enter__ and __exit__."""

    def __init__(self, name, command, **environment):
        self.name, self.command, self.environment = name, command, environment

    def __enter__(self):
        log = als.STATE / "log" / f"peer-{self.name}.log"
        self.process = subprocess.Popen(self.command, env={**os.environ, **self.environment},
                                        stdout=log.open("w"), stderr=subprocess.STDOUT)
        return self

    @property
    def pid(self):
        return self.process.pid

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class WebPeer(Peer):
    def __init__(self, name, command, **environment):
        port = programs.free_port()
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(name, command, PORT=str(port), KAFKA_BROKERS=als.BROKERS, KAFKA_TOPIC=als.RAW, **environment)

    def __enter__(self):
        super().__enter__()
        als.wait_until(lambda: als.httpx.post(f"{self.url}/api/v1/logs", json=als.record()).status_code == 202,
                       f"{self.name} answers", 60)
        return self


def express(linger_ms=5):
    to = built(HERE / "express", build_node)
    return WebPeer("express", ["node", str(to / "server.js")], NODE_ENV="production", LINGER_MS=str(linger_ms))


def axum():
    to = built(HERE / "axum", _build_axum)
    return WebPeer("axum", [str(to / "target/release/peer-axum")], LINGER_MS="2")


def streams(prefix):
    to = built(HERE / "streams", _build_streams)
    state = als.STATE / "peer-streams"
    shutil.rmtree(state, ignore_errors=True)
    return Peer("streams", ["java", "-Xmx2g", "-cp", f"{to}:{to}/jars/*", "PeerStreams", als.BROKERS, als.RAW, prefix, prefix, str(state)])
