# SPDX-License-Identifier: MIT
"""Runs als-validate: a line in, a verdict out."""

import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def program():
    """The als-validate of the build folder that ALS_BUILD names, else the newest there is."""
    named = os.environ.get("ALS_BUILD")
    if named:
        builds = [ROOT / named]
    else:
        builds = [path.parents[1] for path in ROOT.glob("build/*/tests/als-validate")]
    found = [build / "tests" / "als-validate" for build in builds]
    found = [path for path in found if path.is_file()]
    if not found:
        pytest.fail("als-validate is not built; set ALS_BUILD to the build folder")
    return max(found, key=lambda path: path.stat().st_mtime)


def verdicts(lines, *arguments):
    """One verdict a line: True when good, else what JSON it printed (and that when it prints records)."""
    result = subprocess.run(
        [program(), *arguments], input=b"".join(line + b"\n" for line in lines), capture_output=True, timeout=300
    )
    assert result.returncode == 0, result.stderr.decode(errors="replace")[-2000:]
    printed = result.stdout.split(b"\n")[:-1]
    assert len(printed) == len(lines)
    return [True if line == b"ok" else json.loads(line) for line in printed]
