# SPDX-License-Identifier: MIT
"""The old service's load shapes, short and bounded, and what a thousand idle clients cost."""

import re
import resource
import subprocess

import pytest

import als
import programs
import test_connections

CONNECTIONS = 1000

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def enough_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4 * CONNECTIONS), hard), hard))


@pytest.mark.parametrize("url", [als.URL, als.INGEST_URL], ids=["gateway", "ingest port"])
def test_a_thousand_connections_that_pipeline_ten_requests_meet_no_error(url):
    script = als.ROOT / "tests" / "tools" / "pipeline.lua"
    done = subprocess.run(["wrk", "-t2", f"-c{CONNECTIONS}", "-d3s", "--timeout", "10s", "-s", script, f"{url}/api/v1/logs"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Socket errors" not in done.stdout, done.stdout
    assert "Non-2xx" not in done.stdout, done.stdout
    assert int(re.search(r"(\d+) requests in", done.stdout)[1]) > 0, done.stdout
    with als.Client() as client:
        assert client.log(als.record()).status_code == 202


@pytest.mark.skipif("san" in als.BUILD.name, reason="a sanitizer's build needs more memory")
def test_a_gateway_with_a_thousand_idle_connections_stays_below_64_mib():
    with programs.Gateway() as own:
        wires = [test_connections.Wire(own.url) for _ in range(CONNECTIONS)]
        try:
            for wire in wires:
                assert wire.send(b"", "GET", "/livez")[0] == 200
            assert own.resident_bytes() < 64 << 20
        finally:
            for wire in wires:
                wire.__exit__()
