/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/clock.h"
#include "common/health.h"

#include <pthread.h>

static void assert_ready(struct health *h, bool ready, const char *expected)
{
    AUTO_BUF out = {0};
    health_render_ready(h, true, &out);
    assert_string_equal(buf_text(&out), expected);
    assert_int_equal(health_ready(h), ready);
}

TEST(without_checks_a_daemon_is_ready)
{
    AUTO(health) h = health_new("activity-log-test");
    assert_ready(h, true, "{\"status\":\"ready\",\"checks\":[]}");
}

TEST(a_check_starts_as_not_ok)
{
    AUTO(health) h = health_new("activity-log-test");
    health_add(h, "kafka", true);
    assert_ready(h, false,
                 "{\"status\":\"unavailable\",\"checks\":[{\"name\":\"kafka\",\"ok\":false,"
                 "\"required\":true,\"detail\":\"starting\"}]}");
}

TEST(what_is_not_required_degrades_only)
{
    AUTO(health) h = health_new("activity-log-test");
    int kafka = health_add(h, "kafka", true), redis = health_add(h, "redis", false);
    health_set(h, kafka, true, "%d brokers", 3);
    health_set(h, redis, false, "connection \"refused\"");
    assert_ready(h, true,
                 "{\"status\":\"degraded\",\"checks\":[{\"name\":\"kafka\",\"ok\":true,"
                 "\"required\":true,\"detail\":\"3 brokers\"},{\"name\":\"redis\",\"ok\":false,"
                 "\"required\":false,\"detail\":\"connection \\\"refused\\\"\"}]}");
    health_set(h, redis, true, "ok");
    AUTO_BUF out = {0};
    health_render_ready(h, false, &out);
    assert_string_equal(buf_text(&out), "{\"status\":\"ready\"}");
}

TEST(a_check_that_fails_again_takes_readiness_back)
{
    AUTO(health) h = health_new("activity-log-test");
    int kafka = health_add(h, "kafka", true);
    health_set(h, kafka, true, "ok");
    assert_true(health_ready(h));
    health_set(h, kafka, false, "gone");
    assert_false(health_ready(h));
}

TEST(who_drains_is_not_ready_but_alive)
{
    AUTO(health) h = health_new("activity-log-test");
    health_drain(h);
    assert_ready(h, false, "{\"status\":\"draining\",\"checks\":[]}");
    assert_true(health_live(h));
}

TEST(a_long_detail_is_cut_and_stays_json)
{
    AUTO(health) h = health_new("activity-log-test");
    int kafka = health_add(h, "kafka", true);
    char detail[1000];
    memset(detail, 'x', sizeof detail - 1);
    detail[sizeof detail - 1] = '\0';
    health_set(h, kafka, true, "%s", detail);
    AUTO_BUF out = {0};
    health_render_ready(h, true, &out);
    assert_true(out.len < 400);
    assert_memory_equal(out.data + out.len - 6, "xx\"}]}", 6);
}

TEST(a_worker_that_is_silent_is_not_alive_and_named)
{
    AUTO(health) h = health_new("activity-log-test");
    int quick = health_watch(h, "loop \"1\"", -1); /* silent at once: a beat is 0 ms old */
    health_watch(h, "loop 2", 60000);
    health_beat(h, quick);
    AUTO_BUF out = {0};
    assert_false(health_live(h));
    health_render_live(h, &out);
    assert_string_equal(buf_text(&out),
                        "{\"status\":\"stalled\",\"stalled\":[\"loop \\\"1\\\"\"]}");
}

TEST(a_beat_brings_a_worker_back)
{
    AUTO(health) h = health_new("activity-log-test");
    int watch = health_watch(h, "loop", 50);
    clock_sleep_ms(60);
    assert_false(health_live(h));
    bool is_live = false;
    for (int i = 0; i < 100 && !is_live; i++) { /* a busy machine may pause us for long */
        health_beat(h, watch);
        is_live = health_live(h);
    }
    assert_true(is_live);
}

TEST(who_is_alive_says_so)
{
    AUTO(health) h = health_new("activity-log-test");
    AUTO_BUF out = {0};
    health_watch(h, "loop", 600000);
    health_render_live(h, &out);
    assert_string_equal(buf_text(&out), "{\"status\":\"live\"}");
}

TEST(health_says_who_when_and_how_big)
{
    AUTO(health) h = health_new("activity-log-test");
    AUTO_BUF out = {0};
    health_render_health(h, &out);
    static const char start[] =
        "{\"status\":\"healthy\",\"service\":\"activity-log-test\",\"timestamp\":\"2";
    const char *text = buf_text(&out);
    assert_memory_equal(text, start, sizeof start - 1);
    const char *uptime = strstr(text, "Z\",\"uptime\":");
    const char *rss = strstr(text, ",\"memory\":{\"rss\":");
    assert_non_null(uptime);
    assert_non_null(rss);
    assert_true(strtod(uptime + 12, NULL) >= 0);
    assert_true(strtoull(rss + 17, NULL, 10) > 100000);
    assert_string_equal(strchr(rss, '}'), "}}");
}

static void *worker(void *arg)
{
    struct health *h = arg;
    for (int i = 0; i < 2000; i++) {
        health_beat(h, 0);
        health_set(h, 0, i % 2, "turn %d", i);
    }
    return NULL;
}

TEST(threads_may_beat_set_and_render_at_once)
{
    AUTO(health) h = health_new("activity-log-test");
    pthread_t threads[3];
    health_add(h, "kafka", true);
    health_watch(h, "loop", 60000);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, worker, h), 0);
    for (int i = 0; i < 500; i++) {
        AUTO_BUF out = {0};
        health_render_ready(h, true, &out);
        assert_memory_equal(out.data + out.len - 4, "\"}]}", 4);
        assert_true(health_live(h));
    }
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_true(health_ready(h));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_checks_a_daemon_is_ready),
        cmocka_unit_test(a_check_starts_as_not_ok),
        cmocka_unit_test(what_is_not_required_degrades_only),
        cmocka_unit_test(a_check_that_fails_again_takes_readiness_back),
        cmocka_unit_test(who_drains_is_not_ready_but_alive),
        cmocka_unit_test(a_long_detail_is_cut_and_stays_json),
        cmocka_unit_test(a_worker_that_is_silent_is_not_alive_and_named),
        cmocka_unit_test(a_beat_brings_a_worker_back),
        cmocka_unit_test(who_is_alive_says_so),
        cmocka_unit_test(health_says_who_when_and_how_big),
        cmocka_unit_test(threads_may_beat_set_and_render_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
