/* SPDX-License-Identifier: MIT */
#include "gateway/stats_params.h"

#include "gateway/param.h"

#include <stdlib.h>

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000, TOP_DEFAULT = 10, ZONE_MAX = 64 };

static const struct stats_grouping by_service_and_action = {{BY_SERVICE, BY_ACTION}, 2};

static bool is_counted(enum selection_field f)
{
    return f == SELECT_SERVICE || f == SELECT_ACTION || f == SELECT_SEVERITY || f == SELECT_OUTCOME;
}

bool stats_counts(const struct selection *s)
{
    for (size_t i = 0; i < s->filter_count; i++)
        if (!is_counted(s->filters[i].field))
            return false;
    return s->word_count == 0;
}

static void drop_uncounted(struct selection *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->filter_count; i++) {
        if (is_counted(s->filters[i].field))
            s->filters[kept++] = s->filters[i];
        else
            free(s->filters[i].values);
    }
    s->filter_count = kept;
    s->word_count = 0;
}

static void refuse_uncounted(const struct selection *s, struct faults *faults)
{
    for (size_t i = 0; i < s->filter_count; i++) {
        const struct selection_filter *f = &s->filters[i];
        struct slice name =
            f->field == SELECT_METADATA ? f->path : slice_of(selection_name(f->field));

        if (!is_counted(f->field))
            faults_add(faults, name, "\"%.*s\" is not allowed", SLICE_ARG(name));
    }
    if (s->word_count > 0)
        faults_add(faults, slice_of("q"), "\"q\" is not allowed");
}

static bool add_dimension(struct stats_grouping *by, struct slice name, const struct param *p,
                          struct faults *faults)
{
    enum stats_dimension d;

    if (!stats_dimension_parse(name, &d)) {
        param_fault(p, "must be one of [service, action, severity, outcome]", faults);
        return false;
    }
    if (stats_grouping_has(by, d)) {
        param_fault(p, "contains a duplicate value", faults);
        return false;
    }
    by->order[by->count++] = d;
    return true;
}

static void read_grouping(const struct param *p, struct stats_grouping *ret, struct faults *faults)
{
    struct stats_grouping by = {.count = 0};
    size_t before = faults->count;
    struct slice rest = param_text(p, faults);
    bool more = rest.data != NULL;

    while (more && faults->count == before) {
        const char *comma = rest.len > 0 ? memchr(rest.data, ',', rest.len) : NULL;
        struct slice name = {rest.data, comma ? (size_t)(comma - rest.data) : rest.len};

        more = add_dimension(&by, name, p, faults) && comma;
        rest = slice_make(rest.data + name.len + 1, more ? rest.len - name.len - 1 : 0);
    }
    if (by.count > 0)
        *ret = by;
}

enum { GROUP_BY, LIMIT, INTERVAL, ZONE, FIELD, PARAMS };

static void read_params(struct stats_query *q, struct slice query, struct param params[PARAMS],
                        struct faults *faults)
{
    static const char *const names[PARAMS] = {"groupBy", "limit", "interval", "tz", "field"};

    for (size_t i = 0; i < PARAMS; i++)
        params[i] = (struct param){.name = names[i]};
    selection_read(&q->s, query, faults);
    params_read(params, PARAMS, query, &q->_arena);
}

enum result stats_query_read(struct stats_query *q, struct slice query, struct faults *faults)
{
    struct param params[PARAMS];
    size_t before = faults->count;

    q->by = by_service_and_action;
    read_params(q, query, params, faults);
    drop_uncounted(&q->s);
    read_grouping(&params[GROUP_BY], &q->by, faults);
    q->limit = param_number(&params[LIMIT], LIMIT_DEFAULT, LIMIT_MAX, faults);
    return faults->count == before ? OK : REJECT;
}

static void require(const struct param *p, struct faults *faults)
{
    if (p->times == 0)
        param_fault(p, "is required", faults);
}

static void read_zone(struct stats_query *q, const struct param *p, struct faults *faults)
{
    size_t before = faults->count;
    struct slice name = param_text(p, faults);

    if (faults->count == before && name.len > ZONE_MAX)
        param_fault(p, "is not a known time zone", faults);
    q->zone = name;
}

enum result timeseries_query_read(struct stats_query *q, struct slice query, struct faults *faults)
{
    static const char *const intervals[] = {"minute", "hour", "day"};
    struct param params[PARAMS];
    size_t before = faults->count;

    read_params(q, query, params, faults);
    if (faults->count == before)
        refuse_uncounted(&q->s, faults);
    read_grouping(&params[GROUP_BY], &q->by, faults);
    require(&params[INTERVAL], faults);
    q->interval = (enum window)param_choice(&params[INTERVAL], intervals, 3, WINDOW_HOUR, faults);
    read_zone(q, &params[ZONE], faults);
    return faults->count == before ? OK : REJECT;
}

enum result top_query_read(struct stats_query *q, struct slice query, struct faults *faults)
{
    static const char *const fields[] = {"service", "action", "userId", "country"};
    struct param params[PARAMS];
    size_t before = faults->count;

    read_params(q, query, params, faults);
    require(&params[FIELD], faults);
    q->field = (enum stats_field)param_choice(&params[FIELD], fields, 4, FIELD_SERVICE, faults);
    q->by = (struct stats_grouping){{q->field == FIELD_ACTION ? BY_ACTION : BY_SERVICE}, 1};
    q->limit = param_number(&params[LIMIT], TOP_DEFAULT, LIMIT_MAX, faults);
    return faults->count == before ? OK : REJECT;
}

enum result unique_query_read(struct stats_query *q, struct slice query, struct faults *faults)
{
    static const char *const fields[] = {"userId"};
    struct param params[PARAMS];
    size_t before = faults->count;

    read_params(q, query, params, faults);
    require(&params[FIELD], faults);
    param_choice(&params[FIELD], fields, 1, 0, faults);
    q->field = FIELD_USER_ID;
    return faults->count == before ? OK : REJECT;
}

void stats_query_done(struct stats_query *q)
{
    selection_done(&q->s);
    buf_done(&q->_arena);
}

struct stats_bounds stats_query_bounds(const struct stats_query *q, int64_t now_ms,
                                       int64_t log_retention_days)
{
    return (struct stats_bounds){
        .start_ms = q->s.has_start ? q->s.start_ms : 0,
        .end_ms = q->s.has_end ? q->s.end_ms : now_ms,
        .now_ms = now_ms,
        .log_retention_days = log_retention_days,
        .ends_now = !q->s.has_end,
    };
}
