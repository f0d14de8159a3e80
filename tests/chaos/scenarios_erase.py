# SPDX-License-Identifier: MIT
"""Erasures under fire. As scenarios.py."""

import json
import threading
import time
from datetime import timedelta

import als
import probe
from faults import end

SECONDS, RATE_PAUSE, OTHERS = 30, 0.05, 20
ROUTES = ["/logs", "/logs/export", "/logs/histogram?by=service", "/logs/facets?field=userId", "/admin/rejects", "/stats",
          "/stats/top?field=userId", "/stats/live"]


class Life(threading.Thread):
    """Events of the last hour of one user, and of others in all partitions, until told to stop: late once the erasure was
    asked for."""

    def __init__(self, scene, victim, other):
        super().__init__(daemon=True)
        self.scene, self.victim, self.other = scene, victim, other
        self.stopping = threading.Event()
        self.kept, self.sent, self.failure = set(), 0, None
        self.began = als.ago(seconds=5)

    def run(self):
        try:
            while not self.stopping.is_set():
                self.turn()
                self.stopping.wait(RATE_PAUSE)
        except Exception as error:
            self.failure = error

    def record(self, user, **more):
        self.sent += 1
        return {"id": f"{user}-{self.sent}", "service": "shop", "action": "order.create", "userId": user, "ip": "10.1.2.3",
                "timestamp": als.iso(self.began - timedelta(seconds=self.sent % 3000)), **more}

    def turn(self):
        mine = [self.record(self.victim) for _ in range(20)] + [self.record(f"{self.other}-{n}", actor={"id": self.victim}) for n in range(OTHERS)]
        others = [self.record(f"{self.other}-{n}") for n in range(OTHERS)]
        with als.Client(self.scene.tenant) as client:
            als.wait_until(lambda: client.post("/logs/batch", json=mine + others).status_code == 202, "a batch is accepted", 60)
            self.kept.update(record["id"] for record in others)
        for record in mine[:5]:
            self.scene.produce_bytes(self.victim, json.dumps({**record, "id": f"{record['id']}-direct"}).encode(), wait=False)
        refused = self.record(self.victim, service="")
        self.scene.produce_bytes(self.victim, json.dumps(refused).encode(), wait=False)


def _state(client, rule_id):
    answer = client.get(f"/admin/erasures/{rule_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["state"]


def _ask(client, victim):
    answer = client.post("/admin/erasures", json={"userId": victim, "mode": "delete"})
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def _found(scene, victim):
    """Where the user's name is still to be read."""
    places, checked = [], 0
    with als.Client(scene.tenant) as client:
        for route in ROUTES:
            answer = client.get(route)
            checked += answer.status_code == 200
            if victim in answer.text:
                places.append(route)
        for route in (f"/logs?userId={victim}", f"/users/{victim}/timeline"):
            answer = client.get(route)
            if answer.status_code == 200 and answer.json().get("data"):
                places.append(route)
    base = als.database()
    places += [f"logs {log['_id']}" for log in base.logs.find(
        {"tenant": scene.tenant, "$or": [{"userId": victim}, {"actor.id": victim}]}, limit=3)]
    places += [f"rejects {reject['_id']}" for reject in base.rejects.find({"tenant": scene.tenant}) if victim.encode() in reject["value"]]
    counters = als.counters()
    places += [key for key in counters.scan_iter(f"{{als}}:{scene.tenant}:top-users:*", count=1000) if counters.zscore(key, victim)]
    assert checked >= 3, "hardly a route answers"
    return places, checked


def erase_under_fire(scene):
    """A user is erased while indexer, gateway and processor are killed under load: nothing of them is found, late or rebuilt."""
    victim, other = als.unique("victim"), als.unique("other")
    life = Life(scene, victim, other)
    life.start()
    time.sleep(3)
    with als.Client(scene.tenant) as client:
        rule_id = als.wait_until(lambda: _ask(client, victim), "the erasure is asked for", 60)
        until = time.monotonic() + SECONDS
        for turn in range(10**6):
            if time.monotonic() > until:
                break
            scene.chaos.kill(["indexer", "indexer", "gateway", "indexer", "processor"][turn % 5])
            time.sleep(scene.chaos.between(0.3, 2))
        life.stopping.set()
        life.join(120)
        assert not life.failure, life.failure
        assert scene.producer.flush(60) == 0
        als.wait_until(lambda: _state(client, rule_id) == "done", "the erasure is done", 180)
        probe.everywhere(180)
        als.counters().flushall()
        probe.everywhere(180)
        time.sleep(2)
        places, routes = _found(scene, victim)
        assert not places, f"{victim} is still found in {len(places)} places: {places[:8]}"
        client.wait_total(len(life.kept), 60, service="shop")
    scene.note(f"{life.sent} records, kills {scene.chaos.kills}, routes read {routes}: nothing left of one user, "
               f"all {len(life.kept)} of the others there")


def erase_past_a_frozen_indexer(scene):
    """An indexer sleeps in the middle of its work while a user is erased by the help of another: what it then writes is gone too."""
    victim, other = als.unique("victim"), als.unique("other")
    life = Life(scene, victim, other)
    second = scene.chaos.extra("indexer")
    try:
        life.start()
        time.sleep(12)  # both have partitions
        with als.Client(scene.tenant) as client:
            with scene.chaos.stopped("indexer"):
                rule_id = _ask(client, victim)
                als.wait_until(lambda: _state(client, rule_id) == "done", "the erasure is done without it", 120)
            life.stopping.set()
            life.join(120)
            assert not life.failure, life.failure
            assert scene.producer.flush(60) == 0
            probe.everywhere(180)
            places, _ = _found(scene, victim)
            assert not places, f"{victim} is still found in {len(places)} places: {places[:8]}"
            client.wait_total(len(life.kept), 60, service="shop")
    finally:
        life.stopping.set()
        end(second)
    scene.note(f"{life.sent} records, nothing left of one user, all {len(life.kept)} of the others there")
