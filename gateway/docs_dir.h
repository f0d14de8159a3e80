/* SPDX-License-Identifier: MIT */
/* docs_dir.h - Swagger UI, from its npm package. Its files are read once, at start, and nothing
 * else of the folder can be asked for. */
#pragma once

#include "common/auto.h"
#include "common/buf.h"

struct docs_file {
    const char *name, *content_type;
    struct slice bytes;
};

struct docs_dir;

/* `path` is that of swagger-ui-dist. A folder that lacks a file is logged, and counts as none. */
struct docs_dir *docs_dir_new(const char *path);
void docs_dir_free(struct docs_dir *d);
DEFINE_AUTO(docs_dir)

bool docs_dir_is_whole(const struct docs_dir *d);
/* NULL: there is none of this name. */
const struct docs_file *docs_dir_find(const struct docs_dir *d, struct slice name);
