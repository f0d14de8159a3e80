/* SPDX-License-Identifier: MIT */
#include "indexer/lanes.h"

#include "tests/unit/test.h"

#include <stdio.h>

/* A store that remembers what it was given. */
struct store_double {
    struct change changes[LANES_MAX];
    size_t count, calls;
    enum collection collection;
    size_t refuses; /* every nth of a command; 0: none */
    bool whole, is_away;
};

static enum result write_to(void *ctx, enum collection c, const struct change *changes,
                            size_t count, struct refusals *refused, struct err *err)
{
    struct store_double *s = ctx;

    refusals_clear(refused);
    s->calls++;
    s->collection = c;
    if (s->is_away)
        return err_set(err, RETRY, "away");
    for (size_t i = 0; i < count; i++) {
        s->changes[s->count++] = changes[i];
        if (s->refuses && i % s->refuses == 0)
            refusals_add(refused, i, 11000, "taken");
    }
    refused->whole = s->whole;
    return OK;
}

/* `count` documents, each _id twice. */
struct documents {
    bson_t *items[LANES_MAX];
    struct change changes[LANES_MAX];
    size_t count;
};

static struct documents documents(size_t count)
{
    struct documents d = {.count = count};
    char id[32];

    for (size_t i = 0; i < count; i++) {
        snprintf(id, sizeof id, "id-%zu", i % (count / 2));
        d.items[i] = BCON_NEW("_id", BCON_UTF8(id), "src", BCON_UTF8("0:1:2"));
        d.changes[i] = (struct change){.doc = d.items[i]};
    }
    return d;
}

static void documents_done(struct documents *d)
{
    for (size_t i = 0; i < d->count; i++)
        bson_destroy(d->items[i]);
}

static struct refusals write_all(struct store_double *a, struct store_double *b,
                                 const struct documents *d, enum result expected)
{
    AUTO(lanes) l = NULL;
    struct refusals refused = {0};
    struct err err;

    assert_int_equal(lanes_new(write_to, a, b, &l, &err), OK);
    assert_int_equal(lanes_write(l, COLLECTION_TOTALS, d->changes, d->count, &refused, &err),
                     expected);
    return refused;
}

TEST(many_documents_go_through_both_connections_each_once)
{
    struct store_double a = {0}, b = {0};
    struct documents d = documents(1000);
    struct refusals refused = write_all(&a, &b, &d, OK);

    assert_int_equal(refused.count, 0);
    assert_int_equal(a.calls, 1);
    assert_int_equal(b.calls, 1);
    assert_int_equal(a.collection, COLLECTION_TOTALS);
    assert_int_equal(b.collection, COLLECTION_TOTALS);
    assert_int_equal(a.count + b.count, 1000);
    assert_in_range(a.count, 300, 700);
    documents_done(&d);
}

/* Where a document came in the whole: the doubles hold the very same pointers. */
static size_t place_of(const struct documents *d, const bson_t *doc)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->items[i] == doc)
            return i;
    fail();
    return 0;
}

TEST(both_documents_of_an_id_go_the_same_way_in_their_order)
{
    struct store_double a = {0}, b = {0};
    struct documents d = documents(1000);
    struct refusals refused = write_all(&a, &b, &d, OK);

    for (size_t i = 1; i < a.count; i++)
        assert_true(place_of(&d, a.changes[i - 1].doc) < place_of(&d, a.changes[i].doc));
    for (size_t i = 0; i < a.count; i++)
        for (size_t j = 0; j < b.count; j++)
            assert_false(bson_equal(a.changes[i].doc, b.changes[j].doc));
    refusals_done(&refused);
    documents_done(&d);
}

TEST(refusals_name_places_in_the_whole)
{
    struct store_double a = {.refuses = 10}, b = {.refuses = 7};
    struct documents d = documents(1000);
    struct refusals refused = write_all(&a, &b, &d, OK);
    size_t expected = (a.count + 9) / 10 + (b.count + 6) / 7;

    assert_int_equal(refused.count, expected);
    for (size_t i = 0; i < refused.count; i++) {
        bool is_found = false;

        for (size_t j = 0; j < a.count; j += 10)
            is_found = is_found || a.changes[j].doc == d.items[refused.items[i].index];
        for (size_t j = 0; j < b.count; j += 7)
            is_found = is_found || b.changes[j].doc == d.items[refused.items[i].index];
        assert_true(is_found);
    }
    assert_false(refused.whole);
    refusals_done(&refused);
    documents_done(&d);
}

TEST(a_command_refused_as_one_is_told)
{
    struct store_double a = {0}, b = {.refuses = 1, .whole = true};
    struct documents d = documents(400);
    struct refusals refused = write_all(&a, &b, &d, OK);

    assert_true(refused.whole);
    assert_int_equal(refused.count, b.count);
    refusals_done(&refused);
    documents_done(&d);
}

TEST(nothing_is_stored_for_certain_when_either_connection_is_away)
{
    struct store_double a = {0}, b = {.is_away = true};
    struct documents d = documents(400);
    struct refusals refused = write_all(&a, &b, &d, RETRY);

    refusals_done(&refused);
    refused = write_all(&b, &a, &d, RETRY);
    refusals_done(&refused);
    documents_done(&d);
}

TEST(few_documents_go_as_one_command)
{
    struct store_double a = {0}, b = {0};
    struct documents d = documents(100);
    struct refusals refused = write_all(&a, &b, &d, OK);

    assert_int_equal(a.count, 100);
    assert_int_equal(b.calls, 0);
    refusals_done(&refused);
    documents_done(&d);
}

TEST(without_another_connection_all_goes_through_one)
{
    struct store_double a = {0};
    struct documents d = documents(1000);

    write_all(&a, NULL, &d, OK);
    assert_int_equal(a.count, 1000);
    assert_int_equal(a.calls, 1);
    documents_done(&d);
}

TEST(upserts_are_worth_both_connections_when_inserts_are_not)
{
    struct store_double a = {0}, b = {0};
    struct documents d = documents(100);
    bson_t *update = BCON_NEW("$inc", "{", "n", BCON_INT32(1), "}");

    for (size_t i = 0; i < d.count; i++)
        d.changes[i].update = update;
    write_all(&a, &b, &d, OK);
    assert_int_equal(a.count + b.count, 100);
    assert_int_equal(b.calls, 1);
    for (size_t i = 0; i < b.count; i++)
        assert_ptr_equal(b.changes[i].update, update);
    bson_destroy(update);
    documents_done(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_documents_go_through_both_connections_each_once),
        cmocka_unit_test(both_documents_of_an_id_go_the_same_way_in_their_order),
        cmocka_unit_test(refusals_name_places_in_the_whole),
        cmocka_unit_test(a_command_refused_as_one_is_told),
        cmocka_unit_test(nothing_is_stored_for_certain_when_either_connection_is_away),
        cmocka_unit_test(few_documents_go_as_one_command),
        cmocka_unit_test(without_another_connection_all_goes_through_one),
        cmocka_unit_test(upserts_are_worth_both_connections_when_inserts_are_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
