/* SPDX-License-Identifier: MIT */
/* GET /api/v1/logs/facets: the ten commonest values of some members of the logs found, each with
 * its count. */
#include "common/mem.h"
#include "gateway/count_params.h"
#include "gateway/counting.h"
#include "gateway/handlers.h"

#include <stdlib.h>

/* From the store come the commonest alone, from buckets all there are. */
enum { VALUES_SHOWN = 10, VALUES_MAX = 100000 };

/* The years 0 to 9999, which timestamps can have. */
static const int64_t TIME_MIN_MS = -62167219200000, TIME_END_MS = 253402300800000;

struct facets_job {
    struct query_job super;
    struct facets_query q;
};

static void done(struct query_job *super)
{
    struct facets_job *job = (struct facets_job *)super;
    query_job_done(super);
    selection_done(&job->q.s);
    free(job);
}

static void add_values(struct buf *out, struct value_counts *counts)
{
    const struct value_count *values;
    size_t count = value_counts_sort(counts, &values);

    for (size_t i = 0; i < count && i < VALUES_SHOWN; i++) {
        buf_add_text(out, i ? ",{\"value\":" : "{\"value\":");
        buf_add_json(out, values[i].value);
        buf_printf(out, ",\"count\":%llu}", (unsigned long long)values[i].total);
    }
}

static enum result add_facet(struct facets_job *job, enum selection_field by, struct err *err)
{
    const struct selection *s = &job->q.s;
    struct buf *out = &job->super.answer.body;
    AUTO(value_counts) counts = value_counts_new(1, VALUES_MAX);
    struct count_question question = {
        .tenant = job->super.tenant,
        .s = s,
        .by = by,
        .from_ms = s->has_start ? s->start_ms : TIME_MIN_MS,
        .to_ms = s->has_end ? s->end_ms + 1 : TIME_END_MS,
    };
    struct counting counting = {
        .job = &job->super,
        .q = &question,
        .most = VALUES_SHOWN + 1, /* one of them may be the absence of a value */
        .counts = counts,
    };
    enum result result = question.from_ms < question.to_ms ? counting_run(&counting, err) : OK;

    if (result != OK)
        return result;
    if (value_counts_overflowed(counts))
        return err_set(err, REJECT, "more than %d values of %s", VALUES_MAX, selection_name(by));
    buf_printf(out, "\"%s\":[", selection_name(by));
    add_values(out, counts);
    buf_add_char(out, ']');
    return OK;
}

static void work(struct query_job *super)
{
    struct facets_job *job = (struct facets_job *)super;
    struct err err;
    enum result result = OK;

    buf_add_text(&super->answer.body, "{\"success\":true,\"data\":{");
    for (size_t i = 0; i < job->q.field_count && result == OK; i++) {
        if (i > 0)
            buf_add_char(&super->answer.body, ',');
        result = add_facet(job, job->q.fields[i], &err);
    }
    buf_add_text(&super->answer.body, "}}");
    super->answer.status = 200;
    if (result != OK)
        query_job_fail(super, result, &err);
}

void get_facets(struct request *r)
{
    struct facets_job *job = mem_zalloc(sizeof *job);
    struct faults faults = {0};

    job->super.work = work;
    job->super.done = done;
    facets_query_read(&job->q, r->query, &faults);
    query_job_settle(&job->super, r, &faults);
}
