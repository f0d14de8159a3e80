/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "gateway/reject_query.h"

static void assert_fault(const char *query, const char *message)
{
    struct reject_query q = {0};
    struct faults faults = {0};

    assert_int_equal(reject_query_read(&q, slice_of(query), &faults), REJECT);
    assert_int_equal(faults.count, 1);
    struct slice got = fault_message(&faults, 0);
    assert_int_equal(got.len, strlen(message));
    assert_memory_equal(got.data, message, got.len);
    faults_done(&faults);
    reject_query_done(&q);
}

static struct reject_query read_good(const char *query)
{
    struct reject_query q = {0};
    struct faults faults = {0};

    assert_int_equal(reject_query_read(&q, slice_of(query), &faults), OK);
    return q;
}

TEST(filters_and_limit_are_read)
{
    struct reject_query q = read_good("stage=indexer&reason=id%5fconflict&limit=7&other=1");

    assert_true(slice_is(q.stage, "indexer"));
    assert_true(slice_is(q.reason, "id_conflict"));
    assert_null(q.state.data);
    assert_int_equal(q.limit, 7);
    reject_query_done(&q);
}

TEST(bad_parameters_are_refused_in_the_usual_words)
{
    assert_fault("stage=gateway", "\"stage\" must be one of [processor, indexer]");
    assert_fault("stage=processor%20indexer", "\"stage\" must be one of [processor, indexer]");
    assert_fault("state=", "\"state\" must be one of [open, replaying, replayed]");
    assert_fault("reason=", "\"reason\" is not allowed to be empty");
    assert_fault("reason=a&reason=b", "\"reason\" must be a string");
    assert_fault("reason=%00", "\"reason\" must be a string");
    assert_fault("limit=0", "\"limit\" must be greater than or equal to 1");
    assert_fault("limit=101", "\"limit\" must be less than or equal to 100");
    assert_fault("limit=1000000000000", "\"limit\" must be less than or equal to 100");
    assert_fault("stage[$ne]=indexer", "\"stage\" must be one of [processor, indexer]");
    assert_fault("reason[]=x", "\"reason\" must be a string");
    assert_fault("limit=x", "\"limit\" must be a number");
}

static bool reads_back(const char *filters, const char *tenant, struct slice cursor)
{
    struct reject_query q = read_good(filters);
    struct reject_place place = {0, {NULL, 0}};
    AUTO_BUF arena = {0};
    bool good;

    q.cursor = cursor;
    good = reject_cursor_read(&q, slice_of(tenant), &arena, &place);
    if (good) {
        assert_int_equal(place.at_ms, 1763805600123);
        assert_true(slice_is(place.id, "logs:3:120"));
    }
    reject_query_done(&q);
    return good;
}

TEST(a_cursor_serves_its_own_tenant_and_filters_alone)
{
    struct reject_query q = read_good("stage=indexer");
    const struct reject_place last = {1763805600123, slice_of("logs:3:120")};
    AUTO_BUF cursor = {0};

    reject_cursor_write(&cursor, &q, slice_of("t1"), &last);
    assert_true(reads_back("stage=indexer&limit=3", "t1", buf_slice(&cursor)));
    assert_false(reads_back("stage=indexer", "t2", buf_slice(&cursor)));
    assert_false(reads_back("stage=processor", "t1", buf_slice(&cursor)));
    assert_false(reads_back("", "t1", buf_slice(&cursor)));
    cursor.data[12] = cursor.data[12] == 'A' ? 'B' : 'A';
    assert_false(reads_back("stage=indexer", "t1", buf_slice(&cursor)));
    assert_false(reads_back("stage=indexer", "t1", slice_of("made up")));
    assert_false(reads_back("stage=indexer", "t1", slice_of("")));
    reject_query_done(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_and_limit_are_read),
        cmocka_unit_test(bad_parameters_are_refused_in_the_usual_words),
        cmocka_unit_test(a_cursor_serves_its_own_tenant_and_filters_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
