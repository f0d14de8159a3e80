/* SPDX-License-Identifier: MIT */
/* GET /api/v1/logs/histogram: how many logs in each minute, hour or day, by one of their members.
 *
 * Without dates the range is that of the logs found; with a start alone it ends now. Each point of
 * the range is there, also where nothing happened. */
#include "common/clock.h"
#include "common/iso8601.h"
#include "common/mem.h"
#include "gateway/count_params.h"
#include "gateway/counting.h"
#include "gateway/handlers.h"

#include <stdlib.h>

enum { POINTS_MAX = 2000, VALUES_MAX = 500, ANSWER_BYTES_MAX = 32 * 1024 * 1024 };

struct histogram_job {
    struct query_job super;
    struct histogram_query q;
    struct count_question question;
    struct counting counting;
};

static void done(struct query_job *super)
{
    struct histogram_job *job = (struct histogram_job *)super;
    query_job_done(super);
    selection_done(&job->q.s);
    value_counts_free(job->counting.counts);
    free(job);
}

/* *ret_from > *ret_to: there is nothing. */
static enum result find_range(const struct histogram_job *job, int64_t *ret_from, int64_t *ret_to,
                              struct err *err)
{
    const struct selection *s = &job->q.s;
    int64_t from = INT64_MAX, to = INT64_MIN;
    enum result result = OK;

    if (s->has_start)
        from = s->start_ms;
    else
        result = counting_edge(&job->super, s, false, &from, err);
    if (s->has_end)
        to = s->end_ms;
    else if (result == OK)
        result = counting_edge(&job->super, s, true, &to, err);
    if (s->has_start && !s->has_end && to < clock_wall_ms())
        to = clock_wall_ms();
    *ret_from = from;
    *ret_to = to;
    return result;
}

/* The finest with at most some hundred points. */
static enum window choose_interval(int64_t length_ms)
{
    static const int64_t hours_3 = 10800000, days_15 = 1296000000;

    if (length_ms <= hours_3)
        return WINDOW_MINUTE;
    return length_ms <= days_15 ? WINDOW_HOUR : WINDOW_DAY;
}

static void ask(struct histogram_job *job, int64_t from, int64_t to)
{
    job->question = (struct count_question){
        .tenant = job->super.tenant,
        .s = &job->q.s,
        .by = job->q.by,
        .has_interval = true,
        .interval = job->q.is_auto ? choose_interval(to - from) : job->q.interval,
        .from_ms = from,
        .to_ms = to + 1,
    };
    job->counting.job = &job->super;
    job->counting.q = &job->question;
}

static void refuse_points(struct histogram_job *job)
{
    const char *name = job->question.interval == WINDOW_DAY ? "startDate" : "interval";

    faults_add(&job->super.answer.faults, slice_of(name),
               "\"%s\" makes %zu points, at most %d are allowed: choose %s", name,
               count_slots(&job->question), POINTS_MAX,
               job->question.interval == WINDOW_DAY
                   ? "a shorter range with startDate and endDate"
                   : "a longer interval, or a shorter range with startDate and endDate");
}

static void refuse_values(struct histogram_job *job)
{
    faults_add(&job->super.answer.faults, slice_of("by"),
               "\"by\" has too many values in this range: choose some with a filter");
}

static void add_count(struct buf *out, bool *is_first, struct slice value, uint64_t n)
{
    buf_add_text(out, *is_first ? "" : ",");
    *is_first = false;
    buf_add_json(out, value);
    buf_add_char(out, ':');
    buf_add_u64(out, n);
}

/* Severities and outcomes are few: each is always there. Of names, those that occur. */
static void add_counts(struct buf *out, const struct histogram_job *job,
                       const struct value_count *values, size_t count, size_t slot)
{
    bool is_first = true;
    int few = job->q.by == SELECT_SEVERITY  ? SEVERITY_COUNT
              : job->q.by == SELECT_OUTCOME ? OUTCOME_COUNT
                                            : 0;

    for (int i = 0; i < few; i++) {
        struct slice name = slice_of(job->q.by == SELECT_SEVERITY ? severity_name((enum severity)i)
                                                                  : outcome_name((enum outcome)i));
        uint64_t n = 0;

        for (size_t v = 0; v < count; v++)
            if (slice_eq(values[v].value, name))
                n = values[v].slots[slot];
        add_count(out, &is_first, name, n);
    }
    for (size_t v = 0; v < count && few == 0; v++)
        if (values[v].slots[slot] > 0)
            add_count(out, &is_first, values[v].value, values[v].slots[slot]);
}

static void render(struct histogram_job *job, size_t slots)
{
    struct buf *out = &job->super.answer.body;
    const struct value_count *values = NULL;
    size_t count = job->counting.counts ? value_counts_sort(job->counting.counts, &values) : 0;
    int64_t first = window_start(job->question.interval, job->question.from_ms);

    buf_printf(out, "{\"success\":true,\"interval\":\"%s\",\"by\":\"%s\",\"source\":\"%s\"",
               window_name(job->question.interval), selection_name(job->q.by),
               job->counting.from_buckets ? "counts" : "logs");
    buf_add_text(out, ",\"data\":[");
    for (size_t slot = 0; slot < slots && out->len <= ANSWER_BYTES_MAX; slot++) {
        char start[ISO8601_LEN];

        iso8601_format(first + (int64_t)slot * window_length_ms(job->question.interval), start);
        buf_printf(out, "%s{\"start\":\"%.*s\",\"counts\":{", slot ? "," : "", ISO8601_LEN, start);
        add_counts(out, job, values, count, slot);
        buf_add_text(out, "}}");
    }
    buf_add_text(out, "]}");
    job->super.answer.status = 200;
    if (out->len > ANSWER_BYTES_MAX)
        refuse_values(job);
}

static enum result count(struct histogram_job *job, struct err *err)
{
    int64_t from, to;
    enum result result = find_range(job, &from, &to, err);

    if (result != OK)
        return result;
    if (from > to) {
        job->question.interval = job->q.interval;
        render(job, 0);
        return OK;
    }
    ask(job, from, to);
    size_t slots = count_slots(&job->question);
    if (slots > POINTS_MAX) {
        refuse_points(job);
        return OK;
    }
    job->counting.counts = value_counts_new(slots, VALUES_MAX);
    result = counting_run(&job->counting, err);
    if (result == OK && value_counts_overflowed(job->counting.counts))
        refuse_values(job);
    else if (result == OK)
        render(job, slots);
    return result;
}

static void work(struct query_job *super)
{
    struct err err;
    enum result result = count((struct histogram_job *)super, &err);

    if (result != OK)
        query_job_fail(super, result, &err);
}

void get_histogram(struct request *r)
{
    struct histogram_job *job = mem_zalloc(sizeof *job);
    struct faults faults = {0};

    job->super.work = work;
    job->super.done = done;
    histogram_query_read(&job->q, r->query, &faults);
    query_job_settle(&job->super, r, &faults);
}
