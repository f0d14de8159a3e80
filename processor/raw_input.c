/* SPDX-License-Identifier: MIT */
#include "processor/raw_input.h"

/* https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md */
static void read_attributes(const rd_kafka_headers_t *headers, struct raw_scratch *scratch,
                            struct input *in)
{
    static const char prefix[] = "ce_";
    const char *name;
    const void *value;
    size_t size;

    if (rd_kafka_header_get_last(headers, "ce_specversion", &value, &size))
        return;
    in->attributes = scratch->attributes;
    for (size_t i = 0; !rd_kafka_header_get_all(headers, i, &name, &value, &size) &&
                       in->attribute_count < CLOUDEVENT_ATTRIBUTES;
         i++)
        if (strncmp(name, prefix, sizeof prefix - 1) == 0 && value)
            scratch->attributes[in->attribute_count++] = (struct cloudevent_attribute){
                slice_of(name + sizeof prefix - 1), slice_make(value, size)};
}

static void read_headers(const rd_kafka_headers_t *headers, struct input *in)
{
    const struct {
        const char *name;
        struct slice *value;
    } known[] = {
        {"als.id", &in->id},
        {"als.tenant", &in->tenant},
        {"als.source", &in->source},
        {"traceparent", &in->traceparent},
        {"content-type", &in->content_type},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const void *value;
        size_t size;

        if (rd_kafka_header_get_last(headers, known[i].name, &value, &size) ==
                RD_KAFKA_RESP_ERR_NO_ERROR &&
            value)
            *known[i].value = slice_make(value, size);
    }
}

struct input raw_input(const rd_kafka_message_t *m, enum refusal refusal,
                       struct raw_scratch *scratch)
{
    struct input in = {
        .key = slice_make(m->key, m->key_len),
        .value = slice_make(m->payload, m->len),
        .partition = m->partition,
        .offset = m->offset,
        .append_ms = rd_kafka_message_timestamp(m, NULL),
        .refusal = refusal,
        .origin = m,
    };
    rd_kafka_headers_t *headers;

    if (rd_kafka_message_headers(m, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        read_headers(headers, &in);
        read_attributes(headers, scratch, &in);
    }
    return in;
}
