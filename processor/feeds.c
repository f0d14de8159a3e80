/* SPDX-License-Identifier: MIT */
#include "processor/feeds.h"

#include "common/mem.h"
#include "processor/dashboard.h"
#include "schemas/enriched.h"
#include "schemas/stats.h"

#include <stdio.h>
#include <stdlib.h>

struct feeds {
    struct feed **items;
    size_t count, cap;
};

struct feeds *feeds_new(void)
{
    return mem_zalloc(sizeof(struct feeds));
}

void feeds_free(struct feeds *f)
{
    if (!f)
        return;
    feeds_clear(f);
    free(f->items);
    free(f);
}

void feeds_clear(struct feeds *f)
{
    for (size_t i = 0; i < f->count; i++) {
        tally_free(f->items[i]->tally);
        free(f->items[i]);
    }
    f->count = 0;
}

struct feed *feeds_add(struct feeds *f, enum feed_kind kind, const char *topic, int32_t partition)
{
    struct feed *feed = mem_zalloc(sizeof *feed);

    if (f->count == f->cap) {
        f->cap = f->cap ? f->cap * 2 : 16;
        f->items = mem_realloc(f->items, f->cap * sizeof(struct feed *));
    }
    feed->kind = kind;
    feed->partition = partition;
    snprintf(feed->field, sizeof feed->field, "%s:%d", topic, partition);
    feed->tally = tally_new();
    feed_begin(feed, -1);
    f->items[f->count++] = feed;
    return feed;
}

size_t feeds_count(const struct feeds *f)
{
    return f->count;
}

struct feed *feeds_at(struct feeds *f, size_t nth)
{
    return nth < f->count ? f->items[nth] : NULL;
}

struct feed *feeds_find(struct feeds *f, const char *topic, int32_t partition)
{
    size_t len = strlen(topic);

    for (size_t i = 0; i < f->count; i++) {
        struct feed *feed = f->items[i];

        if (feed->partition == partition && strncmp(feed->field, topic, len) == 0 &&
            feed->field[len] == ':')
            return feed;
    }
    return NULL;
}

void feed_begin(struct feed *feed, int64_t expected)
{
    feed->expected = feed->next = expected;
    feed->records = feed->rejected = 0;
    tally_clear(feed->tally);
}

bool feed_is_full(const struct feed *feed)
{
    return feed->records >= FEED_RECORDS || tally_entries(feed->tally) >= FEED_ENTRIES;
}

void feed_applied(struct feed *feed)
{
    feed_begin(feed, feed->next);
}

static enum result take_stats(struct feed *feed, struct stats_record *reader,
                              const struct feed_record *r, struct err *err)
{
    enum stats_kind kind;
    enum result result = stats_record_read(reader, r->value, &kind, err);

    if (result != OK)
        return result;
    if (kind == STATS_BUCKET)
        dashboard_add_bucket(feed->tally, stats_record_bucket(reader), r->record_ms);
    else
        dashboard_add_meta(feed->tally, stats_record_meta(reader), r->now_ms);
    return OK;
}

/* The head is enough to tell that the record is ours, and so is valid JSON. */
static enum result take_enriched(struct feed *feed, const struct feed_record *r, struct err *err)
{
    struct enriched_head head;

    if (!enriched_read_head(r->value, &head))
        return err_set(err, REJECT, "not an enriched record");
    dashboard_add_user(feed->tally, r->value, r->erasures);
    return OK;
}

enum result feed_take(struct feed *feed, struct stats_record *reader,
                      const struct feed_record *record, struct err *err)
{
    feed_reach(feed, record->offset + 1);
    feed->records++;
    enum result result = feed->kind == FEED_STATS ? take_stats(feed, reader, record, err)
                                                  : take_enriched(feed, record, err);
    feed->rejected += result != OK;
    return result;
}

void feed_reach(struct feed *feed, int64_t offset)
{
    if (offset > feed->next)
        feed->next = offset;
}
