/* SPDX-License-Identifier: MIT */
#include "gateway/reject_json.h"

#include "common/base64.h"
#include "common/iso8601.h"
#include "common/utf8.h"
#include "schemas/bson_member.h"
#include "schemas/reject_bson.h"

static bool is_utf8(struct slice bytes)
{
    size_t step;

    for (size_t at = 0; at < bytes.len; at += step)
        if ((step = utf8_char_len(bytes.data + at, bytes.len - at)) == 0)
            return false;
    return true;
}

static void add_name(struct buf *out, const char *name)
{
    if (out->data[out->len - 1] != '{')
        buf_add_char(out, ',');
    buf_printf(out, "\"%s\":", name);
}

static void add_bytes(struct buf *out, const char *name, struct slice bytes)
{
    add_name(out, name);
    if (is_utf8(bytes)) {
        buf_add_json(out, bytes);
        return;
    }
    buf_add_char(out, '"');
    base64_encode(out, bytes);
    buf_printf(out, "\",\"%sEncoding\":\"base64\"", name);
}

static void add_date(struct buf *out, int64_t ms)
{
    char text[ISO8601_LEN];

    iso8601_format(ms, text);
    buf_add_json(out, slice_make(text, sizeof text));
}

/* [{name, value}]; an object would lose those that are there twice. */
static void add_headers(struct buf *out, const bson_t *doc)
{
    struct reject_headers headers = reject_headers(doc);
    const char *name, *separator = "";
    struct slice value;

    add_name(out, "headers");
    buf_add_char(out, '[');
    while (reject_headers_next(&headers, &name, &value)) {
        buf_add_text(out, separator);
        buf_add_char(out, '{');
        add_name(out, "name");
        buf_add_json(out, slice_of(name));
        add_bytes(out, "value", value);
        buf_add_char(out, '}');
        separator = ",";
    }
    buf_add_char(out, ']');
}

static void add_member(struct buf *out, const char *name, const bson_iter_t *at)
{
    if (BSON_ITER_HOLDS_BINARY(at)) {
        add_bytes(out, name, bson_bytes_at(at));
        return;
    }
    add_name(out, name);
    if (BSON_ITER_HOLDS_UTF8(at))
        buf_add_json(out, slice_of(bson_iter_utf8(at, NULL)));
    else if (BSON_ITER_HOLDS_DATE_TIME(at))
        add_date(out, bson_iter_date_time(at));
    else if (BSON_ITER_HOLDS_BOOL(at))
        buf_add_text(out, bson_iter_bool(at) ? "true" : "false");
    else
        buf_add_i64(out, bson_iter_as_int64(at));
}

void reject_json_add(struct buf *out, const bson_t *doc)
{
    /* What is shown, in this order; `replayValue` is what an administrator sent. */
    static const char *const shown[][2] = {
        {"_id", "id"},
        {"stage", "stage"},
        {"reason", "reason"},
        {"detail", "detail"},
        {"topic", "topic"},
        {"partition", "partition"},
        {"offset", "offset"},
        {"at", "at"},
        {"receivedAt", "receivedAt"},
        {"userId", "userId"},
        {"timestamp", "timestamp"},
        {"key", "key"},
        {"value", "value"},
        {"valueBytes", "valueBytes"},
        {"truncated", "truncated"},
        {"headers", "headers"},
        {"state", "state"},
        {"logId", "logId"},
        {"replayValue", "replayedValue"},
        {"replayRequestedAt", "replayRequestedAt"},
        {"replayedAt", "replayedAt"},
        {"replayError", "replayError"},
    };
    bson_iter_t at;

    buf_add_char(out, '{');
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        if (strcmp(shown[i][0], "headers") == 0)
            add_headers(out, doc);
        else if (bson_iter_init_find(&at, doc, shown[i][0]))
            add_member(out, shown[i][1], &at);
    buf_add_char(out, '}');
}
