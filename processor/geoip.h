/* SPDX-License-Identifier: MIT */
/* geoip.h - where an address is, from MaxMind databases (libmaxminddb). Read-only after _new, so
 * safe from any thread. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/slice.h"
#include "processor/address.h"

struct geoip;

struct place {
    struct slice country, city; /* ISO 3166-1 alpha-2; English name. Absent: data == NULL */
    uint32_t asn;               /* 0: unknown */
};

/* `paths`: comma-separated, at most 4, since vendors sell cities and networks apart; empty is fine
 * and finds nothing. FATAL when one cannot be opened. */
enum result geoip_new(const char *paths, struct geoip **ret, struct err *err);
void geoip_free(struct geoip *g);
DEFINE_AUTO(geoip)

/* The views live as long as `g`. */
void geoip_find(const struct geoip *g, const struct address *a, struct place *ret);
