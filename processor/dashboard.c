/* SPDX-License-Identifier: MIT */
#include "processor/dashboard.h"

#include "common/buf.h"
#include "common/iso8601.h"
#include "schemas/json.h"

#include <assert.h>
#include <stdio.h>

enum {
    DAY_MS = 24 * 60 * 60 * 1000,
    KEY_MAX = DASHBOARD_KEY_MAX,
    USER_DAYS = DASHBOARD_USER_DAYS,
    USER_MAX = 1024
};

struct key {
    char text[KEY_MAX];
    struct tally_group group;
};

/* {als}:<tenant>:<name> */
static void key_plain(struct key *k, enum tally_kind kind, struct slice tenant, const char *name)
{
    int len =
        snprintf(k->text, sizeof k->text, DASHBOARD_PREFIX "%.*s:%s", SLICE_ARG(tenant), name);

    assert(len < KEY_MAX);
    k->group = (struct tally_group){.kind = kind, .key = slice_make(k->text, (size_t)len)};
}

/* One window, and for how many days from its start a key of it lives. */
struct span {
    enum window window;
    int64_t start_ms;
    int days;
};

/* {als}:<tenant>:<name><window>:<start> */
static void key_window(struct key *k, enum tally_kind kind, struct slice tenant, const char *name,
                       const struct span *span)
{
    size_t len = dashboard_key_window(k->text, tenant, name, span->window, span->start_ms);

    k->group = (struct tally_group){
        .kind = kind,
        .key = slice_make(k->text, len),
        .expire_ms = span->start_ms + (int64_t)span->days * DAY_MS,
    };
}

static void add_nonzero(struct tally *t, const struct key *k, const char *field, uint64_t n)
{
    if (n)
        tally_add(t, &k->group, slice_of(field), (int64_t)n);
}

/* count info warn error critical success failure */
static void add_counts(struct tally *t, const struct key *k, const struct cells *delta)
{
    uint64_t by_outcome[OUTCOME_COUNT] = {0};

    add_nonzero(t, k, "count", cells_total(delta));
    for (int s = 0; s < SEVERITY_COUNT; s++) {
        uint64_t n = 0;

        for (int o = 0; o < OUTCOME_COUNT; o++) {
            n += delta->n[cell_of((enum severity)s, (enum outcome)o)];
            by_outcome[o] += delta->n[cell_of((enum severity)s, (enum outcome)o)];
        }
        add_nonzero(t, k, severity_name((enum severity)s), n);
    }
    add_nonzero(t, k, "success", by_outcome[OUTCOME_SUCCESS]);
    add_nonzero(t, k, "failure", by_outcome[OUTCOME_FAILURE]);
}

static void add_service(struct tally *t, const struct key *k, struct slice service, uint64_t n)
{
    static const char prefix[] = "service:";
    AUTO_BUF field = {0};

    buf_add_text(&field, prefix);
    buf_add_slice(&field, service);
    tally_add(t, &k->group, buf_slice(&field), (int64_t)n);
}

static void add_escaped(struct buf *out, struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == '%')
            buf_add_text(out, "%25");
        else if (name.data[i] == '/')
            buf_add_text(out, "%2F");
        else
            buf_add_char(out, name.data[i]);
    }
}

static void add_action(struct tally *t, const struct stats_bucket *b, uint64_t n)
{
    AUTO_BUF member = {0};
    struct key k;

    add_escaped(&member, b->service);
    buf_add_char(&member, '/');
    add_escaped(&member, b->action);
    for (enum window w = WINDOW_HOUR; w <= WINDOW_DAY; w++) {
        const struct span span = {w, b->windows[w].start_ms, 14};

        key_window(&k, TALLY_SORTED, b->tenant, "actions:", &span);
        tally_add(t, &k.group, buf_slice(&member), (int64_t)n);
    }
}

void dashboard_add_bucket(struct tally *t, const struct stats_bucket *b, int64_t record_ms)
{
    static const int days[WINDOW_COUNT] = {[WINDOW_MINUTE] = 2, 14, 14};
    uint64_t n = cells_total(&b->delta);
    struct key k;

    if (n == 0)
        return;
    key_plain(&k, TALLY_HASH, b->tenant, "total");
    add_counts(t, &k, &b->delta);
    key_plain(&k, TALLY_EARLIEST, b->tenant, "total");
    tally_add(t, &k.group, slice_of("since"), record_ms);
    for (int w = 0; w < WINDOW_COUNT; w++) {
        const struct span span = {(enum window)w, b->windows[w].start_ms, days[w]};

        key_window(&k, TALLY_HASH, b->tenant, "", &span);
        add_counts(t, &k, &b->delta);
        add_service(t, &k, b->service, n);
    }
    add_action(t, b, n);
}

void dashboard_add_meta(struct tally *t, const struct stats_meta *m, int64_t now_ms)
{
    struct key k;

    key_plain(&k, TALLY_HASH, m->tenant, "meta");
    tally_add(t, &k.group, slice_of("processed"), (int64_t)m->processed);
    tally_add(t, &k.group, slice_of("rejected"), (int64_t)m->rejected);
    tally_add(t, &k.group, slice_of("duplicates"), (int64_t)m->duplicates);
    key_plain(&k, TALLY_LATEST, m->tenant, "meta");
    tally_add(t, &k.group, slice_of("watermark"), m->watermark_ms);
    tally_add(t, &k.group, slice_of("updatedAt"), now_ms);
}

struct user {
    struct slice tenant, id;
    int64_t timestamp_ms, created_ms;
    bool has_timestamp, has_created;
};

/* Stops at the four members wanted, which come early. */
static bool read_user(struct slice enriched, struct buf *arena, struct user *ret)
{
    struct json_iter it = json_iter(json_root(enriched));
    struct json_value key, value;

    while (!(ret->tenant.data && ret->id.data && ret->has_timestamp && ret->has_created) &&
           json_next(&it, &key, &value)) {
        if (value.type != JSON_STRING)
            continue;
        if (json_key_is(key, "tenant"))
            ret->tenant = json_text(value, arena);
        else if (json_key_is(key, "userId"))
            ret->id = json_text(value, arena);
        else if (json_key_is(key, "timestamp"))
            ret->has_timestamp = iso8601_parse(json_text(value, arena), &ret->timestamp_ms);
        else if (json_key_is(key, "createdAt"))
            ret->has_created = iso8601_parse(json_text(value, arena), &ret->created_ms);
    }
    return ret->tenant.data && ret->id.data && ret->has_timestamp;
}

void dashboard_add_user(struct tally *t, struct slice enriched, const struct erasures *erasures)
{
    AUTO_BUF arena = {0};
    struct user user = {0};
    struct span day = {WINDOW_DAY, 0, USER_DAYS}, hour = {WINDOW_HOUR, 0, USER_DAYS};
    struct key k;

    buf_reserve(&arena, USER_MAX);
    if (!read_user(enriched, &arena, &user))
        return;
    if (erasures_find(erasures, user.tenant, user.id, user.timestamp_ms,
                      user.has_created ? user.created_ms : user.timestamp_ms))
        return;
    day.start_ms = window_start(WINDOW_DAY, user.timestamp_ms);
    hour.start_ms = window_start(WINDOW_HOUR, user.timestamp_ms);
    key_window(&k, TALLY_UNIQUE, user.tenant, "users:", &day);
    tally_add(t, &k.group, user.id, 1);
    key_window(&k, TALLY_UNIQUE, user.tenant, "users:", &hour);
    tally_add(t, &k.group, user.id, 1);
    key_window(&k, TALLY_SORTED, user.tenant, "top-users:", &day);
    tally_add(t, &k.group, user.id, 1);
}

/* Days of the last week, and of the day after the erasure: clocks differ. */
size_t dashboard_user_keys(const struct erasure *erasure, int64_t now_ms,
                           char keys[DASHBOARD_USER_KEYS][DASHBOARD_KEY_MAX])
{
    int64_t first = window_start(WINDOW_DAY, now_ms - (int64_t)USER_DAYS * DAY_MS);
    int64_t last = window_start(WINDOW_DAY, erasure->at_ms + DAY_MS);
    size_t count = 0;

    for (int64_t day = last; day >= first && count < DASHBOARD_USER_KEYS; day -= DAY_MS) {
        const struct span span = {WINDOW_DAY, day, USER_DAYS};
        struct key k;

        key_window(&k, TALLY_SORTED, erasure->tenant, "top-users:", &span);
        memcpy(keys[count], k.text, k.group.key.len);
        keys[count++][k.group.key.len] = '\0';
    }
    return count;
}
