/* SPDX-License-Identifier: MIT */
#include "gateway/body.h"

#include "common/percent.h"
#include "common/utf8.h"
#include "gateway/inflate.h"
#include "schemas/cloudevent.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

bool refuse(struct refusal *refusal, int status, const char *code, const char *format, ...)
{
    refusal->status = status;
    refusal->code = code;
    va_list args;
    va_start(args, format);
    vsnprintf(refusal->message, sizeof refusal->message, format, args);
    va_end(args);
    return false;
}

static struct slice trim(struct slice s)
{
    while (s.len > 0 && strchr(" \t\r\n", s.data[0]))
        s = slice_make(s.data + 1, s.len - 1);
    while (s.len > 0 && strchr(" \t\r\n", s.data[s.len - 1]))
        s.len--;
    return s;
}

static bool is(struct slice s, const char *text)
{
    return s.len == strlen(text) && strncasecmp(s.data, text, s.len) == 0;
}

static bool ends_with(struct slice s, const char *text)
{
    size_t len = strlen(text);
    return s.len > len && strncasecmp(s.data + s.len - len, text, len) == 0;
}

/* Up to the next ';', which goes too. */
static struct slice take_part(struct slice *rest)
{
    const char *semicolon = memchr(rest->data, ';', rest->len);
    size_t len = semicolon ? (size_t)(semicolon - rest->data) : rest->len;
    size_t used = len + (semicolon ? 1 : 0);
    struct slice part = {rest->data, len};
    *rest = slice_make(rest->data + used, rest->len - used);
    return trim(part);
}

static bool charset_is_utf8(struct slice parameters)
{
    while (parameters.len > 0) {
        struct slice p = take_part(&parameters);
        if (p.len <= 8 || strncasecmp(p.data, "charset=", 8) != 0)
            continue;
        struct slice value = {p.data + 8, p.len - 8};
        return is(value, "utf-8") || is(value, "\"utf-8\"") || is(value, "utf8") ||
               is(value, "us-ascii");
    }
    return true;
}

static bool known_type(struct slice type, enum body_format *ret)
{
    if (cloudevent_is_structured(type))
        *ret = BODY_CLOUDEVENT;
    else if (cloudevent_is_batch(type))
        *ret = BODY_CLOUDEVENTS;
    else if (type.len == 0 || is(type, "application/json") || ends_with(type, "+json"))
        *ret = BODY_JSON;
    else if (is(type, "application/x-ndjson") || is(type, "application/ndjson"))
        *ret = BODY_NDJSON;
    else if (is(type, "application/x-www-form-urlencoded"))
        *ret = BODY_FORM;
    else
        return false;
    return true;
}

bool body_format(struct slice content_type, enum body_format *ret, struct refusal *refusal)
{
    struct slice rest = content_type.data ? content_type : slice_of("");
    struct slice type = take_part(&rest);
    if (!known_type(type, ret))
        return refuse(refusal, 415, "unsupported_media_type",
                      "Unsupported Media Type: send application/json, application/x-ndjson or "
                      "application/x-www-form-urlencoded");
    if (!charset_is_utf8(rest))
        return refuse(refusal, 415, "unsupported_media_type",
                      "Unsupported Media Type: the charset must be utf-8");
    return true;
}

bool body_decode(struct slice content_encoding, struct slice body, size_t max_bytes,
                 struct buf *out, struct slice *ret, struct refusal *refusal)
{
    struct slice encoding = content_encoding.data ? trim(content_encoding) : slice_of("");
    enum inflated done = INFLATED;
    *ret = body;
    if (is(encoding, "gzip") || is(encoding, "x-gzip") || is(encoding, "deflate"))
        done = inflate_zlib(body, max_bytes, out);
    else if (is(encoding, "zstd"))
        done = inflate_zstd(body, max_bytes, out);
    else if (encoding.len > 0 && !is(encoding, "identity"))
        return refuse(refusal, 415, "unsupported_media_type",
                      "Unsupported Content-Encoding: send gzip, zstd or none");
    else if (body.len > max_bytes)
        done = INFLATED_TOO_LARGE;
    else
        return true;

    if (done == INFLATED_TOO_LARGE)
        return refuse(refusal, 413, "payload_too_large",
                      "Payload Too Large: the body may be at most %zu bytes", max_bytes);
    if (done == INFLATED_BROKEN)
        return refuse(refusal, 400, "malformed_json",
                      "The body is not what its Content-Encoding says, %.*s",
                      (int)(encoding.len < 16 ? encoding.len : 16), encoding.data);
    *ret = buf_slice(out);
    return true;
}

static bool utf8_all(struct slice s)
{
    for (size_t i = 0, len; i < s.len; i += len)
        if ((len = utf8_char_len(s.data + i, s.len - i)) == 0)
            return false;
    return true;
}

static void add_pair(struct buf *out, struct slice name, struct slice value)
{
    AUTO_BUF text = {0};
    percent_decode(&text, name, true);
    buf_add_json(out, buf_slice(&text));
    buf_add_char(out, ':');
    buf_clear(&text);
    percent_decode(&text, value, true);
    buf_add_json(out, buf_slice(&text));
}

bool body_form(struct slice body, struct buf *out, struct slice *ret, struct refusal *refusal)
{
    struct slice start = trim(body);
    if (start.len == 0 || start.data[0] == '{' || start.data[0] == '[') {
        *ret = body;
        return true;
    }
    AUTO_BUF decoded = {0};
    percent_decode(&decoded, body, true);
    if (!utf8_all(buf_slice(&decoded)))
        return refuse(refusal, 400, "malformed_json", "The form is not UTF-8");

    struct slice name, value;
    buf_clear(out);
    buf_add_char(out, '{');
    while (form_next(&start, &name, &value)) {
        if (out->len > 1)
            buf_add_char(out, ',');
        add_pair(out, name, value);
    }
    buf_add_char(out, '}');
    *ret = buf_slice(out);
    return true;
}
