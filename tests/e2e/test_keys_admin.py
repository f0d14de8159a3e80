# SPDX-License-Identifier: MIT
"""Keys and limits, as their administrators make and take them."""

import hashlib
import re
import secrets

import pytest

import als
import programs
from als import record
from keys import Caller, accepted, create, key_id, known


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
