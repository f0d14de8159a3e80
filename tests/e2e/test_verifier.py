# SPDX-License-Identifier: MIT
"""The chaos verifier is only worth something if it can fail: each kind of damage is done for real, and found."""

import sys
import time

import pytest

import als
import totals

sys.path.append(str(als.ROOT / "tests" / "chaos"))

import load  # noqa: E402
import verify  # noqa: E402
from ledger import Ledger  # noqa: E402

COUNT = 60


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    """A tenant whose ledger and stores agree."""
    tenant = als.unique("verifier")
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "ledger")
    maker = load.Maker(tenant, "test", seed=1)
    events = [maker.event() for _ in range(COUNT)]
    ledger.sent(events, "http")
    with als.Client(tenant) as client:
        client.batch_accepted([load.body(event) for event in events])
        client.wait_total(COUNT)
        client.wait_counted(COUNT, endDate="2100-01-01")
    ledger.acked([event.id for event in events])
    return ledger, tenant


def differences(truth):
    ledger, tenant = truth
    return verify.compare(ledger, verify.take_picture(tenant, int(time.time() * 1000)), tenant)


@pytest.fixture(autouse=True)
def nothing_is_wrong_before(truth):
    als.wait_until(lambda: not differences(truth), "the stores agree with the ledger", 30, pause=1)


def only(kind, found):
    assert found and all(line.startswith(kind) for line in found), found


def test_a_log_that_is_gone_is_lost(truth, database):
    document = database.logs.find_one({"tenant": truth[1]})
    database.logs.delete_one({"_id": document["_id"]})
    found = differences(truth)
    database.logs.insert_one(document)
    assert any(line.startswith("lost: acknowledged, not stored: 1,") for line in found), found


def test_a_log_that_nobody_sent_is_doubled(truth, database):
    document = database.logs.find_one({"tenant": truth[1]})
    copy = {**document, "_id": document["_id"] + "-again"}
    database.logs.insert_one(copy)
    found = differences(truth)
    database.logs.delete_one({"_id": copy["_id"]})
    only("doubled: stored, never sent: 1,", found)


def test_a_count_of_one_too_many_in_one_shard_is_miscounted(truth, database):
    shard = database.stats.find_one({"tenant": truth[1], "window": "hour"})
    cell = f"cells.{next(iter(shard['cells']))}"
    database.stats.update_one({"_id": shard["_id"]}, {"$inc": {cell: 1}})
    found = differences(truth)
    database.stats.update_one({"_id": shard["_id"]}, {"$inc": {cell: -1}})
    assert any(line.startswith("miscounted: MongoDB stats: 1 values differ, by 1") for line in found), found


@pytest.mark.parametrize("window", totals.WINDOWS)
def test_a_row_of_one_too_many_in_one_total_is_miscounted(truth, database, window):
    total = database.totals.find_one({"tenant": truth[1], "window": window})
    name, cells = next(iter(total["rows"].items()))
    cell = f"rows.{name}.{next(iter(cells))}"
    database.totals.update_one({"_id": total["_id"]}, {"$inc": {cell: 1}})
    found = differences(truth)
    database.totals.update_one({"_id": total["_id"]}, {"$inc": {cell: -1}})
    assert any(line.startswith("miscounted: MongoDB totals: 1 values differ, by 1") for line in found), found


def test_a_counter_of_one_too_few_in_redis_is_miscounted(truth, counters):
    key = f"{{als}}:{truth[1]}:total"
    counters.hincrby(key, "count", -1)
    found = differences(truth)
    counters.hincrby(key, "count", 1)
    only(f"miscounted: Redis {key}: 1 values differ, by 1", found)


def test_poison_without_a_dead_letter_and_a_second_dead_letter_are_found(truth):
    ledger, tenant = truth
    picture = verify.take_picture(tenant, int(time.time() * 1000))
    ledger.poison = {"poison-1": True, "poison-2": True, "poison-3": False}
    picture.dead.update({("poison-2", "0:7"): 2, ("stranger", "0:8"): 1})
    found = verify.compare(ledger, picture, tenant)
    ledger.poison = {}
    assert [line.split(":")[:2] for line in found] == [
        ["dead letters", " poison that is not there"], ["dead letters", " more than once"], ["dead letters", " not poison"],
        ["miscounted", " Redis {als}"]]
