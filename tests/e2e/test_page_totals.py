# SPDX-License-Identifier: MIT
"""`pagination.total`: counted up to 10,000 logs, beyond from what was counted as they came in, unless `count=exact` asks for all."""

import pytest

import als
import rules
from als import record

COUNT = 10_500


@pytest.fixture(scope="module")
def logs(shared_gateway):
    for from_ in range(0, COUNT, 500):
        shared_gateway.batch_accepted([record(service="auth" if n % 3 else "mail", userId=f"u{n % 7}") for n in range(from_, from_ + 500)])
    shared_gateway.wait_counted(COUNT, startDate=als.iso(als.ago(days=1)))
    shared_gateway.wait_total(COUNT)
    return shared_gateway


def total(client, **wanted):
    pagination = client.search(limit=1, **wanted)["pagination"]
    return pagination["total"], pagination.get("approximate", False)


def test_large_totals_are_what_was_counted(logs):
    assert total(logs) == (COUNT, True)
    assert total(logs, startDate=als.iso(als.ago(hours=1))) == (COUNT, True)
    assert total(logs, count="exact") == (COUNT, False)
    assert total(logs, service="auth") == (COUNT * 2 // 3, False)
    assert total(logs, **{"userId!": "u0"}) == (COUNT * 6 // 7, False)
    assert total(logs, **{"userId!": "nobody"}) == (COUNT, False)


def test_pages_go_on_behind_an_estimate(logs):
    last = logs.search(limit=1000, page=11)
    assert (len(last["data"]), last["pagination"]["pages"]) == (500, 11)
    assert logs.search(limit=1000, page=12)["data"] == []


def test_what_was_erased_is_not_in_a_total(logs):
    made = rules.make(logs, "deletions", {"service": "auth", "userId": "u1"})
    ended = rules.finished(logs, "deletions", made["id"])
    als.wait_until(lambda: total(logs, **{"service!": "activity-log"}) == (COUNT - ended["deleted"], False), "the total is without them", 30)
