/* SPDX-License-Identifier: MIT */
/* enrich.h - what a record says between its lines. Pure: the same record in the same place gives
 * the same answer, also when it is delivered again. */
#pragma once

#include "processor/geoip.h"
#include "processor/redact.h"
#include "schemas/enriched.h"

enum { ENRICH_AHEAD_MS = 24 * 60 * 60 * 1000 }; /* a clock further ahead of us is not believed */

/* Settles envelope->timestamp_ms (append_ms must be there), fills `ret`, and masks `record` in
 * place; views point into the record, `geoip`, `redact` or static text. True: something was masked,
 * after all else was read from it. */
bool enrich(struct record *record, const struct geoip *geoip, struct redact *redact,
            struct envelope *envelope, struct enrichment *ret);
