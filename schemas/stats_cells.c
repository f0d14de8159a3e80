/* SPDX-License-Identifier: MIT */
/* Cells and windows: the arithmetic of a bucket. */
#include "schemas/stats.h"

static const char *const cell_names[CELL_COUNT] = {
    "info_success", "info_failure",     "info_none",        "warn_success",
    "warn_failure", "warn_none",        "error_success",    "error_failure",
    "error_none",   "critical_success", "critical_failure", "critical_none",
};

static const struct {
    const char *name;
    int64_t length_ms;
} windows[WINDOW_COUNT] = {
    [WINDOW_MINUTE] = {"minute", 60000},
    [WINDOW_HOUR] = {"hour", 3600000},
    [WINDOW_DAY] = {"day", 86400000},
};

const char *cell_name(size_t cell)
{
    return cell_names[cell];
}

bool cell_parse(struct slice name, size_t *ret)
{
    for (size_t i = 0; i < CELL_COUNT; i++) {
        if (slice_is(name, cell_names[i])) {
            *ret = i;
            return true;
        }
    }
    return false;
}

uint64_t cells_total(const struct cells *c)
{
    uint64_t total = 0;
    for (size_t i = 0; i < CELL_COUNT; i++)
        total += c->n[i];
    return total;
}

void cells_add(struct cells *into, const struct cells *more)
{
    for (size_t i = 0; i < CELL_COUNT; i++)
        into->n[i] += more->n[i];
}

const char *window_name(enum window w)
{
    return windows[w].name;
}

int64_t window_length_ms(enum window w)
{
    return windows[w].length_ms;
}

int64_t window_start(enum window w, int64_t ms)
{
    int64_t into = ms % windows[w].length_ms; /* negative before 1970 */
    return ms - (into < 0 ? into + windows[w].length_ms : into);
}
