# SPDX-License-Identifier: MIT
"""Keys: who may do what, on every route there is; revocation; a gateway whose store is away."""

import hashlib
import os
import re
import secrets
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
from routes import NAMES, ROUTES

SCOPES = ("ingest", "read", "admin")
GUARDED = [route for route in ROUTES if route[2] != "none"]
OPEN = [route for route in ROUTES if route[2] == "none"]


def create(tenant, *scopes, **settings):
    """A key made on the command line."""
    done = programs.run("gateway", "--create-key", "--tenant", tenant, "--scopes", ",".join(scopes), "--name", "of a test",
                        **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def key_id(key):
    return key.split("_")[1]


def insert(tenant, scopes, **fields):
    """A key put into the store by hand, as a tool of an operator may."""
    ident, secret = secrets.token_hex(8), secrets.token_hex(32)
    key = f"als_{ident}_{secret}"
    als.database().get_collection("keys").insert_one(
        {"_id": ident, "hash": hashlib.sha256(key.encode()).hexdigest(), "tenant": tenant, "scopes": list(scopes),
         "name": "by hand", "createdAt": als.now(), **fields})
    return key


class Caller(httpx.Client):
    """Who calls a gateway with this key, and nothing else said about him."""

    def __init__(self, url, key=None, **headers):
        if key:
            headers["Authorization"] = f"Bearer {key}"
        super().__init__(base_url=url, headers=headers, timeout=20, transport=httpx.HTTPTransport(retries=2))

    def api(self, method, path, **how):
        return self.request(method, f"/api/v1{path}", **how)


def accepted(url, key):
    with Caller(url, key) as caller:
        return caller.api("GET", "/logs?limit=1").status_code == 200


def known(url, *keys):
    for key in keys:
        als.wait_until(lambda: accepted(url, key), "the gateway knows the key", 10)


class World:
    """Two tenants, each with its keys, behind one gateway."""

    def __init__(self, own, folder):
        self.own, self.url, self.folder = own, own.url, folder
        self.tenant, self.other = als.unique("one"), als.unique("two")
        self.key = {scope: create(self.tenant, scope) for scope in SCOPES}
        self.others = create(self.other, "admin")
        self.revoked = insert(self.tenant, SCOPES, revokedAt=als.now())
        self.expired = insert(self.tenant, SCOPES, expiresAt=als.now() - timedelta(seconds=1))
        known(self.url, self.key["read"], self.key["admin"], self.others)
        self.secret = als.unique("secret")  # a service, an action and a user
        self.words = als.unique("words")    # never part of a question
        self.log_id = als.unique("log")

    def seed(self):
        with Caller(self.url, self.key["ingest"]) as caller:
            answer = caller.api("POST", "/logs", json=record(id=self.log_id, message=self.words, userId=self.secret,
                                                             service=self.secret, action=self.secret))
            assert answer.status_code == 202, answer.text
        with Caller(self.url, self.key["read"]) as caller:
            als.wait_until(lambda: caller.api("GET", f"/logs/{self.log_id}").status_code == 200, "the log is stored")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    with programs.Gateway(AUTH="keys", KEY_CACHE_FILE=str(folder / "keys.json"), LOG_LEVEL="debug") as own:
        made = World(own, folder)
        made.seed()
        yield made


def call(world, route, key=None, scheme="bearer", **headers):
    """The status, headers and at most the first bytes of the answer: some go on for ever."""
    method, path, _ = route
    path = re.sub(r":\w+", key_id(world.key["admin"]) if "/keys/" in path else
                  world.secret if "/users/" in path else world.log_id, path)
    if key:
        headers |= {"Authorization": f"Bearer {key}"} if scheme == "bearer" else {"X-API-Key": key}
    content = None if method in ("GET", "DELETE") else b"{}"
    if content:
        headers["Content-Type"] = "application/json"
    text = b""
    with httpx.Client(timeout=httpx.Timeout(30, read=15)) as client:
        with client.stream(method, world.url + path, content=content, headers=headers) as answer:
            endless = "Content-Length" not in answer.headers and path.split("?")[0].endswith("/tail")
            for part in answer.iter_raw() if not endless else ():
                text += part
                if len(text) > 1 << 20:
                    break
    return answer, text.decode(errors="replace")


def refused(answer, text, status, code):
    assert answer.status_code == status, text
    assert f'"code":"{code}"' in text, text
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_table_of_routes_was_read():
    rows = (als.ROOT / "gateway/routes.c").read_text().count('    {"')
    assert len(ROUTES) == rows and len(GUARDED) > 10
    for method, path, scope in ROUTES:
        assert (scope == "none") == (not path.startswith(("/api/v1/", "/v1/"))), (method, path, scope)
        assert scope == "admin" or "/admin/" not in path, (method, path, scope)


@pytest.mark.parametrize("route", GUARDED, **NAMES)
def test_without_a_key_that_is_good_nothing_is_served(world, route):
    good = world.key["admin"]
    bad = [None, "", "x", "als_", "als_0_0", good[:-1], good + "0", good[:-1] + ("1" if good[-1] == "0" else "0"),
           f"als_{'0' * 16}_{good[-64:]}", f"als_{key_id(world.others)}_{good[-64:]}", good.upper(), "é" * 10,
           world.revoked, world.expired]
    for key in bad:
        raw = key.encode() if key else None
        headers = {"Authorization": b"Bearer " + raw} if raw else {}
        refused(*call(world, route, **headers), 401, "unauthorized")
    refused(*call(world, route, world.revoked, "header"), 401, "unauthorized")
    refused(*call(world, route, **{"Authorization": "Basic eDp5"}), 401, "unauthorized")
    refused(*call(world, (route[0], f"{route[1]}?apiKey={good}&access_token={good}", route[2])), 401, "unauthorized")


@pytest.mark.parametrize("route", GUARDED, **NAMES)
def test_a_key_opens_what_its_scope_says_and_admin_all(world, route):
    for scope in SCOPES:
        for scheme in ("bearer", "header"):
            if scope in (route[2], "admin"):
                if "/keys/" in route[1] or "rebuild" in route[1]:
                    continue  # what is done, not just read, has tests of its own
                answer, text = call(world, route, world.key[scope], scheme)
                assert answer.status_code not in (401, 403) and answer.status_code < 500, text
            else:
                refused(*call(world, route, world.key[scope], scheme), 403, "forbidden")


@pytest.mark.parametrize("route", GUARDED, **NAMES)
def test_no_header_makes_a_key_another_tenants(world, route):
    for asked in (world.other, "default", "", "not a tenant"):
        refused(*call(world, route, world.key["admin"], **{"X-Tenant-Id": asked}), 403, "forbidden")
    if "/keys/" not in route[1] and "rebuild" not in route[1]:
        answer, text = call(world, route, world.key["admin"], **{"X-Tenant-Id": world.tenant})
        assert answer.status_code not in (401, 403) and answer.status_code < 500, text


@pytest.mark.parametrize("route", GUARDED, **NAMES)
def test_another_tenant_finds_nothing(world, route):
    """Each route is asked for what belongs to the first tenant, with a key that may do anything in the second."""
    if "rebuild" in route[1]:
        return
    queries = ["", f"?service={world.secret}&q={world.words[:5]}&userId={world.secret}&tenant={world.tenant}"]
    for query in queries if route[0] == "GET" else [""]:
        answer, text = call(world, (route[0], route[1] + query, route[2]), world.others)
        assert answer.status_code < 500 and answer.status_code not in (401, 403), text
        for word in (world.words, world.log_id, world.tenant, *map(key_id, world.key.values())):
            assert word not in text
        assert query or "/users/" in route[1] or world.secret not in text
        if ":id" in route[1] and "/users/" not in route[1]:
            assert answer.status_code == 404, text
    assert accepted(world.url, world.key["admin"])


def test_what_concerns_all_tenants_is_the_operators(world):
    """Counters are rebuilt for all at once, and a stage's lag tells how much all of them send."""
    operators = create("default", "admin")
    known(world.url, operators)
    with Caller(world.url, world.key["admin"]) as admin, Caller(world.url, operators) as operator:
        own, whole = (who.api("GET", "/admin/pipeline").json()["data"] for who in (admin, operator))
        assert own.keys() == {"watermark", "deadLetters", "counters", "unknown"} == whole.keys() - {"stages"}
        refused = admin.api("POST", "/admin/counters/rebuild")
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), refused.text
        assert als.counters().hget("{als}:position", "rebuild") is None
        assert operator.api("POST", "/admin/counters/rebuild").status_code == 202
        als.wait_until(lambda: not operator.api("GET", "/admin/pipeline").json()["data"]["counters"]["rebuilding"],
                       "the counters are rebuilt", 60)


@pytest.mark.parametrize("route", OPEN, **NAMES)
def test_health_metrics_and_pages_need_no_key(world, route):
    for key in (None, "x", world.key["ingest"]):
        answer, text = call(world, route, key)
        assert answer.status_code in ((200, 404) if ":" in route[1] else (200, 503)), text
        assert world.secret not in text and world.tenant not in text


def test_a_path_that_is_not_there_is_told_to_anyone(world):
    with Caller(world.url) as nobody:
        assert nobody.api("GET", "/nothing").status_code == 404
        assert nobody.api("DELETE", "/logs").status_code == 405
        assert nobody.api("OPTIONS", "/logs").status_code == 204


def test_what_is_sent_belongs_to_the_tenant_of_the_key(world):
    ident = als.unique()
    with Caller(world.url, world.key["ingest"]) as sender, Caller(world.url, world.key["read"]) as reader:
        assert sender.api("POST", "/logs", json=record(id=ident, tenant=world.other)).status_code == 202
        data = als.wait_until(lambda: reader.api("GET", f"/logs/{ident}").json().get("data"), "the log is stored")
    assert data["tenant"] == world.tenant
    with Caller(world.url, world.others) as other:
        assert other.api("GET", f"/logs/{ident}").status_code == 404


class TestAdmin:
    def test_a_key_is_made_shown_once_listed_used_and_revoked(self, world):
        name = als.unique("näme")
        with Caller(world.url, world.key["admin"]) as admin:
            answer = admin.api("POST", "/admin/keys", json={"name": name, "scopes": ["read", "ingest"]})
            assert answer.status_code == 201 and answer.headers["Cache-Control"] == "no-store", answer.text
            made = answer.json()["data"]
            key = made.pop("key")
            assert re.fullmatch(r"als_[0-9a-f]{16}_[0-9a-f]{64}", key) and key_id(key) == made["id"]
            assert accepted(world.url, key), "it is good at once where it was made"
            listed = {one["id"]: one for one in admin.api("GET", "/admin/keys").json()["data"]}
            shown = {name: value for name, value in listed[made["id"]].items() if name != "lastUsedAt"}
            assert shown == made | {"scopes": ["ingest", "read"], "tenant": world.tenant, "name": name,
                                    "createdBy": key_id(world.key["admin"])}
            assert listed[key_id(world.revoked)]["revokedAt"] and list(listed)[0] != key_id(world.revoked)
            whole = admin.api("GET", "/admin/keys").text
            assert key not in whole and "hash" not in whole and hashlib.sha256(key.encode()).hexdigest() not in whole
            revoked = admin.api("DELETE", f"/admin/keys/{made['id']}")
            assert revoked.status_code == 200 and als.ISO_MS.fullmatch(revoked.json()["data"]["revokedAt"])
            assert not accepted(world.url, key), "it is bad at once where it was revoked"
            again = admin.api("DELETE", f"/admin/keys/{made['id']}")
            assert again.json() == revoked.json()

    def test_the_last_use_is_shown(self, world):
        def used():
            with Caller(world.url, world.key["admin"]) as admin:
                listed = {one["id"]: one for one in admin.api("GET", "/admin/keys").json()["data"]}
            return listed[key_id(world.key["admin"])].get("lastUsedAt")

        als.wait_until(used, "the last use is written")

    def test_what_is_wrong_with_a_wish_is_told(self, world):
        cases = [
            ({}, ['"name" is required', '"scopes" is required']),
            ({"name": "", "scopes": []}, ['"name" is not allowed to be empty', '"scopes" must contain at least 1 items']),
            ({"name": 5, "scopes": "read"}, ['"name" must be a string', '"scopes" must be an array']),
            ({"name": "x" * 101, "scopes": ["read", "root"]},
             ['"name" length must be less than or equal to 100 characters long',
              '"scopes[1]" must be one of [ingest, read, admin]']),
            ({"name": "x", "scopes": ["read"], "expiresAt": "soon", "id": "x"},
             ['"expiresAt" must be in ISO 8601 date format', '"id" is not allowed']),
            ({"name": "x", "scopes": ["read"], "expiresAt": "2001-01-01"}, ['"expiresAt" must be greater than "now"']),
        ]
        with Caller(world.url, world.key["admin"]) as admin:
            for body, messages in cases:
                answer = admin.api("POST", "/admin/keys", json=body)
                assert answer.status_code == 400, answer.text
                assert [one["message"] for one in answer.json()["details"]] == messages
            for body, status in ((b"[]", 400), (b"{", 400), (b"", 400), (b'{"name":"' + b"x" * 70000 + b'"}', 413)):
                assert admin.api("POST", "/admin/keys", content=body).status_code == status
            elsewhere = admin.api("POST", "/admin/keys", json={"name": "x", "scopes": ["read"], "tenant": world.other})
            assert elsewhere.status_code == 403

    @pytest.mark.parametrize("ident", ["0" * 16, "x", "..", "%00", "a" * 300, "$ne", "0" * 15 + "%27"])
    def test_a_key_that_is_not_there_is_not_found(self, world, ident):
        with Caller(world.url, world.key["admin"]) as admin:
            answer = admin.api("DELETE", f"/admin/keys/{ident}")
            assert answer.status_code in (404, 405), answer.text

    def test_what_an_administrator_does_is_logged(self, world):
        missing = secrets.token_hex(8)
        with Caller(world.url, world.key["admin"]) as admin:
            made = admin.api("POST", "/admin/keys", json={"name": "logged", "scopes": ["read"]}).json()["data"]
            admin.api("DELETE", f"/admin/keys/{made['id']}")
            assert admin.api("DELETE", f"/admin/keys/{missing}").status_code == 404

            def attempt():
                found = admin.api("GET", "/logs?service=activity-log&limit=100").json()["data"]
                return [log["outcome"] for log in found if log.get("resource", {}).get("id") == missing]

            assert als.wait_until(attempt, "what failed is logged too") == ["failure"]

            def actions():
                found = admin.api("GET", "/logs?service=activity-log&limit=100").json()["data"]
                acts = {log["action"]: log for log in found if log.get("resource", {}).get("id") == made["id"]}
                return {"key.create", "key.revoke"} <= set(acts) and acts

            for log in als.wait_until(actions, "both acts are logged").values():
                assert log["actor"]["id"] == key_id(world.key["admin"]) and log["tenant"] == world.tenant
                assert log["outcome"] == "success" and made["key"] not in str(log)


class TestLimits:
    def test_a_tenant_is_bound_by_its_own_limit_key_by_key(self, world):
        tenant = als.unique()
        first, second = create(tenant, "admin"), create(tenant, "read")
        known(world.url, first, second)
        with Caller(world.url, first) as admin:
            none = admin.api("GET", "/admin/limits").json()["data"]
            assert none == {"requestsPerMinute": None, "ingestRequestsPerMinute": None, "ofTenant": None,
                            "ofService": None, "per": "key"}
            put = admin.api("PUT", "/admin/limits", json={"requestsPerMinute": 5})
            assert put.status_code == 200, put.text
            assert put.json() == admin.api("GET", "/admin/limits").json()
            assert put.json()["data"]["ingestRequestsPerMinute"] == 10
            reads = [admin.api("GET", "/logs") for _ in range(6)]
            sent = [admin.api("POST", "/logs", json=record()) for _ in range(12)]
        assert [answer.status_code for answer in reads] == [200] * 4 + [429] * 2
        assert [answer.status_code for answer in sent] == [202] * 10 + [429] * 2
        assert reads[-1].headers["RateLimit-Limit"] == "5" and reads[-1].headers["RateLimit-Remaining"] == "0"
        assert 1 <= int(reads[-1].headers["Retry-After"]) <= 60
        assert accepted(world.url, second), "another key has a count of its own"
        assert accepted(world.url, world.key["read"]), "another tenant is not bound"

    def test_a_limit_is_picked_up_by_other_gateways_and_taken_back(self, world):
        tenant = als.unique()
        key = create(tenant, "admin")
        with programs.Gateway(AUTH="keys", KEY_CACHE_FILE="none") as second, \
                Caller(world.url, key) as here, Caller(second.url, key) as there:
            known(world.url, key)
            known(second.url, key)
            for wanted in (1000, None):
                assert here.api("PUT", "/admin/limits", json={"requestsPerMinute": wanted}).status_code == 200
                als.wait_until(lambda: there.api("GET", "/admin/limits").json()["data"]["requestsPerMinute"] == wanted,
                               "the other gateway knows", 5)

    def test_no_tenant_frees_itself_of_the_services_limit(self):
        tenant = als.unique()
        key = create(tenant, "admin")
        with programs.Gateway(AUTH="keys", KEY_CACHE_FILE="none", MAX_REQUESTS_PER_MINUTE="500") as own, \
                Caller(own.url, key) as admin:
            known(own.url, key)
            answer = admin.api("PUT", "/admin/limits", json={"requestsPerMinute": 501})
            assert answer.status_code == 400
            assert answer.json()["details"] == [{"field": "requestsPerMinute",
                                                 "message": '"requestsPerMinute" must be less than or equal to 500'}]
            assert admin.api("PUT", "/admin/limits", json={"requestsPerMinute": 400}).status_code == 200
            assert admin.api("GET", "/admin/limits").json()["data"] == {
                "requestsPerMinute": 400, "ingestRequestsPerMinute": 800, "ofTenant": 400, "ofService": 500, "per": "key"}

    @pytest.mark.parametrize("value, why", [
        (0, "must be greater than or equal to 1"), (-1, "must be greater than or equal to 1"), (1.5, "must be an integer"),
        (1e20, "must be a safe number"), ("5", "must be a number"), ([], "must be a number")])
    def test_a_limit_that_is_none_is_refused(self, world, value, why):
        with Caller(world.url, world.key["admin"]) as admin:
            answer = admin.api("PUT", "/admin/limits", json={"requestsPerMinute": value})
            assert answer.status_code == 400
            assert [one["message"] for one in answer.json()["details"]] == [f'"requestsPerMinute" {why}']

    def test_guesses_count_against_the_address(self):
        with programs.Gateway(AUTH="keys", KEY_CACHE_FILE="none", MAX_REQUESTS_PER_MINUTE="3") as own, \
                Caller(own.url, "x") as guesser:
            als.wait_until(lambda: Caller(own.url).api("GET", "/logs").status_code in (401, 429), "keys are read")
            assert [guesser.api("GET", "/logs").status_code for _ in range(4)][-1] == 429


def test_a_revoked_key_is_bad_on_every_gateway_within_five_seconds(world):
    with programs.Gateway(AUTH="keys", KEY_CACHE_FILE="none") as second:
        with Caller(world.url, world.key["admin"]) as admin:
            made = admin.api("POST", "/admin/keys", json={"name": "short", "scopes": ["read"]}).json()["data"]
            als.wait_until(lambda: accepted(second.url, made["key"]), "the other gateway knows the key", 5)
            assert admin.api("DELETE", f"/admin/keys/{made['id']}").status_code == 200
        assert not accepted(world.url, made["key"])
        als.wait_until(lambda: not accepted(second.url, made["key"]), "the other gateway knows of the revocation", 5)


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
