/* SPDX-License-Identifier: MIT */
#include "indexer/ruling.h"

#include "common/mem.h"
#include "rules/mask.h"
#include "rules/rules_reader.h"

#include <stdlib.h>

static const int64_t DAY_MS = 86400000;

struct ruling {
    const struct settings *settings;
    struct rules_reader *reader;
    int64_t applied; /* version of the rules */
};

struct ruling *ruling_new(const struct settings *settings)
{
    struct ruling *r = mem_zalloc(sizeof *r);

    r->settings = settings;
    return r;
}

void ruling_free(struct ruling *r)
{
    if (r)
        rules_reader_free(r->reader);
    free(r);
}

static enum result refresh(struct ruling *r, struct err *err)
{
    enum result result = OK;

    if (!r->reader)
        result = rules_reader_new(r->settings, &r->reader, err);
    return result == OK ? rules_reader_refresh(r->reader, err) : result;
}

static void keep_until(bson_t *doc, const struct rules *rules, const struct log_facts *facts)
{
    struct retention retention = rules_retention(rules, facts->tenant);
    int64_t days = retention_days(&retention, facts->service, facts->severity);
    bson_iter_t it;

    if (bson_iter_init_find(&it, doc, "expireAt") && BSON_ITER_HOLDS_DATE_TIME(&it))
        bson_iter_overwrite_date_time(&it, facts->created_ms + days * DAY_MS);
}

static enum verdict judge(const struct rules *rules, const struct entry *e,
                          const struct log_facts *facts, struct slice *ret_salt)
{
    struct slice json = {NULL, 0};

    if (!rules_take_away(rules))
        return VERDICT_KEEP;
    if (e->message)
        json = slice_make(e->message->payload, e->message->len);
    return rules_judge(rules, facts, json, ret_salt);
}

static void mask(struct entry *e, struct slice salt)
{
    bson_t *masked = mask_document(e->doc, salt);

    bson_destroy(e->doc);
    e->doc = masked;
}

enum result ruling_apply(struct ruling *r, struct batch *b, struct err *err)
{
    enum result result = refresh(r, err);
    const struct rules *rules;

    if (result != OK)
        return result;
    rules = rules_reader_rules(r->reader);
    r->applied = rules_version(rules);
    for (size_t i = 0; i < b->count; i++) {
        struct entry *e = &b->entries[i];
        struct log_facts facts;
        struct slice salt;

        if (e->fate != FATE_OPEN || !e->doc)
            continue;
        facts = log_facts_of(e->doc);
        keep_until(e->doc, rules, &facts);
        switch (judge(rules, e, &facts, &salt)) {
        case VERDICT_DROP:
            e->fate = FATE_ERASED;
            break;
        case VERDICT_MASK:
            mask(e, salt);
            break;
        case VERDICT_KEEP:
            break;
        }
    }
    return OK;
}

/* Which of the stored are not to be there? Gathers their ids and says what becomes of them. */
static size_t gather(const struct rules *rules, struct batch *b, enum verdict *verdicts,
                     bson_t *ids)
{
    size_t count = 0;

    for (size_t i = 0; i < b->count; i++) {
        struct entry *e = &b->entries[i];
        struct log_facts facts;
        struct slice salt;

        verdicts[i] = VERDICT_KEEP;
        if (e->fate != FATE_STORED && e->fate != FATE_REDELIVERY)
            continue;
        facts = log_facts_of(e->doc);
        verdicts[i] = judge(rules, e, &facts, &salt);
        if (verdicts[i] == VERDICT_KEEP)
            continue;
        store_add_id(ids, count++, facts.id);
    }
    return count;
}

enum result ruling_confirm(struct ruling *r, struct store *store, struct batch *b, bool *ret_again,
                           struct err *err)
{
    enum verdict verdicts[BATCH_ENTRIES];
    bson_t ids = BSON_INITIALIZER;
    enum result result = refresh(r, err);
    size_t count = 0;

    *ret_again = false;
    if (result == OK && rules_version(rules_reader_rules(r->reader)) != r->applied)
        count = gather(rules_reader_rules(r->reader), b, verdicts, &ids);
    if (count > 0)
        result = store_delete(store, COLLECTION_LOGS, &ids, err);
    for (size_t i = 0; i < b->count && count > 0 && result == OK; i++) {
        if (verdicts[i] != VERDICT_KEEP)
            b->entries[i].fate = verdicts[i] == VERDICT_DROP ? FATE_ERASED : FATE_OPEN;
        *ret_again = *ret_again || verdicts[i] == VERDICT_MASK;
    }
    bson_destroy(&ids);
    return result;
}
