/* SPDX-License-Identifier: MIT */
#include "gateway/sessions.h"

#include "common/iso8601.h"
#include "common/mem.h"
#include "gateway/log_json.h"
#include "schemas/bson_member.h"

#include <stdlib.h>

struct session {
    struct buf id; /* data == NULL: none */
    int64_t start_ms, end_ms;
    size_t count;
    bool continues;
    struct buf logs;
};

struct sessions {
    struct session *list;
    size_t count, bytes;
};

struct sessions *sessions_new(void)
{
    return mem_zalloc(sizeof(struct sessions));
}

void sessions_free(struct sessions *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++) {
        buf_done(&s->list[i].id);
        buf_done(&s->list[i].logs);
    }
    free(s->list);
    free(s);
}

static int64_t time_of(const bson_t *doc)
{
    bson_iter_t at;
    bool found = bson_iter_init_find(&at, doc, "timestamp") && BSON_ITER_HOLDS_DATE_TIME(&at);
    return found ? bson_iter_date_time(&at) : 0;
}

static bool belongs(const struct session *session, struct slice id, int64_t ms)
{
    if (id.data)
        return session->id.data && slice_eq(buf_slice(&session->id), id);
    return !session->id.data && session->start_ms - ms <= SESSION_GAP_MS;
}

/* The latest that was begun is looked at first: it is the one, as a rule. */
static struct session *find(struct sessions *s, const bson_t *doc)
{
    struct slice id = bson_text_of(doc, "sessionId");

    for (size_t i = s->count; i > 0; i--)
        if (belongs(&s->list[i - 1], id, time_of(doc)))
            return &s->list[i - 1];
    return NULL;
}

static struct session *begin(struct sessions *s, const bson_t *doc)
{
    struct slice id = bson_text_of(doc, "sessionId");

    s->list = mem_realloc(s->list, (s->count + 1) * sizeof *s->list);
    s->list[s->count] = (struct session){.end_ms = time_of(doc)};
    if (id.data) {
        buf_reserve(&s->list[s->count].id, id.len + 1);
        buf_add_slice(&s->list[s->count].id, id);
    }
    return &s->list[s->count++];
}

void sessions_add(struct sessions *s, const bson_t *doc)
{
    struct session *session = find(s, doc);

    if (!session)
        session = begin(s, doc);
    if (session->count++ > 0)
        buf_add_char(&session->logs, ',');
    s->bytes -= session->logs.len;
    log_json_add(&session->logs, doc);
    s->bytes += session->logs.len;
    session->start_ms = time_of(doc);
}

void sessions_peek(struct sessions *s, const bson_t *doc)
{
    struct session *session = find(s, doc);

    if (session)
        session->continues = true;
}

size_t sessions_bytes(const struct sessions *s)
{
    return s->bytes;
}

static void add_time(struct buf *out, const char *name, int64_t ms)
{
    char text[ISO8601_LEN];

    iso8601_format(ms, text);
    buf_printf(out, ",\"%s\":\"%.*s\"", name, ISO8601_LEN, text);
}

void sessions_write(const struct sessions *s, struct buf *out)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct session *session = &s->list[i];

        buf_add_text(out, i ? ",{\"sessionId\":" : "{\"sessionId\":");
        if (session->id.data)
            buf_add_json(out, buf_slice(&session->id));
        else
            buf_add_text(out, "null");
        add_time(out, "start", session->start_ms);
        add_time(out, "end", session->end_ms);
        buf_printf(out, ",\"count\":%zu", session->count);
        if (session->continues)
            buf_add_text(out, ",\"continues\":true");
        buf_add_text(out, ",\"logs\":[");
        buf_add_slice(out, buf_slice(&session->logs));
        buf_add_text(out, "]}");
    }
}
