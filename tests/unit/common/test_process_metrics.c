/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/process_metrics.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

static double value_of(const char *name)
{
    AUTO_BUF out = {0}, line_start = {0};
    process_metrics_render(&out);
    buf_printf(&line_start, "\n%s ", name);
    const char *at = strstr(buf_text(&out), buf_text(&line_start));
    assert_non_null(at);
    return strtod(at + line_start.len, NULL);
}

TEST(resident_memory_is_at_least_what_was_touched)
{
    size_t size = 64UL << 20;
    volatile char *p = malloc(size);
    for (size_t i = 0; i < size; i += 4096)
        p[i] = 1;
    assert_true(process_resident_bytes() > size);
    assert_true(value_of("process_resident_memory_bytes") > (double)size);
    free((void *)p);
}

TEST(a_descriptor_more_is_counted)
{
    double before = value_of("process_open_fds");
    int fd = open("/dev/null", O_RDONLY);
    assert_true(value_of("process_open_fds") == before + 1);
    close(fd);
    assert_true(value_of("process_open_fds") == before);
}

TEST(the_process_started_before_now_and_not_long_ago)
{
    double age = (double)time(NULL) - value_of("process_start_time_seconds");
    assert_true(age > -2 && age < 600);
}

TEST(work_takes_cpu_time)
{
    double before = value_of("process_cpu_seconds_total");
    clock_t end = clock() + CLOCKS_PER_SEC / 50;
    while (clock() < end)
        ;
    assert_true(value_of("process_cpu_seconds_total") > before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resident_memory_is_at_least_what_was_touched),
        cmocka_unit_test(a_descriptor_more_is_counted),
        cmocka_unit_test(the_process_started_before_now_and_not_long_ago),
        cmocka_unit_test(work_takes_cpu_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
