# SPDX-License-Identifier: MIT
"""Keys: who may do what, on every route there is."""

import re

import httpx
import pytest

import als
from als import record
from keys import SCOPES, Caller, accepted, create, key_id, known
from routes import NAMES, ROUTES

GUARDED = [route for route in ROUTES if route[2] != "none"]
OPEN = [route for route in ROUTES if route[2] == "none"]


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
