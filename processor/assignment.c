/* SPDX-License-Identifier: MIT */
#include "processor/assignment.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "processor/position.h"
#include "processor/restore.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdlib.h>

struct assignment {
    const struct settings *settings;
    struct assignment_watch watch;
    struct task_limits limits;
    size_t partition_count;
    struct task **tasks; /* by partition; NULL: no memory of it */
    struct task **ours;  /* those that are ours now */
    size_t ours_count;
    struct position *settled; /* those of the take under way that need a new memory */
    size_t settled_count;
};

struct assignment *assignment_new(const struct settings *settings,
                                  const struct assignment_watch *watch)
{
    struct assignment *a = mem_zalloc(sizeof *a);
    size_t count = (size_t)settings->partitions;

    a->settings = settings;
    a->watch = *watch;
    a->limits = (struct task_limits){
        .dedupe_max_ids = (size_t)settings->dedupe_max_ids,
        .max_buckets = (size_t)settings->max_buckets,
        .dedupe_window_ms = settings->dedupe_window_ms,
    };
    a->partition_count = count;
    a->tasks = mem_zalloc(count * sizeof(struct task *));
    a->ours = mem_zalloc(count * sizeof(struct task *));
    a->settled = mem_zalloc(count * sizeof *a->settled);
    return a;
}

void assignment_free(struct assignment *a)
{
    if (!a)
        return;
    for (size_t i = 0; i < a->partition_count; i++)
        task_free(a->tasks[i]);
    free(a->tasks);
    free(a->ours);
    free(a->settled);
    free(a);
}

static bool is_in(const rd_kafka_topic_partition_list_t *partitions, int32_t partition)
{
    for (int i = 0; i < partitions->cnt; i++) {
        if (partitions->elems[i].partition == partition)
            return true;
    }
    return false;
}

static void drop_others(struct assignment *a, const rd_kafka_topic_partition_list_t *partitions)
{
    for (size_t i = 0; i < a->partition_count; i++) {
        if (!is_in(partitions, (int32_t)i))
            task_free(TAKE(a->tasks[i]));
    }
}

/* Is what we remember of the partition still all there is to remember? */
static bool is_current(const struct assignment *a, const struct position *p)
{
    const struct task *t = a->tasks[p->partition];

    return t && p->kind == POSITION_COMMITTED && task_next_offset(t) == p->offset;
}

static void log_position(const struct assignment *a, const struct position *p)
{
    if (p->kind == POSITION_EXPIRED)
        log_error("%" PRId64 " records of %s:%d were deleted before they were read, going on at "
                  "offset %" PRId64 ": the topic's retention is shorter than we were away",
                  p->lost, a->settings->kafka_topic, p->partition, p->offset);
    if (p->kind == POSITION_REPLACED)
        log_warn("%s:%d is not what it was at the last commit, going on at offset %" PRId64
                 ", the first record that is newer: it was deleted and made again, or cut short",
                 a->settings->kafka_topic, p->partition, p->offset);
}

static enum result refuse_to_recount(const struct assignment *a, const struct position *p,
                                     struct err *err)
{
    const char *topic = a->settings->kafka_topic;

    return err_set(err, FATAL,
                   "group %s-processor has no offset for %s:%d, but what came of it is in "
                   "%s-enriched: to begin anew would count it twice. Stop the processors, then: "
                   "kafka-consumer-groups --bootstrap-server %s --group %s-processor --topic %s:%d "
                   "--reset-offsets --to-offset %" PRId64 " --execute",
                   topic, topic, p->partition, topic, a->settings->kafka_brokers, topic, topic,
                   p->partition, p->offset);
}

/* The group's offset is gone, but not what it has emitted. Where the raw topic is still the one
 * that this came of, beginning anew would count it twice; a topic deleted and made again (its
 * offsets are deleted with it) has nothing that was counted. */
static enum result settle_by_output(const struct assignment *a, struct position *p,
                                    const struct restore_part *part, struct err *err)
{
    enum result result;

    *p = (struct position){
        .partition = part->partition,
        .kind = POSITION_COMMITTED,
        .offset = part->raw_offset + 1,
        .append_ms = part->raw_append_ms,
    };
    result = position_settle(a->settings, p, 1, err);
    if (result == OK && p->kind == POSITION_COMMITTED)
        return refuse_to_recount(a, p, err);
    return result;
}

static enum result restore(struct assignment *a, struct err *err)
{
    struct restore_part *parts = mem_zalloc(a->settled_count * sizeof *parts);
    int64_t begun_ms = clock_mono_ms();
    size_t records = 0;
    enum result result;

    for (size_t i = 0; i < a->settled_count; i++) {
        const struct position *p = &a->settled[i];

        parts[i].partition = p->partition;
        parts[i].since_ms = p->append_ms < 0 ? -1 : p->append_ms - a->limits.dedupe_window_ms;
        parts[i].ids = task_ids(a->tasks[p->partition]);
    }
    result = restore_ids(a->settings, parts, a->settled_count, a->watch.alive, a->watch.ctx, err);
    for (size_t i = 0; result == OK && i < a->settled_count; i++) {
        records += parts[i].records;
        if (a->settled[i].kind == POSITION_NONE && parts[i].records > 0)
            result = settle_by_output(a, &a->settled[i], &parts[i], err);
    }
    free(parts);
    /* The ids came in fetches many times their size, whose holes would stay ours: 100 MiB at
     * 1,000,000 ids. */
    malloc_trim(0);
    if (result == OK)
        log_info("%zu partitions ready, %zu ids read back in %" PRId64 " ms", a->settled_count,
                 records, clock_mono_ms() - begun_ms);
    return result;
}

/* Makes new tasks for the positions in `settled`. */
static enum result renew(struct assignment *a, struct err *err)
{
    enum result result;

    if (a->settled_count == 0)
        return OK;
    result = position_settle(a->settings, a->settled, a->settled_count, err);
    if (result != OK)
        return result;
    for (size_t i = 0; i < a->settled_count; i++) {
        struct task **task = &a->tasks[a->settled[i].partition];

        task_free(*task);
        *task = task_new(a->settled[i].partition, &a->limits);
    }
    result = restore(a, err);
    for (size_t i = 0; result == OK && i < a->settled_count; i++) {
        log_position(a, &a->settled[i]);
        task_begin(a->tasks[a->settled[i].partition], a->settled[i].offset);
    }
    return result;
}

enum result assignment_take(struct assignment *a, rd_kafka_t *consumer,
                            rd_kafka_topic_partition_list_t *partitions, struct err *err)
{
    struct position *positions = mem_zalloc((size_t)(partitions->cnt + 1) * sizeof *positions);
    enum result result = OK;

    assignment_give(a);
    drop_others(a, partitions);
    a->settled_count = 0;
    if (partitions->cnt > 0)
        result = position_committed(consumer, partitions, positions, err);
    for (int i = 0; result == OK && i < partitions->cnt; i++) {
        if (!is_current(a, &positions[i]))
            a->settled[a->settled_count++] = positions[i];
    }
    free(positions);
    if (result == OK)
        result = renew(a, err);
    for (int i = 0; result == OK && i < partitions->cnt; i++) {
        struct task *task = a->tasks[partitions->elems[i].partition];

        partitions->elems[i].offset = task_next_offset(task);
        a->ours[a->ours_count++] = task;
    }
    return result;
}

void assignment_give(struct assignment *a)
{
    a->ours_count = 0;
}

struct task *assignment_task(struct assignment *a, int32_t partition)
{
    for (size_t i = 0; i < a->ours_count; i++) {
        if (task_partition(a->ours[i]) == partition)
            return a->ours[i];
    }
    return NULL;
}

struct task *assignment_at(struct assignment *a, size_t nth)
{
    return nth < a->ours_count ? a->ours[nth] : NULL;
}
