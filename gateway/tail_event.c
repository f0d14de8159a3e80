/* SPDX-License-Identifier: MIT */
#include "gateway/tail_event.h"

#include "schemas/json.h"

/* `tenant/id` is the id's name in the store; the id itself holds no '/'. */
static struct slice id_of(struct json_value stored)
{
    struct slice text = slice_make(stored.raw.data + 1, stored.raw.len - 2);
    const char *slash = text.len > 0 ? memrchr(text.data, '/', text.len) : NULL;

    if (!slash)
        return text;
    return slice_make(slash + 1, text.len - (size_t)(slash + 1 - text.data));
}

static void add_log(struct buf *out, struct slice json, struct slice *ret_id)
{
    struct json_iter it = json_iter(json_root(json));
    struct json_value key, value;
    const char *before = "{";

    while (json_next(&it, &key, &value)) {
        if (json_key_is(key, "hash") || json_key_is(key, "src"))
            continue;
        buf_add_text(out, before);
        before = ",";
        buf_add_slice(out, key.raw);
        buf_add_char(out, ':');
        if (json_key_is(key, "_id") && value.type == JSON_STRING) {
            *ret_id = id_of(value);
            buf_add_json(out, *ret_id);
        } else {
            json_add_compact(out, value.raw);
        }
    }
    buf_add_char(out, '}');
}

void tail_event_log(struct buf *out, enum tail_format format, struct slice json)
{
    AUTO_BUF log = {0};
    struct slice id = {NULL, 0};

    add_log(&log, json, &id);
    if (format == TAIL_SSE) {
        buf_add_text(out, "id: ");
        buf_add_slice(out, id);
        buf_add_text(out, "\nevent: log\ndata: ");
    }
    buf_add_slice(out, buf_slice(&log));
    buf_add_text(out, format == TAIL_SSE ? "\n\n" : "\n");
}

void tail_event_dropped(struct buf *out, enum tail_format format, uint64_t count)
{
    buf_add_text(out, format == TAIL_SSE ? "event: dropped\ndata: " : "");
    buf_printf(out, "{\"dropped\":%llu}", (unsigned long long)count);
    buf_add_text(out, format == TAIL_SSE ? "\n\n" : "\n");
}

void tail_event_alive(struct buf *out, enum tail_format format)
{
    buf_add_text(out, format == TAIL_SSE ? ":\n\n" : "\n");
}
