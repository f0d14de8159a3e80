/* SPDX-License-Identifier: MIT */
#include "gateway/docs_dir.h"

#include "common/log.h"
#include "common/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILES = 2, FILE_BYTES_MAX = 16 * 1024 * 1024, CHUNK = 64 * 1024 };

static const struct docs_file names[FILES] = {
    {.name = "swagger-ui.css", .content_type = "text/css; charset=utf-8"},
    {.name = "swagger-ui-bundle.js", .content_type = "text/javascript; charset=utf-8"},
};

struct docs_dir {
    bool whole;
    struct docs_file files[FILES];
    struct buf bytes[FILES];
};

static bool read_file(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "re");
    size_t got = 1;

    if (!file)
        return false;
    while (got > 0 && out->len <= FILE_BYTES_MAX) {
        buf_reserve(out, CHUNK);
        got = fread(out->data + out->len, 1, CHUNK, file);
        out->len += got;
    }
    bool good = !ferror(file) && out->len > 0 && out->len <= FILE_BYTES_MAX;
    fclose(file);
    return good;
}

static bool load(struct docs_dir *d, size_t nth, const char *folder)
{
    AUTO_BUF path = {0};

    d->files[nth] = names[nth];
    buf_printf(&path, "%s/%s", folder, names[nth].name);
    errno = 0;
    if (!read_file(buf_text(&path), &d->bytes[nth])) {
        log_warn("/docs is not served: DOCS_DIR lacks %s (%s)", names[nth].name, strerror(errno));
        return false;
    }
    d->files[nth].bytes = buf_slice(&d->bytes[nth]);
    return true;
}

struct docs_dir *docs_dir_new(const char *path)
{
    struct docs_dir *d = mem_zalloc(sizeof *d);

    d->whole = *path != '\0';
    for (size_t i = 0; i < FILES && d->whole; i++)
        d->whole = load(d, i, path);
    return d;
}

void docs_dir_free(struct docs_dir *d)
{
    for (size_t i = 0; d && i < FILES; i++)
        buf_done(&d->bytes[i]);
    free(d);
}

bool docs_dir_is_whole(const struct docs_dir *d)
{
    return d->whole;
}

const struct docs_file *docs_dir_find(const struct docs_dir *d, struct slice name)
{
    for (size_t i = 0; i < FILES && d->whole; i++)
        if (slice_is(name, d->files[i].name))
            return &d->files[i];
    return NULL;
}
