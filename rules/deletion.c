/* SPDX-License-Identifier: MIT */
#include "rules/deletion.h"

#include "common/mem.h"
#include "rules/rule_document.h"
#include "schemas/selection.h"

#include <stdlib.h>

struct deletion {
    bson_t *doc; /* owned; the slices point into it */
    struct slice tenant;
    int64_t at_ms;
    struct selection selection;
};

void deletion_free(struct deletion *d)
{
    if (!d)
        return;
    selection_done(&d->selection);
    bson_destroy(d->doc);
    free(d);
}

struct deletion *deletion_of(const bson_t *doc)
{
    struct deletion *d = mem_zalloc(sizeof *d);
    struct faults faults = {0};
    struct slice filter;
    bool good;

    d->doc = bson_copy(doc);
    d->tenant = rule_document_text(d->doc, "tenant");
    d->at_ms = rule_document_number(d->doc, "createdAt");
    filter = rule_document_text(d->doc, "filter");
    good = d->tenant.data && filter.data && d->at_ms &&
           selection_read(&d->selection, filter, &faults) == OK &&
           (!selection_is_empty(&d->selection) || rule_document_flag(d->doc, "all"));
    faults_done(&faults);
    if (good)
        return d;
    deletion_free(d);
    return NULL;
}

struct slice deletion_tenant(const struct deletion *d)
{
    return d->tenant;
}

bool deletion_covers(const struct deletion *d, const struct log_facts *facts, struct slice json)
{
    return facts->created_ms <= d->at_ms && slice_eq(facts->tenant, d->tenant) &&
           selection_matches(&d->selection, json);
}
