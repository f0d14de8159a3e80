/* SPDX-License-Identifier: MIT */
/* log.h - one line per event on standard error: JSON, or text on a terminal.
 *
 * Write `what happened, what happens next: why`. Only main, servers and run loops log;
 * everything else returns a `struct err`. Safe from any thread; a line is written whole. */
#pragma once

#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* `program` is borrowed for the life of the process. Before this call: text, info and above. */
void log_init(const char *program, enum log_level level, bool json);
bool log_enabled(enum log_level level);
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
