/* SPDX-License-Identifier: MIT */
/* address.h - client addresses: read, and named by what they can reach. Pure. */
#pragma once

#include "common/slice.h"

#include <stdint.h>

struct address {
    int version; /* 4 or 6; an IPv4-mapped IPv6 address is 4 */
    uint8_t bytes[16];
};

/* An IPv4 or IPv6 address and nothing else around it. */
bool address_parse(struct slice text, struct address *ret);
/* "public", "private", "loopback", "link-local", "multicast" or "reserved", by the special-purpose
 * registries of RFC 6890. */
const char *address_class(const struct address *a);
