/* SPDX-License-Identifier: MIT */
#include "gateway/framing.h"

static struct slice next_line(struct slice *rest)
{
    const char *end = memchr(rest->data, '\n', rest->len);
    size_t len = end ? (size_t)(end - rest->data) : rest->len;
    struct slice line = slice_make(rest->data, len);

    *rest = slice_make(rest->data + len, rest->len - len);
    if (rest->len > 0)
        *rest = slice_make(rest->data + 1, rest->len - 1);
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    return line;
}

static bool is_called(struct slice line, struct slice name)
{
    return line.len > name.len && line.data[name.len] == ':' &&
           memcmp(line.data, name.data, name.len) == 0;
}

/* Clients may send an empty line before a request. */
static struct slice request_line(struct slice *rest)
{
    struct slice line = next_line(rest);

    return line.len > 0 ? line : next_line(rest);
}

static bool is_http_1_0(struct slice line)
{
    return line.len > 0 && line.data[line.len - 1] == '0';
}

bool framing_is_clear(struct slice head)
{
    const struct slice length = slice_of("content-length"), coding = slice_of("transfer-encoding");
    bool old = is_http_1_0(request_line(&head));
    size_t said = 0;

    for (struct slice line = next_line(&head); line.len > 0; line = next_line(&head)) {
        bool coded = is_called(line, coding);

        said += coded || is_called(line, length);
        if (said > 1 || (coded && old) || line.data[0] == ' ' || line.data[0] == '\t')
            return false;
    }
    return true;
}
