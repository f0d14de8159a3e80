/* SPDX-License-Identifier: MIT */
/* audit_reads.h - who looks is logged too, and a dashboard that looks every second does not flood
 * the log: the first read is a record at once; the same by the same within AUDIT_READS_EVERY_MS are
 * one record at the end of that time, in which `metadata.times` says how many they were. Pure; one
 * a loop. */
#pragma once

#include "common/auto.h"
#include "gateway/audit.h"

enum { AUDIT_READS_EVERY_MS = 60000, AUDIT_READS_MAX = 256 };

struct audit_reads;
struct audit_reads *audit_reads_new(void);
void audit_reads_free(struct audit_reads *a);
DEFINE_AUTO(audit_reads)

/* False: to be sent at once. True: `note` is taken, and counted. When there are too many that
 * differ, all are sent at once. */
bool audit_reads_take(struct audit_reads *a, struct audit_note *note, bool failed, int64_t now_ms);
/* The next record that is due, or, with `all`, that there is, to be sent by the caller. False: none
 * is. */
bool audit_reads_due(struct audit_reads *a, int64_t now_ms, bool all, struct audit_note *ret,
                     bool *ret_failed);
