/* SPDX-License-Identifier: MIT */
/* clock.h - the two clocks. Pure code takes times as arguments and never calls these. */
#pragma once

#include <stdint.h>

int64_t clock_wall_ms(void); /* since 1970-01-01T00:00:00Z */
int64_t clock_mono_ms(void); /* never goes back; for time-outs */
int64_t clock_mono_us(void);
void clock_sleep_ms(int64_t ms);

/* Exponential back-off with full jitter (AWS Architecture Blog, "Exponential Backoff And
 * Jitter"): a time in ms between 1 and min(cap, base * 2^attempt). */
int64_t clock_backoff_ms(unsigned attempt, int64_t base_ms, int64_t cap_ms);
