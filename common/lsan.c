/* SPDX-License-Identifier: MIT */
/* What libh2o 2.2.5 itself leaves behind when a loop ends, for the leak check of sanitized builds:
 * memory kept for reuse by a thread that has ended, and a queue that its own destroy function does
 * not free. Compiled into every sanitized program that runs such a loop. */

const char *__lsan_default_suppressions(void); /* NOLINT(bugprone-reserved-identifier) */

const char *__lsan_default_suppressions(void) /* NOLINT(bugprone-reserved-identifier) */
{
    return "leak:h2o_mem_alloc_recycle\n"
           "leak:h2o_multithread_create_queue\n";
}
