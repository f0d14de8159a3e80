/* SPDX-License-Identifier: MIT */
#include "gateway/deletion_body.h"

#include <ctype.h>

static void fault(struct admin_body *body, struct slice name, const char *why)
{
    faults_add(&body->faults, name, "\"%.*s\" %s", SLICE_ARG(name), why);
}

static void add_encoded(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if (isalnum(c) || strchr("-._~!*", c))
            buf_add_char(out, (char)c);
        else
            buf_printf(out, "%%%02X", c);
    }
}

static bool is_known(struct slice name)
{
    static const char *const others[] = {"q", "startDate", "endDate"};
    static const char metadata[] = "metadata.";
    enum selection_field field;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (slice_is(name, others[i]))
            return true;
    if (name.len > 0 && name.data[name.len - 1] == '!')
        name.len--;
    return selection_field_parse(name, &field) ||
           (name.len >= sizeof metadata - 1 &&
            memcmp(name.data, metadata, sizeof metadata - 1) == 0);
}

static void add_value(struct admin_body *body, struct slice name, struct json_value value,
                      struct buf *out)
{
    AUTO_BUF arena = {0};
    struct slice text = value.raw;

    if (value.type == JSON_STRING) {
        buf_reserve(&arena, value.raw.len);
        text = json_text(value, &arena);
    } else if (value.type != JSON_NUMBER && value.type != JSON_TRUE && value.type != JSON_FALSE) {
        fault(body, name, "must be a string");
        return;
    }
    if (out->len > 0)
        buf_add_char(out, '&');
    add_encoded(out, name);
    buf_add_char(out, '=');
    add_encoded(out, text);
}

static void add_member(struct admin_body *body, struct slice name, struct json_value value,
                       struct buf *out)
{
    struct json_iter it;
    struct json_value element;

    if (value.type != JSON_ARRAY) {
        add_value(body, name, value, out);
        return;
    }
    it = json_iter(value);
    size_t count = 0;
    for (; json_next(&it, NULL, &element); count++)
        add_value(body, name, element, out);
    if (count == 0) /* as if it were not there, it would delete more */
        fault(body, name, "must contain at least 1 items");
}

static void read_all(struct admin_body *body, struct json_value value, struct deletion_body *ret)
{
    if (value.type == JSON_TRUE)
        ret->all = true;
    else
        fault(body, slice_of("all"), "must be [true]");
}

void deletion_body_read(struct admin_body *body, struct deletion_body *ret)
{
    struct json_iter it = json_iter(body->root);
    struct json_value key, value;

    while (json_next(&it, &key, &value)) {
        AUTO_BUF arena = {0};

        buf_reserve(&arena, key.raw.len);
        struct slice name = json_text(key, &arena);
        if (slice_is(name, "all"))
            read_all(body, value, ret);
        else if (is_known(name))
            add_member(body, name, value, &ret->filter);
        else
            fault(body, name, "is not allowed");
    }
    if (selection_read(&ret->selection, buf_slice(&ret->filter), &body->faults) != OK ||
        body->faults.count > 0)
        return;
    if (selection_is_empty(&ret->selection) && !ret->all)
        faults_add(&body->faults, slice_of(""),
                   "\"value\" must have at least 1 filter, or \"all\": true");
    if (!selection_is_empty(&ret->selection) && ret->all)
        fault(body, slice_of("all"), "must not stand beside a filter");
}

void deletion_body_done(struct deletion_body *d)
{
    buf_done(&d->filter);
    selection_done(&d->selection);
}
