# SPDX-License-Identifier: MIT
"""What is done to the real servers. A fault is a function that returns once it is over; its name on the command line
is the function's with dashes. Each is given a `Chaos`: the instance, a seeded generator, and a way to sleep."""

import contextlib
import os
import random
import re
import signal
import subprocess
import time

import redis

import als
import programs

STORE = "ferretdb"  # what `dev` calls the document store; mongod where that is installed


class Chaos:
    def __init__(self, seed, urls=None):
        self.rng = random.Random(f"{seed}/faults")
        self.urls = [] if urls is None else urls  # where the load's clients connect to
        self.kills = 0
        self._extras = 0
        self.store = STORE if (als.STATE / "run" / STORE).exists() else "mongod"

    def pid(self, name):
        """Of a program that runs. The supervisor may be bringing it back: then it waits."""
        return als.wait_until(lambda: int(als.dev("pid", name, check=False).strip() or 0), f"{name} runs", 60)

    def kill(self, name):
        self.signal(name, signal.SIGKILL)
        self.kills += 1

    def signal(self, name, number):
        """It may end by itself between the look and the signal: then the next one gets it."""
        for _ in range(20):
            pid = self.pid(name)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
                return pid
        raise AssertionError(f"{name} keeps ending")

    @contextlib.contextmanager
    def stopped(self, name):
        """SIGSTOP, and in the end SIGCONT."""
        pid = self.signal(name, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def stopped_for(self, name, seconds):
        with self.stopped(name):
            time.sleep(seconds)

    def away_for(self, name, seconds):
        als.dev("stop", name)
        time.sleep(seconds)
        als.dev("start", name)

    def extra(self, name):
        """One more process of a daemon, with an identity and ports of its own."""
        self._extras += 1
        settings = {"INSTANCE_ID": f"extra-{self._extras}", "STATUS_PORT": "0"}
        if name == "gateway":
            settings = {"PORT": str(programs.free_port()), "INGEST_PORT": str(programs.free_port())}
        command = (als.STATE / "run" / name).read_text().split("\n", 1)[1]
        for setting, value in settings.items():
            command, count = re.subn(rf"'{setting}=[^']*'", f"'{setting}={value}'", command)
            assert count == 1, f"no {setting} in the start script of {name}"
        with open(als.STATE / "log" / f"{name}-extra.log", "ab") as log:
            process = subprocess.Popen(["/bin/sh", "-c", command], stdout=log, stderr=log)
        process.url = f"http://127.0.0.1:{settings['PORT']}" if name == "gateway" else None
        return process

    def kill_extra(self, process):
        process.kill()
        process.wait()
        self.kills += 1

    def between(self, least, most):
        return self.rng.uniform(least, most)


def end(process):
    process.send_signal(signal.SIGTERM)
    try:
        status = process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        raise AssertionError(f"process {process.pid} did not end within 30 s of SIGTERM")
    assert status == 0, f"process {process.pid} ended with {status} after SIGTERM"


def kill_gateway(chaos):
    chaos.kill("gateway")


def kill_processor(chaos):
    chaos.kill("processor")


def kill_indexer(chaos):
    chaos.kill("indexer")


def kill_kafka(chaos):
    chaos.kill("kafka")


def kill_redis(chaos):
    chaos.kill("redis")


def kill_store(chaos):
    chaos.kill(chaos.store)


def stop_kafka(chaos):
    chaos.stopped_for("kafka", chaos.between(3, 30))


def stop_store(chaos):
    chaos.stopped_for(chaos.store, chaos.between(3, 15))


def store_away(chaos):
    chaos.away_for(chaos.store, 60)


def redis_away(chaos):
    chaos.away_for("redis", 60)


def flushall(chaos):
    als.counters().flushall()


def position_deleted(_chaos):
    als.counters().delete("{als}:position")


def counter_of_another_type(_chaos):
    """A dashboard's mistake: a counter's key now holds text."""
    base = als.counters()
    keys = [key for key in base.scan_iter("{als}:*:day:*", count=1000)]
    if keys:
        base.set(sorted(keys)[0], "oops")


def backup_redis():
    base = redis.Redis(als.REDIS_HOST, als.REDIS_PORT, socket_timeout=30)
    with base.pipeline(transaction=True) as pipe:
        keys = list(base.scan_iter("{als}:*", count=1000))
        for key in keys:
            pipe.pexpiretime(key)
            pipe.dump(key)
        told = pipe.execute()
    return list(zip(keys, told[::2], told[1::2]))


def restore_redis(backup):
    base = redis.Redis(als.REDIS_HOST, als.REDIS_PORT, socket_timeout=30)
    with base.pipeline(transaction=True) as pipe:
        pipe.flushall()
        for key, expires_ms, value in backup:
            if value is not None:
                pipe.restore(key, max(expires_ms, 0), value, absttl=True)
        pipe.execute()


def redis_set_back(chaos):
    """Redis holds again what it held some seconds ago, as after a restore from a backup."""
    backup = backup_redis()
    time.sleep(chaos.between(3, 10))
    restore_redis(backup)


def counters_killed_in_rebuild(chaos):
    als.counters().flushall()
    time.sleep(chaos.between(0.5, 2))
    chaos.kill("processor")


def kill_all_daemons(chaos):
    """All three at once, as when a machine goes."""
    for name in chaos.rng.sample(als.DAEMONS, 3):
        chaos.kill(name)


def kill_processor_again_and_again(chaos):
    """Also while it reads its memory back, and before it has joined."""
    for _ in range(4):
        chaos.kill("processor")
        time.sleep(chaos.between(0.3, 4))


def kill_indexer_again_and_again(chaos):
    for _ in range(4):
        chaos.kill("indexer")
        time.sleep(chaos.between(0.3, 3))


def second_gateway(chaos):
    """A second gateway takes its share of the clients, then dies."""
    process = chaos.extra("gateway")
    als.wait_until(lambda: als.ready(process.url), "the second gateway is ready", 60)
    chaos.urls.append(process.url)
    time.sleep(chaos.between(6, 10))
    chaos.urls.remove(process.url)
    chaos.kill_extra(process)


def join_and_leave(chaos, name):
    """A second and a third process of a daemon join and leave."""
    processes = []
    for _ in range(2):
        processes.append(chaos.extra(name))
        time.sleep(chaos.between(3, 6))
    end(processes.pop(0))
    time.sleep(chaos.between(2, 4))
    chaos.kill_extra(processes[0])


def more_processors(chaos):
    join_and_leave(chaos, "processor")


def more_indexers(chaos):
    join_and_leave(chaos, "indexer")


def outlive_session(chaos, name):
    """A process sleeps past its session time-out while another takes over, then goes on."""
    other = chaos.extra(name)
    try:
        time.sleep(3)
        chaos.stopped_for(name, chaos.between(14, 20))
        time.sleep(3)
    finally:
        end(other)


def zombie_processor(chaos):
    outlive_session(chaos, "processor")


def zombie_indexer(chaos):
    outlive_session(chaos, "indexer")


QUICK = [kill_gateway, kill_processor, kill_indexer, kill_redis, kill_store, kill_kafka, kill_all_daemons,
         kill_processor_again_and_again, kill_indexer_again_and_again, flushall, second_gateway, more_processors,
         more_indexers, stop_kafka, stop_store, position_deleted, counter_of_another_type, redis_set_back,
         counters_killed_in_rebuild, zombie_processor, zombie_indexer]
SLOW = [redis_away, store_away]
FAULTS = {fault.__name__.replace("_", "-"): fault for fault in QUICK + SLOW}
