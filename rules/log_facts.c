/* SPDX-License-Identifier: MIT */
#include "rules/log_facts.h"

#include "schemas/bson_member.h"

static struct slice actor_id_at(const bson_iter_t *it)
{
    bson_iter_t actor;

    if (BSON_ITER_HOLDS_DOCUMENT(it) && bson_iter_recurse(it, &actor) &&
        bson_iter_find(&actor, "id"))
        return bson_text_at(&actor);
    return (struct slice){NULL, 0};
}

static struct slice *text_of(struct log_facts *facts, const char *key)
{
    const struct {
        const char *name;
        struct slice *at;
    } texts[] = {
        {"_id", &facts->id},          {"tenant", &facts->tenant},
        {"service", &facts->service}, {"severity", &facts->severity},
        {"userId", &facts->user_id},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(key, texts[i].name) == 0)
            return texts[i].at;
    return NULL;
}

struct log_facts log_facts_of(const bson_t *doc)
{
    struct log_facts facts = {.timestamp_ms = 0};
    bson_iter_t it;

    if (!bson_iter_init(&it, doc))
        return facts;
    while (bson_iter_next(&it)) {
        const char *key = bson_iter_key(&it);
        struct slice *text = text_of(&facts, key);

        if (text)
            *text = bson_text_at(&it);
        else if (strcmp(key, "actor") == 0)
            facts.actor_id = actor_id_at(&it);
        else if (strcmp(key, "timestamp") == 0 && BSON_ITER_HOLDS_DATE_TIME(&it))
            facts.timestamp_ms = bson_iter_date_time(&it);
        else if (strcmp(key, "createdAt") == 0 && BSON_ITER_HOLDS_DATE_TIME(&it))
            facts.created_ms = bson_iter_date_time(&it);
    }
    return facts;
}
