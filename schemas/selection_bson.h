/* SPDX-License-Identifier: MIT */
/* selection_bson.h - a selection as a filter of the document store. Pure, but for libbson's types;
 * a library of its own (schemas_bson), for the daemons that speak to the store.
 *
 * Nothing of a client's becomes an operator: values are appended as strings and numbers, names come
 * from our list, and a path into metadata follows that very word. A prefix is a range, which an
 * index serves, but for lists (tags, metadata), where a range would be of several elements. */
#pragma once

#include "schemas/selection.h"

#include <bson/bson.h>

/* Appends the filters and the words, without tenant and dates: {service: "auth", $and, $nor}. */
void selection_bson_filters(bson_t *out, const struct selection *s);
/* The whole of it, to an empty `out`: {tenant, timestamp: {$gte, $lte}, …}. */
void selection_bson(bson_t *out, const struct selection *s, struct slice tenant);
