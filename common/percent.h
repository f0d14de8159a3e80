/* SPDX-License-Identifier: MIT */
/* percent.h - percent-encoding (RFC 3986, section 2.1) and forms. Pure. */
#pragma once

#include "common/buf.h"
#include "common/slice.h"

/* Appends the decoded text; `plus` turns '+' into a space, as forms and query strings have it. A
 * '%' that begins no byte is kept as it is. */
void percent_decode(struct buf *out, struct slice text, bool plus);

/* Walks `a=1&b=2`: takes the next pair, still encoded, off `rest`; false at the end. A name without
 * '=' has an empty value. Empty pairs are skipped. */
bool form_next(struct slice *rest, struct slice *ret_name, struct slice *ret_value);

/* The last value of `name` in a query string, still encoded; data == NULL when absent. */
struct slice form_get(struct slice query, const char *name);
