/* SPDX-License-Identifier: MIT */
#include "gateway/audit_reads.h"

#include "common/ident.h"
#include "common/mem.h"

#include <stdlib.h>

struct read {
    struct hash128 what; /* by whom, of what, with which outcome */
    int64_t until_ms;
    int64_t times; /* not written yet */
    bool failed;
    struct audit_note last;
};

struct audit_reads {
    size_t count;
    struct read reads[AUDIT_READS_MAX];
};

struct audit_reads *audit_reads_new(void)
{
    return mem_zalloc(sizeof(struct audit_reads));
}

static void forget(struct audit_reads *a, struct read *read)
{
    audit_note_done(&read->last);
    *read = a->reads[--a->count];
}

void audit_reads_free(struct audit_reads *a)
{
    while (a && a->count > 0)
        forget(a, a->reads);
    free(a);
}

static struct hash128 identify(const struct audit_note *note, bool failed)
{
    struct slice what = slice_make(note->json.data, note->what_len);
    AUTO_BUF who = {0};

    buf_printf(&who, "%d ", failed);
    buf_add_slice(&who, buf_slice(&note->tenant));
    return hash128_pair(buf_slice(&who), what);
}

static struct read *find(struct audit_reads *a, struct hash128 what)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->reads[i].what.high == what.high && a->reads[i].what.low == what.low)
            return &a->reads[i];
    return NULL;
}

bool audit_reads_take(struct audit_reads *a, struct audit_note *note, bool failed, int64_t now_ms)
{
    struct hash128 what = identify(note, failed);
    struct read *known = find(a, what);

    if (known) {
        audit_note_done(&known->last);
        known->last = *note;
        *note = (struct audit_note){.action = NULL};
        known->times++;
    } else if (a->count < AUDIT_READS_MAX) {
        a->reads[a->count++] = (struct read){
            .what = what, .until_ms = now_ms + AUDIT_READS_EVERY_MS, .failed = failed};
    }
    return known != NULL;
}

static void take_out(struct read *read, int64_t now_ms, struct audit_note *ret, bool *ret_failed)
{
    buf_printf(&read->last.json, ",\"metadata\":{\"times\":%lld}", (long long)read->times);
    *ret = read->last;
    *ret_failed = read->failed;
    read->last = (struct audit_note){.action = NULL};
    read->times = 0;
    read->until_ms = now_ms + AUDIT_READS_EVERY_MS;
}

bool audit_reads_due(struct audit_reads *a, int64_t now_ms, bool all, struct audit_note *ret,
                     bool *ret_failed)
{
    for (size_t i = 0; i < a->count;) {
        struct read *read = &a->reads[i];

        if (!all && now_ms < read->until_ms) {
            i++;
        } else if (read->times == 0) {
            forget(a, read);
        } else {
            take_out(read, now_ms, ret, ret_failed);
            return true;
        }
    }
    return false;
}
