# SPDX-License-Identifier: MIT
"""Keys, who holds them, and two tenants that do."""

import hashlib
import secrets
from datetime import timedelta

import httpx

import als
import programs
from als import record

SCOPES = ("ingest", "read", "admin")


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
