# SPDX-License-Identifier: MIT
"""The web page: served whole by the gateway, and allowed nothing but the gateway."""

import re

import httpx
import pytest

import als


@pytest.mark.parametrize("path, kind", [
    ("/", "text/html; charset=utf-8"),
    ("/ui/app.js", "text/javascript; charset=utf-8"),
    ("/ui/style.css", "text/css; charset=utf-8"),
])
def test_each_file_is_served_and_kept_until_it_changes(path, kind):
    first = httpx.get(als.URL + path)
    assert (first.status_code, first.headers["content-type"]) == (200, kind)
    assert first.text.endswith("\n")
    again = httpx.get(als.URL + path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = httpx.get(als.URL + path, headers={"If-None-Match": '"another"'})
    assert other.status_code == 200


def test_the_page_loads_from_us_alone_and_runs_no_inline_code():
    page = httpx.get(als.URL)
    policy = page.headers.get_list("content-security-policy")
    assert len(policy) == 1 and policy[0].startswith("default-src 'none'; script-src 'self'; style-src 'self'"), policy
    for reference in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert reference.startswith("/") or reference == "data:,", reference
    assert not re.search(r"<script>|<style|\son\w+=|\sstyle=", page.text)
    for reference in re.findall(r'"(/ui/[^"]+)"', page.text):
        assert httpx.get(als.URL + reference).status_code == 200


def test_the_ingest_port_has_no_page():
    assert httpx.get(als.INGEST_URL).status_code == 404
