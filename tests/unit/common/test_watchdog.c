/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/clock.h"
#include "common/watchdog.h"

#include <semaphore.h>
#include <stdio.h>
#include <string.h>

struct bites {
    sem_t happened;
    char stalled[256];
};

static void bite(void *ctx, const char *stalled)
{
    struct bites *b = ctx;
    snprintf(b->stalled, sizeof b->stalled, "%s", stalled);
    sem_post(&b->happened);
}

TEST(a_worker_that_is_silent_for_long_is_told_by_name)
{
    AUTO(health) h = health_new("activity-log-test");
    struct bites b = {.stalled = ""};
    sem_init(&b.happened, 0, 0);
    int alive = health_watch(h, "alive", 3600000);
    health_watch(h, "stuck", 1);
    AUTO(watchdog) w = watchdog_new(h, 20, bite, &b);
    health_beat(h, alive);
    sem_wait(&b.happened); /* ctest's time-out is the verdict when it never comes */
    assert_string_equal(b.stalled, "{\"status\":\"stalled\",\"stalled\":[\"stuck\"]}");
}

TEST(a_worker_that_beats_is_left_alone)
{
    AUTO(health) h = health_new("activity-log-test");
    struct bites b = {.stalled = ""};
    sem_init(&b.happened, 0, 0);
    health_watch(h, "busy", 3600000);
    struct watchdog *w = watchdog_new(h, 1, bite, &b);
    clock_sleep_ms(50);
    watchdog_free(w);
    assert_string_equal(b.stalled, "");
}

TEST(silence_that_ends_in_time_is_forgotten)
{
    AUTO(health) h = health_new("activity-log-test");
    struct bites b = {.stalled = ""};
    sem_init(&b.happened, 0, 0);
    health_watch(h, "late", 1);
    struct watchdog *w = watchdog_new(h, 3600000, bite, &b);
    clock_sleep_ms(20);
    watchdog_free(w);
    assert_string_equal(b.stalled, "");
}

TEST(it_can_be_switched_off)
{
    AUTO(health) h = health_new("activity-log-test");
    assert_null(watchdog_new(h, 0, bite, NULL));
    watchdog_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_that_is_silent_for_long_is_told_by_name),
        cmocka_unit_test(a_worker_that_beats_is_left_alone),
        cmocka_unit_test(silence_that_ends_in_time_is_forgotten),
        cmocka_unit_test(it_can_be_switched_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
