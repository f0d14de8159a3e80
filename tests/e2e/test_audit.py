# SPDX-License-Identifier: MIT
"""What is done under /admin, and what is looked at there, is in the log; a dashboard that polls does not flood it."""

import re

import pytest

import als
import programs
from routes import NAMES, ROUTES

ADMIN = [route for route in ROUTES if "/admin/" in route[1]]
BODIES = {
    "/admin/retention": {"days": 90},
    "/admin/deletions": {"service": "nowhere"},
    "/admin/erasures": {"userId": "nobody"},
    "/admin/keys": {"name": "of a test", "scopes": ["read"]},
    "/admin/limits": {"requestsPerMinute": None},
}


def logged(client, **filters):
    return client.search(service="activity-log", limit=1000, **filters)["data"]


def act(client, route, request_id):
    method, path, _ = route
    body = BODIES.get(path.removeprefix("/api/v1")) if method in ("POST", "PUT") else None
    return client.request(method, re.sub(r":\w+", "0" * 16, path).removeprefix("/api/v1"), json=body,
                          headers={"X-Request-Id": request_id})


@pytest.mark.parametrize("route", ADMIN, **NAMES)
def test_every_act_is_logged(gateway, route):
    request_id = als.unique("act")
    answer = act(gateway, route, request_id)
    assert answer.status_code < 300 or (":" in route[1] and answer.status_code == 404), answer.text
    row, = als.wait_until(lambda: logged(gateway, requestId=request_id), "the act is in the log")
    assert row["outcome"] == ("success" if answer.status_code < 300 else "failure")
    assert row["actor"]["id"] == "anonymous" and row["resource"]["type"] in path_words(route)
    assert ("metadata" not in row) or "times" not in row["metadata"]


def path_words(route):
    """`keys` is about a key, `counters` are counters."""
    return {form for word in route[1].split("/") for form in (word, word.removesuffix("s"))}


def test_what_no_administrator_does_is_not_logged(gateway):
    """Looking at the log, of the acts above all, must not make it grow."""
    for path in ("/logs", "/logs?service=activity-log", "/stats", "/logs/facets?field=service", "/logs/0", "/users/ada/timeline"):
        gateway.get(path)
    request_id = als.unique("act")
    gateway.get("/admin/retention", headers={"X-Request-Id": request_id})
    als.wait_until(lambda: logged(gateway, requestId=request_id), "the act behind them is in the log")
    assert len(logged(gateway)) == 1


def test_a_dashboard_that_polls_does_not_flood_the_log(gateway):
    """The first look is a record, all others of a minute, which ends early here with the gateway, are another."""
    with programs.Gateway(WORKERS="1") as own, als.Client(gateway.tenant, own.url) as dashboard:
        for _ in range(30):
            assert dashboard.get("/admin/pipeline").status_code == 200
        assert dashboard.get("/admin/limits").status_code == 200
        assert own.stop() == 0
    als.wait_until(lambda: len(logged(gateway)) == 3, "all that was looked at is in the log")
    polled = [row.get("metadata") for row in logged(gateway, action="pipeline.read")]
    assert {"times": 29} in polled and None in polled and len(polled) == 2
