/* SPDX-License-Identifier: MIT */
#include "schemas/reject_bson.h"

#include "schemas/bson_member.h"

struct reject_headers reject_headers(const bson_t *reject)
{
    struct reject_headers h = {._more = false};
    bson_iter_t at;

    h._more = bson_iter_init_find(&at, reject, "headers") && bson_iter_recurse(&at, &h._list);
    return h;
}

static bool read_header(const bson_iter_t *item, const char **ret_name, struct slice *ret_value)
{
    bson_iter_t name, value;

    if (!bson_iter_recurse(item, &name) || !bson_iter_find(&name, "name") ||
        !BSON_ITER_HOLDS_UTF8(&name) || !bson_iter_recurse(item, &value) ||
        !bson_iter_find(&value, "value") || !BSON_ITER_HOLDS_BINARY(&value))
        return false;
    *ret_name = bson_iter_utf8(&name, NULL);
    *ret_value = bson_bytes_at(&value);
    return true;
}

bool reject_headers_next(struct reject_headers *h, const char **ret_name, struct slice *ret_value)
{
    while (h->_more && (h->_more = bson_iter_next(&h->_list)))
        if (read_header(&h->_list, ret_name, ret_value))
            return true;
    return false;
}
