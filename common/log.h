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
/* For what a library says, which may be the same thing a hundred times a second: of all these, the
 * first 10 in any 10 s are written, and the next one says how many were left out. */
void log_sparse(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
