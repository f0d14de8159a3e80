/* SPDX-License-Identifier: MIT */
/* batch.h - what one round trip to the store settles: documents, refused records, stats, and the
 * offsets that may be committed once all of it is resolved.
 *
 * No I/O. Keeps Kafka order within a partition. Bounded by records and bytes; the Kafka messages
 * are kept, unopened, until then: a dead letter needs them whole. */
#pragma once

#include "common/auto.h"
#include "indexer/stats_document.h"
#include "indexer/totals_document.h"

#include <bson/bson.h>
#include <librdkafka/rdkafka.h>

enum {
    BATCH_ENTRIES = 1000, /* larger ones gained nothing: DocumentDB's time is per document */
    BATCH_BYTES = 8 * 1024 * 1024,
    BATCH_SHARDS = 12000, /* what is counted again and again is written once a batch */
    BATCH_STATS_RECORDS = 20000,
    BATCH_WATERMARKS = 1000,
    BATCH_CHUNK = 4000,
    BATCH_CAREFUL_CHUNK = 100, /* goes through within a time-out for certain */
};

enum stream { STREAM_LOGS, STREAM_STATS, STREAM_COUNT };

struct position {
    enum stream stream;
    int32_t partition;
    int64_t offset;
};

/* Where an entry stands. Those from FATE_STORED on are resolved. */
enum fate {
    FATE_OPEN,   /* a document to insert */
    FATE_EXISTS, /* its _id is taken: by itself, by its double, or by another */
    FATE_DEAD,   /* a dead letter to write */
    FATE_STORED,
    FATE_REDELIVERY,
    FATE_LATE_DUPLICATE,
    FATE_BURIED, /* the dead letter is acknowledged */
    FATE_ERASED, /* a rule says that it is not to be stored */
};

struct entry {
    struct position position;
    rd_kafka_message_t *message; /* owned */
    bson_t *doc;                 /* owned; NULL: the record never made one */
    enum fate fate;
    bool suspect; /* FATE_OPEN: the store just refused it, for a reason not known to be final */
    unsigned refusals; /* how often it did so while it took others */
    char *why;         /* owned; of the suspect, dead and buried: `reason: detail` */
};

struct watermark {
    char *tenant; /* owned */
    int32_t partition;
    int64_t ms;
};

struct batch {
    struct entry *entries;
    size_t count;
    size_t bytes;
    struct stats_merge *stats;
    struct totals *totals;
    size_t stats_records;
    struct watermark *watermarks;
    size_t watermark_count;
    struct position *ends; /* per partition, the offset after the last record taken */
    size_t end_count, end_cap;
    /* how far the writer got */
    size_t chunk; /* changes a command; smaller after trouble, so that one cannot hold up all */
    size_t shards_done, totals_done;
    unsigned shard_refusals; /* as an entry's, of the shard or total at hand */
    bool watermarks_done;
};

struct batch *batch_new(void);
void batch_free(struct batch *b); /* before the consumer whose messages it holds */
DEFINE_AUTO(batch)
void batch_clear(struct batch *b);

bool batch_full(const struct batch *b);
bool batch_empty(const struct batch *b); /* not even an offset to commit */
bool batch_idle(const struct batch *b);  /* nothing to write */

/* The store did not take a command in time: smaller ones from here on. */
void batch_be_careful(struct batch *b);

/* Take *doc and *message, NULL left behind. `message` may be NULL. */
void batch_add_document(struct batch *b, struct position at, bson_t **doc,
                        rd_kafka_message_t **message);
void batch_add_dead(struct batch *b, struct position at, const char *why,
                    rd_kafka_message_t **message);
/* Merge a stats record. `append_ms` is when Kafka got it. */
void batch_add_bucket(struct batch *b, struct position at, int64_t append_ms,
                      const struct stats_bucket *bucket);
void batch_add_meta(struct batch *b, struct position at, const struct stats_meta *meta);
/* Nothing is left to read before this offset. */
void batch_add_end(struct batch *b, struct position end);

/* Marks an entry for the dead letters. */
void entry_bury(struct entry *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void entry_suspect(struct entry *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
