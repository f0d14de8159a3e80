# SPDX-License-Identifier: MIT
"""What was refused: kept, shown, and sent through once more."""

import base64
import json

import pytest

import als
import topics


def rejects(gateway, **params):
    answer = gateway.get("/admin/rejects", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def reject_at(gateway, partition, offset, topic=als.RAW, seconds=30):
    """The reject of the record at a place, once it is kept."""
    wanted = f"{topic}:{partition}:{offset}"

    def look():
        return next((row for row in rejects(gateway, limit=100)["data"] if row["id"] == wanted), None)

    return als.wait_until(look, f"{wanted} is among the rejects", seconds)


def replay(gateway, reject, record=None):
    body = {} if record is None else {"json": {"record": record}}
    return gateway.post(f"/admin/rejects/{reject['id']}/replay", **body)


def wait_state(gateway, reject, state):
    def look():
        row = next(row for row in rejects(gateway, limit=100)["data"] if row["id"] == reject["id"])
        assert row["state"] == state, row
        return row

    return als.wait_until(look, f"{reject['id']} is {state}")


def refused(gateway, direct, value, headers=()):
    place = direct.send(value, headers=[("als.tenant", gateway.tenant), *headers])
    return reject_at(gateway, *place)


def test_a_reject_shows_what_where_and_why(gateway, direct):
    row = refused(gateway, direct, {"service": "shop", "userId": "ada"}, [("trace", b"\xff\x01")])
    assert row["stage"] == "processor" and row["reason"] == "validation_error" and row["state"] == "open"
    assert row["detail"] == '"action" is required'
    assert json.loads(row["value"]) == {"service": "shop", "userId": "ada"}
    assert row["key"] == "ada" and row["userId"] == "ada" and row["truncated"] is False
    assert als.ISO_MS.fullmatch(row["at"])
    headers = {header["name"]: header for header in row["headers"]}
    assert headers["als.tenant"]["value"] == gateway.tenant
    assert base64.b64decode(headers["trace"]["value"]) == b"\xff\x01"


def test_bytes_that_are_no_text_are_shown_in_base64(gateway, direct):
    row = refused(gateway, direct, b"\xff\x00{")
    assert row["reason"] == "malformed_json" and row["valueEncoding"] == "base64"
    assert base64.b64decode(row["value"]) == b"\xff\x00{"


def test_a_mended_record_goes_through_once(gateway, direct):
    row = refused(gateway, direct, {"service": "shop", "userId": "ada"})
    answer = replay(gateway, row, als.record(action="order.mend"))
    assert answer.status_code == 202, answer.text
    log_id = answer.json()["logId"]
    assert gateway.stored(log_id)["action"] == "order.mend"
    again = replay(gateway, row, als.record(action="order.other"))
    assert again.status_code == 202 and again.json()["logId"] == log_id
    assert wait_state(gateway, row, "replayed")["logId"] == log_id
    assert replay(gateway, row).json()["state"] == "replayed"
    gateway.wait_counted(1, service="shop")
    assert gateway.search(service="shop")["pagination"]["total"] == 1


def test_a_replay_asked_for_by_many_at_once_is_one(gateway, direct):
    from concurrent.futures import ThreadPoolExecutor

    row = refused(gateway, direct, b"{")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: replay(gateway, row, als.record(action=f"order.{n}")), range(8)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["logId"] for answer in answers}) == 1
    wait_state(gateway, row, "replayed")
    gateway.wait_total(1, service="shop")
    gateway.wait_counted(1, service="shop")


def test_what_would_be_refused_again_is_refused_at_once(gateway, direct):
    row = refused(gateway, direct, {"service": "shop", "userId": "ada"})
    answer = replay(gateway, row)
    assert answer.status_code == 409
    assert answer.json()["details"] == [{"field": "action", "message": '"action" is required'}]
    answer = replay(gateway, row, {"service": "", "action": "a"})
    assert answer.status_code == 400
    assert answer.json()["details"] == [{"field": "service", "message": '"service" is not allowed to be empty'}]
    answer = replay(gateway, row, "text")
    assert answer.json()["details"] == [{"field": "record", "message": '"record" must be of type object'}]
    answer = gateway.raw(b"{", path=f"/admin/rejects/{row['id']}/replay")
    assert answer.status_code == 400 and answer.json()["code"] == "malformed_json"
    assert wait_state(gateway, row, "open")


def test_a_conflicting_id_gets_another_one(gateway, direct):
    log_id = als.unique("id")
    gateway.accepted(als.record(id=log_id))
    gateway.stored(log_id)
    row = refused(gateway, direct, als.record(id=log_id, action="order.other"))
    assert row["reason"] == "id_conflict"
    answer = replay(gateway, row)
    assert answer.status_code == 202, answer.text
    assert answer.json()["logId"] != log_id
    assert gateway.stored(answer.json()["logId"])["action"] == "order.other"
    gateway.wait_counted(2, service="shop")


def enriched_record(gateway, log_id, **fields):
    whole = {"_id": f"{gateway.tenant}/{log_id}", "hash": "00000000000000aa", "src": "0:1:1763805600000",
             "tenant": gateway.tenant, "service": "shop", "action": "order.create", "userId": "ada", "severity": "info",
             "timestamp": als.iso(als.now()), "createdAt": als.iso(als.now()), "source": "kafka", **fields, "enriched": {}}
    return json.dumps(whole, separators=(",", ":")).encode()


@pytest.fixture
def refused_by_indexer(gateway, direct):
    """A reject of the indexer: an id that is stored with other content."""
    log_id = als.unique("id")
    gateway.accepted(als.record(id=log_id))
    gateway.stored(log_id)
    places = []
    direct.producer.produce(als.ENRICHED, enriched_record(gateway, log_id, message="second"), b"ada", partition=0,
                            headers=[("als.tenant", gateway.tenant)],
                            on_delivery=lambda error, message: places.append((message.partition(), message.offset())))
    assert direct.producer.flush(30) == 0
    return reject_at(gateway, *places[0], topic=als.ENRICHED)


def test_what_the_indexer_refused_goes_straight_into_the_store(gateway, refused_by_indexer):
    assert refused_by_indexer["stage"] == "indexer" and refused_by_indexer["reason"] == "id_conflict"
    with topics.Reader(als.RAW) as raw, topics.Reader(als.ENRICHED) as enriched:
        answer = replay(gateway, refused_by_indexer)
        assert answer.status_code == 202, answer.text
        assert gateway.stored(answer.json()["logId"])["message"] == "second"
        wait_state(gateway, refused_by_indexer, "replayed")
        assert not [m for m in raw.drain() + enriched.drain() if m.header("als.tenant") == gateway.tenant
                    and b"order.create" in m.value]
    assert sum(row["count"] for row in gateway.stats(service="shop")) == 1


def test_what_was_counted_cannot_be_mended(gateway, refused_by_indexer):
    answer = replay(gateway, refused_by_indexer, als.record(action="order.other"))
    assert answer.status_code == 409
    assert answer.json()["details"] == [{"field": "action", "message": '"action" must be as it was counted'}]
    answer = replay(gateway, refused_by_indexer, als.record(message="mended"))
    assert answer.status_code == 202, answer.text
    assert gateway.stored(answer.json()["logId"])["message"] == "mended"


def test_rejects_are_listed_newest_first_by_cursor(gateway, direct):
    places = direct.send_all([(b"{%d" % n, b"ada", [("als.tenant", gateway.tenant)]) for n in range(7)])
    for place in places:
        reject_at(gateway, *place)
    seen, cursor = [], {}
    while True:
        page = rejects(gateway, limit=3, **cursor)
        seen += [row["id"] for row in page["data"]]
        if "nextCursor" not in page["pagination"]:
            break
        cursor = {"cursor": page["pagination"]["nextCursor"]}
    assert sorted(seen) == sorted(f"{als.RAW}:{partition}:{offset}" for partition, offset in places)
    ats = [row["at"] for row in rejects(gateway, limit=100)["data"]]
    assert ats == sorted(ats, reverse=True)
    answer = gateway.get("/admin/rejects", params={"stage": "indexer", **(cursor or {"cursor": "x"})})
    assert answer.status_code == 400
    assert answer.json()["details"] == [{"field": "cursor", "message": '"cursor" is not valid'}]


def test_filters(gateway, direct):
    refused(gateway, direct, b"{")
    refused(gateway, direct, {"service": "shop"})
    assert [row["reason"] for row in rejects(gateway, reason="malformed_json")["data"]] == ["malformed_json"]
    assert len(rejects(gateway, stage="processor")["data"]) == 2
    assert rejects(gateway, stage="indexer")["data"] == []
    assert rejects(gateway, state="replayed")["data"] == []


@pytest.mark.parametrize("query, message", [
    ("stage[$ne]=indexer", '"stage" must be one of [processor, indexer]'), ("reason[]=x", '"reason" must be a string'),
    ("limit=1000000000000", '"limit" must be less than or equal to 100'), ("limit=1.5", '"limit" must be an integer'),
    ("state=open&state=open", '"state" must be one of [open, replaying, replayed]'), ("reason=%00", '"reason" must be a string')])
def test_a_bad_filter_is_refused(gateway, query, message):
    answer = gateway.get(f"/admin/rejects?{query}")
    assert (answer.status_code, [fault["message"] for fault in answer.json()["details"]]) == (400, [message])


def test_a_page_is_as_long_as_the_document_says(gateway):
    parameters = als.json.loads((als.ROOT / "schemas/openapi.json").read_text())["paths"]["/api/v1/admin/rejects"]["get"]["parameters"]
    [limit] = [parameter for parameter in parameters if parameter.get("name") == "limit"]
    assert rejects(gateway)["pagination"]["limit"] == limit["schema"]["default"]


def test_another_tenants_reject_is_not_there(gateway, direct):
    row = refused(gateway, direct, b"{")
    with als.Client() as other:
        assert rejects(other)["data"] == []
        answer = replay(other, row, als.record())
        assert answer.status_code == 404 and answer.json()["error"] == "Reject not found"


@pytest.mark.parametrize("path", ["nothing:0:1", "%00", "%ff", "x" * 400, "$ne"])
def test_unknown_rejects_are_not_found(gateway, path):
    assert gateway.post(f"/admin/rejects/{path}/replay").status_code == 404


def test_a_replay_is_logged(gateway, direct):
    row = refused(gateway, direct, b"{")
    replay(gateway, row, als.record())

    def look():
        return gateway.search(service="activity-log", action="reject.replay")["data"]

    logged = als.wait_until(look, "the replay is logged")
    assert logged[0]["resource"] == {"type": "reject", "id": row["id"]}


def test_what_comes_later_about_an_erased_user_is_not_kept(gateway, direct, database):
    """A rule as POST /erasures makes it. What has happened before it is not kept, by whatever sign the user is known."""
    database["settings"].update_one({"_id": "rules"}, {"$inc": {"version": 1}}, upsert=True)
    version = database["settings"].find_one({"_id": "rules"})["version"]
    database["erasures"].insert_one({"_id": als.unique("erasure"), "kind": "erasure", "tenant": gateway.tenant,
                                     "userId": "ada", "mode": "delete", "createdAt": als.now(), "version": version,
                                     "state": "done"})
    database["settings"].update_one({"_id": "rules"}, {"$inc": {"version": 1}})
    tenant = [("als.tenant", gateway.tenant)]
    past = als.iso(als.ago(days=1))
    by_field = direct.send({"service": "shop", "userId": "ada", "timestamp": past}, b"shop", tenant)
    by_actor = direct.send({"service": "shop", "actor": {"id": "ada"}, "timestamp": past}, b"shop", tenant)
    by_key = direct.send({"service": "shop", "timestamp": past}, b"ada", tenant)
    anew = direct.send({"service": "shop", "userId": "ada"}, b"ada", tenant)
    other = direct.send({"service": "shop", "userId": "grace", "timestamp": past}, b"grace", tenant)
    for place in (anew, other):
        reject_at(gateway, *place)
    assert {(row["partition"], row["offset"]) for row in rejects(gateway)["data"]} == {anew, other}
    assert by_field and by_actor and by_key


# Whatever is killed meanwhile


def test_a_replay_waits_for_an_indexer_that_is_away(gateway, direct):
    row = refused(gateway, direct, b"{")
    als.dev("stop", "indexer")
    try:
        answer = replay(gateway, row, als.record())
        assert answer.status_code == 202 and answer.json()["state"] == "replaying"
        log_id = answer.json()["logId"]
        assert gateway.get(f"/logs/{log_id}").json() == {"success": True, "state": "pending"}
        assert replay(gateway, row).json()["state"] == "replaying"
    finally:
        als.dev("start", "indexer")
    assert gateway.stored(log_id)["service"] == "shop"
    wait_state(gateway, row, "replayed")
    gateway.wait_counted(1, service="shop")


@pytest.mark.parametrize("tries", [0, 1])
def test_a_replay_that_did_not_live_to_say_so_is_one_log(gateway, direct, database, tries):
    """As an indexer leaves it that is killed behind the sending: with the try noted, or, were even that lost, without."""
    row = refused(gateway, direct, b"{")
    log_id = replay(gateway, row, als.record()).json()["logId"]
    wait_state(gateway, row, "replayed")
    gateway.stored(log_id)
    with topics.Reader(als.RAW) as raw:
        database["rejects"].update_one({"_id": row["id"]}, {"$set": {"state": "replaying", "replayTries": tries}})
        wait_state(gateway, row, "replayed")
        again = [m for m in raw.drain() if m.header("als.id") == log_id]
    assert len(again) == (0 if tries else 1)
    gateway.wait_counted(1, service="shop")
    assert gateway.search(service="shop")["pagination"]["total"] == 1
    assert len(rejects(gateway)["data"]) == 1
