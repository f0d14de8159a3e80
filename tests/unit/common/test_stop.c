/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/stop.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* A stop cannot be taken back, so each test stops a process of its own. */
static int exit_code_of(int (*body)(void))
{
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(body());
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int is_readable(void)
{
    struct pollfd wait = {.fd = stop_fd(), .events = POLLIN};
    return poll(&wait, 1, 0) == 1;
}

static int not_before_it_is_requested(void)
{
    stop_init();
    return stop_requested() || is_readable() || stop_sleep_ms(1);
}

static int by_signal(int number)
{
    stop_init();
    raise(number);
    return stop_requested() && is_readable() && is_readable() && stop_sleep_ms(60000);
}

static int by_sigterm(void)
{
    return by_signal(SIGTERM);
}

static int by_sigint(void)
{
    return by_signal(SIGINT);
}

static int by_request(void)
{
    stop_init();
    for (int i = 0; i < 3; i++)
        stop_request();
    return stop_requested() && is_readable() && stop_sleep_ms(60000);
}

static int writes_to_a_closed_pipe(void)
{
    int ends[2];
    stop_init();
    if (pipe(ends) != 0)
        return 2;
    close(ends[0]);
    return write(ends[1], "x", 1) == -1;
}

static int a_sleeper_is_woken(void)
{
    stop_init();
    pid_t parent = getpid();
    if (fork() == 0) {
        kill(parent, SIGTERM);
        _exit(0);
    }
    return stop_sleep_ms(60000);
}

TEST(nothing_stops_before_it_is_requested)
{
    assert_int_equal(exit_code_of(not_before_it_is_requested), 0);
}

TEST(sigterm_and_sigint_request_a_stop)
{
    assert_int_equal(exit_code_of(by_sigterm), 1);
    assert_int_equal(exit_code_of(by_sigint), 1);
}

TEST(a_stop_can_be_requested_more_than_once)
{
    assert_int_equal(exit_code_of(by_request), 1);
}

TEST(a_signal_wakes_who_sleeps)
{
    assert_int_equal(exit_code_of(a_sleeper_is_woken), 1);
}

TEST(a_peer_that_left_is_an_error_and_not_a_signal)
{
    assert_int_equal(exit_code_of(writes_to_a_closed_pipe), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_stops_before_it_is_requested),
        cmocka_unit_test(sigterm_and_sigint_request_a_stop),
        cmocka_unit_test(a_stop_can_be_requested_more_than_once),
        cmocka_unit_test(a_signal_wakes_who_sleeps),
        cmocka_unit_test(a_peer_that_left_is_an_error_and_not_a_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
