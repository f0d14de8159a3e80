/* SPDX-License-Identifier: MIT */
/* task.h - one partition's work: a raw record in; an enriched one, a dead letter or nothing out;
 * at the end of a transaction its statistics. Pure: what it makes goes to a sink.
 *
 * A task remembers ids and open buckets across transactions. Both are right only while every
 * transaction commits: after any other end the task must be thrown away. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "processor/dedupe.h"
#include "processor/enrich.h"
#include "schemas/cloudevent.h"

#include <stdint.h>

/* How often Kafka has refused what came of a record. */
enum refusal {
    REFUSED_NEVER,
    REFUSED_ENRICHED,    /* make it a dead letter */
    REFUSED_DEAD_LETTER, /* make that one short */
};

/* A raw record. Views, borrowed for the call; absent is data == NULL. */
struct input {
    struct slice key, value;
    struct slice id, tenant, source, traceparent;  /* headers of the gateway */
    struct slice content_type;                     /* tells CloudEvents from our own records */
    const struct cloudevent_attribute *attributes; /* of an event in binary mode */
    size_t attribute_count;
    int32_t partition;
    int64_t offset, append_ms;
    enum refusal refusal;
    const void *origin; /* the sink's own, to copy a dead letter's headers from */
};

/* Why a record is rejected: als.error.reason and als.error.detail. */
struct rejection {
    struct slice reason, detail;
};

/* Where results go. OK; REJECT: this output is too large for Kafka; RETRY: no transaction will
 * come of this, unwind. `in` of an enriched record has no key where something was masked. */
struct sink {
    void *ctx;
    enum result (*enriched)(void *ctx, const struct input *in, struct slice value,
                            struct slice tenant, struct slice traceparent, struct err *err);
    enum result (*dead_letter)(void *ctx, const struct input *in, const struct rejection *why,
                               struct err *err);
    enum result (*stats)(void *ctx, int32_t partition, int64_t timestamp_ms, struct slice key,
                         struct slice value, struct err *err);
};

/* Scratch memory and rules that the tasks of one thread share. */
struct toolbox {
    const struct geoip *geoip;
    struct redact *redact;
    struct slice topic; /* raw topic's name */
    struct record record;
    struct faults faults;
    struct buf key, value;
    struct cloudevent_scratch event;
};

void toolbox_done(struct toolbox *t); /* its own memory, not what it borrows */

struct task_limits {
    size_t dedupe_max_ids, max_buckets;
    int64_t dedupe_window_ms;
};

struct task;

struct task *task_new(int32_t partition, const struct task_limits *limits);
void task_free(struct task *t);
DEFINE_AUTO(task)

/* Where it begins: nothing before `offset` is its concern. */
void task_begin(struct task *t, int64_t offset);

enum result task_process(struct task *t, struct toolbox *tools, const struct input *in,
                         const struct sink *sink, struct err *err);
/* Emits what the transaction has counted; only after at least one task_process. */
enum result task_flush(struct task *t, struct toolbox *tools, const struct sink *sink,
                       struct err *err);
/* The transaction is committed. */
struct task_outcome {
    uint64_t processed, duplicates;
    uint64_t malformed, invalid, too_large, conflicts; /* rejected, by reason */
};
void task_committed(struct task *t, struct task_outcome *ret);

int32_t task_partition(const struct task *t);
struct dedupe *task_ids(struct task *t); /* to be filled by a restore */
size_t task_buckets(const struct task *t);
bool task_has_work(const struct task *t);       /* processed something since the last commit */
int64_t task_next_offset(const struct task *t); /* last processed + 1; -1: not begun */
int64_t task_last_append_ms(const struct task *t);
