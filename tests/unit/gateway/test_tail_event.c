/* SPDX-License-Identifier: MIT */
#include "gateway/tail_event.h"

#include "tests/unit/test.h"

#include <string.h>

static const char stored[] =
    "{\"_id\":\"acme/"
    "a-1\",\"hash\":\"00\",\"src\":\"0:1:2\",\"tenant\":\"acme\",\"message\":\"\\n\"}";

TEST(an_event_has_the_id_and_what_a_client_may_see)
{
    AUTO_BUF out = {0};
    tail_event_log(&out, TAIL_SSE, slice_of(stored));
    assert_string_equal(buf_text(&out), "id: a-1\nevent: log\ndata: {\"_id\":\"a-1\",\"tenant\":"
                                        "\"acme\",\"message\":\"\\n\"}\n\n");
}

TEST(a_line_is_the_log_alone)
{
    AUTO_BUF out = {0};
    tail_event_log(&out, TAIL_NDJSON, slice_of("{\"_id\":\"b\",\"tenant\":\"default\"}"));
    assert_string_equal(buf_text(&out), "{\"_id\":\"b\",\"tenant\":\"default\"}\n");
}

TEST(drops_and_signs_of_life_are_told_in_either_form)
{
    AUTO_BUF out = {0};
    tail_event_dropped(&out, TAIL_SSE, 7);
    tail_event_alive(&out, TAIL_SSE);
    tail_event_dropped(&out, TAIL_NDJSON, 8);
    tail_event_alive(&out, TAIL_NDJSON);
    assert_string_equal(buf_text(&out),
                        "event: dropped\ndata: {\"dropped\":7}\n\n:\n\n{\"dropped\":8}\n\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_has_the_id_and_what_a_client_may_see),
        cmocka_unit_test(a_line_is_the_log_alone),
        cmocka_unit_test(drops_and_signs_of_life_are_told_in_either_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
