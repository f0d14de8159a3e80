# SPDX-License-Identifier: MIT
"""The table of gateway/routes.c, so that a route that is new is tried without being named."""

import re

import als

ROW = re.compile(r'^\s*\{"([A-Z]+)", "([^"]+)", "[^"]*", SCOPE_([A-Z]+), (?:true|false),\s+\w+\},', re.M)
ROUTES = [(method, path, scope.lower()) for method, path, scope in ROW.findall((als.ROOT / "gateway/routes.c").read_text())]
NAMES = {"ids": lambda route: f"{route[0]} {route[1]}"}
