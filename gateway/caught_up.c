/* SPDX-License-Identifier: MIT */
#include "gateway/caught_up.h"

#include "common/clock.h"
#include "common/mem.h"
#include "common/stop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { EVERY_MS = 1000 };

struct caught_up {
    struct pipeline_kafka *kafka;
    pthread_t thread;
    size_t partitions;
    _Atomic int64_t at_ms[];
};

static bool is_at_end(const struct pipeline_view *v, enum pipeline_stage stage, size_t partition)
{
    int64_t end = v->end[pipeline_stage_topic(stage)][partition];
    int64_t next = v->next[stage][partition];

    return end == 0 || (end > 0 && next >= end); /* at 0 there was never anything to commit */
}

bool caught_up_is(const struct pipeline_view *v, size_t partition)
{
    return is_at_end(v, STAGE_PROCESSOR, partition) && is_at_end(v, STAGE_INDEXER_STATS, partition);
}

int64_t caught_up_least(const int64_t *known_ms, size_t partitions)
{
    int64_t least = partitions > 0 ? known_ms[0] : 0;

    for (size_t i = 1; i < partitions; i++)
        least = known_ms[i] < least ? known_ms[i] : least;
    return least;
}

/* What the groups have committed is asked for before the ends, so no end that is reached has moved
 * on in between. */
static void look(struct caught_up *c)
{
    struct pipeline_view view;
    int64_t at_ms = clock_wall_ms() - CAUGHT_UP_DOUBT_MS;

    pipeline_view_init(&view, c->partitions);
    pipeline_kafka_look(c->kafka, &view);
    for (size_t i = 0; i < c->partitions; i++)
        if (caught_up_is(&view, i))
            atomic_store(&c->at_ms[i], at_ms);
    pipeline_view_done(&view);
}

static void *run(void *arg)
{
    struct caught_up *c = arg;

    do {
        look(c);
    } while (!stop_sleep_ms(EVERY_MS));
    return NULL;
}

struct caught_up *caught_up_new(struct pipeline_kafka *kafka, size_t partitions)
{
    struct caught_up *c = mem_zalloc(sizeof *c + partitions * sizeof c->at_ms[0]);

    c->kafka = kafka;
    c->partitions = partitions;
    if (pthread_create(&c->thread, NULL, run, c) != 0)
        abort();
    return c;
}

void caught_up_free(struct caught_up *c)
{
    if (c)
        pthread_join(c->thread, NULL);
    free(c);
}

int64_t caught_up_ms(struct caught_up *c, size_t partition)
{
    return atomic_load(&c->at_ms[partition]);
}
