/* SPDX-License-Identifier: MIT */
#include "gateway/reject_facts.h"

#include "schemas/bson_member.h"
#include "schemas/reject_bson.h"

static void note_header(struct reject_facts *facts, const char *name, struct slice value)
{
    static const char cloudevents[] = "application/cloudevents";

    if (strcmp(name, "als.id") == 0)
        facts->came_with_id = value;
    else if (strcmp(name, "als.source") == 0)
        facts->http = slice_is(value, "http");
    else if (strcmp(name, "content-type") == 0)
        facts->cloudevent |= value.len >= sizeof cloudevents - 1 &&
                             memcmp(value.data, cloudevents, sizeof cloudevents - 1) == 0;
    else if (strncmp(name, "ce_", 3) == 0)
        facts->cloudevent = true;
}

struct reject_facts reject_facts_of(const bson_t *reject)
{
    struct reject_headers headers = reject_headers(reject);
    struct reject_facts facts = {
        .id = bson_text_of(reject, "_id"),
        .stage = bson_text_of(reject, "stage"),
        .reason = bson_text_of(reject, "reason"),
        .tenant = bson_text_of(reject, "tenant"),
        .value = bson_bytes_of(reject, "value"),
    };
    struct slice value;
    const char *name;
    bson_iter_t at;

    if (!facts.value.data)
        facts.value = slice_of("");
    if (bson_iter_init_find(&at, reject, "truncated"))
        facts.truncated = bson_iter_as_bool(&at);
    if (bson_iter_init_find(&at, reject, "receivedAt") || bson_iter_init_find(&at, reject, "at"))
        facts.received_ms = bson_iter_date_time(&at);
    while (reject_headers_next(&headers, &name, &value))
        note_header(&facts, name, value);
    return facts;
}
