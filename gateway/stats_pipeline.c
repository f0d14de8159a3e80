/* SPDX-License-Identifier: MIT */
#include "gateway/stats_pipeline.h"

#include "gateway/count_bson.h"
#include "schemas/bson_member.h"
#include "schemas/selection_bson.h"
#include "schemas/stats.h"

const char *stats_collection(const struct stats_piece *piece)
{
    return piece->source == FROM_LOGS ? "logs" : "stats";
}

static void append_match(bson_t *out, const struct stats_piece *piece,
                         const struct stats_view *view, struct slice tenant)
{
    bool logs = piece->source == FROM_LOGS;
    struct selection names = count_names(view->chosen);
    bson_t match;

    BSON_APPEND_DOCUMENT_BEGIN(out, "$match", &match);
    count_append_tenant(&match, tenant);
    if (!logs)
        BSON_APPEND_UTF8(&match, "window", window_name(WINDOW_MINUTE));
    count_append_range(&match, logs ? "timestamp" : "start", piece->from_ms, piece->to_ms);
    selection_bson_filters(&match, &names);
    bson_append_document_end(out, &match);
}

static void append_id(bson_t *group, bool logs, const struct stats_view *view)
{
    bson_t id;

    BSON_APPEND_DOCUMENT_BEGIN(group, "_id", &id);
    if (stats_grouping_has(&view->by, BY_SERVICE))
        BSON_APPEND_UTF8(&id, "service", "$service");
    if (stats_grouping_has(&view->by, BY_ACTION))
        BSON_APPEND_UTF8(&id, "action", "$action");
    if (logs) {
        BSON_APPEND_UTF8(&id, "severity", "$severity");
        BSON_APPEND_UTF8(&id, "outcome", "$outcome");
    } else if (view->points) {
        BSON_APPEND_UTF8(&id, "start", "$start");
    } else {
        BSON_APPEND_UTF8(&id, "window", "$window"); /* the same of all: never an empty _id */
    }
    bson_append_document_end(group, &id);
}

/* Logs: {_id: {service, action, severity, outcome}, n}; buckets: {_id: {service, action, start or
 * window}, info_none, …}. */
static void append_group(bson_t *out, bool logs, const struct stats_view *view)
{
    bson_t group;

    BSON_APPEND_DOCUMENT_BEGIN(out, "$group", &group);
    append_id(&group, logs, view);
    if (logs)
        count_append_sum(&group, "n", NULL);
    else
        count_append_cells(&group);
    bson_append_document_end(out, &group);
}

void stats_pipeline(bson_t *out, const struct stats_piece *piece, const struct stats_view *view,
                    struct slice tenant)
{
    bson_t stage;

    BSON_APPEND_DOCUMENT_BEGIN(out, "0", &stage);
    append_match(&stage, piece, view, tenant);
    bson_append_document_end(out, &stage);
    BSON_APPEND_DOCUMENT_BEGIN(out, "1", &stage);
    append_group(&stage, piece->source == FROM_LOGS, view);
    bson_append_document_end(out, &stage);
}

static bool find(const bson_t *doc, const char *path, bson_iter_t *ret)
{
    bson_iter_t at;
    return bson_iter_init(&at, doc) && bson_iter_find_descendant(&at, path, ret);
}

static struct slice find_text(const bson_t *doc, const char *path)
{
    bson_iter_t found;

    return find(doc, path, &found) ? bson_text_at(&found) : (struct slice){NULL, 0};
}

static void add_cell(const struct stats_view *view, struct stats_key key, size_t cell, uint64_t n,
                     struct stats_groups *groups)
{
    enum severity severity = (enum severity)(cell / OUTCOME_COUNT);
    enum outcome outcome = (enum outcome)(cell % OUTCOME_COUNT);

    if (n == 0 || !count_cell_fits(view->chosen, cell))
        return;
    if (stats_grouping_has(&view->by, BY_SEVERITY))
        key.names[BY_SEVERITY] = slice_of(severity_name(severity));
    if (stats_grouping_has(&view->by, BY_OUTCOME))
        key.names[BY_OUTCOME] = slice_of(outcome_name(outcome));
    stats_groups_add(groups, &key, severity, n);
}

/* False: a row of nothing that the service wrote. */
static bool read_names(const bson_t *row, const struct stats_view *view, struct stats_key *key)
{
    key->names[BY_SERVICE] = find_text(row, "_id.service");
    key->names[BY_ACTION] = find_text(row, "_id.action");
    for (enum stats_dimension d = BY_SERVICE; d <= BY_ACTION; d++)
        if (stats_grouping_has(&view->by, d) != (key->names[d].data != NULL))
            return false;
    return true;
}

static bool read_point(const struct stats_piece *piece, const struct stats_view *view,
                       const bson_t *row, struct stats_key *key)
{
    int64_t start_ms = piece->from_ms;
    bson_iter_t found;

    if (!view->points)
        return true;
    if (piece->source != FROM_LOGS) {
        if (!find(row, "_id.start", &found) || !BSON_ITER_HOLDS_DATE_TIME(&found))
            return false;
        start_ms = bson_iter_date_time(&found);
    }
    key->point = stats_points_find(view->points, start_ms);
    return true;
}

static void add_log_row(const struct stats_view *view, const bson_t *row,
                        const struct stats_key *key, struct stats_groups *groups)
{
    struct slice outcome_text = find_text(row, "_id.outcome");
    enum outcome outcome = OUTCOME_NONE;
    enum severity severity;

    if (!severity_parse(find_text(row, "_id.severity"), &severity) ||
        (outcome_text.data && !outcome_parse(outcome_text, &outcome)))
        return;
    add_cell(view, *key, cell_of(severity, outcome), count_of_row(row, "n"), groups);
}

void stats_pipeline_row(const struct stats_piece *piece, const struct stats_view *view,
                        const bson_t *row, struct stats_groups *groups)
{
    struct stats_key key = {0};

    if (!read_names(row, view, &key) || !read_point(piece, view, row, &key))
        return;
    if (piece->source == FROM_LOGS) {
        add_log_row(view, row, &key, groups);
        return;
    }
    for (size_t cell = 0; cell < CELL_COUNT; cell++)
        add_cell(view, key, cell, count_of_row(row, cell_name(cell)), groups);
}

/* One step for all of a row, where its cells are not told apart. */
static void add_cells(const struct stats_view *view, const struct stats_key *key,
                      const struct cells *cells, struct stats_groups *groups)
{
    uint64_t n[SEVERITY_COUNT] = {0};

    for (size_t cell = 0; cell < CELL_COUNT; cell++) {
        if (count_cell_fits(view->chosen, cell))
            n[cell / OUTCOME_COUNT] += cells->n[cell];
    }
    stats_groups_add_all(groups, key, n);
}

void stats_pipeline_total(const struct stats_view *view, const struct totals_row *row,
                          struct stats_groups *groups)
{
    struct stats_key key = {0};

    if (!count_names_fit(view->chosen, row->service, row->action))
        return;
    if (view->points)
        key.point = stats_points_find(view->points, row->start_ms);
    if (stats_grouping_has(&view->by, BY_SERVICE))
        key.names[BY_SERVICE] = row->service;
    if (stats_grouping_has(&view->by, BY_ACTION))
        key.names[BY_ACTION] = row->action;
    if (!stats_grouping_has(&view->by, BY_SEVERITY) && !stats_grouping_has(&view->by, BY_OUTCOME)) {
        add_cells(view, &key, &row->cells, groups);
        return;
    }
    for (size_t cell = 0; cell < CELL_COUNT; cell++)
        add_cell(view, key, cell, row->cells.n[cell], groups);
}
