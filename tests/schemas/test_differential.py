# SPDX-License-Identifier: MIT
"""Two validators that share no code, ours and PyPI's jsonschema on our schemas, must agree: on good or bad, and on
which members are at fault."""

import json
import random

import pytest
import record_cases
import record_schema
from als_validate import verdicts

RECORDS = 2000


def lines(seed, count):
    rng = random.Random(seed)
    return [record_cases.line(rng, record_cases.record(rng)) for _ in range(count)]


def our_members(verdict):
    if verdict is True:
        return set()
    if isinstance(verdict, str):
        return {verdict.partition(" at ")[0]}
    return {fault["field"].partition(".")[0] for fault in verdict}


def is_too_deep(line):
    """Also in a member that a later one of the same name replaces."""
    value = json.loads(line, object_pairs_hook=lambda pairs: [value for _, value in pairs])
    return record_schema.depth(value) > 32


def their_members(validator, line):
    record = json.loads(line)
    if is_too_deep(line):
        return {"malformed_json: nested too deep"}
    return record_schema.members_at_fault(validator.iter_errors(record), record)


def cut(names):
    """A name is shown in 200 bytes at most."""
    return {name.encode()[:200].decode(errors="ignore") for name in names}


@pytest.mark.parametrize(
    ("arguments", "definition"),
    [((), "http"), (("--kafka",), "kafka"), (("--strict",), "strict")],
    ids=["http", "kafka", "strict"],
)
def test_both_validators_find_the_same_members_at_fault(arguments, definition):
    validator = record_schema.validator(f"activity-log#/$defs/{definition}")
    cases = lines(f"differential-{definition}", RECORDS)
    good = 0
    for case, verdict in zip(cases, verdicts(cases, *arguments), strict=True):
        assert our_members(verdict) == cut(their_members(validator, case)), (verdict, case)
        good += verdict is True
    assert RECORDS / 5 < good < RECORDS * 4 / 5  # the cases are worth something only when both kinds abound


@pytest.mark.parametrize("value", ["null", "true", "5", '"x"', "[]", '[{"service":"s","action":"a"}]'])
def test_what_is_no_object_is_at_fault_as_a_whole(value):
    validator = record_schema.validator("activity-log")
    (verdict,) = verdicts([value.encode()])
    assert verdict == [{"field": "", "message": '"value" must be of type object'}]
    assert their_members(validator, value) == {""}


def test_no_two_verdicts_on_any_timestamp():
    rng = random.Random("timestamps")
    validator = record_schema.validator("activity-log")
    cases = []
    for _ in range(4000):
        text = list(rng.choice(record_cases.GOOD_TIMES))
        for _ in range(rng.choice([0, 1, 1, 2])):
            at = rng.randrange(len(text))
            text[at : at + rng.randrange(2)] = rng.choice(["", *"0123459-+:.TZ t"])
        cases.append(json.dumps({"service": "s", "action": "a", "timestamp": "".join(text)}).encode())
    for case, verdict in zip(cases, verdicts(cases), strict=True):
        assert (verdict is True) == validator.is_valid(json.loads(case)), (verdict, case)


def test_what_becomes_of_a_good_record_keeps_to_its_schema_and_says_the_same():
    validator = record_schema.validator("enriched")
    cases = lines("enriched", RECORDS)
    good = 0
    for case, result in zip(cases, verdicts(cases, "--enriched"), strict=True):
        if not isinstance(result, dict):
            continue
        good += 1
        record = json.loads(case)
        assert not list(validator.iter_errors(result)), (result, case)
        assert list(result)[:3] == ["_id", "hash", "src"]
        for name in ("service", "action", "metadata", "changes", "outcome", "message", "tags", "traceparent"):
            assert result.get(name) == record.get(name), case
        user = record.get("userId", record.get("actor", {}).get("id"))
        assert result.get("userId") == user
        assert result.get("actor", {}).get("id") == record.get("actor", {}).get("id", user)
        assert result["severity"] == record.get("severity", "info")
        for name in ("ip", "userAgent", "sessionId", "requestId"):
            spare = record.get("metadata", {}).get(name)
            assert result.get(name) == record.get(name, spare if isinstance(spare, str) and spare else None), case
        if "timestamp" in record:
            assert record_schema.time_ms(result["timestamp"]) == record_schema.time_ms(record["timestamp"])
    assert good > RECORDS / 5


CELLS = [f"{s}_{o}" for s in ("info", "warn", "error", "critical") for o in ("success", "failure", "none")]


def stats_record(rng):
    def cells():
        return {name: rng.randint(1, 10**12) for name in CELLS if rng.random() < 0.4}

    def time():
        return f"20{rng.randint(10, 99)}-0{rng.randint(1, 9)}-11T10:20:00.{rng.randint(100, 999)}Z"

    def shard():
        place = f"{rng.randrange(9)}:{rng.randrange(10**9)}:1"
        return {"start": time(), "shard": place, "cells": cells(), "firstAt": time(), "lastAt": time()}

    text = record_cases.word
    if rng.random() < 0.3:
        delta = {name: rng.randrange(10**6) for name in ("processed", "rejected", "duplicates")}
        return {"kind": "meta", "tenant": text(rng), "delta": delta, "watermark": "2026-11-22T10:00:00.123Z"}
    head = {"kind": "bucket", "tenant": text(rng), "service": text(rng), "action": text(rng), "delta": cells()}
    return head | {"minute": shard(), "hour": shard(), "day": shard()}


def spoil(rng, value):
    """Drops, replaces or adds one member, somewhere."""
    name = rng.choice(list(value)) if value else None
    if name and isinstance(value[name], dict) and rng.random() < 0.7:
        spoil(rng, value[name])
    elif name and rng.random() < 0.4:
        del value[name]
    elif name and rng.random() < 0.8:
        value[name] = rng.choice([None, -1, 1.5, True, "no time", [], {}, {"info_none": -1}])
    else:
        value[rng.choice(["more", "info_some"])] = 1


def test_stats_records_come_back_as_they_were_and_bad_ones_are_refused_by_both():
    rng = random.Random("stats")
    validator = record_schema.validator("stats")
    records = [stats_record(rng) for _ in range(RECORDS)]
    spoilt = [json.loads(json.dumps(record)) for record in records]
    for record in spoilt:
        spoil(rng, record)
    for record, back in zip(records, verdicts([json.dumps(r).encode() for r in records], "--stats"), strict=True):
        assert validator.is_valid(record) and back == record
    bad = 0
    for record, back in zip(spoilt, verdicts([json.dumps(r).encode() for r in spoilt], "--stats"), strict=True):
        assert isinstance(back, dict) == validator.is_valid(record), (record, back)
        bad += isinstance(back, str)
    assert RECORDS / 2 < bad < RECORDS
