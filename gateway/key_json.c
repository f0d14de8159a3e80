/* SPDX-License-Identifier: MIT */
#include "gateway/key_json.h"

#include "common/iso8601.h"
#include "schemas/bson_member.h"

static void add_text(struct buf *out, const char *name, struct slice text)
{
    buf_printf(out, "%s\"%s\":", out->data[out->len - 1] == '{' ? "" : ",", name);
    buf_add_json_any(out, text);
}

static void add_time(struct buf *out, const char *name, int64_t ms)
{
    char text[ISO8601_LEN];

    iso8601_format(ms, text);
    add_text(out, name, slice_make(text, sizeof text));
}

static void add_text_of(struct buf *out, const char *name, const bson_t *doc, const char *field)
{
    struct slice text = bson_text_of(doc, field);

    if (text.data)
        add_text(out, name, text);
}

static void add_time_of(struct buf *out, const bson_t *doc, const char *field)
{
    bson_iter_t at;

    if (bson_iter_init_find(&at, doc, field) && BSON_ITER_HOLDS_DATE_TIME(&at))
        add_time(out, field, bson_iter_date_time(&at));
}

static void add_scopes_of(struct buf *out, const bson_t *doc)
{
    bson_iter_t at, list;
    unsigned scopes = 0;

    if (bson_iter_init_find(&at, doc, "scopes") && BSON_ITER_HOLDS_ARRAY(&at) &&
        bson_iter_recurse(&at, &list))
        while (bson_iter_next(&list))
            if (BSON_ITER_HOLDS_UTF8(&list))
                scopes |= scope_bit(slice_of(bson_iter_utf8(&list, NULL)));
    buf_add_text(out, ",\"scopes\":");
    scopes_render(scopes, out);
}

void key_json_add(struct buf *out, const bson_t *doc)
{
    static const char *const times[] = {"createdAt", "expiresAt", "lastUsedAt", "revokedAt"};

    buf_add_char(out, '{');
    add_text_of(out, "id", doc, "_id");
    add_text_of(out, "name", doc, "name");
    add_text_of(out, "tenant", doc, "tenant");
    add_scopes_of(out, doc);
    add_text_of(out, "createdBy", doc, "createdBy");
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        add_time_of(out, doc, times[i]);
    buf_add_char(out, '}');
}

void key_json_add_made(struct buf *out, const struct key_order *order, struct slice key)
{
    buf_add_char(out, '{');
    add_text(out, "id", order->id);
    add_text(out, "key", key);
    add_text(out, "name", order->name);
    add_text(out, "tenant", order->tenant);
    buf_add_text(out, ",\"scopes\":");
    scopes_render(order->scopes, out);
    if (order->created_by.data)
        add_text(out, "createdBy", order->created_by);
    add_time(out, "createdAt", order->created_ms);
    if (order->expires_ms != 0)
        add_time(out, "expiresAt", order->expires_ms);
    buf_add_char(out, '}');
}
