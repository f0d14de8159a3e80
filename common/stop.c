/* SPDX-License-Identifier: MIT */
#include "common/stop.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static atomic_bool requested;
static int event_fd = -1;

void stop_request(void)
{
    int saved_errno = errno;
    atomic_store(&requested, true);
    /* Nobody reads the descriptor, so it stays readable; a full counter is readable too. */
    (void)!write(event_fd, &(uint64_t){1}, sizeof(uint64_t));
    errno = saved_errno;
}

static void on_signal(int signal_number)
{
    (void)signal_number;
    stop_request();
}

void stop_init(void)
{
    if (event_fd < 0)
        event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert(event_fd >= 0);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
}

bool stop_requested(void)
{
    return atomic_load_explicit(&requested, memory_order_relaxed);
}

int stop_fd(void)
{
    return event_fd;
}

bool stop_sleep_ms(int ms)
{
    struct pollfd wait = {.fd = event_fd, .events = POLLIN};
    (void)poll(&wait, 1, ms);
    return stop_requested();
}
