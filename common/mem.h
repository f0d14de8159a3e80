/* SPDX-License-Identifier: MIT */
/* mem.h - allocation that never fails: out of memory aborts, and the supervisor starts us again.
 * Everything returned here is released with free(). */
#pragma once

#include <stddef.h>

void *mem_alloc(size_t size); /* not cleared */
void *mem_zalloc(size_t size);
void *mem_realloc(void *p, size_t size);
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t len); /* NUL-terminated copy of `len` bytes */
void *mem_dup(const void *p, size_t size);
