/* SPDX-License-Identifier: MIT */
#include "schemas/bson_member.h"

struct slice bson_text_at(const bson_iter_t *at)
{
    uint32_t len = 0;
    const char *text = BSON_ITER_HOLDS_UTF8(at) ? bson_iter_utf8(at, &len) : NULL;

    return slice_make(text, len);
}

struct slice bson_bytes_at(const bson_iter_t *at)
{
    const uint8_t *data = NULL;
    uint32_t len = 0;

    if (BSON_ITER_HOLDS_BINARY(at))
        bson_iter_binary(at, NULL, &len, &data);
    return slice_make(data, len);
}

struct slice bson_text_of(const bson_t *doc, const char *name)
{
    bson_iter_t at;

    return bson_iter_init_find(&at, doc, name) ? bson_text_at(&at) : (struct slice){NULL, 0};
}

struct slice bson_bytes_of(const bson_t *doc, const char *name)
{
    bson_iter_t at;

    return bson_iter_init_find(&at, doc, name) ? bson_bytes_at(&at) : (struct slice){NULL, 0};
}
