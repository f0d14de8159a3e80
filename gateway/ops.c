/* SPDX-License-Identifier: MIT */
#include "gateway/handlers.h"

#include "gateway/loop.h"
#include "gateway/meters.h"
#include "gateway/tail.h"

void get_health(struct request *r)
{
    struct buf *out = &r->loop->text;
    buf_clear(out);
    health_render_health(r->loop->gateway->health, out);
    answer_json(r, 200, buf_slice(out));
}

void get_livez(struct request *r)
{
    struct buf *out = &r->loop->text;
    buf_clear(out);
    health_render_live(r->loop->gateway->health, out);
    answer_json(r, health_live(r->loop->gateway->health) ? 200 : 503, buf_slice(out));
}

void get_readyz(struct request *r)
{
    struct buf *out = &r->loop->text;
    bool verbose = r->query.len >= 7 && memcmp(r->query.data, "verbose", 7) == 0;
    buf_clear(out);
    health_render_ready(r->loop->gateway->health, verbose, out);
    answer_json(r, health_ready(r->loop->gateway->health) ? 200 : 503, buf_slice(out));
}

void get_metrics(struct request *r)
{
    struct gateway *g = r->loop->gateway;
    struct buf *out = &r->loop->text;
    buf_clear(out);
    meters_open(g->meters, atomic_load(r->loop->open_connections), export_slots_taken(&g->exports),
                tail_count(g->tail));
    metrics_render(g->metrics, out);
    answer_bytes(r, 200, "text/plain; version=0.0.4; charset=utf-8", buf_slice(out));
}
