/* SPDX-License-Identifier: MIT */
#include "indexer/intake.h"

#include "common/mem.h"
#include "indexer/document.h"
#include "schemas/stats.h"

#include <stdlib.h>

enum { STATS_MAX_BYTES = 64 * 1024 };

struct intake {
    struct document_reader *documents;
    struct stats_record *stats;
};

struct intake *intake_new(int64_t retention_days)
{
    struct intake *in = mem_zalloc(sizeof *in);

    in->documents = document_reader_new(retention_days);
    in->stats = stats_record_new();
    return in;
}

void intake_free(struct intake *in)
{
    if (!in)
        return;
    document_reader_free(in->documents);
    stats_record_free(in->stats);
    free(in);
}

static void add_log(struct intake *in, struct batch *b, struct position at,
                    rd_kafka_message_t **message, struct slice value)
{
    bson_t *doc;
    struct err why;

    if (document_read(in->documents, value, &doc, &why) == OK)
        batch_add_document(b, at, &doc, message);
    else
        batch_add_dead(b, at, why.text, message);
}

/* -1: not known */
static int64_t append_ms(const rd_kafka_message_t *message)
{
    return message ? rd_kafka_message_timestamp(message, NULL) : -1;
}

static void add_stats(struct intake *in, struct batch *b, struct position at,
                      rd_kafka_message_t **message, struct slice value)
{
    enum stats_kind kind;
    struct err why, letter;

    if (value.len > STATS_MAX_BYTES) {
        err_set(&letter, REJECT, "too_large: %zu bytes, at most %d", value.len, STATS_MAX_BYTES);
        batch_add_dead(b, at, letter.text, message);
    } else if (stats_record_read(in->stats, value, &kind, &why) != OK) {
        err_set(&letter, REJECT, "validation_error: %.400s", why.text);
        batch_add_dead(b, at, letter.text, message);
    } else if (kind == STATS_BUCKET) {
        batch_add_bucket(b, at, append_ms(*message), stats_record_bucket(in->stats));
    } else {
        batch_add_meta(b, at, stats_record_meta(in->stats));
    }
}

void intake_add(struct intake *in, struct batch *b, struct position at,
                rd_kafka_message_t **message, struct slice value)
{
    if (at.stream == STREAM_LOGS)
        add_log(in, b, at, message, value);
    else
        add_stats(in, b, at, message, value);
}
