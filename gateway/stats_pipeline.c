/* SPDX-License-Identifier: MIT */
#include "gateway/stats_pipeline.h"

#include "schemas/stats.h"

static const char *window_of(const struct stats_piece *piece)
{
    static const enum window windows[] = {
        [FROM_DAYS] = WINDOW_DAY, [FROM_HOURS] = WINDOW_HOUR, [FROM_MINUTES] = WINDOW_MINUTE};
    return window_name(windows[piece->source]);
}

const char *stats_collection(const struct stats_piece *piece)
{
    return piece->source == FROM_LOGS ? "logs" : "stats";
}

static void append_text(bson_t *out, const char *name, struct slice text)
{
    bson_append_utf8(out, name, -1, text.data, (int)text.len);
}

static void append_match(bson_t *out, const struct stats_piece *piece, struct slice tenant,
                         struct slice service)
{
    bool logs = piece->source == FROM_LOGS;
    bson_t match, range;

    BSON_APPEND_DOCUMENT_BEGIN(out, "$match", &match);
    append_text(&match, "tenant", tenant);
    if (!logs)
        BSON_APPEND_UTF8(&match, "window", window_of(piece));
    BSON_APPEND_DOCUMENT_BEGIN(&match, logs ? "timestamp" : "start", &range);
    BSON_APPEND_DATE_TIME(&range, "$gte", piece->from_ms);
    BSON_APPEND_DATE_TIME(&range, "$lt", piece->to_ms);
    bson_append_document_end(&match, &range);
    if (service.data)
        append_text(&match, "service", service);
    bson_append_document_end(out, &match);
}

static void append_sum(bson_t *group, const char *name, const char *field)
{
    bson_t sum;

    BSON_APPEND_DOCUMENT_BEGIN(group, name, &sum);
    if (field)
        BSON_APPEND_UTF8(&sum, "$sum", field);
    else
        BSON_APPEND_INT64(&sum, "$sum", 1);
    bson_append_document_end(group, &sum);
}

/* Logs: {_id: {service, action, severity}, n}; buckets: {_id: {service, action}, info_none, …}. */
static void append_group(bson_t *out, bool logs)
{
    bson_t group, id;

    BSON_APPEND_DOCUMENT_BEGIN(out, "$group", &group);
    BSON_APPEND_DOCUMENT_BEGIN(&group, "_id", &id);
    BSON_APPEND_UTF8(&id, "service", "$service");
    BSON_APPEND_UTF8(&id, "action", "$action");
    if (logs)
        BSON_APPEND_UTF8(&id, "severity", "$severity");
    bson_append_document_end(&group, &id);
    if (logs)
        append_sum(&group, "n", NULL);
    for (size_t cell = 0; !logs && cell < CELL_COUNT; cell++) {
        char field[64];
        snprintf(field, sizeof field, "$cells.%s", cell_name(cell));
        append_sum(&group, cell_name(cell), field);
    }
    bson_append_document_end(out, &group);
}

void stats_pipeline(bson_t *out, const struct stats_piece *piece, struct slice tenant,
                    struct slice service)
{
    bson_t stage;

    BSON_APPEND_DOCUMENT_BEGIN(out, "0", &stage);
    append_match(&stage, piece, tenant, service);
    bson_append_document_end(out, &stage);
    BSON_APPEND_DOCUMENT_BEGIN(out, "1", &stage);
    append_group(&stage, piece->source == FROM_LOGS);
    bson_append_document_end(out, &stage);
}

static struct slice find_text(const bson_t *doc, const char *path)
{
    bson_iter_t at, found;
    uint32_t len = 0;

    if (!bson_iter_init(&at, doc) || !bson_iter_find_descendant(&at, path, &found) ||
        !BSON_ITER_HOLDS_UTF8(&found))
        return (struct slice){NULL, 0};
    const char *text = bson_iter_utf8(&found, &len);
    return slice_make(text, len);
}

static uint64_t find_count(const bson_t *doc, const char *name)
{
    bson_iter_t at;
    int64_t n = bson_iter_init_find(&at, doc, name) ? bson_iter_as_int64(&at) : 0;
    return n > 0 ? (uint64_t)n : 0;
}

void stats_pipeline_row(const struct stats_piece *piece, const bson_t *row,
                        struct stats_groups *groups)
{
    struct slice service = find_text(row, "_id.service"), action = find_text(row, "_id.action");
    enum severity severity;

    if (!service.data || !action.data) /* nothing that the service wrote */
        return;
    if (piece->source == FROM_LOGS) {
        if (severity_parse(find_text(row, "_id.severity"), &severity))
            stats_groups_add(groups, service, action, severity, find_count(row, "n"));
        return;
    }
    for (size_t cell = 0; cell < CELL_COUNT; cell++)
        stats_groups_add(groups, service, action, (enum severity)(cell / OUTCOME_COUNT),
                         find_count(row, cell_name(cell)));
}
