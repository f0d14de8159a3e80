/* SPDX-License-Identifier: MIT */
#include "gateway/count_bson.h"

#include <stdio.h>

void count_append_tenant(bson_t *match, struct slice tenant)
{
    bson_append_utf8(match, "tenant", -1, tenant.data, (int)tenant.len);
}

void count_append_range(bson_t *match, const char *name, int64_t from_ms, int64_t to_ms)
{
    bson_t range;

    BSON_APPEND_DOCUMENT_BEGIN(match, name, &range);
    BSON_APPEND_DATE_TIME(&range, "$gte", from_ms);
    BSON_APPEND_DATE_TIME(&range, "$lt", to_ms);
    bson_append_document_end(match, &range);
}

void count_append_sum(bson_t *group, const char *name, const char *field)
{
    bson_t sum;

    BSON_APPEND_DOCUMENT_BEGIN(group, name, &sum);
    if (field)
        BSON_APPEND_UTF8(&sum, "$sum", field);
    else
        BSON_APPEND_INT64(&sum, "$sum", 1);
    bson_append_document_end(group, &sum);
}

void count_append_cells(bson_t *group)
{
    for (size_t cell = 0; cell < CELL_COUNT; cell++) {
        char field[64];
        snprintf(field, sizeof field, "$cells.%s", cell_name(cell));
        count_append_sum(group, cell_name(cell), field);
    }
}

uint64_t count_of_row(const bson_t *row, const char *name)
{
    bson_iter_t at;
    int64_t n = bson_iter_init_find(&at, row, name) ? bson_iter_as_int64(&at) : 0;
    return n > 0 ? (uint64_t)n : 0;
}

void count_cells_of_row(const bson_t *row, struct cells *ret)
{
    for (size_t cell = 0; cell < CELL_COUNT; cell++)
        ret->n[cell] = count_of_row(row, cell_name(cell));
}

/* Filters are in the order of their fields, so those by service and action stand first. */
struct selection count_names(const struct selection *chosen)
{
    struct selection names = {.filters = chosen->filters};

    while (names.filter_count < chosen->filter_count &&
           chosen->filters[names.filter_count].field <= SELECT_ACTION)
        names.filter_count++;
    return names;
}

bool count_names_fit(const struct selection *chosen, struct slice service, struct slice action)
{
    struct selection names = count_names(chosen);

    for (size_t i = 0; i < names.filter_count; i++) {
        const struct selection_filter *filter = &names.filters[i];

        if (!selection_filter_fits(filter, filter->field == SELECT_SERVICE ? service : action))
            return false;
    }
    return true;
}

bool count_cell_fits(const struct selection *chosen, size_t cell)
{
    enum severity severity = (enum severity)(cell / OUTCOME_COUNT);
    enum outcome outcome = (enum outcome)(cell % OUTCOME_COUNT);

    for (size_t i = 0; i < chosen->filter_count; i++) {
        const struct selection_filter *filter = &chosen->filters[i];
        struct slice name = {NULL, 0};

        if (filter->field != SELECT_SEVERITY && filter->field != SELECT_OUTCOME)
            continue;
        if (filter->field == SELECT_SEVERITY)
            name = slice_of(severity_name(severity));
        else if (outcome != OUTCOME_NONE)
            name = slice_of(outcome_name(outcome));
        if (!selection_filter_fits(filter, name))
            return false;
    }
    return true;
}
