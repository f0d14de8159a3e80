/* SPDX-License-Identifier: MIT */
/* How a fault names its place: `"[1].tags[0]" …` in the message, `1.tags.0` as the field. */
#include "schemas/record_reading.h"

#include <stdio.h>

enum { LABEL_SIZE = PATH_SIZE + 32, WHAT_SIZE = SHOWN_SIZE + 128 };

static void add_label(const struct reading *rd, const char *path, char label[LABEL_SIZE])
{
    if (rd->rules->index < 0)
        snprintf(label, LABEL_SIZE, "%s", *path ? path : "value");
    else
        snprintf(label, LABEL_SIZE, "[%d]%s%s", rd->rules->index, *path ? "." : "", path);
}

/* `[1].tags[0]` to `1.tags.0` */
static struct slice field_of_label(const char *label, char field[LABEL_SIZE])
{
    size_t len = 0;
    for (const char *p = label; *p; p++) {
        if (*p == '[' && p > label)
            field[len++] = '.';
        else if (*p != '[' && *p != ']')
            field[len++] = *p;
    }
    return slice_make(field, len);
}

void reading_refuse(struct reading *rd, const char *path, const char *format, ...)
{
    char label[LABEL_SIZE], field[LABEL_SIZE], what[WHAT_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);

    add_label(rd, path, label);
    bool is_whole = rd->rules->index < 0 && !*path;
    struct slice where = is_whole ? slice_of("") : field_of_label(label, field);
    faults_add(rd->faults, where, "\"%s\" %s", label, what);
}

const char *reading_shown(struct slice text, char out[SHOWN_SIZE])
{
    size_t len = text.len < SHOWN_SIZE ? text.len : SHOWN_SIZE - 1;
    while (len < text.len && ((unsigned char)text.data[len] & 0xc0) == 0x80)
        len--; /* cut between characters */
    memcpy(out, text.data, len);
    out[len] = '\0';
    for (char *nul = memchr(out, '\0', len); nul;
         nul = memchr(nul, '\0', (size_t)(out + len - nul)))
        *nul = '?';
    return out;
}

void reading_refuse_unknown(struct reading *rd, struct json_value key)
{
    char name[SHOWN_SIZE], label[SHOWN_SIZE + 32], field[SHOWN_SIZE + 32];
    reading_shown(reading_text(rd, key), name);
    if (rd->rules->index < 0) {
        faults_add(rd->faults, slice_of(name), "\"%s\" is not allowed", name);
        return;
    }
    snprintf(label, sizeof label, "[%d].%s", rd->rules->index, name);
    snprintf(field, sizeof field, "%d.%s", rd->rules->index, name);
    faults_add(rd->faults, slice_of(field), "\"%s\" is not allowed", label);
}
