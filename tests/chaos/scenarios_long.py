# SPDX-License-Identifier: MIT
"""Scenarios that take minutes: full disks, restarts under load, scaling out, outages under full load. As scenarios.py."""

import time

import pymongo

import als
import load
import probe
from disk import SmallDisk
from faults import end
from scale import widest_gap
from scene import POSITION, resident_mib, restarted


# Full disks


def kafkas_disk_is_full(scene):
    """No room in Kafka's log folder: 503, and all goes on by itself once there is room."""
    als.dev("stop", "kafka")
    with SmallDisk(als.STATE / "kafka" / "logs") as disk:
        als.dev("start", "kafka")
        scene.send(1000)
        scene.settled()
        disk.fill()
        scene.refused(120)
        disk.free()
        began = time.monotonic()
        scene.send(1000, seconds=120)
        scene.note(f"takes records again after {time.monotonic() - began:.1f} s")
        scene.settled(180)
        als.dev("stop", "kafka")
    als.dev("start", "kafka")
    scene.settled()


def _stored(scene):
    try:
        return als.database().logs.count_documents({"tenant": scene.tenant})
    except pymongo.errors.PyMongoError:  # it may have ended
        return 0


def stores_disk_is_full(scene):
    """No room for the document store: records are taken, and stored by themselves once there is room."""
    below = "postgres" if scene.chaos.store == "ferretdb" else scene.chaos.store
    als.dev("stop", below)
    with SmallDisk(als.STATE / below) as disk:
        als.dev("start", below)
        scene.send(1000)
        scene.settled(180)
        disk.fill()
        scene.send(20_000)
        time.sleep(15)
        assert _stored(scene) < 21_000, "the disk was not full"
        disk.free()
        began = time.monotonic()
        scene.settled(240)
        scene.note(f"all stored after {time.monotonic() - began:.1f} s")
        als.dev("stop", below)
    als.dev("start", below)
    scene.settled(180)


# Restarts, memory, scale


def restart_of_each_daemon(scene):
    """After kill -9 of a daemon under load the lag is gone within 10 s."""
    stream = load.Load(scene.tenant, scene.name, scene.ledger, 300, scene.tenant)
    stream.start()
    time.sleep(5)
    try:
        for name in als.DAEMONS:
            began = time.monotonic()
            scene.chaos.kill(name)
            stages = probe.everywhere()
            scene.note(f"{name}: lag zero {time.monotonic() - began:.1f} s after kill -9 ({stages})")
    finally:
        scene.stop(stream)
    scene.settled()


def scaled_out(scene):
    """Two gateways, three processors and three indexers share the work, with the same result."""
    extras = [scene.chaos.extra("gateway")]
    als.wait_until(lambda: als.ready(extras[0].url), "the second gateway is ready", 60)
    stream = load.Load(scene.tenant, scene.name, scene.ledger, 600, scene.tenant, urls=[als.URL, extras[0].url])
    stream.start()
    try:
        time.sleep(5)
        for name in ("processor", "processor", "indexer", "indexer"):
            gap = widest_gap(scene.tenant, lambda: extras.append(scene.chaos.extra(name)))
            scene.note(f"one more {name}: counting paused for {gap:.1f} s at most")
        time.sleep(10)
    finally:
        scene.stop(stream)
    scene.settled()
    for process in extras:
        end(process)
    restarted("processor")
    scene.settled()


def flushall_with_a_million_behind(scene):
    """Redis is wiped with 1,000,000 records behind it: all counters are exact again within 30 s. (The indexer rests.)"""
    als.dev("stop", "indexer")
    try:
        for _ in range(200):
            scene.send(5000)
        scene.redis_settled(600)
        base = als.counters()
        before = base.hgetall(POSITION)
        base.flushall()
        began = time.monotonic()
        als.wait_until(lambda: base.hgetall(POSITION) == before, "the positions are back", 300)
        scene.note(f"all added up again after {time.monotonic() - began:.1f} s")
        scene.redis_settled(600)
    finally:
        als.dev("start", "indexer")


def memory_in_outages(scene):
    """Each store is away for 60 s under as much load as there can be: memory stays bounded, and all catches up."""
    for away in ("kafka", "redis", scene.chaos.store):
        stream = load.Load(scene.tenant, f"{scene.name}-{away}", scene.ledger, 20_000, scene.tenant, name=away)
        stream.start()
        time.sleep(3)
        als.dev("stop", away)
        most = dict.fromkeys(als.DAEMONS, 0)
        for _ in range(60):
            time.sleep(1)
            for name in als.DAEMONS:
                most[name] = max(most[name], resident_mib(scene.chaos.pid(name)))
        als.dev("start", away)
        scene.stop(stream)
        scene.note(f"{away} away: " + ", ".join(f"{name} {mib:.0f} MiB" for name, mib in most.items()))
        probe.everywhere(600)
    scene.settled(300)
