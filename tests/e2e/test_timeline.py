# SPDX-License-Identifier: MIT
"""A user's logs by session."""

import itertools
from datetime import timedelta

import pytest

import als
from als import iso, record

START = als.moment("2024-11-01T06:00:00.000Z")


def at(minutes):
    return iso(START + timedelta(minutes=minutes))


def made():
    """Two sessions that overlap, and logs without one, with gaps of 30 minutes and of a bit more."""
    by_session = [(0, "s1"), (5, "s2"), (7, "s1"), (8, "s2"), (200, "s1")]
    alone = [1, 31, 61, 61, 92, 300, 331, 390]
    records = [record(userId="ada", sessionId=session, timestamp=at(minute)) for minute, session in by_session]
    records += [record(userId="ada", timestamp=at(minute)) for minute in alone]
    records += [record(userId="bob", sessionId="s1", timestamp=at(minute)) for minute in (2, 3)]
    records += [record(userId="ada*", timestamp=at(2)), record(userId="a/b c", timestamp=at(2))]
    return [{**fields, "id": f"t{n:02}"} for n, fields in enumerate(records)]


SENT = made()
EXPECTED = [  # session, start, end, count
    (None, 390, 390, 1), (None, 331, 331, 1), (None, 300, 300, 1), ("s1", 0, 200, 3), (None, 92, 92, 1), (None, 1, 61, 4), ("s2", 5, 8, 2)]


@pytest.fixture(scope="module")
def logs(shared_gateway):
    shared_gateway.batch_accepted(SENT)
    shared_gateway.wait_total(len(SENT))
    return shared_gateway


def timeline(client, user="ada", **params):
    answer = client.get(f"/users/{user}/timeline", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def told(session):
    return session["sessionId"], session["start"], session["end"], session["count"]


def test_logs_are_grouped_by_session_and_by_gaps(logs):
    answer = timeline(logs)
    assert answer["userId"] == "ada" and "nextCursor" not in answer["pagination"]
    assert [told(session) for session in answer["data"]] == [(s, at(start), at(end), n) for s, start, end, n in EXPECTED]
    for session in answer["data"]:
        times = [log["timestamp"] for log in session["logs"]]
        assert times == sorted(times, reverse=True) and len(times) == session["count"]
        assert {log.get("sessionId") for log in session["logs"]} == {session["sessionId"]}


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 12, 13])
def test_pages_put_together_are_the_whole(logs, limit):
    whole, pages, cursor = timeline(logs)["data"], [], None
    for _ in itertools.count():
        answer = timeline(logs, limit=limit, **({"cursor": cursor} if cursor else {}))
        assert sum(session["count"] for session in answer["data"]) <= limit
        pages.append(answer["data"])
        cursor = answer["pagination"].get("nextCursor")
        if not cursor:
            break
    met = [log["_id"] for page in pages for session in page for log in session["logs"]]
    assert sorted(met) == sorted(log["_id"] for session in whole for log in session["logs"])
    for page, following in itertools.pairwise(pages):
        first = max((log["timestamp"], log["_id"]) for session in following for log in session["logs"])
        session = next(s for s in following if first in [(log["timestamp"], log["_id"]) for log in s["logs"]])
        unbroken = [s for s in page if s.get("continues")]
        assert [s["sessionId"] for s in unbroken] in ([], [session["sessionId"]])
        if session["sessionId"] and session["sessionId"] in [s["sessionId"] for s in page]:
            assert unbroken


def test_a_user_is_taken_word_for_word(logs):
    assert [told(s) for s in timeline(logs, "ada*")["data"]] == [(None, at(2), at(2), 1)]
    assert [told(s) for s in timeline(logs, "a%2Fb%20c")["data"]] == [(None, at(2), at(2), 1)]
    assert timeline(logs, "*")["data"] == timeline(logs, "nobody")["data"] == []


def test_filters_and_dates_hold(logs):
    assert [told(s) for s in timeline(logs, sessionId="s2")["data"]] == [("s2", at(5), at(8), 2)]
    assert [told(s) for s in timeline(logs, startDate=at(6), endDate=at(7))["data"]] == [("s1", at(7), at(7), 1)]


def test_the_next_page_is_also_a_link(logs):
    answer = logs.get("/users/ada/timeline", params={"limit": 4})
    link = answer.headers["Link"]
    following = logs.get(als.URL + link[link.index("<") + 1:link.index(">")])
    assert following.json() == timeline(logs, limit=4, cursor=answer.json()["pagination"]["nextCursor"])


def test_a_cursor_is_of_one_user(logs):
    cursor = timeline(logs, limit=1)["pagination"]["nextCursor"]
    for path in ("/users/bob/timeline", "/logs"):
        assert logs.get(path, params={"limit": 1, "cursor": cursor}).status_code == 400


@pytest.mark.parametrize("params", [{"userId": "bob"}, {"userId!": "bob"}, {"sort": "timestamp"}, {"fields": "service"}, {"page": 2},
                                    {"limit": 0}, {"limit": 1001}, {"cursor": "x"}, {"userId[$ne]": "x"}], ids=str)
def test_what_would_take_a_timeline_apart_is_refused(logs, params):
    answer = logs.get("/users/ada/timeline", params=params)
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json()["details"]] == [next(iter(params)).split("!")[0].split("[")[0]]
