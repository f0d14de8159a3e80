# SPDX-License-Identifier: MIT
"""How the store finds what the gateway asks for: along an index, in its order, whatever the filter."""

import datetime

import pytest

NEWEST_FIRST = {"timestamp": -1, "_id": -1}
DAY = datetime.datetime(2024, 10, 5, tzinfo=datetime.timezone.utc)


def index_of(*fields):
    return {"tenant": 1, **dict.fromkeys(fields, 1), **NEWEST_FIRST}


def stages(plan):
    """The kinds of all steps of a plan: MongoDB says `stage`, DocumentDB what PostgreSQL does."""
    if isinstance(plan, list):
        return {name for part in plan for name in stages(part)}
    if not isinstance(plan, dict):
        return set()
    own = {plan[key] for key in ("stage", "Node Type") if key in plan}
    return own.union(*(stages(part) for part in plan.values()))


def planned(database, command):
    return stages(database.command("explain", command, verbosity="queryPlanner").get("queryPlanner"))


def assert_in_order_of_an_index(found):
    assert found & {"IXSCAN", "Index Scan"}, found
    assert not found & {"COLLSCAN", "SORT", "Seq Scan", "Sort", "Incremental Sort"}, found


@pytest.mark.parametrize("filters", [{}, {"service": "a"}, {"action": "a"}, {"userId": "a"}, {"severity": "info"},
                                     {"resource.id": "a"}, {"sessionId": "a"}, {"requestId": "a"},
                                     {"userId": "a", "service": "b", "severity": "info"}])
@pytest.mark.parametrize("times", [None, {"$gte": DAY}, {"$lte": DAY}, {"$gte": DAY, "$lte": DAY}])
def test_a_page_is_a_range_of_an_index(database, filters, times):
    wanted = {"tenant": "plans", **filters, **({"timestamp": times} if times else {})}
    assert_in_order_of_an_index(planned(database, {"find": "logs", "filter": wanted, "sort": NEWEST_FIRST, "limit": 51,
                                                   "hint": index_of(*list(filters)[:1])}))


@pytest.mark.parametrize("filters", [{}, {"service": "a"}, {"userId": "a"}, {"sessionId": "a"}])
def test_a_page_from_the_other_end_is_a_range_of_the_same_index(database, filters):
    wanted = {"tenant": "plans", **filters, "timestamp": {"$gte": DAY}}
    assert_in_order_of_an_index(planned(database, {"find": "logs", "filter": wanted, "sort": {"timestamp": 1, "_id": 1},
                                                   "limit": 51, "hint": index_of(*filters)}))


ANY_OF = {"$in": ["a", "b"]}


@pytest.mark.parametrize("filters", [{"service": ANY_OF}, {"severity": ANY_OF}, {"tags": "a"}, {"outcome": "success"}, {"ip": "a"},
                                     {"action": {"$gte": "user.", "$lt": "user/"}}, {"metadata.n": {"$in": ["5", 5]}},
                                     {"$nor": [{"service": {"$in": ["a"]}}]}, {"message": {"$regex": "[aA]"}}], ids=str)
def test_filters_without_an_index_walk_the_one_by_time_in_its_order(database, filters):
    wanted = {"tenant": "plans", **filters, "timestamp": {"$gte": DAY}}
    assert_in_order_of_an_index(planned(database, {"find": "logs", "filter": wanted, "sort": NEWEST_FIRST, "limit": 51,
                                                   "hint": index_of()}))


@pytest.mark.parametrize("field", ["userId", "resource.id", "sessionId", "requestId"])
def test_any_of_several_that_have_few_logs_each_are_gathered_by_index(database, field):
    found = planned(database, {"find": "logs", "filter": {"tenant": "plans", field: ANY_OF}, "sort": NEWEST_FIRST, "limit": 51,
                               "hint": index_of(field)})
    assert found & {"IXSCAN", "Index Scan", "Bitmap Index Scan"}, found
    assert not found & {"COLLSCAN", "Seq Scan"}, found


def test_a_page_within_one_millisecond_is_a_range_of_an_index(database):
    wanted = {"tenant": "plans", "timestamp": {"$gte": DAY, "$lte": DAY}, "_id": {"$lt": "plans/x"}}
    assert_in_order_of_an_index(planned(database, {"find": "logs", "filter": wanted, "sort": NEWEST_FIRST, "limit": 51,
                                                   "hint": index_of()}))


@pytest.mark.parametrize("filters", [{}, {"service": "a"}])
@pytest.mark.parametrize("window", ["minute", "hour", "day"])
def test_buckets_are_found_by_index(database, window, filters):
    wanted = {"tenant": "plans", "window": window, "start": {"$gte": DAY, "$lt": DAY + datetime.timedelta(days=9)}, **filters}
    found = planned(database, {"find": "stats", "filter": wanted})
    assert found and not found & {"COLLSCAN", "Seq Scan"}, found


@pytest.mark.parametrize("window", ["hour", "day"])
def test_totals_are_found_by_index(database, window):
    wanted = {"tenant": "plans", "window": window, "start": {"$gte": DAY, "$lt": DAY + datetime.timedelta(days=9)}}
    found = planned(database, {"find": "totals", "filter": wanted})
    assert found and not found & {"COLLSCAN", "Seq Scan"}, found
