/* SPDX-License-Identifier: MIT */
/* settings_table.h - every setting there is, one row each. Private to settings*.c. */
#pragma once

#include "common/settings.h"

enum setting_type {
    SETTING_INTEGER, /* int64_t, from min to max */
    SETTING_FLAG,    /* bool, 0 or 1 */
    SETTING_TEXT,    /* char *, at most max characters (0: no limit) */
    SETTING_NAME,    /* char *, 1 to max letters, digits and what `allowed` holds */
    SETTING_CHOICE,  /* char *, one of `allowed`, which reads a|b|c */
};

struct setting {
    const char *name;
    enum setting_type type;
    const char *fallback; /* as it would be written; NULL: settings.c finds it out */
    int64_t min, max;
    const char *allowed;
    unsigned programs; /* set of enum program */
    bool is_secret;    /* may come from NAME_FILE; never shown */
    const char *help;
    size_t offset; /* of the field in struct settings */
};

extern const struct setting settings_table[];
extern const size_t settings_table_len;

static inline int64_t *setting_integer(const struct setting *row, struct settings *s)
{
    return (int64_t *)(void *)((char *)s + row->offset);
}

static inline bool *setting_flag(const struct setting *row, struct settings *s)
{
    return (bool *)((char *)s + row->offset);
}

static inline char **setting_text(const struct setting *row, struct settings *s)
{
    return (char **)(void *)((char *)s + row->offset);
}

/* settings_value.c: checks `value` by the row and stores it in `s`. */
enum result setting_set(const struct setting *row, const char *value, struct settings *s,
                        struct err *err);
bool setting_is_name_char(char c, const char *punctuation);
