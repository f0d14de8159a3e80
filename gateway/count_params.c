/* SPDX-License-Identifier: MIT */
#include "gateway/count_params.h"

#include "common/percent.h"

/* Calls `note` with each value of the parameter; true when its name came with brackets. */
static bool each_value(struct slice query, const char *wanted,
                       void (*note)(void *ctx, struct slice value), void *ctx)
{
    struct slice name, value;
    bool bracketed = false;

    while (form_next(&query, &name, &value)) {
        AUTO_BUF plain_name = {0};
        AUTO_BUF plain_value = {0};

        percent_decode(&plain_name, name, true);
        percent_decode(&plain_value, value, true);
        struct slice base = buf_slice(&plain_name);
        const char *bracket = base.len > 0 ? memchr(base.data, '[', base.len) : NULL;
        if (bracket)
            base.len = (size_t)(bracket - base.data);
        if (!slice_is(base, wanted))
            continue;
        bracketed |= bracket != NULL;
        note(ctx, slice_make(plain_value.len ? plain_value.data : "", plain_value.len));
    }
    return bracketed;
}

struct choice {
    const char *const *names;
    size_t count, chosen;
    unsigned times;
    bool unknown;
};

static void choose(void *ctx, struct slice value)
{
    struct choice *c = ctx;

    c->times++;
    c->chosen = 0;
    while (c->chosen < c->count && !slice_is(value, c->names[c->chosen]))
        c->chosen++;
    c->unknown |= c->chosen == c->count;
}

/* The place of the parameter's value among `names`; 0 when it is absent. */
static size_t read_choice(struct slice query, const char *param, const char *const *names,
                          size_t count, struct faults *faults)
{
    struct choice c = {.names = names, .count = count};
    AUTO_BUF list = {0};

    bool bracketed = each_value(query, param, choose, &c);
    if (c.times == 0)
        return 0;
    if (c.times == 1 && !c.unknown && !bracketed)
        return c.chosen;
    for (size_t i = 0; i < count; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
    faults_add(faults, slice_of(param), "\"%s\" must be one of [%s]", param, buf_text(&list));
    return 0;
}

enum result histogram_query_read(struct histogram_query *q, struct slice query,
                                 struct faults *faults)
{
    static const char *const intervals[] = {"auto", "minute", "hour", "day"};
    static const char *const dimensions[] = {"severity", "service", "action", "outcome"};
    static const enum selection_field fields[] = {SELECT_SEVERITY, SELECT_SERVICE, SELECT_ACTION,
                                                  SELECT_OUTCOME};
    size_t before = faults->count;

    selection_read(&q->s, query, faults);
    size_t interval = read_choice(query, "interval", intervals, 4, faults);
    q->is_auto = interval == 0;
    q->interval = q->is_auto ? WINDOW_HOUR : (enum window)(interval - 1);
    q->by = fields[read_choice(query, "by", dimensions, 4, faults)];
    return faults->count == before ? OK : REJECT;
}

struct field_list {
    struct facets_query *q;
    bool unknown, seen;
};

static void add_field(struct field_list *list, struct slice name)
{
    enum selection_field field;

    if (!selection_field_parse(name, &field)) {
        list->unknown = true;
        return;
    }
    for (size_t i = 0; i < list->q->field_count; i++)
        if (list->q->fields[i] == field)
            return;
    list->q->fields[list->q->field_count++] = field;
}

static void add_fields(void *ctx, struct slice names)
{
    struct field_list *list = ctx;

    list->seen = true;
    for (;;) {
        const char *comma = memchr(names.data, ',', names.len);
        size_t len = comma ? (size_t)(comma - names.data) : names.len;

        add_field(list, slice_make(names.data, len));
        if (!comma)
            return;
        names = slice_make(comma + 1, names.len - len - 1);
    }
}

enum result facets_query_read(struct facets_query *q, struct slice query, struct faults *faults)
{
    struct field_list list = {.q = q};
    size_t before = faults->count;
    AUTO_BUF names = {0};

    bool bracketed = each_value(query, "field", add_fields, &list);
    if (!list.seen)
        faults_add(faults, slice_of("field"), "\"field\" is required");
    for (enum selection_field f = 0; f < SELECT_METADATA; f++)
        buf_printf(&names, "%s%s", f ? ", " : "", selection_name(f));
    if (list.unknown || bracketed)
        faults_add(faults, slice_of("field"), "\"field\" must be one of [%s]", buf_text(&names));
    selection_read(&q->s, query, faults);
    return faults->count == before ? OK : REJECT;
}
