/* SPDX-License-Identifier: MIT */
#include "indexer/outcome.h"

enum result outcome_away(const bson_error_t *why, struct err *err)
{
    return err_set(err, RETRY, "%s", why->message);
}

/* One element of writeErrors: {index, code, errmsg}. */
static void refuse_one(struct refusals *r, const bson_iter_t *element)
{
    bson_iter_t it;
    size_t index = 0;
    int32_t code = 0;
    const char *text = "";

    if (!bson_iter_recurse(element, &it))
        return;
    while (bson_iter_next(&it)) {
        if (strcmp(bson_iter_key(&it), "index") == 0)
            index = (size_t)bson_iter_as_int64(&it);
        else if (strcmp(bson_iter_key(&it), "code") == 0)
            code = (int32_t)bson_iter_as_int64(&it);
        else if (strcmp(bson_iter_key(&it), "errmsg") == 0 && BSON_ITER_HOLDS_UTF8(&it))
            text = bson_iter_utf8(&it, NULL);
    }
    refusals_add(r, index, code, text);
}

enum result outcome_of_write(const bson_t *reply, const bson_error_t *why, size_t count,
                             struct refusals *refused, struct err *err)
{
    bson_iter_t it, element;
    bool driver_refused = why->domain == MONGOC_ERROR_BSON || why->domain == MONGOC_ERROR_COMMAND;

    if (bson_iter_init_find(&it, reply, "writeConcernErrors") && bson_iter_recurse(&it, &element) &&
        bson_iter_next(&element))
        return outcome_away(why, err); /* stored, but perhaps not for good */
    if (bson_iter_init_find(&it, reply, "writeErrors") && bson_iter_recurse(&it, &element))
        while (bson_iter_next(&element))
            refuse_one(refused, &element);
    if (refused->count > 0)
        return OK;
    if (why->domain != MONGOC_ERROR_SERVER && !driver_refused)
        return outcome_away(why, err);
    if (refusal_kind((int32_t)why->code, why->message) == REFUSED_FOR_NOW)
        return outcome_away(why, err);

    refused->whole = true;
    for (size_t i = 0; i < count; i++)
        refusals_add(refused, i, (int32_t)why->code, why->message);
    return OK;
}
