/* SPDX-License-Identifier: MIT */
/* otlp_any.h - OpenTelemetry's attributes and AnyValues, as protobuf's JSON writes them. Private to
 * schemas/. */
#pragma once

#include "schemas/json.h"

/* raw.data == NULL: there is none. null is what protobuf's JSON has for a field that is not set. */
struct json_value otlp_member(struct json_value object, const char *name);
/* The AnyValue of an attribute in a list of {key, value}. */
struct json_value otlp_attribute(struct json_value list, const char *name);

void otlp_add_any(struct buf *out, struct json_value any);
/* As members of an object; *ret_some: there were some before, or now. */
void otlp_add_attributes(struct buf *out, struct json_value list, bool *ret_some);
/* The text of a string, or of a number as it is written; data == NULL: neither. Into `arena`, which
 * must be empty. */
struct slice otlp_text(struct json_value any, struct buf *arena);
bool otlp_is_integer(struct slice digits);
