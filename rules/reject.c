/* SPDX-License-Identifier: MIT */
#include "rules/reject.h"

#include "common/iso8601.h"
#include "rules/rule_document.h"
#include "rules/subject.h"
#include "schemas/bson_member.h"
#include "schemas/json.h"

enum { DEPTH_MAX = 64 };

struct suspicion {
    const struct erasures *erasures;
    struct slice tenant;
    int64_t timestamp_ms, received_ms;
};

static bool read_time(struct slice json, int64_t *ret_ms)
{
    struct json_value key, value;
    struct json_iter it;
    struct err err;
    AUTO_BUF arena = {0};

    if (!json.data || json_check(json, DEPTH_MAX, &err) != OK ||
        json_root(json).type != JSON_OBJECT)
        return false;
    buf_reserve(&arena, json.len);
    it = json_iter(json_root(json));
    while (json_next(&it, &key, &value))
        if (value.type == JSON_STRING && json_key_is(key, "timestamp") &&
            iso8601_parse(json_text(value, &arena), ret_ms))
            return true;
    return false;
}

static bool is_erased(void *ctx, struct slice user_id)
{
    const struct suspicion *s = ctx;

    return erasures_find(s->erasures, s->tenant, user_id, s->timestamp_ms, s->received_ms) != NULL;
}

static bool look_at(struct suspicion s, struct slice value, struct slice key)
{
    if (!read_time(value, &s.timestamp_ms))
        s.timestamp_ms = s.received_ms;
    return subject_any(value, key, is_erased, &s);
}

bool reject_is_erased(const bson_t *reject, const struct erasures *erasures)
{
    struct suspicion s = {
        .erasures = erasures,
        .tenant = rule_document_text(reject, "tenant"),
        .received_ms = rule_document_number(reject, "receivedAt"),
    };

    if (s.received_ms == 0)
        s.received_ms = rule_document_number(reject, "at");
    return erasures && erasures_count(erasures) > 0 &&
           (look_at(s, bson_bytes_of(reject, "value"), bson_bytes_of(reject, "key")) ||
            look_at(s, bson_bytes_of(reject, "replayValue"), bson_bytes_of(reject, "replayKey")));
}
