/* SPDX-License-Identifier: MIT */
#include "schemas/fault.h"
#include "common/mem.h"

#include <stdlib.h>

enum { FIRST_CAP = 8 };

void faults_done(struct faults *f)
{
    free(f->items);
    buf_done(&f->text);
    *f = (struct faults){0};
}

void faults_clear(struct faults *f)
{
    f->count = f->dropped = 0;
    buf_clear(&f->text);
}

static struct fault *add_item(struct faults *f)
{
    if (f->count == f->cap) {
        f->cap = f->cap ? f->cap * 2 : FIRST_CAP;
        f->items = mem_realloc(f->items, f->cap * sizeof *f->items);
    }
    return &f->items[f->count++];
}

void faults_add(struct faults *f, struct slice field, const char *format, ...)
{
    if (f->count == FAULTS_MAX) {
        f->dropped++;
        return;
    }
    struct fault *fault = add_item(f);
    fault->field_at = f->text.len;
    fault->field_len = field.len;
    buf_add_slice(&f->text, field);

    fault->message_at = f->text.len;
    va_list args;
    va_start(args, format);
    buf_vprintf(&f->text, format, args);
    va_end(args);
    fault->message_len = f->text.len - fault->message_at;
}

struct slice fault_field(const struct faults *f, size_t i)
{
    return slice_make(f->text.data + f->items[i].field_at, f->items[i].field_len);
}

struct slice fault_message(const struct faults *f, size_t i)
{
    return slice_make(f->text.data + f->items[i].message_at, f->items[i].message_len);
}

void faults_render(const struct faults *f, size_t first, struct buf *out)
{
    buf_add_char(out, '[');
    for (size_t i = first; i < f->count; i++) {
        buf_add_text(out, i > first ? ",{\"field\":" : "{\"field\":");
        buf_add_json(out, fault_field(f, i));
        buf_add_text(out, ",\"message\":");
        buf_add_json(out, fault_message(f, i));
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}
