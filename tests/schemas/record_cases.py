# SPDX-License-Identifier: MIT
"""Records, good and spoilt, from a seed. A record is a list of (name, JSON text): names may be there twice."""

import json

CHARACTERS = ["a", "Z", "7", ".", " ", "é", "€", "😀", "\n", '"', "\\", "\x7f", "\u0000", "\u2028", "$"]
ANY_VALUE = [None, True, False, 0, -1.5, 1e300, 10**30, "", "x", " ", [], {}, [1], {"a": 1}, ["x", None]]
LIMITS = {"service": 100, "action": 200, "userId": 100, "message": 2000}
FREE_TEXT = ["ip", "userAgent", "sessionId", "requestId", "traceparent"]
GOOD_TIMES = [
    "2026", "2026-11", "2026-11-22", "2026-11-22T10:00", "2026-11-22T10:00Z", "2026-11-22T10:00:00+02:00",
    "2026-11-22T10:00:00.1-0530", "2026-11-22T10:00:00.123456789+14", "2024-02-29", "2000-02-29T23:59:59.999Z",
    "0000-01-01", "9999-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z", "2026-11-22 10:00:00",
]  # fmt: skip
BAD_TIMES = [
    "", "now", "2026-02-30", "2025-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-11-31", "2026-11-22T24:00",
    "2026-11-22T10:00:60Z", "2026-11-22T10:60Z", "2026-11-22T10Z", "2026-11-22T10:00:00.Z", "20261122", "26-11-22",
    "2026-11-22T", "2026-11-22T10:00:00+24:00", "2026-11-22T10:00:00+02:", "2026-11-22T10:00:00+2", "2026-1-2",
    "2026-11-22T10:00:00ZZ", " 2026-11-22", "2026-11-22\n", "２０２６-11-22", "+2026-11-22", "-2026-11-22",
    "0000-01-01T00:00+01:00", "9999-12-31T23:59:59-01:00", "2026-11-22t10:00:00z", "1763805600000", "2026-11-22Z",
]  # fmt: skip


def dump(rng, value):
    """As JSON in one of the looks that a client may choose."""
    separators = rng.choice([(",", ":"), (", ", ": "), (" ,\t", " :\r")])
    return json.dumps(value, ensure_ascii=rng.random() < 0.5, separators=separators)


def text(rng, length):
    return "".join(rng.choice(CHARACTERS) for _ in range(length))


def word(rng):
    return text(rng, rng.randint(1, 12))


def key(rng):
    return rng.choice(["a", "key", "é", "", "a.b", "a$", "ip", "userAgent", " ", "x" * 30, "_id", "\n"])


def tree(rng, deep):
    kind = rng.randrange(8 if deep > 0 else 5)
    if kind < 5:
        return [None, rng.random() < 0.5, rng.randint(-(10**18), 10**18), rng.random(), word(rng)][kind]
    if kind == 5:
        return [tree(rng, deep - 1) for _ in range(rng.randrange(4))]
    return {key(rng): tree(rng, deep - 1) for _ in range(rng.randrange(4))}


def metadata(rng):
    return {key(rng): tree(rng, 3) for _ in range(rng.randrange(5))}


def nested(levels):
    """An object `levels` deep."""
    value = {}
    for level in range(levels - 1):
        value = [value] if level % 2 else {"n": value}
    return value if isinstance(value, dict) else {"n": value[0]}


def identifier(rng, alphabet):
    return "".join(rng.choice(alphabet) for _ in range(rng.choice([1, 10, 63, 64])))


NAMES = "abcXYZ019._-"


def good_values(rng):
    entity = {name: word(rng) for name in ("type", "id", "name") if rng.random() < 0.6}
    return {
        "service": text(rng, rng.choice([1, 8, 99, 100])),
        "action": text(rng, rng.choice([1, 8, 199, 200])),
        "userId": text(rng, rng.choice([1, 8, 99, 100])),
        "severity": rng.choice(["info", "warn", "error", "critical"]),
        "timestamp": rng.choice(GOOD_TIMES),
        "metadata": metadata(rng),
        "id": identifier(rng, NAMES + ":"),
        "actor": entity,
        "resource": entity | {"other": tree(rng, 2)},
        "changes": [{"field": word(rng), "old": tree(rng, 2)} for _ in range(rng.randrange(3))],
        "outcome": rng.choice(["success", "failure"]),
        "message": text(rng, rng.choice([1, 50, 1999, 2000])),
        "tags": [text(rng, rng.choice([1, 49, 50])) for _ in range(rng.choice([0, 1, 19, 20]))],
        **{name: word(rng) for name in FREE_TEXT},
    }


def good_record(rng):
    values = good_values(rng)
    chosen = [name for name in values if name in ("service", "action") or rng.random() < 0.4]
    rng.shuffle(chosen)
    return [(name, dump(rng, values[name])) for name in chosen]


def put(rng, record, name, value):
    """In place of what is there; sometimes behind it, since the last counts."""
    if rng.random() < 0.7:
        record[:] = [pair for pair in record if pair[0] != name]
    record.append((name, dump(rng, value)))


def wrong_type(rng, record):
    names = [*good_values(rng), "tenant", "_id", "source", "createdAt", "enriched", "unknown"]
    put(rng, record, rng.choice(names), rng.choice(ANY_VALUE))


def missing(rng, record):
    record.remove(rng.choice(record))


def at_the_limit(rng, record):
    name = rng.choice(list(LIMITS))
    put(rng, record, name, text(rng, LIMITS[name] + rng.choice([-1, 0, 1, 2])))


def bad_time(rng, record):
    put(rng, record, "timestamp", rng.choice(BAD_TIMES))


def bad_id(rng, record):
    bad = ["", " ", "a b", "a/b", "é", "x" * 65, "a\n", "\n", "a\u0000", "ａ", "a" * 63 + "é", "x:y"]
    put(rng, record, rng.choice(["id", "_id", "tenant"]), rng.choice(bad))


def bad_word(rng, record):
    words = ["", "INFO", "none", "info ", "information", "successful", None, 5]
    put(rng, record, rng.choice(["severity", "outcome"]), rng.choice(words))


def bad_key(rng, record):
    inner = {rng.choice(["$set", "$", "a\u0000b", "\u0000", "a$b", "fine"]): 1}
    value = rng.choice([inner, {"a": [inner]}, {"a": {"b": [[inner]]}}])
    if rng.random() < 0.7:
        put(rng, record, "metadata", value)
    else:
        put(rng, record, "changes", [{"field": "f", "new": value}])


def long_key(rng, record):
    name = text(rng, 198).replace("$", "x").replace("\u0000", "y") + rng.choice(["", "é", "é😀", "é😀z", "abcd"])
    put(rng, record, "metadata", rng.choice([{name: 1}, {"a": {name: 1}}]))


def deep(rng, record):
    name, levels = rng.choice([("metadata", 16), ("other", 31), ("changes", 30)])
    value = nested(levels + rng.choice([-1, 0, 1]))
    put(rng, record, name, [{"field": "f", "old": value["n"]}] if name == "changes" else value)


def large(rng, record):
    room = 32768 - len('{"a":""}')
    put(rng, record, "metadata", {"a": "x" * (room + rng.choice([-1, 0, 1]))})


def bad_tags(rng, record):
    tags = [rng.choice(["t", "é" * 50, "😀" * 51, "", None, 5, []]) for _ in range(rng.choice([1, 2, 20, 21]))]
    put(rng, record, "tags", tags)


def bad_entity(rng, record):
    member = rng.choice(["type", "id", "name", "other"])
    value = rng.choice([*ANY_VALUE, "é" * 100, "é" * 101])
    put(rng, record, rng.choice(["actor", "resource"]), {member: value})


def bad_changes(rng, record):
    changes = [rng.choice([5, {}, {"field": "f"}, {"field": ""}, {"field": None}, []]) for _ in range(rng.randint(1, 3))]
    put(rng, record, "changes", changes)


def unknown(rng, record):
    name = rng.choice(["foo", "Service", "é", "userid", "$set", "traceParent", "a" * 300])
    put(rng, record, name, tree(rng, 2))


SPOILERS = [
    wrong_type, missing, at_the_limit, bad_time, bad_id, bad_word, bad_key, long_key, deep, large, bad_tags,
    bad_entity, bad_changes, unknown,
]  # fmt: skip


def record(rng):
    pairs = good_record(rng)
    for _ in range(rng.choice([0, 0, 1, 1, 1, 2, 3])):
        rng.choice(SPOILERS)(rng, pairs)
    return pairs


def escape_key(rng, name):
    if rng.random() < 0.9:
        return json.dumps(name, ensure_ascii=rng.random() < 0.5)
    return json.dumps(name[:1])[:-1] + "".join(f"\\u{ord(c):04x}" for c in name[1:] if ord(c) < 0x10000) + '"'


def line(rng, pairs):
    """The record's bytes, in one line."""
    space = rng.choice(["", "", " ", "\t"])
    members = [f"{escape_key(rng, name)}{space}:{space}{value}" for name, value in pairs]
    return f"{space}{{{(space + ',').join(members)}{space}}}{space}".encode()
