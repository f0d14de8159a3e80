# SPDX-License-Identifier: MIT
"""The JSON Schemas as PyPI's jsonschema reads them, with the keywords and the format that are ours."""

import datetime
import json
import re

import jsonschema
import referencing
from als_validate import ROOT

SCHEMAS = {
    name: json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    for name in ("activity-log", "enriched", "stats")
}
TIME = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?)?)?",
    re.ASCII,
)


def time_ms(text):
    """Milliseconds since 1970, or None when there is no such time. Years 0 to 9999, which datetime lacks 0 of:
    a calendar 400 years on is the same one."""
    match = TIME.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    shift = 400 if int(year) < 400 else 0
    try:
        moment = datetime.datetime(
            int(year) + shift, int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0)
        )
    except ValueError:
        return None
    ms = (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(milliseconds=1)
    ms += int((fraction or "0")[:3].ljust(3, "0")) - shift // 400 * 146097 * 86400000
    if zone and zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
        ms -= (1 if zone[0] == "+" else -1) * (hours * 60 + minutes) * 60000
    return ms if -62167219200000 <= ms <= 253402300799999 else None


def depth(value):
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


def max_depth(_validator, limit, instance, _schema):
    if depth(instance) > limit:
        yield jsonschema.ValidationError("nested too deep")


def max_bytes(_validator, limit, instance, _schema):
    if len(json.dumps(instance, separators=(",", ":"), ensure_ascii=False).encode()) > limit:
        yield jsonschema.ValidationError("too large")


def pattern(_validator, expression, instance, _schema):
    """ECMA-262's `$` is the very end; Python's is also before a last line feed."""
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", expression), instance):
        yield jsonschema.ValidationError(f"does not match {expression}")


FORMATS = jsonschema.FormatChecker(formats=())
FORMATS.checks("x-iso8601")(lambda text: not isinstance(text, str) or time_ms(text) is not None)
VALIDATOR = jsonschema.validators.extend(
    jsonschema.Draft202012Validator, {"x-max-depth": max_depth, "x-max-bytes": max_bytes, "pattern": pattern}
)
REGISTRY = referencing.Registry().with_resources(
    (schema["$id"], referencing.Resource.from_contents(schema)) for schema in SCHEMAS.values()
)


def validator(reference):
    """`activity-log#/$defs/kafka` and the like."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": f"urn:activity-log-service:{reference}"}
    return VALIDATOR(schema, registry=REGISTRY, format_checker=FORMATS)


def members_at_fault(errors, instance):
    """The names of the top-level members that errors speak of; "" is the whole."""
    names = set()
    for error in errors:
        if error.absolute_path:
            names.add(str(error.absolute_path[0]))
        elif error.validator == "required":
            names |= {name for name in error.validator_value if name not in instance}
        elif error.validator == "unevaluatedProperties":
            known = set(SCHEMAS["activity-log"]["$defs"]["record"]["properties"]) | set(error.schema["properties"])
            names |= set(instance) - known
        else:
            names.add("" if error.validator == "type" else error.validator)
    return names
