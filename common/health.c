/* SPDX-License-Identifier: MIT */
#include "common/health.h"
#include "common/clock.h"
#include "common/iso8601.h"
#include "common/mem.h"
#include "common/process_metrics.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_CHECKS = 16, MAX_WATCHES = 256, MAX_DETAIL = 200 };

struct check {
    char *name;
    bool required, ok;
    char detail[MAX_DETAIL];
};

struct watch {
    char *name;
    int64_t limit_ms;
    _Atomic int64_t beat_ms; /* monotonic */
};

struct health {
    char *service;
    int64_t start_ms;
    pthread_mutex_t mutex; /* guards all below but the beats */
    bool draining;
    int check_count, watch_count;
    struct check checks[MAX_CHECKS];
    struct watch watches[MAX_WATCHES];
};

struct health *health_new(const char *service)
{
    struct health *h = mem_zalloc(sizeof *h);
    h->service = mem_strdup(service);
    h->start_ms = clock_mono_ms();
    pthread_mutex_init(&h->mutex, NULL);
    return h;
}

void health_free(struct health *h)
{
    if (!h)
        return;
    for (int i = 0; i < h->check_count; i++)
        free(h->checks[i].name);
    for (int i = 0; i < h->watch_count; i++)
        free(h->watches[i].name);
    pthread_mutex_destroy(&h->mutex);
    free(h->service);
    free(h);
}

int health_add(struct health *h, const char *name, bool required)
{
    pthread_mutex_lock(&h->mutex);
    assert(h->check_count < MAX_CHECKS);
    int index = h->check_count++;
    h->checks[index] =
        (struct check){.name = mem_strdup(name), .required = required, .detail = "starting"};
    pthread_mutex_unlock(&h->mutex);
    return index;
}

void health_set(struct health *h, int check, bool ok, const char *format, ...)
{
    char detail[MAX_DETAIL] = "";
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    pthread_mutex_lock(&h->mutex);
    assert(check >= 0 && check < h->check_count);
    h->checks[check].ok = ok;
    memcpy(h->checks[check].detail, detail, sizeof detail);
    pthread_mutex_unlock(&h->mutex);
}

void health_drain(struct health *h)
{
    pthread_mutex_lock(&h->mutex);
    h->draining = true;
    pthread_mutex_unlock(&h->mutex);
}

int health_watch(struct health *h, const char *name, int64_t limit_ms)
{
    pthread_mutex_lock(&h->mutex);
    assert(h->watch_count < MAX_WATCHES);
    int index = h->watch_count++;
    struct watch *w = &h->watches[index];
    w->name = mem_strdup(name);
    w->limit_ms = limit_ms;
    atomic_store_explicit(&w->beat_ms, clock_mono_ms(), memory_order_relaxed);
    pthread_mutex_unlock(&h->mutex);
    return index;
}

void health_beat(struct health *h, int watch)
{
    atomic_store_explicit(&h->watches[watch].beat_ms, clock_mono_ms(), memory_order_relaxed);
}

static bool is_silent(const struct watch *w, int64_t now_ms)
{
    return now_ms - atomic_load_explicit(&w->beat_ms, memory_order_relaxed) > w->limit_ms;
}

static bool lacks(const struct health *h, bool required)
{
    for (int i = 0; i < h->check_count; i++) {
        if (h->checks[i].required == required && !h->checks[i].ok)
            return true;
    }
    return false;
}

bool health_ready(struct health *h)
{
    pthread_mutex_lock(&h->mutex);
    bool is_ready = !h->draining && !lacks(h, true);
    pthread_mutex_unlock(&h->mutex);
    return is_ready;
}

bool health_live(struct health *h)
{
    int64_t now_ms = clock_mono_ms();
    bool is_live = true;
    pthread_mutex_lock(&h->mutex);
    for (int i = 0; i < h->watch_count; i++)
        is_live = is_live && !is_silent(&h->watches[i], now_ms);
    pthread_mutex_unlock(&h->mutex);
    return is_live;
}

static const char *status_of(const struct health *h)
{
    if (h->draining)
        return "draining";
    if (lacks(h, true))
        return "unavailable";
    return lacks(h, false) ? "degraded" : "ready";
}

static void add_check(struct buf *out, const struct check *c)
{
    buf_add_text(out, "{\"name\":");
    buf_add_json_any(out, slice_of(c->name));
    buf_printf(out, ",\"ok\":%s,\"required\":%s,\"detail\":", c->ok ? "true" : "false",
               c->required ? "true" : "false");
    buf_add_json_any(out, slice_of(c->detail));
    buf_add_char(out, '}');
}

void health_render_ready(struct health *h, bool verbose, struct buf *out)
{
    pthread_mutex_lock(&h->mutex);
    buf_printf(out, "{\"status\":\"%s\"", status_of(h));
    if (verbose) {
        buf_add_text(out, ",\"checks\":[");
        for (int i = 0; i < h->check_count; i++) {
            buf_add_text(out, i > 0 ? "," : "");
            add_check(out, &h->checks[i]);
        }
        buf_add_char(out, ']');
    }
    buf_add_char(out, '}');
    pthread_mutex_unlock(&h->mutex);
}

void health_render_live(struct health *h, struct buf *out)
{
    int64_t now_ms = clock_mono_ms();
    bool is_live = true;
    AUTO_BUF silent = {0};
    pthread_mutex_lock(&h->mutex);
    for (int i = 0; i < h->watch_count; i++) {
        if (!is_silent(&h->watches[i], now_ms))
            continue;
        buf_add_text(&silent, is_live ? "" : ",");
        buf_add_json_any(&silent, slice_of(h->watches[i].name));
        is_live = false;
    }
    pthread_mutex_unlock(&h->mutex);
    buf_printf(out, "{\"status\":\"%s\"", is_live ? "live" : "stalled");
    if (!is_live)
        buf_printf(out, ",\"stalled\":[%s]", buf_text(&silent));
    buf_add_char(out, '}');
}

void health_render_health(struct health *h, struct buf *out)
{
    char now[ISO8601_LEN];
    iso8601_format(clock_wall_ms(), now);
    buf_add_text(out, "{\"status\":\"healthy\",\"service\":");
    buf_add_json_any(out, slice_of(h->service));
    buf_printf(out, ",\"timestamp\":\"%.*s\",\"uptime\":%.3f,\"memory\":{\"rss\":%lu}}",
               ISO8601_LEN, now, (double)(clock_mono_ms() - h->start_ms) / 1000,
               process_resident_bytes());
}
