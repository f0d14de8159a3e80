/* SPDX-License-Identifier: MIT */
#include "rules/rules.h"

#include "common/mem.h"
#include "rules/deletion.h"
#include "rules/rule_document.h"

#include <stdatomic.h>
#include <stdlib.h>

struct tenant_retention {
    bson_t *doc; /* owned; the slices point into it */
    struct slice tenant;
    struct retention_rule rules[RETENTION_RULES_MAX];
    struct retention retention;
};

struct rules {
    atomic_size_t owners;
    int64_t version, days;
    struct erasures *erasures;
    struct deletion **deletions; /* owned */
    struct tenant_retention **retentions;
    size_t deletion_count, retention_count;
    int64_t deletions_until_ms; /* nothing received later is deleted: most records need no look */
};

struct rules *rules_new(int64_t version, int64_t days)
{
    struct rules *r = mem_zalloc(sizeof *r);

    r->owners = 1;
    r->version = version;
    r->days = days;
    r->erasures = erasures_new();
    return r;
}

struct rules *rules_share(struct rules *r)
{
    if (r)
        atomic_fetch_add(&r->owners, 1);
    return r;
}

void rules_free(struct rules *r)
{
    if (!r || atomic_fetch_sub(&r->owners, 1) > 1)
        return;
    erasures_free(r->erasures);
    for (size_t i = 0; i < r->deletion_count; i++)
        deletion_free(r->deletions[i]);
    for (size_t i = 0; i < r->retention_count; i++) {
        bson_destroy(r->retentions[i]->doc);
        free(r->retentions[i]);
    }
    free(r->deletions);
    free(r->retentions);
    free(r);
}

int64_t rules_version(const struct rules *r)
{
    return r->version;
}

const struct erasures *rules_erasures(const struct rules *r)
{
    return r->erasures;
}

static void add_retention(struct rules *r, const bson_t *doc)
{
    struct tenant_retention *t = mem_zalloc(sizeof *t);

    t->doc = bson_copy(doc);
    t->tenant = rule_document_text(t->doc, "tenant");
    t->retention.rules = t->rules;
    t->retention.days = rule_document_number(t->doc, "days");
    t->retention.count = rule_document_retention(t->doc, t->rules, RETENTION_RULES_MAX);
    r->retentions =
        mem_realloc(r->retentions, (r->retention_count + 1) * sizeof(struct tenant_retention *));
    r->retentions[r->retention_count++] = t;
}

static void add_deletion(struct rules *r, const bson_t *doc)
{
    struct deletion *d = deletion_of(doc);

    if (!d)
        return;
    r->deletions = mem_realloc(r->deletions, (r->deletion_count + 1) * sizeof(struct deletion *));
    r->deletions[r->deletion_count++] = d;
    if (rule_document_number(doc, "createdAt") > r->deletions_until_ms)
        r->deletions_until_ms = rule_document_number(doc, "createdAt");
}

void rules_add(struct rules *r, const bson_t *doc)
{
    struct slice kind = rule_document_text(doc, "kind");
    struct erasure erasure;

    if (slice_is(kind, "retention-setting"))
        add_retention(r, doc);
    else if (slice_is(kind, "deletion"))
        add_deletion(r, doc);
    else if (slice_is(kind, "erasure") && rule_document_erasure(doc, r->version, &erasure))
        erasures_add(r->erasures, &erasure);
}

bool rules_take_away(const struct rules *r)
{
    return erasures_count(r->erasures) > 0 || r->deletion_count > 0;
}

static bool is_deleted(const struct rules *r, const struct log_facts *f, struct slice json)
{
    if (!json.data || f->created_ms > r->deletions_until_ms)
        return false;
    for (size_t i = 0; i < r->deletion_count; i++)
        if (deletion_covers(r->deletions[i], f, json))
            return true;
    return false;
}

enum verdict rules_judge(const struct rules *r, const struct log_facts *f, struct slice json,
                         struct slice *ret_salt)
{
    const struct erasure *as_user =
        erasures_find(r->erasures, f->tenant, f->user_id, f->timestamp_ms, f->created_ms);
    const struct erasure *as_actor =
        slice_eq(f->user_id, f->actor_id)
            ? NULL
            : erasures_find(r->erasures, f->tenant, f->actor_id, f->timestamp_ms, f->created_ms);

    if ((as_user && as_user->mode == ERASE_DELETE) || (as_actor && as_actor->mode == ERASE_DELETE))
        return VERDICT_DROP;
    if (is_deleted(r, f, json))
        return VERDICT_DROP;
    if (!as_user && !as_actor)
        return VERDICT_KEEP;
    *ret_salt = as_user ? as_user->salt : as_actor->salt;
    return VERDICT_MASK;
}

struct retention rules_retention(const struct rules *r, struct slice tenant)
{
    for (size_t i = 0; i < r->retention_count; i++)
        if (slice_eq(r->retentions[i]->tenant, tenant))
            return r->retentions[i]->retention;
    return (struct retention){.days = r->days};
}

bool rules_keep_alike(const struct rules *r, struct slice tenant)
{
    struct retention retention = rules_retention(r, tenant);

    for (size_t i = 0; i < erasures_count(r->erasures); i++) {
        const struct erasure *e = erasures_at(r->erasures, i);

        if (e->mode == ERASE_DELETE && slice_eq(e->tenant, tenant))
            return false;
    }
    for (size_t i = 0; i < r->deletion_count; i++)
        if (slice_eq(deletion_tenant(r->deletions[i]), tenant))
            return false;
    return retention.count == 0;
}
