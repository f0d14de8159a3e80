/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/buf.h"
#include "common/log.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

/* What `say` writes to standard error. */
static void capture(void (*say)(void), struct buf *out)
{
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
    say();
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);
    rewind(file);
    char chunk[4096];
    for (size_t len; (len = fread(chunk, 1, sizeof chunk, file)) > 0;)
        buf_add(out, chunk, len);
    fclose(file);
}

static size_t count_of(struct buf *text, const char *part)
{
    size_t count = 0;
    for (const char *p = buf_text(text); (p = strstr(p, part)); p++)
        count++;
    return count;
}

static void say_something_odd(void)
{
    log_warn("quote \" and\nnewline \xff: %d", 7);
}

TEST(a_json_line_is_valid_whatever_the_message_holds)
{
    AUTO_BUF out = {0};
    log_init("als-test", LOG_INFO, true);
    capture(say_something_odd, &out);
    const char *text = buf_text(&out);
    assert_memory_equal(text, "{\"time\":\"2", 10);
    assert_non_null(strstr(text, "Z\",\"level\":\"warn\",\"program\":\"als-test\",\"message\":"
                                 "\"quote \\\" and\\nnewline \xef\xbf\xbd: 7\"}\n"));
}

TEST(a_text_line_stays_one_line)
{
    AUTO_BUF out = {0};
    log_init("als-test", LOG_INFO, false);
    capture(say_something_odd, &out);
    assert_int_equal(count_of(&out, "\n"), 1);
    assert_non_null(strstr(buf_text(&out), " warn  als-test: quote \" and newline \xff: 7\n"));
}

static void say_all_levels(void)
{
    log_debug("one");
    log_info("two");
    log_warn("three");
    log_error("four");
}

TEST(what_is_below_the_level_is_not_written)
{
    AUTO_BUF out = {0};
    log_init("als-test", LOG_WARN, true);
    capture(say_all_levels, &out);
    assert_int_equal(count_of(&out, "\n"), 2);
    assert_int_equal(count_of(&out, "three") + count_of(&out, "four"), 2);
    assert_false(log_enabled(LOG_INFO));
    assert_true(log_enabled(LOG_ERROR));
}

static void say_much(void)
{
    static char text[10000];
    memset(text, 'x', sizeof text - 1);
    log_info("%s", text);
}

TEST(a_message_that_is_too_long_is_cut_and_its_line_is_whole)
{
    AUTO_BUF out = {0};
    log_init("als-test", LOG_INFO, true);
    capture(say_much, &out);
    assert_in_range(out.len, 2000, 2300);
    assert_memory_equal(out.data + out.len - 5, "xx\"}\n", 5);
}

static void *say_often(void *arg)
{
    for (int i = 0; i < 200; i++)
        log_info("a line of one thread");
    return arg;
}

static void say_from_threads(void)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, say_often, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

TEST(lines_of_threads_do_not_mix)
{
    AUTO_BUF out = {0};
    log_init("als-test", LOG_INFO, true);
    capture(say_from_threads, &out);
    assert_int_equal(count_of(&out, "\"message\":\"a line of one thread\"}\n"), 800);
    assert_int_equal(count_of(&out, "\n"), 800);
}

static void say_sparsely(void)
{
    for (int i = 0; i < 1000; i++)
        log_sparse(LOG_INFO, "the same");
}

TEST(what_repeats_is_thinned_out)
{
    AUTO_BUF out = {0};
    log_init("als-test", LOG_INFO, true);
    capture(say_sparsely, &out);
    assert_int_equal(count_of(&out, "the same"), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_json_line_is_valid_whatever_the_message_holds),
        cmocka_unit_test(a_text_line_stays_one_line),
        cmocka_unit_test(what_is_below_the_level_is_not_written),
        cmocka_unit_test(a_message_that_is_too_long_is_cut_and_its_line_is_whole),
        cmocka_unit_test(lines_of_threads_do_not_mix),
        cmocka_unit_test(what_repeats_is_thinned_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
