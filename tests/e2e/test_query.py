# SPDX-License-Identifier: MIT
"""Reading logs back: filters, pages, cursors, single logs."""

import itertools

import pytest

import als
from als import iso, record

START = als.moment("2024-10-05T08:00:00.000Z")
SERVICES, ACTIONS, USERS = ("auth", "shop", "mail"), ("login", "user.create"), ("ada", "bob")
SEVERITIES = ("info", "warn", "error", "critical")


def at(seconds):
    return iso(START + als.timedelta(seconds=seconds))


def made():
    """72 records a second apart: every service, action, user and severity with each other, and some more."""
    kinds = list(itertools.product(SERVICES, ACTIONS, USERS, SEVERITIES))
    return [record(id=f"q{n}", service=service, action=action, userId=user, severity=severity, timestamp=at(n))
            for n, (service, action, user, severity) in enumerate((kinds + kinds)[:72])]


SENT = made()


@pytest.fixture(scope="module")
def logs(shared_gateway):
    shared_gateway.batch_accepted(SENT)
    shared_gateway.wait_total(len(SENT))
    return shared_gateway


def ids(answer):
    return [log["_id"] for log in answer["data"]]


def expected(wanted=lambda sent: True):
    return [sent["id"] for sent in reversed(SENT) if wanted(sent)]


def test_logs_come_newest_first_fifty_a_page(logs):
    answer = logs.search()
    assert answer["success"] is True
    assert ids(answer) == expected()[:50]
    pagination = answer["pagination"]
    assert {name: pagination[name] for name in ("page", "limit", "total", "pages")} == {
        "page": 1, "limit": 50, "total": 72, "pages": 2}


def test_pages_follow_each_other_without_gap(logs):
    pages = [logs.search(page=page, limit=7) for page in range(1, 12)]
    assert sum((ids(page) for page in pages), []) == expected()
    assert {page["pagination"]["pages"] for page in pages} == {11}
    assert [page["pagination"]["page"] for page in pages] == list(range(1, 12))


def test_a_page_past_the_end_is_empty(logs):
    answer = logs.search(page=1000, limit=50)
    assert (answer["data"], answer["pagination"]["total"]) == ([], 72)


def test_a_thousand_logs_fit_on_a_page(logs):
    assert len(logs.search(limit=1000)["data"]) == 72
    assert logs.search(limit=1000)["pagination"]["pages"] == 1


FILTERS = [{"service": "auth"}, {"action": "login"}, {"userId": "bob"}, {"severity": "critical"},
           {"service": "shop", "action": "user.create"}, {"userId": "ada", "severity": "warn"},
           {"service": "mail", "action": "login", "userId": "bob", "severity": "error"}]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_filters_choose_what_is_equal(logs, filters):
    wanted = expected(lambda sent: all(sent[name] == value for name, value in filters.items()))
    answer = logs.search(limit=1000, **filters)
    assert ids(answer) == wanted
    assert answer["pagination"]["total"] == len(wanted) > 0


@pytest.mark.parametrize("filters", [
    {"service": "aut"}, {"service": "AUTH"}, {"service": ".*"}, {"service": "auth|shop"}, {"userId": "$ne"},
    {"userId": '{"$ne":"x"}'}, {"service": "auth", "userId": "nobody"}, {"action": "' or 1=1"}, {"action": "log\0in"}])
def test_a_filter_is_text_and_nothing_more(logs, filters):
    assert logs.search(**filters)["data"] == []


@pytest.mark.parametrize("first, last", [(0, 71), (10, 20), (30, 30), (71, 200), (-50, 0), (72, 80)])
def test_both_dates_are_included(logs, first, last):
    wanted = [f"q{n}" for n in reversed(range(max(first, 0), min(last, 71) + 1))]
    answer = logs.search(limit=1000, startDate=at(first), endDate=at(last))
    assert ids(answer) == wanted
    assert answer["pagination"]["total"] == len(wanted)


def test_dates_take_any_form_and_offset(logs):
    wanted = [f"q{n}" for n in reversed(range(5, 9))]
    start = (START + als.timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%S")
    end = (START + als.timedelta(hours=2, seconds=8)).strftime("%Y-%m-%dT%H:%M:%S+02:00")
    assert ids(logs.search(startDate=start, endDate=end)) == wanted
    assert len(logs.search(startDate="2024-10-05", endDate="2024-10-06", limit=1000)["data"]) == 72
    assert logs.search(startDate="2024-10-06")["data"] == []
    assert logs.search(endDate="2024-10-05")["data"] == []
    assert logs.search(startDate="2024", endDate="2025", limit=1)["pagination"]["total"] == 72


def test_a_range_upside_down_is_empty(logs):
    answer = logs.search(startDate=at(50), endDate=at(10))
    assert (answer["data"], answer["pagination"]["total"]) == ([], 0)


def test_unknown_parameters_are_ignored(logs):
    assert ids(logs.search(limit=3, colour="red", tenant="other", _id="q1")) == expected()[:3]


def test_filters_and_dates_and_pages_go_together(logs):
    wanted = expected(lambda sent: sent["service"] == "shop" and at(10) <= sent["timestamp"] <= at(60))
    seen = [ids(logs.search(service="shop", startDate=at(10), endDate=at(60), limit=5, page=page)) for page in (1, 2, 3)]
    assert sum(seen, []) == wanted[:15]


def walk(client, between=lambda: None, **params):
    """Every id that a walk with cursors meets."""
    met, cursor = [], None
    while True:
        answer = client.search(**params, **({"cursor": cursor} if cursor else {}))
        met += ids(answer)
        cursor = answer["pagination"].get("nextCursor")
        if not cursor:
            return met
        assert answer["data"], "a page with a next one is not empty"
        between()


@pytest.mark.parametrize("limit", [1, 7, 36, 72, 100])
def test_a_walk_with_cursors_meets_each_log_once(logs, limit):
    assert walk(logs, limit=limit) == expected()


def test_a_walk_with_filters_meets_what_they_choose(logs):
    assert walk(logs, limit=4, service="shop", startDate=at(3)) == expected(
        lambda sent: sent["service"] == "shop" and sent["timestamp"] >= at(3))


def test_with_a_cursor_the_total_is_left_out_unless_asked_for(logs):
    cursor = logs.search(limit=10)["pagination"]["nextCursor"]
    assert "total" not in logs.search(limit=10, cursor=cursor)["pagination"]
    assert logs.search(limit=10, cursor=cursor, count="exact")["pagination"]["total"] == 72


def test_the_next_page_is_also_a_link(logs):
    answer = logs.get("/logs", params={"limit": 10, "service": "shop"})
    link = answer.headers["Link"]
    assert link.endswith('; rel="next"')
    following = logs.get(als.URL + link[link.index("<") + 1:link.index(">")].removeprefix(als.URL))
    assert ids(following.json()) == expected(lambda sent: sent["service"] == "shop")[10:20]


def test_equal_timestamps_do_not_confuse_a_walk(gateway):
    sent = gateway.batch_accepted([record(timestamp=at(n // 40)) for n in range(100)])
    gateway.wait_total(100)
    for limit in (1, 9, 40, 99):
        met = walk(gateway, limit=limit)
        assert (len(met), set(met)) == (100, set(sent))


def test_pages_of_equal_timestamps_meet_each_log_once(gateway):
    sent = gateway.batch_accepted([record(timestamp=at(0)) for _ in range(50)])
    gateway.wait_total(50)
    met = sum((ids(gateway.search(limit=7, page=page)) for page in range(1, 9)), [])
    assert (len(met), set(met)) == (50, set(sent))


def test_a_walk_is_stable_while_records_arrive(gateway):
    sent = gateway.batch_accepted([record(timestamp=at(n // 3)) for n in range(60)])
    gateway.wait_total(60)
    arrived = []

    def arrive():
        arrived.append(gateway.accepted(record(timestamp=at(1000 + len(arrived)))))
        gateway.stored(arrived[-1])

    met = walk(gateway, arrive, limit=9)
    assert arrived
    assert (len(met), set(met)) == (60, set(sent))


def test_oldest_first_is_the_same_the_other_way_round(logs):
    assert ids(logs.search(sort="timestamp", limit=1000)) == expected()[::-1]
    assert ids(logs.search(sort="timestamp", limit=10, page=3)) == expected()[::-1][20:30]
    assert ids(logs.search(sort="-timestamp", limit=1000)) == expected()


@pytest.mark.parametrize("limit", [1, 7, 36, 72, 100])
def test_a_walk_goes_oldest_first_too(logs, limit):
    assert walk(logs, limit=limit, sort="timestamp") == expected()[::-1]
    assert walk(logs, limit=limit, sort="timestamp", service="shop", startDate=at(3)) == expected(
        lambda sent: sent["service"] == "shop" and sent["timestamp"] >= at(3))[::-1]


def test_a_cursor_is_of_one_order(logs):
    for sort, other in (("timestamp", "-timestamp"), ("-timestamp", "timestamp")):
        cursor = logs.search(limit=10, sort=sort)["pagination"]["nextCursor"]
        assert logs.get("/logs", params={"limit": 10, "sort": other, "cursor": cursor}).status_code == 400


@pytest.mark.parametrize("filters", [
    {"service": ["auth", "shop"]}, {"service!": "mail"}, {"action": "user.*"}, {"userId": ["ada", "bob"], "severity!": ["info", "warn"]},
    {"q": "CREATE"}, {"outcome": "none"}, {"source": "http", "service": "a*"}], ids=str)
def test_a_walk_holds_with_every_kind_of_filter(logs, filters):
    whole = ids(logs.search(limit=1000, **filters))
    assert 0 < len(whole) <= 72
    assert walk(logs, limit=5, **filters) == whole
    assert walk(logs, limit=5, sort="timestamp", **filters) == whole[::-1]


def test_only_the_fields_asked_for_are_shown(logs):
    answer = logs.search(fields="service,userId", limit=3)
    assert [list(log) for log in answer["data"]] == [["_id", "service", "userId"]] * 3
    assert ids(answer) == expected()[:3]
    assert [list(log) for log in logs.search(fields="timestamp", limit=1)["data"]] == [["_id", "timestamp"]]
    assert [list(log) for log in logs.search(fields="_id,src,hash,expireAt,nothing", limit=1)["data"]] == [["_id"]]
    assert logs.search(fields="enriched.verb,enriched", limit=1)["data"][0]["enriched"]["verb"]
    assert walk(logs, limit=10, fields="service") == expected()


def test_fields_go_into_members(gateway):
    log_id = gateway.accepted(record(metadata={"cart": {"items": 3, "total": 9}, "note": "x"}))
    gateway.stored(log_id)
    [log] = gateway.search(fields="metadata.cart.items,metadata.note")["data"]
    assert log == {"_id": log_id, "metadata": {"cart": {"items": 3}, "note": "x"}}


def test_a_count_is_made_or_not_as_asked(logs):
    assert "total" not in logs.search(count="none")["pagination"]
    assert logs.search(count="exact", service="shop", **{"action!": "login"})["pagination"]["total"] == len(
        expected(lambda sent: sent["service"] == "shop" and sent["action"] != "login"))


def test_a_cursor_is_of_one_tenant(logs, gateway):
    cursor = logs.search(limit=10)["pagination"]["nextCursor"]
    answer = gateway.get("/logs", params={"limit": 10, "cursor": cursor})
    assert (answer.status_code, answer.json()["details"]) == (400, [{"field": "cursor", "message": '"cursor" is not valid'}])


@pytest.mark.parametrize("filters", [{"service": "shop"}, {"startDate": at(0)}, {"endDate": at(99)}, {"userId": "ada"}], ids=str)
def test_a_cursor_is_of_one_set_of_filters(logs, filters):
    cursor = logs.search(limit=10)["pagination"]["nextCursor"]
    assert logs.get("/logs", params={"limit": 10, "cursor": cursor, **filters}).status_code == 400
    own = logs.search(limit=2, **filters)["pagination"]["nextCursor"]
    assert logs.get("/logs", params={"limit": 10, "cursor": own}).status_code == 400
    assert logs.get("/logs", params={"limit": 5, "cursor": own, **filters}).status_code == 200


def test_a_changed_cursor_is_not_valid(logs):
    cursor = logs.search(limit=10)["pagination"]["nextCursor"]
    for place in range(0, len(cursor), 3):
        other = "A" if cursor[place] != "A" else "B"
        changed = cursor[:place] + other + cursor[place + 1:]
        assert logs.get("/logs", params={"limit": 10, "cursor": changed}).status_code == 400, changed
    assert logs.get("/logs", params={"limit": 10, "cursor": cursor[:-1]}).status_code == 400


def test_one_log_is_read_by_its_id(logs):
    answer = logs.get("/logs/q5")
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["success", "data"] and body["success"] is True
    assert body["data"] == next(log for log in logs.search(limit=100)["data"] if log["_id"] == "q5")


@pytest.mark.parametrize("log_id", ["no-such-log", "x" * 64, "%24ne", "a%20b", "x" * 300, "q5%00"])
def test_an_unknown_log_is_not_found(logs, log_id):
    answer = logs.get(f"/logs/{log_id}")
    assert answer.status_code == 404
    assert (answer.json()["success"], answer.json()["error"]) == (False, "Log not found")


def test_a_log_is_pending_until_it_can_be_read(gateway):
    log_id = gateway.accepted(record())
    states = []

    def look():
        answer = gateway.get(f"/logs/{log_id}")
        states.append(answer.status_code)
        assert answer.status_code in (200, 202), answer.text
        if answer.status_code == 202:
            assert answer.json() == {"success": True, "state": "pending"}
        return answer.status_code == 200

    als.wait_until(look, "the log can be read", pause=0)
    assert states[-1] == 200
