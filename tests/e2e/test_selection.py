# SPDX-License-Identifier: MIT
"""Filters: what the document store finds for them, and what the C matcher, which the live tail and deletions use, takes."""

import itertools
import json
import subprocess

import pytest

import als
import topics
from als import record

AT = "2024-10-05T08:00:%02d.000Z"


def made():
    """Records that differ in every member that can be asked for, and some with odd ones."""
    few = [record(service=service, action=action, userId=user, severity=severity)
           for service, action, user, severity in itertools.product(
               ("auth", "mail", "auth2"), ("user.create", "user.delete", "users"), ("ada", None), ("info", "error"))]
    more = [
        dict(outcome="success", tags=["red", "blue"], ip="10.1.2.3", sessionId="s1", requestId="r1", message="Disk is FULL of Äpfel"),
        dict(outcome="failure", tags=["blue"], ip="10.1.20.3", sessionId="s2", requestId="r2", message="disk. (all) [of] it"),
        dict(resource={"type": "order", "id": "o-1"}, tags=["red.hot"], message="ДИСК полон"),
        dict(resource={"type": "order", "id": "o-2"}, message="nothing"), dict(resource={"type": "user"}, message="äpfel"),
        dict(userId="a*"), dict(userId="a\u0000b"), dict(userId="\U0010ffffx"), dict(userId="Ada"), dict(userId="ada "),
        dict(ip="8.8.8.8"), dict(tags=[]),
        dict(metadata={"n": 5, "s": "5", "yes": True, "no": False, "nil": None, "real": 2.5}),
        dict(metadata={"n": "5", "s": 5.0, "yes": "true", "no": "x", "real": "2.5", "big": 9007199254740993}),
        dict(metadata={"n": [4, 5, "six"], "cart": {"items": [{"id": "x"}, {"id": 7, "deep": {"er": "y"}}]}, "list": [["in"], "out"]}),
        dict(metadata={"n": {"a": 5}, "cart": {"items": {"id": "x"}}, "0": "zero", "big": 9007199254740992}),
        dict(metadata={"n": -0.0, "list": [], "cart": [], "a.b": "dotted", "a": {"b": "nested"}, "big": 1e300}),
        dict(metadata={"n": "fivefold", "s": "a.c", "real": 1e3}), dict(metadata={"s": "abc", "real": 1000}), dict(metadata={}),
    ]
    records = few + [record(**fields) for fields in more]
    return [{**fields, "id": f"f{n}", "timestamp": AT % n} for n, fields in enumerate(records)]


SENT = made()

QUERIES = """
service=auth service=auth&service=mail service=auth* service!=auth service!=auth*&service!=x service=nobody service=*
action=user.* action=user* action!=user.* action=user.create&action=users action=user.*&action=users service=auth&action=user.*
userId=ada userId=* userId!=* userId=a* userId=a%5C* userId=a%00b userId=a%00* userId=%F4%8F%BF%BF* userId=ada%20 userId!=ada
severity=info severity!=info severity=info&severity=error severity=*
outcome=success outcome=failure outcome=none outcome!=none outcome!=success outcome=* outcome!=* outcome=none&outcome=failure
resourceType=order resourceType!=order resourceType=* resourceId=o-1 resourceId=o-* resourceId=o-1&resourceId=o-2 resourceId!=o-1
ip=10.1.2.3 ip=10.1.2.* ip=10.1.2* ip!=10.* ip=*
sessionId=s1 sessionId=s* requestId=r1&requestId=r2 requestId!=r1
tag=red tag=blue tag=red&tag=blue tag=red* tag=red.* tag!=red tag!=blue* tag=* tag!=* tag=b*&tag=red.hot
source=http source=kafka source!=http country=DE country!=DE
metadata.n=5 metadata.n=5.0 metadata.n=50e-1 metadata.n=five* metadata.n!=5 metadata.n=* metadata.n!=* metadata.n=0 metadata.n=-0
metadata.n=six metadata.n=4&metadata.n=six metadata.n.a=5 metadata.n.0=4 metadata.n.1=5 metadata.n.2=s*
metadata.s=5 metadata.s=5.0 metadata.s=a.* metadata.s=a.c metadata.s!=a*
metadata.yes=true metadata.no=false metadata.no=x metadata.nil=* metadata.nil!=* metadata.nil=null metadata.yes!=true
metadata.real=2.5 metadata.real=2.50 metadata.real=1000 metadata.real=1e3 metadata.real=1000.0
metadata.big=9007199254740993 metadata.big=9007199254740992 metadata.big=9007199254740992.0 metadata.big=1e300 metadata.big=*
metadata.cart.items.id=x metadata.cart.items.id=7 metadata.cart.items.1.id=7 metadata.cart.items.0.id=7 metadata.cart.items.id!=x
metadata.cart.items.id=* metadata.cart.items.deep.er=y metadata.cart.items.1.deep.er=y metadata.cart=* metadata.cart.items=*
metadata.list=out metadata.list=in metadata.list.1=out metadata.list.0.0=in metadata.list=* metadata.list.5=* metadata.0=zero
metadata.a.b=nested metadata.a.b=dotted metadata.missing=x metadata.missing!=x
q=disk q=DISK q=disk+full q=full+disk q=%C3%A4pfel q=%C3%84PFEL q=%D0%B4%D0%B8%D1%81%D0%BA q=disk. q=(all)+[of] q=.* q=create q=user+delete
q=create&service!=auth q=%C3%A4&outcome=success startDate=2024-10-05T08:00:30Z endDate=2024-10-05T08:00:10Z
startDate=2024-10-05T08:00:05Z&endDate=2024-10-05T08:00:05Z startDate=2025&endDate=2024 startDate=0000&endDate=9999
service=auth&service=mail&action=user*&userId!=*&severity=error service!=mail&action!=users&severity!=info&tag!=red&metadata.n!=5
""".split()


@pytest.fixture(scope="module")
def records(shared_gateway):
    """The records as the enriched topic holds them, a line each; stored, too."""
    with topics.Reader(als.ENRICHED) as reader:
        shared_gateway.batch_accepted(SENT)
        found = reader.find(lambda m: json.loads(m.value)["tenant"] == shared_gateway.tenant, len(SENT))
    shared_gateway.wait_total(len(SENT))
    return b"".join(message.value + b"\n" for message in found)


@pytest.fixture(scope="module")
def logs(shared_gateway, records):
    return shared_gateway


def chosen(query, records):
    done = subprocess.run([als.BUILD / "tests" / "als-select", query], input=records, capture_output=True, check=True, timeout=60)
    return sorted(json.loads(line)["_id"].split("/")[-1] for line in done.stdout.splitlines())


@pytest.mark.parametrize("query", QUERIES)
def test_the_store_and_the_matcher_choose_the_same(logs, records, query):
    answer = logs.get(f"/logs?limit=1000&{query}")
    assert answer.status_code == 200, answer.text
    found = sorted(log["_id"] for log in answer.json()["data"])
    assert found == chosen(query, records)
    assert answer.json()["pagination"]["total"] == len(found)


def test_the_queries_tell_the_records_apart(logs, records):
    """Else the agreement above would say little."""
    sizes = [len(chosen(query, records)) for query in QUERIES]
    assert sum(0 < size < len(SENT) for size in sizes) > len(QUERIES) * 3 / 4


@pytest.mark.parametrize("query, wanted", [
    ("userId=a%5C*", lambda r: r.get("userId") == "a*"),
    ("service=auth&service=mail", lambda r: r["service"] in ("auth", "mail")),
    ("action!=user.*", lambda r: not r["action"].startswith("user.")),
    ("userId!=*", lambda r: "userId" not in r),
    ("tag=red&tag=red.*", lambda r: {"red", "red.hot"} & set(r.get("tags", ()))),
    ("resourceId=o-*", lambda r: r.get("resource", {}).get("id", "").startswith("o-")),
    ("outcome=none", lambda r: "outcome" not in r),
    ("metadata.real=1000", lambda r: r.get("metadata", {}).get("real") == 1000),
    ("q=FULL+%C3%A4PFEL", lambda r: "FULL of Äpfel" in r.get("message", "")),
])
def test_filters_choose_what_they_say(logs, query, wanted):
    expected = [sent["id"] for sent in reversed(SENT) if wanted(sent)]
    assert [log["_id"] for log in logs.get(f"/logs?limit=1000&{query}").json()["data"]] == expected != []
