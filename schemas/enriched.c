/* SPDX-License-Identifier: MIT */
#include "schemas/enriched.h"
#include "common/ident.h"
#include "common/iso8601.h"
#include "schemas/json_scan.h"

enum { HASH_DIGITS = 16, OURS_BYTES = 1024 };

void enriched_add_id(struct buf *out, struct slice tenant, struct slice id)
{
    if (!slice_is(tenant, "default")) {
        buf_add_slice(out, tenant);
        buf_add_char(out, '/');
    }
    buf_add_slice(out, id);
}

/* `name` is the whole `,"userId":`. */
static void add_text(struct buf *out, const char *name, struct slice text)
{
    if (!text.data)
        return;
    buf_add_text(out, name);
    buf_add_json(out, text);
}

static void add_raw(struct buf *out, const char *name, struct slice raw)
{
    if (!raw.data)
        return;
    buf_add_text(out, name);
    json_add_compact(out, raw);
}

static void add_time(struct buf *out, const char *name, int64_t ms)
{
    char text[ISO8601_LEN];
    iso8601_format(ms, text);
    add_text(out, name, slice_make(text, sizeof text));
}

static void add_hash(struct buf *out, uint64_t hash)
{
    char digits[HASH_DIGITS];
    for (int i = HASH_DIGITS - 1; i >= 0; i--, hash >>= 4)
        digits[i] = "0123456789abcdef"[hash & 0xf];
    buf_add(out, digits, sizeof digits);
}

/* For members that begin with an opening brace: the first of them has no comma before it. */
static void close_members(struct buf *out, size_t opened_at)
{
    if (out->len > opened_at + 1) {
        char *first = out->data + opened_at + 1;
        memmove(first, first + 1, (size_t)(out->data + out->len - first) - 1);
        out->len--;
    }
    buf_add_char(out, '}');
}

static void add_entity(struct buf *out, const char *name, struct entity e)
{
    if (!e.type.data && !e.id.data && !e.name.data)
        return;
    buf_add_text(out, name);
    size_t opened_at = out->len;
    buf_add_char(out, '{');
    add_text(out, ",\"type\":", e.type);
    add_text(out, ",\"id\":", e.id);
    add_text(out, ",\"name\":", e.name);
    close_members(out, opened_at);
}

static void add_place(struct buf *out, const struct envelope *envelope)
{
    buf_add_text(out, "\",\"src\":\"");
    buf_add_i64(out, envelope->partition);
    buf_add_char(out, ':');
    buf_add_i64(out, envelope->offset);
    buf_add_char(out, ':');
    buf_add_i64(out, envelope->append_ms);
    buf_add_char(out, '"');
}

/* Ids, tenants and hashes need no escaping. */
static void add_head(struct buf *out, const struct envelope *envelope, uint64_t hash)
{
    buf_add_text(out, "{\"_id\":\"");
    enriched_add_id(out, envelope->tenant, envelope->id);
    buf_add_text(out, "\",\"hash\":\"");
    add_hash(out, hash);
    add_place(out, envelope);
}

static void add_required(struct buf *out, const struct record *r, const struct envelope *envelope)
{
    add_text(out, ",\"tenant\":", envelope->tenant);
    add_text(out, ",\"service\":", r->service);
    add_text(out, ",\"action\":", r->action);
    add_text(out, ",\"userId\":", r->user_id);
    add_text(out, ",\"severity\":", slice_of(severity_name(r->severity)));
    add_time(out, ",\"timestamp\":", envelope->timestamp_ms);
    add_time(out, ",\"createdAt\":", envelope->append_ms);
    add_text(out, ",\"source\":", slice_of(envelope->source));
}

static void add_optional(struct buf *out, const struct record *r)
{
    add_raw(out, ",\"metadata\":", r->metadata);
    add_entity(out, ",\"actor\":", r->actor);
    add_entity(out, ",\"resource\":", r->resource);
    add_raw(out, ",\"changes\":", r->changes);
    if (r->outcome != OUTCOME_NONE)
        add_text(out, ",\"outcome\":", slice_of(outcome_name(r->outcome)));
    add_text(out, ",\"message\":", r->message);
    add_raw(out, ",\"tags\":", r->tags);
    add_text(out, ",\"ip\":", r->ip);
    add_text(out, ",\"userAgent\":", r->user_agent);
    add_text(out, ",\"sessionId\":", r->session_id);
    add_text(out, ",\"requestId\":", r->request_id);
    add_text(out, ",\"traceparent\":", r->traceparent);
}

static void add_number(struct buf *out, const char *name, int64_t n)
{
    buf_add_text(out, name);
    buf_add_i64(out, n);
}

static void add_flags(struct buf *out, const struct enrichment *e)
{
    for (size_t i = 0; i < e->flag_count; i++) {
        buf_add_text(out, i == 0 ? ",\"flags\":[" : ",");
        buf_add_json(out, slice_of(e->flags[i]));
    }
    if (e->flag_count > 0)
        buf_add_char(out, ']');
}

static void add_enrichment(struct buf *out, const struct enrichment *e)
{
    buf_add_text(out, ",\"enriched\":");
    size_t opened_at = out->len;
    buf_add_char(out, '{');
    add_text(out, ",\"verb\":", e->verb);
    add_text(out, ",\"object\":", e->object);
    add_text(out, ",\"ipClass\":", slice_of(e->ip_class));
    if (e->ip_version)
        add_number(out, ",\"ipVersion\":", e->ip_version);
    add_text(out, ",\"country\":", e->country);
    add_text(out, ",\"city\":", e->city);
    if (e->asn)
        add_number(out, ",\"asn\":", e->asn);
    add_text(out, ",\"browser\":", e->browser);
    add_text(out, ",\"os\":", e->os);
    add_text(out, ",\"device\":", e->device);
    if (e->has_user_agent)
        buf_add_text(out, e->bot ? ",\"bot\":true" : ",\"bot\":false");
    if (e->has_clock_skew)
        add_number(out, ",\"clockSkewMs\":", e->clock_skew_ms);
    add_flags(out, e);
    close_members(out, opened_at);
}

void enriched_write(struct buf *out, const struct record *r, const struct envelope *envelope,
                    const struct enrichment *enrichment, uint64_t content_hash)
{
    buf_reserve(out, r->json.len + OURS_BYTES);
    add_head(out, envelope, content_hash);
    add_required(out, r, envelope);
    add_optional(out, r);
    add_enrichment(out, enrichment);
    buf_add_char(out, '}');
}

/* Steps over `wanted`. */
static bool take(struct slice *left, const char *wanted)
{
    size_t len = strlen(wanted);
    if (left->len < len || memcmp(left->data, wanted, len) != 0)
        return false;
    *left = slice_make(left->data + len, left->len - len);
    return true;
}

/* What comes before the next quote. */
static bool take_to_quote(struct slice *left, struct slice *ret)
{
    const char *quote = memchr(left->data, '"', left->len);
    if (!quote)
        return false;
    *ret = slice_make(left->data, (size_t)(quote - left->data));
    *left = slice_make(quote, left->len - ret->len);
    return true;
}

static bool parse_hash(struct slice digits, uint64_t *ret)
{
    uint64_t hash = 0;
    if (digits.len != HASH_DIGITS)
        return false;
    for (size_t i = 0; i < HASH_DIGITS; i += 4) {
        int four = json_hex4(digits.data + i);
        if (four < 0)
            return false;
        hash = hash << 16 | (uint64_t)four;
    }
    *ret = hash;
    return true;
}

bool enriched_read_head(struct slice value, struct enriched_head *ret)
{
    struct enriched_head head;
    struct slice digits;
    if (!take(&value, "{\"_id\":\"") || !take_to_quote(&value, &head.id) ||
        !take(&value, "\",\"hash\":\"") || !take_to_quote(&value, &digits) ||
        !take(&value, "\",\"src\":\"") || !take_to_quote(&value, &head.src) ||
        !parse_hash(digits, &head.hash))
        return false;
    *ret = head;
    return true;
}
