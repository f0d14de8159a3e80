/* SPDX-License-Identifier: MIT */
/* otlp.h - OpenTelemetry's ExportLogsServiceRequest, as JSON, made into records of ours. Pure.
 *
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp; the mapping is in docs/otlp.md. What a record
 * lacks or has too much of is for the validator to say: here only the shape is judged. */
#pragma once

#include "common/buf.h"
#include "common/err.h"
#include "schemas/fault.h"
#include "schemas/json.h"

enum { OTLP_MAX_DEPTH = 64 };

/* Appends one line of JSON for each log record, in order. `request` has passed json_check with at
 * most OTLP_MAX_DEPTH. REJECT: it is no such request, `faults` says where. */
enum result otlp_to_records(struct json_value request, struct buf *out, struct faults *faults);
