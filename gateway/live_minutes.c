/* SPDX-License-Identifier: MIT */
#include "gateway/live_minutes.h"

#include "common/iso8601.h"
#include "common/mem.h"
#include "schemas/stats.h"

#include <stdlib.h>

void live_minutes_init(struct live_minutes *l, int64_t now_ms)
{
    *l = (struct live_minutes){.start_ms = window_start(WINDOW_MINUTE, now_ms) -
                                           (int64_t)(LIVE_MINUTES - 1) * LIVE_MINUTE_MS};
}

void live_minutes_done(struct live_minutes *l)
{
    for (size_t i = 0; i < LIVE_MINUTES; i++) {
        struct live_minute *m = &l->minutes[i];

        for (size_t s = 0; s < m->service_count; s++)
            free(m->services[s]._text);
        free(m->services);
        *m = (struct live_minute){0};
    }
}

void live_minute_add_service(struct live_minute *m, struct slice name, uint64_t count)
{
    for (size_t s = 0; s < m->service_count; s++) {
        if (slice_eq(m->services[s].name, name)) {
            m->services[s].count += count;
            return;
        }
    }
    m->services = mem_realloc(m->services, (m->service_count + 1) * sizeof *m->services);
    char *text = mem_strndup(name.data, name.len);
    m->services[m->service_count++] =
        (struct live_service){slice_make(text, name.len), count, text};
}

void live_minute_field(struct live_minute *m, struct slice name, uint64_t n)
{
    static const char service[] = "service:";
    size_t prefix = sizeof service - 1;
    enum severity severity;
    enum outcome outcome;

    if (slice_is(name, "count"))
        m->count = n;
    else if (severity_parse(name, &severity))
        m->severity[severity] = n;
    else if (outcome_parse(name, &outcome))
        m->outcome[outcome] = n;
    else if (name.len > prefix && memcmp(name.data, service, prefix) == 0)
        live_minute_add_service(m, slice_make(name.data + prefix, name.len - prefix), n);
}

static void add_count(struct buf *out, const char *before, const char *name, uint64_t n)
{
    buf_printf(out, "%s\"%s\":%llu", before, name, (unsigned long long)n);
}

static void add_time(struct buf *out, const char *before, int64_t ms)
{
    char text[ISO8601_LEN];

    iso8601_format(ms, text);
    buf_add_text(out, before);
    buf_add_json(out, slice_make(text, sizeof text));
}

static int by_rank(const void *left, const void *right)
{
    const struct live_service *a = left, *b = right;
    size_t shared = a->name.len < b->name.len ? a->name.len : b->name.len;
    int order = memcmp(a->name.data, b->name.data, shared);

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return order ? order : (a->name.len > b->name.len) - (a->name.len < b->name.len);
}

static void add_minute(struct buf *out, struct live_minute *m, int64_t start_ms)
{
    uint64_t known = m->outcome[OUTCOME_SUCCESS] + m->outcome[OUTCOME_FAILURE];

    m->outcome[OUTCOME_NONE] = m->count > known ? m->count - known : 0;
    add_time(out, "{\"start\":", start_ms);
    add_time(out, ",\"end\":", start_ms + LIVE_MINUTE_MS);
    add_count(out, ",", "count", m->count);
    for (enum severity s = 0; s < SEVERITY_COUNT; s++)
        add_count(out, s ? "," : ",\"severity\":{", severity_name(s), m->severity[s]);
    for (enum outcome o = 0; o < OUTCOME_COUNT; o++)
        add_count(out, o ? "," : "},\"outcome\":{", outcome_name(o), m->outcome[o]);
    buf_add_text(out, "},\"services\":{");
    if (m->service_count > 0)
        qsort(m->services, m->service_count, sizeof *m->services, by_rank);
    for (size_t s = 0; s < m->service_count; s++) {
        if (s > 0)
            buf_add_char(out, ',');
        buf_add_json_any(out, m->services[s].name);
        buf_printf(out, ":%llu", (unsigned long long)m->services[s].count);
    }
    buf_add_text(out, "}}");
}

void live_minutes_render(struct live_minutes *l, struct buf *out)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < LIVE_MINUTES; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        add_minute(out, &l->minutes[i], l->start_ms + (int64_t)i * LIVE_MINUTE_MS);
    }
    buf_add_char(out, ']');
}
