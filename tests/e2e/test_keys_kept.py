# SPDX-License-Identifier: MIT
"""Keys where they are kept: made on the command line, known while the store is away, readable nowhere."""

import os
import socket
import stat
import threading
from datetime import timedelta

import httpx
import pymongo
import pytest

import als
import programs
from als import record
from keys import Caller, accepted, create, key_id, known


def test_ingest_outlives_the_store_by_the_cache_file(tmp_path):
    """The gateway is started anew where no store is: what it knew it knows, of others it says so."""
    cache, tenant = tmp_path / "keys.json", als.unique()
    key = create(tenant, "ingest")
    settings = {"AUTH": "keys", "KEY_CACHE_FILE": str(cache), "MONGO_DB_NAME": als.MONGO_DB_NAME}

    def send(own, **how):
        with Caller(own.url, how.pop("key", key)) as caller:
            return caller.api("POST", "/logs", json=record(), **how)

    with programs.Gateway(**settings) as own:
        als.wait_until(lambda: send(own).status_code == 202, "the gateway knows the key", 10)
        als.wait_until(cache.exists, "the cache is written", 10)
        assert own.stop() == 0
    assert stat.S_IMODE(os.stat(cache).st_mode) == 0o600
    assert key_id(key) in cache.read_text() and key not in cache.read_text()
    assert list(tmp_path.iterdir()) == [cache]

    # The same store by name, at a port where nobody listens: the file says which store it is of.
    away = f"mongodb://127.0.0.1:{programs.free_port()}/"
    cache.write_text(cache.read_text().replace(als.MONGO_URI, away))
    with programs.Gateway(**settings, MONGO_URI=away) as own:
        assert send(own).status_code == 202
        unknown = send(own, key=f"als_{'0' * 16}_{'0' * 64}")
        assert unknown.status_code == 503 and unknown.json()["code"] == "store_unavailable"
        assert int(unknown.headers["Retry-After"]) >= 1
        with Caller(own.url) as nobody, Caller(own.url, key) as sender:
            assert nobody.api("POST", "/logs", json=record()).status_code == 401
            assert sender.api("GET", "/logs").status_code == 403

    cache.chmod(0o644)
    with programs.Gateway(**settings, MONGO_URI=away) as own:
        assert send(own).status_code == 503, "a file that others may touch is not believed"
        assert "0600" in own.log()
    cache.chmod(0o600)
    with programs.Gateway(**settings, MONGO_URI=away + "?appName=another") as own:
        assert send(own).status_code == 503, "keys of another store open nothing"


class Relay:
    """A door to the store that a test may shut."""

    def __init__(self):
        self.port, self.open, self.pipes = programs.free_port(), True, []
        self.target = tuple(pymongo.uri_parser.parse_uri(als.MONGO_URI)["nodelist"][0])
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            if not self.open:
                client.close()
                continue
            server = socket.create_connection(self.target)
            self.pipes += [client, server]
            for ends in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=ends, daemon=True).start()

    @staticmethod
    def copy(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            end.close()

    def shut(self):
        self.open = False
        for end in self.pipes:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.shut()
        self.listener.close()


@pytest.fixture
def relay():
    door = Relay()
    yield door
    door.close()


def test_a_gateway_that_loses_the_store_goes_on_with_the_keys_it_knows(relay):
    tenant = als.unique()
    key, fresh = create(tenant, "admin"), f"als_{'0' * 16}_{'0' * 64}"
    with programs.Gateway(AUTH="keys", KEY_CACHE_FILE="none", MONGO_URI=f"mongodb://127.0.0.1:{relay.port}/") as own, \
            Caller(own.url, key) as admin, Caller(own.url, fresh) as unknown:
        known(own.url, key)
        assert unknown.api("POST", "/logs", json=record()).status_code == 401
        relay.shut()
        als.wait_until(lambda: unknown.api("POST", "/logs", json=record()).status_code == 503, "the store is missed")
        assert admin.api("POST", "/logs", json=record()).status_code == 202
        assert admin.api("GET", "/admin/limits").status_code == 200
        for answer in (admin.api("POST", "/admin/keys", json={"name": "x", "scopes": ["read"]}),
                       admin.api("DELETE", f"/admin/keys/{key_id(key)}"), admin.api("GET", "/admin/keys"),
                       admin.api("PUT", "/admin/limits", json={"requestsPerMinute": 5})):
            assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable"), answer.text
        relay.open = True
        als.wait_until(lambda: unknown.api("POST", "/logs", json=record()).status_code == 401, "the store is back")
        assert accepted(own.url, key)


def test_secrets_are_nowhere_but_with_their_holders(world):
    keys = [*world.key.values(), world.others]
    log = world.own.log()
    cache = (world.folder / "keys.json").read_text()
    stored = str(list(als.database().get_collection("keys").find({"tenant": {"$in": [world.tenant, world.other]}})))
    metrics = httpx.get(f"{world.url}/metrics").text
    assert log and cache and stored
    for key in keys:
        for place in (log, cache, stored, metrics):
            assert key[-64:] not in place
            assert "als_" + key_id(key) not in place


@pytest.mark.parametrize("arguments", [
    [], ["--tenant", "t"], ["--tenant", "t", "--scopes", "read", "--name"],
    ["--tenant", "t", "--scopes", "root", "--name", "n"], ["--tenant", "a b", "--scopes", "read", "--name", "n"],
    ["--tenant", "t", "--scopes", "read,", "--name", "n"], ["--tenant", "t", "--scopes", "read", "--name", ""],
    ["--tenant", "t", "--tenant", "u", "--scopes", "read", "--name", "n"],
    ["--tenant", "t", "--scopes", "read", "--name", "n", "--expires-in-days", "0"],
    ["--tenant", "t", "--scopes", "read", "--name", "n", "--what", "x"]])
def test_wrong_arguments_make_no_key(arguments):
    done = programs.run("gateway", "--create-key", *arguments)
    assert done.returncode == 64 and done.stdout == "" and "Usage" in done.stderr


def test_without_a_store_no_key_is_made():
    done = programs.run("gateway", "--create-key", "--tenant", "t", "--scopes", "admin", "--name", "n",
                        MONGO_URI=f"mongodb://127.0.0.1:{programs.free_port()}/")
    assert done.returncode == 69 and done.stdout == ""
    assert "no key is made" in done.stderr and "127.0.0.1" in done.stderr


def test_a_key_from_the_command_line_may_have_an_end():
    done = programs.run("gateway", "--create-key", "--tenant", als.unique(), "--scopes", "read,ingest", "--name", "n",
                        "--expires-in-days", "2")
    stored = als.database().get_collection("keys").find_one({"_id": key_id(done.stdout.strip())})
    assert stored["expiresAt"] - stored["createdAt"] == timedelta(days=2)
    assert stored["scopes"] == ["ingest", "read"]


def test_with_keys_a_gateway_may_listen_anywhere():
    for settings, code in (({"AUTH": "keys"}, 0), ({}, 78), ({"ALLOW_ANONYMOUS": "1"}, 0)):
        done = programs.run("gateway", "--check-config", HOST="0.0.0.0", **settings)
        assert done.returncode == code, (settings, done.stderr)
