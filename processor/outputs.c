/* SPDX-License-Identifier: MIT */
#include "processor/outputs.h"

#include "common/iso8601.h"

#include <inttypes.h>
#include <stdio.h>

/* A dead letter that is too large keeps this much of its value, key and headers each. */
enum { KEPT_BYTES = 64 * 1024 };

static struct outgoing outgoing_of(const struct input *in, enum topic topic, int32_t partition)
{
    return (struct outgoing){
        .topic = topic,
        .partition = partition,
        .timestamp_ms = in->append_ms,
        .key = in->key,
        .value = in->value,
        .from_partition = in->partition,
        .from_offset = in->offset,
    };
}

static void add_header(rd_kafka_headers_t *headers, const char *name, struct slice value)
{
    rd_kafka_header_add(headers, name, -1, value.data, (ssize_t)value.len);
}

static enum result send_enriched(void *ctx, const struct input *in, struct slice value,
                                 struct slice tenant, struct slice traceparent, struct err *err)
{
    const struct outputs *o = ctx;
    struct outgoing out = outgoing_of(in, TOPIC_ENRICHED, in->partition);

    out.value = value;
    out.headers = rd_kafka_headers_new(2);
    add_header(out.headers, "als.tenant", tenant);
    if (traceparent.data)
        add_header(out.headers, "traceparent", traceparent);
    return transaction_send(o->transaction, &out, err);
}

static size_t headers_size(const rd_kafka_headers_t *headers)
{
    size_t bytes = 0, size;
    const char *name;
    const void *value;

    for (size_t i = 0; !rd_kafka_header_get_all(headers, i, &name, &value, &size); i++)
        bytes += strlen(name) + size;
    return bytes;
}

/* The raw record's own headers; none when there are none, or `is_short` and they are large. */
static rd_kafka_headers_t *original_headers(const struct input *in, bool is_short)
{
    rd_kafka_headers_t *headers;

    if (rd_kafka_message_headers(in->origin, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        (is_short && headers_size(headers) > KEPT_BYTES))
        return rd_kafka_headers_new(8);
    return rd_kafka_headers_copy(headers);
}

static void add_number(rd_kafka_headers_t *headers, const char *name, int64_t n)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%" PRId64, n);

    add_header(headers, name, slice_make(text, (size_t)len));
}

static void add_time(rd_kafka_headers_t *headers, const char *name, int64_t ms)
{
    char text[ISO8601_LEN];

    iso8601_format(ms, text);
    add_header(headers, name, slice_make(text, sizeof text));
}

static struct slice cut(struct slice s)
{
    return slice_make(s.data, s.len < KEPT_BYTES ? s.len : KEPT_BYTES);
}

static enum result send_letter(const struct outputs *o, const struct input *in,
                               const struct rejection *why, bool is_short, struct err *err)
{
    struct outgoing out = outgoing_of(in, TOPIC_DLQ, RD_KAFKA_PARTITION_UA);

    out.headers = original_headers(in, is_short);
    add_header(out.headers, "als.error.stage", slice_of("processor"));
    add_header(out.headers, "als.error.reason", why->reason);
    add_header(out.headers, "als.error.detail", why->detail);
    add_header(out.headers, "als.error.topic", slice_of(o->raw_topic));
    add_number(out.headers, "als.error.partition", in->partition);
    add_number(out.headers, "als.error.offset", in->offset);
    add_time(out.headers, "als.error.received", in->append_ms);
    if (is_short) {
        out.key = cut(in->key);
        out.value = cut(in->value);
        add_header(out.headers, "als.error.truncated", slice_of("true"));
    }
    return transaction_send(o->transaction, &out, err);
}

static enum result send_dead_letter(void *ctx, const struct input *in, const struct rejection *why,
                                    struct err *err)
{
    const struct outputs *o = ctx;
    enum result result = REJECT;

    if (in->refusal != REFUSED_DEAD_LETTER)
        result = send_letter(o, in, why, false, err);
    return result == REJECT ? send_letter(o, in, why, true, err) : result;
}

static enum result send_stats(void *ctx, int32_t partition, int64_t timestamp_ms, struct slice key,
                              struct slice value, struct err *err)
{
    const struct outputs *o = ctx;
    const struct outgoing out = {
        .topic = TOPIC_STATS,
        .partition = partition,
        .timestamp_ms = timestamp_ms,
        .key = key,
        .value = value,
        .from_partition = -1,
    };

    return transaction_send(o->transaction, &out, err);
}

struct sink outputs_sink(struct outputs *o)
{
    return (struct sink){
        .ctx = o,
        .enriched = send_enriched,
        .dead_letter = send_dead_letter,
        .stats = send_stats,
    };
}
