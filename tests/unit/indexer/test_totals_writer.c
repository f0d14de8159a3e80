/* SPDX-License-Identifier: MIT */
#include "indexer/totals_writer.h"

#include "common/buf.h"
#include "common/text_table.h"
#include "schemas/bson_member.h"
#include "schemas/total.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

enum { HOURS = 100 };

/* A store that is away for one command, and remembers what was sent: for each change the initial of
 * its window, a capital for an upsert. */
struct store_double {
    struct text_table ids;
    size_t calls, away_at; /* the how manieth, from 1 */
    struct buf sent, done;
};

static enum result write_to(void *ctx, enum collection c, const struct change *changes,
                            size_t count, struct refusals *refused, struct err *err)
{
    struct store_double *s = ctx;

    assert_int_equal(c, COLLECTION_TOTALS);
    refusals_clear(refused);
    s->calls++;
    for (size_t i = 0; i < count; i++) {
        struct slice id = bson_text_of(changes[i].doc, "_id");
        const char *window = (const char *)memchr(id.data, '|', id.len) + 1;
        char letter = (char)(changes[i].update ? *window - 'a' + 'A' : *window);
        bool is_new;

        buf_add_char(&s->sent, letter);
        if (s->calls == s->away_at)
            continue;
        text_table_place(&s->ids, id, &is_new);
        if (!changes[i].update && !is_new)
            refusals_add(refused, i, 11000, "taken");
        else
            buf_add_char(&s->done, letter);
    }
    return s->calls == s->away_at ? err_set(err, RETRY, "away") : OK;
}

struct fixture {
    struct changes changes;
    struct store_double store;
    struct lanes *lanes;
    struct totals_writer *writer;
    struct batch *batch;
};

static struct fixture *set_up(void)
{
    static struct fixture f;
    struct err err;

    f = (struct fixture){0};
    text_table_init(&f.store.ids);
    assert_int_equal(lanes_new(write_to, &f.store, NULL, &f.lanes, &err), OK);
    changes_init(&f.changes, &(struct changes_sink){.lanes = f.lanes, .topic = "stats"});
    f.writer = totals_writer_new(NULL, &f.changes);
    f.batch = batch_new();
    for (int i = 0; i < HOURS; i++) {
        struct stats_bucket b = {slice_of("t1"), slice_of("auth"), slice_of("login"), {{0}}, {{0}}};

        b.delta.n[0] = 1;
        for (int w = 0; w < WINDOW_COUNT; w++)
            b.windows[w].start_ms = window_start((enum window)w, INT64_C(3600000) * i);
        batch_add_bucket(f.batch, (struct position){STREAM_STATS, 3, i}, 1000 + i, &b);
    }
    return &f;
}

static void tear_down(struct fixture *f)
{
    batch_free(f->batch);
    totals_writer_free(f->writer);
    changes_done(&f->changes);
    lanes_free(f->lanes);
    text_table_done(&f->store.ids);
    buf_done(&f->store.sent);
    buf_done(&f->store.done);
}

/* All that is sent up to here are hours, days or weeks of which the finer ones are done. */
static void assert_finest_first(struct store_double *s)
{
    static const char order[] = "hdw";
    char coarsest = 'h';

    for (size_t i = 0; i < s->sent.len; i++) {
        char window = (char)(s->sent.data[i] | 32);

        assert_true(strchr(order, window) >= strchr(order, coarsest));
        coarsest = window;
    }
    if (coarsest != 'h')
        assert_int_equal(strspn(buf_text(&s->done), "hH"), HOURS);
    if (coarsest == 'w')
        assert_int_equal(strspn(buf_text(&s->done), "hHdD"), HOURS + 5);
}

TEST(hours_are_done_before_days_are_sent_and_days_before_weeks)
{
    struct fixture *f = set_up();
    struct err err;

    assert_int_equal(totals_writer_write(f->writer, f->batch, &err), OK);
    assert_finest_first(&f->store);
    assert_int_equal(f->store.done.len, HOURS + 5 + 2);
    tear_down(f);
}

/* 24 of the hours are there already, whoever has added to them. */
static void take_some(struct fixture *f)
{
    char id[64];
    bool is_new;

    for (int hour = 0; hour < 24; hour++) {
        snprintf(id, sizeof id, "t1|hour|1970-01-02T%02d:00:00.000Z|%u", hour,
                 total_chunk(slice_of("auth"), slice_of("login")));
        text_table_place(&f->store.ids, slice_of(id), &is_new);
    }
}

TEST(hours_that_are_taken_are_upserted_before_days_are_sent)
{
    struct fixture *f = set_up();
    struct err err;

    take_some(f);
    assert_int_equal(totals_writer_write(f->writer, f->batch, &err), OK);
    assert_finest_first(&f->store);
    assert_int_equal(strspn(buf_text(&f->store.done), "h"), HOURS - 24);
    assert_int_equal(strspn(buf_text(&f->store.done) + HOURS - 24, "H"), 24);
    assert_int_equal(f->store.done.len, HOURS + 5 + 2);
    tear_down(f);
}

/* Wherever that is: nothing coarser has been sent then, and nothing is done twice afterwards. */
TEST(while_the_store_is_away_nothing_coarser_is_sent)
{
    for (size_t call = 1; call <= 4; call++) {
        struct fixture *f = set_up();
        struct err err;

        take_some(f);
        f->store.away_at = call;
        assert_int_equal(totals_writer_write(f->writer, f->batch, &err), RETRY);
        assert_finest_first(&f->store);
        assert_int_equal(f->store.calls, call);
        assert_int_equal(totals_writer_write(f->writer, f->batch, &err), OK);
        assert_finest_first(&f->store);
        assert_int_equal(f->store.done.len, HOURS + 5 + 2);
        tear_down(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_are_done_before_days_are_sent_and_days_before_weeks),
        cmocka_unit_test(hours_that_are_taken_are_upserted_before_days_are_sent),
        cmocka_unit_test(while_the_store_is_away_nothing_coarser_is_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
