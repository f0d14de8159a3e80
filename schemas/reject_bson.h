/* SPDX-License-Identifier: MIT */
/* reject_bson.h - the Kafka headers that a reject keeps (indexer/reject_document.h), as a list,
 * since one name may be there twice: headers: [{name, value}]. Pure. */
#pragma once

#include "common/slice.h"

#include <bson/bson.h>

/* Borrows from the document. */
struct reject_headers {
    bson_iter_t _list;
    bool _more;
};

struct reject_headers reject_headers(const bson_t *reject);
/* The next header; false: that was all. What is not as above is passed over. */
bool reject_headers_next(struct reject_headers *h, const char **ret_name, struct slice *ret_value);
