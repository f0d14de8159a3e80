/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/auto.h"
#include "common/mem.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(zalloc_clears_what_it_returns)
{
    unsigned char zeros[64] = {0};
    unsigned char *p = mem_zalloc(sizeof zeros);
    assert_memory_equal(p, zeros, sizeof zeros);
    free(p);
}

TEST(realloc_keeps_what_was_there)
{
    char *p = mem_strdup("kept");
    p = mem_realloc(p, 100000);
    assert_string_equal(p, "kept");
    free(p);
}

TEST(strndup_copies_as_many_bytes_as_it_is_told_and_ends_them)
{
    char *p = mem_strndup("a\0bcd", 3);
    assert_memory_equal(p, "a\0b\0", 4);
    free(p);
}

TEST(dup_of_nothing_is_something_to_free)
{
    void *p = mem_dup(NULL, 0);
    free(p);
    p = mem_dup("bytes", 5);
    assert_memory_equal(p, "bytes", 5);
    free(p);
}

TEST(taking_leaves_null_behind)
{
    char *first = mem_strdup("x");
    char *second = TAKE(first);
    assert_null(first);
    assert_string_equal(second, "x");
    free(second);
}

/* The sanitizers' own allocators stop the program in their own way. */
TEST(out_of_memory_aborts)
{
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        volatile size_t too_much = SIZE_MAX / 2;
        free(mem_alloc(too_much));
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zalloc_clears_what_it_returns),
        cmocka_unit_test(realloc_keeps_what_was_there),
        cmocka_unit_test(strndup_copies_as_many_bytes_as_it_is_told_and_ends_them),
        cmocka_unit_test(dup_of_nothing_is_something_to_free),
        cmocka_unit_test(taking_leaves_null_behind),
        cmocka_unit_test(out_of_memory_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
