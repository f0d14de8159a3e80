/* SPDX-License-Identifier: MIT */
#include "gateway/inflate.h"

#include <zlib.h>
#include <zstd.h>

enum {
    CHUNK = 64 * 1024,
    ZLIB_OR_GZIP = 15 + 32, /* zlib.h, inflateInit2: the largest window, the header decides */
    ZSTD_WINDOW_LOG = 23,   /* 8 MiB, what every encoder's default level stays under */
};

static enum inflated zlib_members(z_stream *z, size_t max_bytes, struct buf *out)
{
    int ended = Z_OK;
    while (ended != Z_STREAM_END || z->avail_in > 0) {
        if (ended == Z_STREAM_END && inflateReset(z) != Z_OK)
            return INFLATED_BROKEN;
        buf_reserve(out, CHUNK);
        z->next_out = (unsigned char *)out->data + out->len;
        z->avail_out = CHUNK;
        ended = inflate(z, Z_NO_FLUSH);
        out->len += CHUNK - z->avail_out;
        if (out->len > max_bytes)
            return INFLATED_TOO_LARGE;
        bool stuck = z->avail_in == 0 && z->avail_out > 0 && ended != Z_STREAM_END;
        if (stuck || (ended != Z_OK && ended != Z_STREAM_END))
            return INFLATED_BROKEN;
    }
    return INFLATED;
}

enum inflated inflate_zlib(struct slice in, size_t max_bytes, struct buf *out)
{
    buf_clear(out);
    z_stream z = {.next_in = (unsigned char *)in.data, .avail_in = (unsigned)in.len};
    if (in.len == 0 || in.len > UINT32_MAX || inflateInit2(&z, ZLIB_OR_GZIP) != Z_OK)
        return INFLATED_BROKEN;
    enum inflated done = zlib_members(&z, max_bytes, out);
    inflateEnd(&z);
    return done;
}

static enum inflated zstd_frames(ZSTD_DCtx *z, struct slice in, size_t max_bytes, struct buf *out)
{
    ZSTD_inBuffer from = {in.data, in.len, 0};
    size_t wanted = 1; /* 0: a frame has ended and is all flushed */
    while (from.pos < from.size || wanted != 0) {
        buf_reserve(out, CHUNK);
        ZSTD_outBuffer to = {out->data + out->len, CHUNK, 0};
        size_t before = from.pos;
        wanted = ZSTD_decompressStream(z, &to, &from);
        out->len += to.pos;
        if (out->len > max_bytes)
            return INFLATED_TOO_LARGE;
        bool stuck = wanted != 0 && from.pos == before && to.pos == 0;
        if (stuck || ZSTD_isError(wanted))
            return INFLATED_BROKEN;
    }
    return INFLATED;
}

enum inflated inflate_zstd(struct slice in, size_t max_bytes, struct buf *out)
{
    buf_clear(out);
    ZSTD_DCtx *z = ZSTD_createDCtx();
    if (!z || in.len == 0) {
        ZSTD_freeDCtx(z);
        return INFLATED_BROKEN;
    }
    ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
    enum inflated done = zstd_frames(z, in, max_bytes, out);
    ZSTD_freeDCtx(z);
    return done;
}
