/* SPDX-License-Identifier: MIT */
#include "common/buf.h"
#include "common/zone.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MAX_LEN = 64, FILE_MAX = 256 * 1024 };

static const char DIRECTORY[] = "/usr/share/zoneinfo/";

/* Parts of letters, digits, '_', '+' and '-', each beginning with a letter: so no "..", nothing
 * hidden, no absolute path. */
bool zone_name_valid(struct slice name)
{
    bool begins = true;

    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        bool other = (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';

        if (begins ? !letter : !letter && !other && c != '/')
            return false;
        begins = c == '/';
    }
    return name.len > 0 && name.len <= NAME_MAX_LEN && !begins;
}

static bool read_whole(const char *path, struct buf *out)
{
    struct stat info;
    ssize_t n = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return false;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= FILE_MAX) {
        buf_reserve(out, (size_t)info.st_size + 1);
        n = read(fd, out->data, (size_t)info.st_size);
    }
    close(fd);
    if (n < 0)
        return false;
    out->len = (size_t)n;
    return true;
}

enum result zone_load(struct slice name, struct zone **ret, struct err *err)
{
    AUTO_BUF path = {0};
    AUTO_BUF file = {0};

    if (!zone_name_valid(name))
        return err_set(err, REJECT, "not the name of a time zone");
    buf_printf(&path, "%s%.*s", DIRECTORY, SLICE_ARG(name));
    if (!read_whole(buf_text(&path), &file))
        return err_set(err, REJECT, "no time zone %.*s", SLICE_ARG(name));
    return zone_parse(buf_slice(&file), ret, err);
}
