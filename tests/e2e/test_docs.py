# SPDX-License-Identifier: MIT
"""What the pages in docs/ tell to type is typed, and works."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from test_tour import here

import als

CACHE = Path(os.environ.get("ALS_CACHE", als.ROOT / ".state/cache"))
TENANT = als.unique("docs")


def blocks(page, language):
    text = (als.ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def lines(page):
    return [line for block in blocks(page, "sh") for line in re.sub(r"\\\n|\|\n", lambda cut: cut[0][:-1], block).splitlines()]


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=150,
                          env={**os.environ, "KAFKA_BROKERS": als.BROKERS, **options.pop("env", {})}, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("line", lines("http-api.md"))
def test_a_request_of_the_http_page_is_answered(line):
    asked = here(line).replace("curl -s ", f"curl -sS --fail-with-body -H 'X-Tenant-Id: {TENANT}' ", 1)
    assert "X-Tenant-Id" in asked
    run(["bash", "-c", asked])


def test_a_request_that_is_refused_would_be_noticed():
    with pytest.raises(AssertionError):
        run(["bash", "-c", f"curl -sS --fail-with-body {als.URL}/api/v1/logs?limit=0"])


@pytest.fixture(scope="module")
def counted():
    """Something to look at: a log of tenant default, counted."""
    name = als.unique("docs")
    httpx.post(f"{als.URL}/api/v1/logs", json=als.record(id=name, service=name)).raise_for_status()
    day = f"{{als}}:default:day:{als.iso(als.now())[:10]}"
    als.wait_until(lambda: als.counters().hget(day, f"service:{name}"), "the log is counted")


@pytest.mark.parametrize("line", lines("redis.md"))
def test_a_line_of_the_redis_page_prints_something(line, counted):
    printed = run(["bash", "-c", here(line)])
    assert "ERR" not in printed and "WRONGTYPE" not in printed
    if "service:shop" not in line and ":minute:" not in line:
        assert printed.strip(), line


class Snippet:
    """A producer of docs/kafka.md under an id of its own."""

    def __init__(self, language, name):
        self.id = als.unique(name)
        self.text = blocks("kafka.md", language)[0].replace(f"from-{name}", self.id).replace("activity-logs", als.RAW)

    def arrives(self):
        als.wait_until(lambda: httpx.get(f"{als.URL}/api/v1/logs/{self.id}").status_code == 200, f"{self.id} is stored", 60)


def need(program):
    return shutil.which(program) or pytest.skip(f"no {program} on this machine")


def test_the_kcat_line_logs():
    snippet = Snippet("sh", "kcat")
    run(["bash", "-c", snippet.text])
    snippet.arrives()


def test_the_python_producer_logs():
    snippet = Snippet("python", "python")
    run([os.sys.executable, "-c", snippet.text])
    snippet.arrives()


def test_the_java_producer_logs(tmp_path):
    need("java")
    jars = CACHE / "kafka"
    if not jars.exists():
        pytest.skip("no Kafka of our own, so no jars")
    snippet = Snippet("java", "java")
    (tmp_path / "Send.java").write_text(snippet.text)
    # A JRE alone has no compiler.
    if subprocess.run(["java", "--list-modules"], capture_output=True, text=True).stdout.find("jdk.compiler") < 0:
        pytest.skip("Java has no compiler on this machine")
    run(["java", "-cp", f"{jars}/*", str(tmp_path / "Send.java")])
    snippet.arrives()


def test_the_node_producer_logs():
    need("node")
    modules = CACHE / "kafkajs" / "node_modules"
    if not modules.exists():
        pytest.skip(f"no kafkajs in {modules}")
    snippet = Snippet("js", "node")
    run(["node", "-e", snippet.text], env={"NODE_PATH": str(modules), "KAFKAJS_NO_PARTITIONER_WARNING": "1"})
    snippet.arrives()


def test_the_go_producer_logs(tmp_path):
    need("go")
    snippet = Snippet("go", "go")
    (tmp_path / "main.go").write_text(snippet.text)
    (tmp_path / "go.mod").write_text("module send\n\ngo 1.21\n\nrequire github.com/twmb/franz-go v1.18.0\n")
    run(["go", "run", "-mod=mod", "."], cwd=tmp_path, env={"GOTOOLCHAIN": "local"})
    snippet.arrives()
