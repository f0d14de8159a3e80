/* SPDX-License-Identifier: MIT */
#include "common/log.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/iso8601.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { MAX_MESSAGE = 2048, SPARSE_LINES = 10, SPARSE_WINDOW_MS = 10000 };

static const char *const level_names[] = {"debug", "info", "warn", "error"};

/* Set once, before there are threads. */
static struct {
    const char *program;
    enum log_level level;
    bool json;
} config = {"als", LOG_INFO, false};

void log_init(const char *program, enum log_level level, bool json)
{
    config.program = program;
    config.level = level;
    config.json = json;
}

bool log_enabled(enum log_level level)
{
    return level >= config.level;
}

/* One event is one line: whatever a message quotes cannot start another. */
static void add_plain(struct buf *line, const char *message)
{
    for (const char *p = message; *p; p++) {
        bool is_control = (unsigned char)*p < 0x20 || *p == 0x7f;
        buf_add(line, is_control ? " " : p, 1);
    }
}

static void add_line(struct buf *line, enum log_level level, const char *message)
{
    char time[ISO8601_LEN];
    iso8601_format(clock_wall_ms(), time);
    if (!config.json) {
        buf_printf(line, "%.*s %-5s %s: ", ISO8601_LEN, time, level_names[level], config.program);
        add_plain(line, message);
    } else {
        buf_printf(line, "{\"time\":\"%.*s\",\"level\":\"%s\",\"program\":\"%s\",\"message\":",
                   ISO8601_LEN, time, level_names[level], config.program);
        buf_add_json_any(line, slice_of(message));
        buf_add_char(line, '}');
    }
    buf_add_char(line, '\n');
}

static void log_write(enum log_level level, const char *format, va_list args)
{
    if (!log_enabled(level))
        return;
    int saved_errno = errno;
    char message[MAX_MESSAGE];
    vsnprintf(message, sizeof message, format, args);
    AUTO_BUF line = {0};
    add_line(&line, level, message);
    /* A log that cannot be written must not stop the service. */
    (void)!write(STDERR_FILENO, line.data, line.len);
    errno = saved_errno;
}

void log_debug(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_write(LOG_DEBUG, format, args);
    va_end(args);
}

void log_info(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_write(LOG_INFO, format, args);
    va_end(args);
}

void log_warn(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_write(LOG_WARN, format, args);
    va_end(args);
}

void log_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_write(LOG_ERROR, format, args);
    va_end(args);
}

/* Counts one more sparse line; false when it is one too many. *ret_left_out is what the window
 * before left unsaid. */
static bool sparse_admits(unsigned *ret_left_out)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static int64_t window_ms = INT64_MIN / 2;
    static unsigned lines;
    int64_t now_ms = clock_mono_ms();
    *ret_left_out = 0;
    pthread_mutex_lock(&mutex);
    if (now_ms - window_ms >= SPARSE_WINDOW_MS) {
        *ret_left_out = lines > SPARSE_LINES ? lines - SPARSE_LINES : 0;
        window_ms = now_ms;
        lines = 0;
    }
    bool admits = ++lines <= SPARSE_LINES;
    pthread_mutex_unlock(&mutex);
    return admits;
}

void log_sparse(enum log_level level, const char *format, ...)
{
    unsigned left_out;
    if (!log_enabled(level) || !sparse_admits(&left_out))
        return;
    if (left_out > 0)
        log_warn("%u messages like the next were left out", left_out);
    va_list args;
    va_start(args, format);
    log_write(level, format, args);
    va_end(args);
}
