/* SPDX-License-Identifier: MIT */
#include "gateway/live_minutes.h"

#include "tests/unit/test.h"

static const int64_t NOW_MS = 1000000 * 60000LL + 12345;

TEST(the_last_of_sixty_minutes_is_the_current_one)
{
    struct live_minutes l;

    live_minutes_init(&l, NOW_MS);
    assert_int_equal(l.start_ms, (1000000 - 59) * 60000LL);
    live_minutes_done(&l);
}

TEST(fields_of_redis_become_a_minute_services_by_count)
{
    struct live_minutes l;
    AUTO_BUF out = {0};

    live_minutes_init(&l, NOW_MS);
    live_minute_field(&l.minutes[0], slice_of("count"), 7);
    live_minute_field(&l.minutes[0], slice_of("error"), 7);
    live_minute_field(&l.minutes[0], slice_of("failure"), 3);
    live_minute_field(&l.minutes[0], slice_of("service:a\"b"), 2);
    live_minute_field(&l.minutes[0], slice_of("service:count"), 5);
    live_minute_field(&l.minutes[0], slice_of("else"), 9);
    live_minutes_render(&l, &out);
    assert_non_null(strstr(buf_text(&out),
                           "\"count\":7,\"severity\":{\"info\":0,\"warn\":0,\"error\":7,"
                           "\"critical\":0},\"outcome\":{\"success\":0,\"failure\":3,\"none\":4},"
                           "\"services\":{\"count\":5,\"a\\\"b\":2}},{\"start\""));
    live_minutes_done(&l);
}

TEST(counts_of_one_service_add_up)
{
    struct live_minute m = {0};
    struct live_minutes l;

    live_minute_add_service(&m, slice_of("a"), 1);
    live_minute_add_service(&m, slice_of("b"), 1);
    live_minute_add_service(&m, slice_of("a"), 2);
    assert_int_equal(m.service_count, 2);
    assert_int_equal(m.services[0].count, 3);
    live_minutes_init(&l, NOW_MS);
    l.minutes[5] = m;
    live_minutes_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_of_sixty_minutes_is_the_current_one),
        cmocka_unit_test(fields_of_redis_become_a_minute_services_by_count),
        cmocka_unit_test(counts_of_one_service_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
