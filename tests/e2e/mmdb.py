# SPDX-License-Identifier: MIT
"""Writes small MaxMind databases, by https://maxmind.github.io/MaxMind-DB/, version 2.0 of the format."""

import ipaddress
import struct

MARKER, GAP = b"\xab\xcd\xefMaxMind.com", bytes(16)
UTF8, UINT16, UINT32, MAP, UINT64, ARRAY = 2, 5, 6, 7, 9, 11
EMPTY = None


class Uint16(int):
    """Numbers are uint32, unless they are one of these."""


class Uint64(int):
    pass


def control(kind, size):
    assert size < 285, "longer data is not needed here"
    low, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    return (bytes([kind << 5 | low]) if kind < 8 else bytes([low, kind - 7])) + more


def number(kind, value):
    digits = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return control(kind, len(digits)) + digits


def encoded(value):
    """The data section's form of a value."""
    if isinstance(value, str):
        text = value.encode()
        return control(UTF8, len(text)) + text
    if isinstance(value, dict):
        return control(MAP, len(value)) + b"".join(encoded(name) + encoded(inner) for name, inner in value.items())
    if isinstance(value, list):
        return control(ARRAY, len(value)) + b"".join(map(encoded, value))
    return number(UINT16 if isinstance(value, Uint16) else UINT64 if isinstance(value, Uint64) else UINT32, value)


def bits(network, version):
    """The way down the tree; IPv4 is ::/96 in a tree of IPv6."""
    network = ipaddress.ip_network(network)
    assert version == 6 or network.version == 4
    text = f"{int(network.network_address):0{network.max_prefixlen}b}"[:network.prefixlen]
    return [int(bit) for bit in "0" * (96 if network.version < version else 0) + text]


def tree(networks, version):
    """Nodes of two records each: EMPTY, the number of a node, or the data as bytes."""
    nodes = [[EMPTY, EMPTY]]
    for network, data in networks.items():
        *way, last = bits(network, version)
        at = 0
        for bit in way:
            if nodes[at][bit] is EMPTY:
                nodes.append([EMPTY, EMPTY])
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit]
            assert isinstance(at, int), f"{network} lies in another"
        assert nodes[at][last] is EMPTY, f"{network} overlaps another"
        nodes[at][last] = encoded(data)
    return nodes


def packed(left, right, record_size):
    if record_size == 24:
        return left.to_bytes(3, "big") + right.to_bytes(3, "big")
    assert record_size == 28
    middle = left >> 24 << 4 | right >> 24
    return struct.pack(">I", left & 0xffffff)[1:] + bytes([middle]) + struct.pack(">I", right & 0xffffff)[1:]


def write(path, networks, version=6, record_size=24):
    """Writes {network: data} as a database, and returns its path. No network may lie in another."""
    nodes, data = tree(networks, version), b""
    search = b""
    for node in nodes:
        records = []
        for record in node:
            if isinstance(record, bytes):
                records.append(len(nodes) + len(GAP) + len(data))
                data += record
            else:
                records.append(len(nodes) if record is EMPTY else record)
        search += packed(*records, record_size)
    about = {"node_count": len(nodes), "record_size": Uint16(record_size), "ip_version": Uint16(version),
             "database_type": "Test", "languages": ["en"], "binary_format_major_version": Uint16(2),
             "binary_format_minor_version": Uint16(0), "build_epoch": Uint64(1700000000), "description": {"en": "of a test"}}
    path.write_bytes(search + GAP + data + MARKER + encoded(about))
    return path
