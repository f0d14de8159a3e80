/* SPDX-License-Identifier: MIT */
#include "gateway/page_link.h"

#include "common/percent.h"

/* As sent, but for bytes that a URL may not hold and that would end the header's `<…>` early. */
static void add_as_sent(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}", c))
            buf_printf(out, "%%%02X", c);
        else
            buf_add_char(out, (char)c);
    }
}

static bool is_place(struct slice name)
{
    AUTO_BUF plain = {0};
    percent_decode(&plain, name, true);
    return slice_is(buf_slice(&plain), "page") || slice_is(buf_slice(&plain), "cursor");
}

void page_link_write(struct buf *out, struct slice path, struct slice query, struct slice cursor)
{
    struct slice name, value;

    buf_add_char(out, '<');
    add_as_sent(out, path);
    buf_add_char(out, '?');
    while (form_next(&query, &name, &value)) {
        if (is_place(name))
            continue;
        add_as_sent(out, name);
        buf_add_char(out, '=');
        add_as_sent(out, value);
        buf_add_char(out, '&');
    }
    buf_add_text(out, "cursor=");
    buf_add_slice(out, cursor);
    buf_add_text(out, ">; rel=\"next\"");
}

void page_url_keep(struct page_url *u, struct slice path, struct slice query)
{
    buf_add_slice(&u->path, path);
    buf_add_slice(&u->query, query);
}

void page_url_done(struct page_url *u)
{
    buf_done(&u->path);
    buf_done(&u->query);
}

void page_url_add_next(const struct page_url *u, struct slice cursor, struct buf *body,
                       struct buf *link)
{
    buf_add_text(body, ",\"nextCursor\":");
    buf_add_json(body, cursor);
    page_link_write(link, buf_slice(&u->path), buf_slice(&u->query), cursor);
}
