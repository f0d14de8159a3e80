# SPDX-License-Identifier: MIT
"""GET /admin/pipeline, and the rebuild of Redis' counters."""

import als
import programs

STAGES = [("processor", als.RAW), ("indexer", als.ENRICHED), ("indexer", als.STATS), ("counters", als.ENRICHED),
          ("counters", als.STATS), ("rejects", als.DLQ)]


def pipeline(gateway):
    answer = gateway.get("/admin/pipeline")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def stage_of(view, name, topic):
    return next(stage for stage in view["stages"] if (stage["stage"], stage["topic"]) == (name, topic))


def wait_idle(gateway):
    def look():
        view = pipeline(gateway)
        lags = {(stage["stage"], stage["topic"]): stage["lag"] for stage in view["stages"]}
        assert set(lags.values()) == {0}, lags
        return view

    return als.wait_until(look, "no stage is behind", 60)


def test_at_rest_no_stage_is_behind(gateway):
    log_id = gateway.accepted(als.record())
    created = gateway.stored(log_id)["createdAt"]
    view = wait_idle(gateway)
    assert [(stage["stage"], stage["topic"]) for stage in view["stages"]] == STAGES
    assert len(view["stages"][0]["partitions"]) > 1 and len(view["stages"][-1]["partitions"]) == 1
    assert view["unknown"] == [] and view["counters"] == {"rebuilding": False}
    assert als.moment(als.wait_until(lambda: pipeline(gateway)["watermark"], "there is a watermark")) >= als.moment(created)


def test_dead_letters_are_counted(gateway, direct):
    assert pipeline(gateway)["deadLetters"] == {"kept": 0, "open": 0}
    direct.send(b"{", headers=[("als.tenant", gateway.tenant)])
    als.wait_until(lambda: pipeline(gateway)["deadLetters"] == {"kept": 1, "open": 1}, "the dead letter is counted")


def test_a_dead_daemons_lag_is_known(gateway):
    """What a group has committed is in Kafka, and does not die with its members."""
    wait_idle(gateway)
    als.dev("stop", "processor")
    try:
        before = stage_of(pipeline(gateway), "processor", als.RAW)
        gateway.batch_accepted([als.record() for _ in range(5)])

        def look():
            view = pipeline(gateway)
            # What was last seen before may be a moment old: of that, some was committed while the processor stopped.
            assert 5 <= stage_of(view, "processor", als.RAW)["lag"] <= before["lag"] + 5
            assert stage_of(view, "counters", als.STATS)["lag"] == 0
            assert view["unknown"] == []
            return True

        als.wait_until(look, "five records wait for the processor")
    finally:
        als.dev("start", "processor")
    wait_idle(gateway)
    gateway.wait_total(5, service="shop")


def test_what_cannot_be_asked_is_said_to_be_unknown():
    """A gateway that finds no Redis and no store shows the rest."""
    nobody = programs.free_port()
    with programs.Gateway(REDIS_PORT=str(nobody), MONGO_URI=f"mongodb://127.0.0.1:{nobody}/?serverSelectionTimeoutMS=200") as alone:
        with als.Client(url=alone.url) as gateway:
            view = pipeline(gateway)
            assert stage_of(view, "counters", als.STATS)["lag"] is None
            assert stage_of(view, "indexer", als.STATS)["lag"] is not None
            assert view["counters"] == {"rebuilding": None}
            assert view["watermark"] is None and view["deadLetters"] == {"kept": None, "open": None}
            assert len(view["unknown"]) == 3
            answer = gateway.post("/admin/counters/rebuild")
            assert answer.status_code == 503 and answer.json()["code"] == "store_unavailable"


def counted(counters, gateway):
    return counters.hgetall(f"{{als}}:{gateway.tenant}:total")


def test_a_rebuild_makes_the_counters_exact_again(gateway, counters):
    with als.Client() as onlooker:  # whose looking is logged, and so counted, elsewhere
        rebuild(gateway, counters, onlooker)


def rebuild(gateway, counters, onlooker):
    gateway.batch_accepted([als.record(severity=("info", "error")[n % 2]) for n in range(20)])
    als.wait_until(lambda: counted(counters, gateway).get("count") == "20", "all are counted")
    counters.hincrby(f"{{als}}:{gateway.tenant}:total", "count", 7)
    assert counted(counters, gateway)["count"] == "27"

    answer = gateway.post("/admin/counters/rebuild")
    assert answer.status_code == 202 and answer.json()["state"] == "rebuilding"

    def look():
        now = counted(counters, gateway)
        assert (now["count"], now["info"], now["error"]) == ("21", "11", "10"), now  # the act itself is one
        assert pipeline(onlooker)["counters"] == {"rebuilding": False}
        return True

    als.wait_until(look, "the counters are exact again", 60)
    wait_idle(onlooker)
    assert counted(counters, gateway)["count"] == "21"
    logged = als.wait_until(lambda: gateway.search(service="activity-log")["data"], "the act is logged")
    assert [row["action"] for row in logged] == ["counters.rebuild"]


def test_while_a_rebuild_is_wanted_it_is_shown(gateway):
    """With no processor there is nobody to do it, and it stays wanted."""
    als.dev("stop", "processor")
    try:
        assert gateway.post("/admin/counters/rebuild").json()["message"] == "Counters will be rebuilt"
        assert pipeline(gateway)["counters"] == {"rebuilding": True}
        assert gateway.post("/admin/counters/rebuild").json()["message"] == "Counters are being rebuilt already"
    finally:
        als.dev("start", "processor")
    als.wait_until(lambda: pipeline(gateway)["counters"] == {"rebuilding": False}, "the rebuild is done", 60)
    wait_idle(gateway)
