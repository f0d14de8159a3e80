/* SPDX-License-Identifier: MIT */
/* inflate.h - gzip, zlib and zstd undone, never past a limit, so that a small body cannot become a
 * large one. Pure. */
#pragma once

#include "common/buf.h"
#include "common/slice.h"

enum inflated { INFLATED, INFLATED_BROKEN, INFLATED_TOO_LARGE };

/* Both clear `out` first. Several gzip members or zstd frames in a row are one body. */
enum inflated inflate_zlib(struct slice in, size_t max_bytes, struct buf *out);
enum inflated inflate_zstd(struct slice in, size_t max_bytes, struct buf *out);
