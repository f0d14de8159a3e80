/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "gateway/pipeline_view.h"

static void assert_shows(const struct pipeline_view *v, const char *part)
{
    AUTO_BUF out = {0};

    pipeline_view_render(v, "logs", &out);
    if (!strstr(buf_text(&out), part))
        fail_msg("%s is not in %s", part, buf_text(&out));
}

static struct pipeline_view two_partitions(void)
{
    struct pipeline_view v;

    pipeline_view_init(&v, 2);
    for (size_t i = 0; i < 2; i++) {
        v.begin[TOPIC_RAW][i] = 10;
        v.end[TOPIC_RAW][i] = 50;
        v.next[STAGE_PROCESSOR][i] = 45;
    }
    return v;
}

TEST(lag_is_what_lies_between_a_stage_and_the_end)
{
    struct pipeline_view v = two_partitions();

    assert_shows(&v, "{\"stage\":\"processor\",\"topic\":\"logs\",\"lag\":10,\"partitions\":["
                     "{\"partition\":0,\"next\":45,\"end\":50,\"lag\":5},");
    pipeline_view_done(&v);
}

TEST(a_stage_that_has_not_begun_has_all_of_the_topic_before_it)
{
    struct pipeline_view v = two_partitions();

    v.next[STAGE_PROCESSOR][1] = PIPELINE_NONE;
    assert_shows(&v, "\"lag\":45,");
    assert_shows(&v, "{\"partition\":1,\"next\":null,\"end\":50,\"lag\":40}");
    pipeline_view_done(&v);
}

TEST(a_stage_that_has_moved_on_meanwhile_has_no_lag)
{
    struct pipeline_view v = two_partitions();

    v.next[STAGE_PROCESSOR][0] = v.next[STAGE_PROCESSOR][1] = 60;
    assert_shows(&v, "\"topic\":\"logs\",\"lag\":0,");
    pipeline_view_done(&v);
}

TEST(what_is_unknown_is_null_and_said)
{
    struct pipeline_view v = two_partitions();

    v.next[STAGE_PROCESSOR][1] = PIPELINE_UNKNOWN;
    pipeline_view_miss(&v, "counters", "Redis: \"no\"");
    pipeline_view_miss(&v, "watermark", "away");
    assert_shows(&v, "{\"stage\":\"processor\",\"topic\":\"logs\",\"lag\":null,");
    assert_shows(&v, "\"watermark\":null,\"deadLetters\":{\"kept\":null,\"open\":null},"
                     "\"counters\":{\"rebuilding\":null},"
                     "\"unknown\":[\"counters: Redis: \\\"no\\\"\",\"watermark: away\"]}");
    pipeline_view_done(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lag_is_what_lies_between_a_stage_and_the_end),
        cmocka_unit_test(a_stage_that_has_not_begun_has_all_of_the_topic_before_it),
        cmocka_unit_test(a_stage_that_has_moved_on_meanwhile_has_no_lag),
        cmocka_unit_test(what_is_unknown_is_null_and_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
