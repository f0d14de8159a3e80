# SPDX-License-Identifier: MIT
"""The script that runs all this: what it says, and what it refuses."""

import json
import os
import shutil
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

import als
import programs

PROGRAMS = ["gateway", "processor", "indexer"]
SCRIPTS = [".ci/run", "deploy/docker/ready", "deploy/local/in-folder", "deploy/local/postgres-init.sh"]


def dev(*arguments, **environment):
    """Runs dev; a variable that is None is taken away."""
    merged = {**os.environ, **environment}
    return subprocess.run([als.DEV, *arguments], capture_output=True, text=True, timeout=120,
                          env={name: value for name, value in merged.items() if value is not None})


@pytest.fixture
def elsewhere(tmp_path):
    """The environment of another instance, with an empty state folder; ended afterwards."""
    cache = os.environ.get("ALS_CACHE", str(als.STATE / "cache"))
    ports = {name: str(programs.free_port()) for name in (
        "PORT", "INGEST_PORT", "PROCESSOR_PORT", "INDEXER_PORT", "KAFKA_PORT", "KAFKA_CONTROLLER_PORT", "REDIS_PORT",
        "MONGO_PORT", "POSTGRES_PORT")}
    own = {"ALS_STATE": str(tmp_path), "ALS_CACHE": cache, "ALS_SERVERS_OF": None, "KAFKA_BROKERS": None,
           "MONGO_URI": None, "REDIS_HOST": None, "ALS_PORT_OFFSET": None, "ALS_BUILD": None, **ports}
    yield own
    dev("down", **own)


def test_help_lists_every_command():
    said = dev("--help").stdout
    for command in ("up", "down", "status", "start|stop|restart", "logs", "test", "bench", "chaos"):
        assert f"\n  {command}" in said


def test_an_unknown_command_is_refused_with_the_way_to_the_right_one():
    done = dev("launch")
    assert done.returncode == 1
    assert "unknown command 'launch'" in done.stderr and "--help" in done.stderr


def test_status_names_every_program_with_its_state_and_ports():
    done = dev("status")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {line.split()[0]: line for line in done.stdout.splitlines()[1:]}
    assert {"kafka", "redis", *PROGRAMS} <= rows.keys()
    assert all(" ready " in row and " pid " in row for row in rows.values())
    assert als.URL.rsplit(":", 1)[1] in rows["gateway"]


@pytest.mark.parametrize("command", ["start", "stop", "restart", "logs", "pid"])
@pytest.mark.parametrize("name", [["nginx"], []])
def test_a_program_that_there_is_not_is_refused_with_the_names_that_there_are(command, name):
    done = dev(command, *name)
    assert done.returncode == 1
    assert "there is no program" in done.stderr
    assert all(known in done.stderr for known in PROGRAMS)


def test_logs_shows_what_a_program_wrote():
    assert dev("logs", "gateway").stdout.strip()


def test_starting_what_runs_already_changes_nothing():
    before = dev("pid", "indexer").stdout
    assert dev("start", "indexer").returncode == 0
    assert dev("pid", "indexer").stdout == before


def test_a_port_that_a_stranger_holds_is_named_with_the_cure_and_nothing_is_started(elsewhere, tmp_path):
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", int(elsewhere["REDIS_PORT"])))
        stranger.listen()
        done = dev("up", "--servers", **elsewhere)
    assert done.returncode == 1
    assert f"port {elsewhere['REDIS_PORT']} (REDIS_PORT, for redis) is in use by process {os.getpid()}" in done.stderr
    assert "ALS_PORT_OFFSET=" in done.stderr
    assert not (tmp_path / "supervisor").exists()


@pytest.fixture
def small_disk(tmp_path):
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run([*as_root, "mount", "-t", "tmpfs", "-o", "size=64m,mode=777", "none", folder], check=True)
    yield folder
    subprocess.run([*as_root, "umount", folder], check=True)


def test_a_disk_that_is_too_small_is_named_before_anything_is_started(elsewhere, small_disk):
    done = dev("up", "--servers", **{**elsewhere, "ALS_STATE": str(small_disk)})
    assert done.returncode == 1
    assert f"{small_disk} has 64 MB free" in done.stderr and "set ALS_STATE" in done.stderr
    assert not (small_disk / "supervisor").exists()


def test_a_port_that_is_no_number_is_refused(elsewhere):
    done = dev("status", **{**elsewhere, "KAFKA_PORT": "kafka"})
    assert done.returncode == 1 and "KAFKA_PORT='kafka' is not a port" in done.stderr


def test_servers_that_are_given_are_used_and_none_are_started(elsewhere, tmp_path):
    given = {"KAFKA_BROKERS": als.BROKERS, "MONGO_URI": als.MONGO_URI, "REDIS_HOST": als.REDIS_HOST}
    done = dev("up", "--servers", **{**elsewhere, **given})
    assert done.returncode == 0, done.stdout + done.stderr
    addresses = (tmp_path / "env").read_text()
    assert all(f"export {name}='{value}'" in addresses for name, value in given.items())
    assert not (tmp_path / "kafka").exists() and not (tmp_path / "redis").exists()


def test_down_is_harmless_where_nothing_runs(elsewhere):
    done = dev("down", **elsewhere)
    assert done.returncode == 0 and "nothing was running" in done.stdout


def test_status_says_so_where_nothing_runs(elsewhere):
    done = dev("status", **elsewhere)
    assert done.returncode == 1 and "nothing runs" in done.stderr and "./dev up" in done.stderr


def test_down_leaves_no_process_and_no_mount(elsewhere, tmp_path):
    given = {**elsewhere, "KAFKA_BROKERS": als.BROKERS, "MONGO_URI": als.MONGO_URI}
    assert dev("up", "--servers", **given).returncode == 0
    redis = int(dev("pid", "redis", **given).stdout)
    assert os.path.exists(f"/proc/{redis}")
    assert dev("down", **given).returncode == 0
    assert not os.path.exists(f"/proc/{redis}")
    assert str(tmp_path) not in Path("/proc/mounts").read_text(encoding="utf-8")


def test_a_killed_supervisor_leaves_nothing_that_down_does_not_end(elsewhere, tmp_path):
    given = {**elsewhere, "KAFKA_BROKERS": als.BROKERS, "MONGO_URI": als.MONGO_URI}
    assert dev("up", "--servers", **given).returncode == 0
    redis = int(dev("pid", "redis", **given).stdout)
    os.kill(int((tmp_path / "supervisor/pid").read_text()), 9)
    assert dev("down", **given).returncode == 0
    als.wait_until(lambda: not os.path.exists(f"/proc/{redis}"), "Redis is gone")


def test_the_sample_records_fill_a_minute_and_are_accepted(gateway):
    script = f"source {als.ROOT}/deploy/local/demo.sh && demo_records"
    records = json.loads(subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout)
    times = [datetime.fromisoformat(record["timestamp"].replace("Z", "+00:00")) for record in records]
    assert 24 <= len(records) <= 100
    assert 50 <= (max(times) - min(times)).total_seconds() <= 60
    assert len(gateway.batch_accepted(records)) == len(records)


def test_the_scripts_are_clean_under_shellcheck():
    tool = shutil.which("shellcheck", path=str(Path(sys.executable).parent))
    for arguments in (["-x", "-a", "dev"], SCRIPTS):
        done = subprocess.run([tool, *arguments], cwd=als.ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout
