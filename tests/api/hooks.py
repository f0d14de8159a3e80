# SPDX-License-Identifier: MIT
"""What a JSON Schema cannot tell schemathesis: which dates there are, and rules that bind two parameters."""

import re
import uuid
from datetime import datetime, timedelta, timezone

import schemathesis
from hypothesis import strategies

TENANT = re.compile(r"[A-Za-z0-9._-]{1,64}")


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


MOMENTS = strategies.datetimes(timezones=strategies.just(timezone.utc))
TO_COME = strategies.datetimes(min_value=datetime(2100, 1, 1), timezones=strategies.just(timezone.utc))  # noqa: DTZ001

schemathesis.openapi.format("x-iso8601", MOMENTS.map(iso))
schemathesis.openapi.format("x-future", TO_COME.map(iso))


def is_meant_good(case):
    return case.meta and case.meta.generation.mode.is_positive


def keep_tenant(case):
    """All that is made is one tenant's, so that it is found again; limits bind another, or 429 would be all that follows. Where an id goes
    from an answer into the next request, the tool takes the tenant's for one, too: then it is no bad tenant that is meant."""
    sent = (case.headers or {}).get("X-Tenant-Id", "ours")
    if not is_meant_good(case) and (not isinstance(sent, str) or not TENANT.fullmatch(sent)):
        return
    is_limit = case.path.endswith("/admin/limits")
    case.headers["X-Tenant-Id"] = f"limits-{uuid.uuid4().hex}" if is_limit else "schemathesis"


def make_valid(case):
    """Of a request that is meant to be good: what only an answer, a clock or another parameter makes good."""
    query = case.query
    query.pop("strict", None)
    if "groupBy" in query:
        query["groupBy"] = ",".join(dict.fromkeys(str(query["groupBy"]).split(",")))
    if "tz" in query:
        query["tz"] = "Europe/Berlin"
    if case.path.endswith(("/histogram", "/timeseries")):
        end = datetime.now(timezone.utc)
        query["startDate"], query["endDate"] = iso(end - timedelta(hours=1)), iso(end)
    if case.path.endswith("/retention") and isinstance(case.body, dict) and "rules" in case.body:
        rules = {(rule.get("service"), rule.get("severity")): rule for rule in case.body["rules"]}
        case.body["rules"] = list(rules.values())


@schemathesis.hook
def before_call(context, case, kwargs):
    keep_tenant(case)
    if not case.query:
        case.query = {}
    case.query.pop("cursor", None)
    case.query.pop("ack", None)  # what is only queued need not be found at once
    if is_meant_good(case):
        make_valid(case)
    else:  # with it, a bad record is refused by itself, and the others are taken
        case.query.pop("partial", None)
