/* SPDX-License-Identifier: MIT */
#include "gateway/key_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CACHE_BYTES_MAX = 16 * 1024 * 1024 };

static enum result failed(const char *what, const char *path, enum result result, struct err *err)
{
    return err_set(err, result, "cannot %s %.300s: %s", what, path, strerror(errno));
}

static enum result check_owner(int fd, const char *path, size_t *ret_size, struct err *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return failed("look at", path, REJECT, err);
    if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077)
        return err_set(err, REJECT, "%.300s is not a file of this user's alone (mode 0600)", path);
    if (st.st_size > CACHE_BYTES_MAX)
        return err_set(err, REJECT, "%.300s is larger than any list of keys", path);
    *ret_size = (size_t)st.st_size;
    return OK;
}

enum result key_cache_read(const char *path, struct buf *ret, struct err *err)
{
    size_t size = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0)
        return failed("read", path, errno == ENOENT ? RETRY : REJECT, err);
    enum result result = check_owner(fd, path, &size, err);
    if (result == OK) {
        buf_clear(ret);
        buf_reserve(ret, size);
        ssize_t len = read(fd, ret->data, size);
        if (len == (ssize_t)size)
            ret->len = size;
        else
            result = err_set(err, REJECT, "%.300s is cut short", path);
    }
    close(fd);
    return result;
}

static bool write_all(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t len = write(fd, bytes.data, bytes.len);
        if (len < 0 && errno == EINTR)
            continue;
        if (len <= 0)
            return false;
        bytes = slice_make(bytes.data + len, bytes.len - (size_t)len);
    }
    return fsync(fd) == 0;
}

enum result key_cache_write(const char *path, struct slice bytes, struct err *err)
{
    AUTO_BUF temporary = {0};

    buf_printf(&temporary, "%s.XXXXXX", path);
    int fd =
        mkostemp(temporary.data, O_CLOEXEC); /* mode 0600; a name of its own, for two gateways */
    if (fd < 0)
        return failed("write beside", path, RETRY, err);
    bool written = write_all(fd, bytes);
    int why = errno;
    close(fd);
    if (written && rename(temporary.data, path) == 0)
        return OK;
    if (written)
        why = errno;
    unlink(temporary.data);
    errno = why;
    return failed("write", path, RETRY, err);
}
