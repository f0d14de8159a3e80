/* SPDX-License-Identifier: MIT */
#include "common/clock.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

static int64_t read_us(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_wall_ms(void)
{
    return read_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_mono_ms(void)
{
    return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_mono_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

void clock_sleep_ms(int64_t ms)
{
    if (ms <= 0)
        return;
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

static uint64_t random_u64(void)
{
    uint64_t n = 0;
    if (getrandom(&n, sizeof n, 0) != (ssize_t)sizeof n)
        n = (uint64_t)read_us(CLOCK_MONOTONIC) * 0x9e3779b97f4a7c15U;
    return n;
}

int64_t clock_backoff_ms(unsigned attempt, int64_t base_ms, int64_t cap_ms)
{
    int64_t limit = base_ms;
    for (unsigned i = 0; i < attempt && limit < cap_ms; i++)
        limit = limit > cap_ms / 2 ? cap_ms : limit * 2;
    if (limit > cap_ms)
        limit = cap_ms;
    return limit <= 1 ? 1 : 1 + (int64_t)(random_u64() % (uint64_t)limit);
}
