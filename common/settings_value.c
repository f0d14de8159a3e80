/* SPDX-License-Identifier: MIT */
#include "common/mem.h"
#include "common/settings_table.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum result refuse(const struct setting *row, const char *value, const char *allowed,
                          struct err *err)
{
    if (row->is_secret)
        return err_set(err, FATAL, "%s (not shown) must be %s", row->name, allowed);
    return err_set(err, FATAL, "%s is \"%.100s\", but must be %s", row->name, value, allowed);
}

static enum result set_integer(const struct setting *row, const char *value, struct settings *s,
                               struct err *err)
{
    char allowed[100];
    char *end;
    if (strncmp(value, "tcp://", 6) == 0)
        return refuse(row, value,
                      "a number: Kubernetes sets it so for a Service of that name; set "
                      "enableServiceLinks: false on the pod",
                      err);
    errno = 0;
    long long n = strtoll(value, &end, 10);
    if (!isdigit((unsigned char)*value) || *end || errno || n < row->min || n > row->max) {
        snprintf(allowed, sizeof allowed, "a whole number from %ld to %ld", row->min, row->max);
        return refuse(row, value, allowed, err);
    }
    *setting_integer(row, s) = n;
    return OK;
}

static enum result set_flag(const struct setting *row, const char *value, struct settings *s,
                            struct err *err)
{
    if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
        return refuse(row, value, "0 or 1", err);
    *setting_flag(row, s) = *value == '1';
    return OK;
}

static enum result set_text(const struct setting *row, const char *value, struct settings *s,
                            struct err *err)
{
    char allowed[100];
    size_t len = strlen(value);
    if (len > (size_t)row->max) {
        snprintf(allowed, sizeof allowed, "at most %ld bytes long", row->max);
        return refuse(row, value, allowed, err);
    }
    for (const char *p = value; *p; p++) {
        if (iscntrl((unsigned char)*p))
            return refuse(row, "", "without control characters", err);
    }
    *setting_text(row, s) = mem_strdup(value);
    return OK;
}

bool setting_is_name_char(char c, const char *punctuation)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr(punctuation, c);
}

static enum result set_name(const struct setting *row, const char *value, struct settings *s,
                            struct err *err)
{
    char allowed[100];
    size_t len = 0;
    while (value[len] && setting_is_name_char(value[len], row->allowed))
        len++;
    if (value[len] || len > (size_t)row->max) {
        snprintf(allowed, sizeof allowed, "1 to %ld of A-Z a-z 0-9 and %s", row->max, row->allowed);
        return refuse(row, value, allowed, err);
    }
    *setting_text(row, s) = mem_strdup(value);
    return OK;
}

static enum result set_choice(const struct setting *row, const char *value, struct settings *s,
                              struct err *err)
{
    char allowed[100];
    size_t len = strlen(value);
    for (const char *choice = row->allowed; choice; choice = strchr(choice, '|')) {
        choice += *choice == '|';
        if (strcspn(choice, "|") == len && memcmp(choice, value, len) == 0) {
            *setting_text(row, s) = mem_strdup(value);
            return OK;
        }
    }
    snprintf(allowed, sizeof allowed, "one of %s", row->allowed);
    return refuse(row, value, allowed, err);
}

enum result setting_set(const struct setting *row, const char *value, struct settings *s,
                        struct err *err)
{
    static enum result (*const set[])(const struct setting *, const char *, struct settings *,
                                      struct err *) = {
        [SETTING_INTEGER] = set_integer, [SETTING_FLAG] = set_flag,     [SETTING_TEXT] = set_text,
        [SETTING_NAME] = set_name,       [SETTING_CHOICE] = set_choice,
    };
    return set[row->type](row, value, s, err);
}
