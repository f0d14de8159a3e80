/* SPDX-License-Identifier: MIT */
#include "common/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_abort(void *p, size_t size)
{
    if (!p && size > 0) {
        fprintf(stderr, "out of memory, aborting: %zu bytes wanted\n", size);
        abort();
    }
    return p;
}

void *mem_alloc(size_t size)
{
    return or_abort(malloc(size), size);
}

void *mem_zalloc(size_t size)
{
    return or_abort(calloc(1, size), size);
}

void *mem_realloc(void *p, size_t size)
{
    return or_abort(realloc(p, size), size);
}

char *mem_strdup(const char *s)
{
    return mem_dup(s, strlen(s) + 1);
}

char *mem_strndup(const char *s, size_t len)
{
    char *copy = mem_alloc(len + 1);
    if (len > 0)
        memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}

void *mem_dup(const void *p, size_t size)
{
    void *copy = mem_alloc(size);
    if (size > 0)
        memcpy(copy, p, size);
    return copy;
}
