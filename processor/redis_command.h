/* SPDX-License-Identifier: MIT */
/* redis_command.h - the arguments of one Redis command, put together in memory that is used again.
 * Pure. A zeroed struct is a valid empty command. */
#pragma once

#include "common/buf.h"

#include <stdint.h>

struct redis_command {
    const char **argv; /* for redisCommandArgv */
    size_t *lens;
    size_t count, cap;
    struct buf numbers; /* never moves between redis_command_begin and the next */
};

void redis_command_done(struct redis_command *c);

/* Empties it, and makes room for `args` arguments, which is the most that may follow. */
void redis_command_begin(struct redis_command *c, size_t args);
void redis_command_add(struct redis_command *c, struct slice arg); /* borrowed, as is a text */
void redis_command_text(struct redis_command *c, const char *text);
void redis_command_number(struct redis_command *c, int64_t n);
void redis_command_time(struct redis_command *c, int64_t ms); /* as ISO 8601 */
