/* SPDX-License-Identifier: MIT */
/* producer.h - one loop's own Kafka producer. Every record that it takes is reported exactly once:
 * stored, or maybe not. One thread; only the descriptor wakes it. */
#pragma once

#include "common/auto.h"
#include "common/err.h"
#include "common/settings.h"
#include "common/slice.h"

#include <stddef.h>
#include <stdint.h>

struct producer;

struct producer_events {
    /* One record's fate. `error` is NULL when Kafka has acknowledged it; otherwise it may be stored
     * all the same, nobody can know. */
    void (*reported)(void *opaque, const char *error);
    /* The producer can never send again; reports for what is pending follow. Once. */
    void (*broken)(void *ctx, const char *error);
    void *ctx; /* for broken */
};

enum result producer_new(const struct settings *settings, const struct producer_events *events,
                         struct producer **ret, struct err *err);
/* What is still pending is reported as failed. */
void producer_free(struct producer *p);
DEFINE_AUTO(producer)

struct producer_header {
    const char *name;
    struct slice value;
};

struct producer_record {
    struct slice key, value;
    const struct producer_header *headers;
    size_t header_count; /* at most 8 */
};

/* Copies the record. OK: it will be reported with `opaque`. RETRY: the queue is full. REJECT: Kafka
 * will never take such a record. FATAL: the producer is broken. */
enum result producer_send(struct producer *p, const struct producer_record *record, void *opaque,
                          struct err *err);

int producer_fd(const struct producer *p); /* readable: call producer_poll */
void producer_poll(struct producer *p);    /* makes all reports that have come */

size_t producer_pending(const struct producer *p); /* records not reported yet */

/* Waits until all is reported, at most `timeout_ms`; true when it is. Makes the reports. */
bool producer_flush(struct producer *p, int64_t timeout_ms);

/* Does the cluster answer, and has the topic a leader for every partition? May block up to
 * `timeout_ms`. Any thread. */
enum result producer_probe(struct producer *p, int timeout_ms, struct err *err);
