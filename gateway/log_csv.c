/* SPDX-License-Identifier: MIT */
#include "gateway/log_csv.h"

#include "schemas/json.h"

static const char *const columns[] = {
    "_id",      "timestamp",   "createdAt", "service",   "action",    "userId",
    "severity", "outcome",     "message",   "tenant",    "source",    "actor",
    "resource", "changes",     "ip",        "userAgent", "sessionId", "requestId",
    "tags",     "traceparent", "metadata",  "enriched",
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

static bool is_formula(struct slice text)
{
    return text.len > 0 && text.data[0] && strchr("=+-@\t\r", text.data[0]);
}

static bool needs_quotes(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr(",\"\r\n", text.data[i]) && text.data[i] != '\0')
            return true;
    return text.len > 0 && (text.data[0] == ' ' || text.data[text.len - 1] == ' ');
}

static void add_cell(struct buf *out, struct slice text)
{
    bool quoted = needs_quotes(text) || is_formula(text);

    if (quoted)
        buf_add_char(out, '"');
    if (is_formula(text))
        buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, text.data[i]);
    }
    if (quoted)
        buf_add_char(out, '"');
}

static void end_line(struct buf *out)
{
    buf_add_text(out, "\r\n");
}

void log_csv_head(struct buf *out)
{
    for (size_t i = 0; i < COLUMNS; i++)
        buf_printf(out, "%s%s", i > 0 ? "," : "", columns[i]);
    end_line(out);
}

static void add_value(struct buf *out, struct json_value value)
{
    AUTO_BUF text = {0};

    if (!value.raw.data || value.type == JSON_NULL)
        return;
    if (value.type != JSON_STRING) {
        add_cell(out, value.raw);
        return;
    }
    buf_reserve(&text, value.raw.len + 1);
    add_cell(out, json_text(value, &text));
}

void log_csv_add(struct buf *out, struct slice json)
{
    struct json_value cells[COLUMNS] = {{0}}, key, value;
    struct json_iter it = json_iter(json_root(json));

    while (json_next(&it, &key, &value))
        for (size_t i = 0; i < COLUMNS; i++)
            if (json_key_is(key, columns[i]))
                cells[i] = value;
    for (size_t i = 0; i < COLUMNS; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        add_value(out, cells[i]);
    }
    end_line(out);
}
