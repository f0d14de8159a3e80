/* SPDX-License-Identifier: MIT */
/* DESIGN. Values are relaxed atomics, so changing one never waits. The lists only grow, under the
 * mutex, and rendering holds it too: a metric that is registered meanwhile waits, a change does
 * not. The text format wants the lines of one name together, hence families of metrics. */
#include "common/metrics.h"
#include "common/mem.h"
#include "common/process_metrics.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { MAX_METRICS = 4096, MAX_BOUNDS = 24 };

enum kind { COUNTER, GAUGE, HISTOGRAM };

struct metric {
    struct metric *next;
    char *labels;           /* "" when there are none */
    _Atomic uint64_t value; /* a count, or the bits of a double: gauge, histogram's sum */
    size_t bound_count;
    double *bounds;
    _Atomic uint64_t *buckets; /* bound_count + 1, not cumulative */
};

struct family {
    struct family *next;
    enum kind kind;
    char *name, *help;
    struct metric *first, **end;
};

struct metrics {
    pthread_mutex_t mutex;
    struct family *first, **end;
    size_t count;
    struct metric overflow; /* what is past MAX_METRICS; never rendered */
    _Atomic uint64_t overflow_buckets[1];
};

struct metrics *metrics_new(void)
{
    struct metrics *m = mem_zalloc(sizeof *m);
    pthread_mutex_init(&m->mutex, NULL);
    m->end = &m->first;
    m->overflow.buckets = m->overflow_buckets;
    return m;
}

static void metric_free(struct metric *metric)
{
    free(metric->labels);
    free(metric->bounds);
    free(metric->buckets);
    free(metric);
}

static void family_free(struct family *f)
{
    while (f->first) {
        struct metric *next = f->first->next;
        metric_free(f->first);
        f->first = next;
    }
    free(f->name);
    free(f->help);
    free(f);
}

void metrics_free(struct metrics *m)
{
    while (m && m->first) {
        struct family *next = m->first->next;
        family_free(m->first);
        m->first = next;
    }
    if (m)
        pthread_mutex_destroy(&m->mutex);
    free(m);
}

/* What a registration asks for. */
struct wanted {
    enum kind kind;
    const char *name, *help, *labels;
    const double *bounds;
    size_t count;
};

static struct family *family_get(struct metrics *m, const struct wanted *w)
{
    for (struct family *f = m->first; f; f = f->next) {
        if (strcmp(f->name, w->name) == 0)
            return f;
    }
    struct family *f = mem_zalloc(sizeof *f);
    *f = (struct family){.kind = w->kind, .name = mem_strdup(w->name), .help = mem_strdup(w->help)};
    f->end = &f->first;
    *m->end = f;
    m->end = &f->next;
    return f;
}

static struct metric *family_find(const struct family *f, const char *labels)
{
    for (struct metric *metric = f->first; metric; metric = metric->next) {
        if (strcmp(metric->labels, labels) == 0)
            return metric;
    }
    return NULL;
}

static struct metric *family_add(struct family *f, const struct wanted *w)
{
    struct metric *metric = mem_zalloc(sizeof *metric);
    metric->labels = mem_strdup(w->labels);
    metric->bound_count = w->count;
    metric->bounds = mem_dup(w->bounds, w->count * sizeof *w->bounds);
    metric->buckets = mem_zalloc((w->count + 1) * sizeof *metric->buckets);
    *f->end = metric;
    f->end = &metric->next;
    return metric;
}

static struct metric *get_locked(struct metrics *m, const struct wanted *w)
{
    if (m->count == MAX_METRICS)
        return &m->overflow;
    struct family *f = family_get(m, w);
    assert(f->kind == w->kind);
    struct metric *metric = family_find(f, w->labels);
    if (metric)
        return metric;
    m->count++;
    return family_add(f, w);
}

static struct metric *get(struct metrics *m, struct wanted w)
{
    w.labels = w.labels ? w.labels : "";
    pthread_mutex_lock(&m->mutex);
    struct metric *metric = get_locked(m, &w);
    pthread_mutex_unlock(&m->mutex);
    return metric;
}

struct metric *metrics_counter(struct metrics *m, const char *name, const char *help,
                               const char *labels)
{
    return get(m, (struct wanted){COUNTER, name, help, labels, NULL, 0});
}

struct metric *metrics_gauge(struct metrics *m, const char *name, const char *help,
                             const char *labels)
{
    return get(m, (struct wanted){GAUGE, name, help, labels, NULL, 0});
}

struct metric *metrics_histogram(struct metrics *m, const char *name, const char *help,
                                 const char *labels, const double *bounds, size_t count)
{
    assert(count <= MAX_BOUNDS);
    return get(m, (struct wanted){HISTOGRAM, name, help, labels, bounds, count});
}

static uint64_t to_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void metric_add(struct metric *metric, uint64_t n)
{
    atomic_fetch_add_explicit(&metric->value, n, memory_order_relaxed);
}

void metric_set(struct metric *metric, double value)
{
    atomic_store_explicit(&metric->value, to_bits(value), memory_order_relaxed);
}

void metric_observe(struct metric *metric, double value)
{
    size_t i = 0;
    while (i < metric->bound_count && value > metric->bounds[i])
        i++;
    atomic_fetch_add_explicit(&metric->buckets[i], 1, memory_order_relaxed);
    uint64_t old = atomic_load_explicit(&metric->value, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&metric->value, &old,
                                                  to_bits(from_bits(old) + value),
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
}

uint64_t metric_count(const struct metric *metric)
{
    return atomic_load_explicit(&metric->value, memory_order_relaxed);
}

static void add_sample(struct buf *out, const char *name, const char *suffix, const char *labels)
{
    buf_add_text(out, name);
    buf_add_text(out, suffix);
    if (*labels)
        buf_printf(out, "{%s}", labels);
    buf_add_char(out, ' ');
}

static void add_bucket(struct buf *out, const char *name, const struct metric *metric, size_t i)
{
    buf_printf(out, "%s_bucket{%s%sle=\"", name, metric->labels, *metric->labels ? "," : "");
    if (i == metric->bound_count)
        buf_add_text(out, "+Inf\"} ");
    else
        buf_printf(out, "%.15g\"} ", metric->bounds[i]);
}

static void add_histogram(struct buf *out, const char *name, const struct metric *metric)
{
    uint64_t total = 0;
    for (size_t i = 0; i <= metric->bound_count; i++) {
        total += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
        add_bucket(out, name, metric, i);
        buf_printf(out, "%lu\n", total);
    }
    add_sample(out, name, "_sum", metric->labels);
    buf_printf(out, "%.15g\n", from_bits(metric_count(metric)));
    add_sample(out, name, "_count", metric->labels);
    buf_printf(out, "%lu\n", total);
}

static void add_metric(struct buf *out, const struct family *f, const struct metric *metric)
{
    if (f->kind == HISTOGRAM) {
        add_histogram(out, f->name, metric);
        return;
    }
    add_sample(out, f->name, "", metric->labels);
    if (f->kind == COUNTER)
        buf_printf(out, "%lu\n", metric_count(metric));
    else
        buf_printf(out, "%.15g\n", from_bits(metric_count(metric)));
}

void metrics_render(struct metrics *m, struct buf *out)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    pthread_mutex_lock(&m->mutex);
    for (const struct family *f = m->first; f; f = f->next) {
        buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", f->name, f->help, f->name, kinds[f->kind]);
        for (const struct metric *metric = f->first; metric; metric = metric->next)
            add_metric(out, f, metric);
    }
    pthread_mutex_unlock(&m->mutex);
    process_metrics_render(out);
}
