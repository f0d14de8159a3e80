/* SPDX-License-Identifier: MIT */
/* How an event travels: which content mode it is in, and from binary to structured. */
#include "common/base64.h"
#include "common/utf8.h"
#include "schemas/cloudevent.h"

#include <strings.h>

enum { SUFFIX_LEN = 5 };

static struct slice media_type(struct slice content_type)
{
    if (!content_type.data)
        return slice_of("");
    const char *semicolon = memchr(content_type.data, ';', content_type.len);

    if (semicolon)
        content_type.len = (size_t)(semicolon - content_type.data);
    while (content_type.len > 0 && strchr(" \t", content_type.data[content_type.len - 1]))
        content_type.len--;
    while (content_type.len > 0 && strchr(" \t", content_type.data[0]))
        content_type = slice_make(content_type.data + 1, content_type.len - 1);
    return content_type;
}

static bool is_type(struct slice content_type, const char *wanted)
{
    struct slice type = media_type(content_type);

    return type.len == strlen(wanted) && strncasecmp(type.data, wanted, type.len) == 0;
}

bool cloudevent_is_structured(struct slice content_type)
{
    return is_type(content_type, CLOUDEVENT_TYPE);
}

bool cloudevent_is_batch(struct slice content_type)
{
    return is_type(content_type, "application/cloudevents-batch+json");
}

bool cloudevent_is_message(const struct cloudevent_message *m)
{
    return m->attribute_count > 0 || cloudevent_is_structured(m->content_type) ||
           cloudevent_is_batch(m->content_type);
}

static bool is_json(struct slice content_type)
{
    struct slice type = media_type(content_type);

    return type.len == 0 || is_type(type, "application/json") || is_type(type, "text/json") ||
           (type.len > SUFFIX_LEN &&
            strncasecmp(type.data + type.len - SUFFIX_LEN, "+json", SUFFIX_LEN) == 0);
}

static bool is_utf8(struct slice text)
{
    size_t step;

    for (size_t at = 0; at < text.len; at += step)
        if ((step = utf8_char_len(text.data + at, text.len - at)) == 0)
            return false;
    return true;
}

static bool is_attribute_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!(name.data[i] >= 'a' && name.data[i] <= 'z') &&
            !(name.data[i] >= '0' && name.data[i] <= '9'))
            return false;
    return name.len > 0;
}

static enum result add_data(const struct cloudevent_message *m, struct buf *out, struct err *err)
{
    struct err why;

    if (m->value.len == 0)
        return OK;
    if (is_json(m->content_type)) {
        if (json_check(m->value, RECORD_MAX_DEPTH - 1, &why) != OK)
            return err_set(err, REJECT, "malformed_json: %.400s", why.text);
        buf_add_text(out, ",\"data\":");
        buf_add_slice(out, m->value);
    } else if (is_utf8(m->value)) {
        buf_add_text(out, ",\"data\":");
        buf_add_json(out, m->value);
    } else {
        buf_add_text(out, ",\"data_base64\":\"");
        base64_encode(out, m->value);
        buf_add_char(out, '"');
    }
    return OK;
}

enum result cloudevent_gather(const struct cloudevent_message *m, struct buf *out, struct err *err)
{
    buf_clear(out);
    buf_add_char(out, '{');
    for (size_t i = 0; i < m->attribute_count; i++) {
        const struct cloudevent_attribute *a = &m->attributes[i];

        if (!is_attribute_name(a->name) || slice_is(a->name, "data"))
            return err_set(
                err, REJECT, "validation_error: \"ce-%.*s\" is not the name of an attribute",
                (int)(is_utf8(a->name) && a->name.len < 64 ? a->name.len : 0), a->name.data);
        if (!is_utf8(a->value))
            return err_set(err, REJECT, "validation_error: \"%.*s\" must be a string",
                           (int)(a->name.len < 64 ? a->name.len : 64), a->name.data);
        buf_add_text(out, i > 0 ? "," : "");
        buf_add_json(out, a->name);
        buf_add_char(out, ':');
        buf_add_json(out, a->value);
    }
    if (m->content_type.data && is_utf8(m->content_type)) {
        buf_add_text(out, m->attribute_count > 0 ? "," : "");
        buf_add_text(out, "\"datacontenttype\":");
        buf_add_json(out, m->content_type);
    }
    if (add_data(m, out, err) != OK)
        return REJECT;
    buf_add_char(out, '}');
    return OK;
}

void cloudevent_scratch_done(struct cloudevent_scratch *s)
{
    buf_done(&s->event);
    buf_done(&s->record);
}

static enum result refuse(const struct faults *faults, size_t first, struct err *err)
{
    struct slice fault = first < faults->count ? fault_message(faults, first) : slice_of("?");

    return err_set(err, REJECT, "validation_error: %.*s", SLICE_ARG(fault));
}

static enum result event_of(const struct cloudevent_message *m, struct buf *out, struct slice *ret,
                            struct err *err)
{
    struct err why;

    if (m->value.len > RECORD_MAX_BYTES)
        return err_set(err, REJECT, "too_large: %zu bytes, at most %d", m->value.len,
                       RECORD_MAX_BYTES);
    if (cloudevent_is_batch(m->content_type))
        return err_set(err, REJECT, "validation_error: a batch of events is for HTTP alone");
    if (!cloudevent_is_structured(m->content_type)) {
        if (cloudevent_gather(m, out, err) != OK)
            return REJECT;
        *ret = buf_slice(out);
        return OK;
    }
    if (json_check(m->value, RECORD_MAX_DEPTH, &why) != OK)
        return err_set(err, REJECT, "malformed_json: %.400s", why.text);
    *ret = m->value;
    return OK;
}

enum result cloudevent_parse(struct record *r, const struct cloudevent_message *m,
                             const struct record_rules *rules, struct cloudevent_scratch *scratch,
                             struct faults *faults, struct err *err)
{
    size_t first = faults->count;
    struct slice event = {NULL, 0};

    if (event_of(m, &scratch->event, &event, err) != OK)
        return REJECT;
    buf_clear(&scratch->record);
    if (cloudevent_to_record(json_root(event), rules->index, &scratch->record, faults) != OK ||
        record_read(r, json_root(buf_slice(&scratch->record)), rules, faults) != OK)
        return refuse(faults, first, err);
    return OK;
}
