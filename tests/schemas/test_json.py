# SPDX-License-Identifier: MIT
"""json_check against Python's json, made strict: UTF-8 alone, no NaN, and no half of a surrogate pair, which Python
lets through and we refuse, since it names no character and could not be stored."""

import json
import random

import pytest
import record_cases
from als_validate import ROOT, verdicts

CASES = sorted((ROOT / "tests" / "schemas" / "json").iterdir())
PIECES = [
    *(bytes([byte]) for byte in range(256)), b"\\u", b"\\ud800", b"\\udc00", b"\\ud83d\\ude00", b"null", b"NaN",
    b"true", b"1e5", b"-0", b"00", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"{}", b"[]", b'"":', b'""',
]  # fmt: skip


def refuse(constant):
    raise ValueError(constant)


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from strings(item)


def python_accepts(data):
    try:
        value = json.loads(
            data.decode("utf-8"),
            parse_constant=refuse,
            parse_int=lambda digits: 0,  # Python has a limit of its own for the length of a number
            parse_float=lambda digits: 0,
            object_pairs_hook=list,  # keeps the first of two equal keys, which we read too
        )
        "".join(strings(value)).encode("utf-8")
    except ValueError:
        return False
    return True


def we_accept(cases):
    return [verdict is True for verdict in verdicts([case.hex().encode() for case in cases], "--json")]


def mutate(rng, data):
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at = rng.randrange(len(data) + 1)
        what = rng.randrange(4)
        if what == 0:
            data[at:at] = rng.choice(PIECES)
        elif what == 1:
            data[at : at + rng.randint(1, 3)] = b""
        elif what == 2:
            data[at : at + 1] = rng.choice(PIECES)
        else:
            data[at:] = b""
    return bytes(data)


def test_generated_and_mutated_bytes_get_the_same_verdict():
    rng = random.Random("json")
    cases = []
    for _ in range(3000):
        value = rng.choice([record_cases.tree(rng, 4), record_cases.nested(rng.randint(1, 90))])
        whole = record_cases.dump(rng, value).encode()
        cases += [whole, *(mutate(rng, whole) for _ in range(9))]
    theirs = [python_accepts(case) for case in cases]
    for case, ours, their in zip(cases, we_accept(cases), theirs, strict=True):
        assert ours == their, case
    assert len(cases) / 8 < sum(theirs) < len(cases) / 2


def test_every_short_text_of_json_s_own_bytes_gets_the_same_verdict():
    alphabet = b'[]{},:"\\u0-1.e t\n'
    cases = [b""]
    shorter = [b""]
    for _ in range(4):
        shorter = [text + bytes([byte]) for text in shorter for byte in alphabet]
        cases += shorter
    for case, ours in zip(cases, we_accept(cases), strict=True):
        assert ours == python_accepts(case), case


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_the_cases_at_hand(path):
    """y_: must be accepted; n_: must be refused. So says Python too, but where the name says `ours`."""
    data = path.read_bytes()
    wanted = path.name.startswith("y_")
    assert we_accept([data]) == [wanted]
    if "ours" not in path.name:
        assert python_accepts(data) == wanted
