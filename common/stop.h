/* SPDX-License-Identifier: MIT */
/* stop.h - SIGTERM and SIGINT become a flag and a readable descriptor. SIGPIPE is ignored. */
#pragma once

#include <stdbool.h>

void stop_init(void);
bool stop_requested(void);
int stop_fd(void);       /* becomes and stays readable once a stop is requested */
void stop_request(void); /* from any thread, or a signal handler */
/* Sleeps up to `ms`, less when a stop is requested; returns stop_requested(). */
bool stop_sleep_ms(int ms);
