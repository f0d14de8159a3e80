# SPDX-License-Identifier: MIT
"""The documents that the gateway serves, by the eyes of @redocly/cli, which ./dev test gets from npm."""

import os
import subprocess
from pathlib import Path

import pytest
from als_validate import ROOT

REDOCLY = Path(os.environ.get("ALS_CACHE", ROOT / ".state/cache")) / "redocly/node_modules/.bin/redocly"
SERVED = ROOT / os.environ.get("ALS_BUILD", "build/release") / "gateway"


def lint(document, folder):
    assert REDOCLY.exists(), f"{REDOCLY} is not there: ./dev test schemas gets it"
    return subprocess.run([REDOCLY, "lint", document], cwd=folder, capture_output=True, text=True, timeout=170,
                          env={**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"})


@pytest.mark.parametrize("name", ["openapi.json", "asyncapi.json"])
def test_there_is_no_error(name):
    done = lint(SERVED / name, SERVED)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_error_would_be_found(tmp_path):
    broken = tmp_path / "openapi.json"
    broken.write_text((SERVED / "openapi.json").read_text().replace('"responses"', '"answers"', 1))
    assert lint(broken, tmp_path).returncode != 0
