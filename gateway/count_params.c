/* SPDX-License-Identifier: MIT */
#include "gateway/count_params.h"

#include "gateway/param.h"

enum result histogram_query_read(struct histogram_query *q, struct slice query,
                                 struct faults *faults)
{
    static const char *const intervals[] = {"auto", "minute", "hour", "day"};
    static const char *const dimensions[] = {"severity", "service", "action", "outcome"};
    static const enum selection_field fields[] = {SELECT_SEVERITY, SELECT_SERVICE, SELECT_ACTION,
                                                  SELECT_OUTCOME};
    enum { INTERVAL, BY, PARAMS };
    struct param params[PARAMS] = {[INTERVAL] = {.name = "interval"}, [BY] = {.name = "by"}};
    size_t before = faults->count;
    AUTO_BUF arena = {0};

    selection_read(&q->s, query, faults);
    params_read(params, PARAMS, query, &arena);
    size_t interval = param_choice(&params[INTERVAL], intervals, 4, 0, faults);
    q->is_auto = interval == 0;
    q->interval = q->is_auto ? WINDOW_HOUR : (enum window)(interval - 1);
    q->by = fields[param_choice(&params[BY], dimensions, 4, 0, faults)];
    return faults->count == before ? OK : REJECT;
}

/* False when there is no such field. */
static bool add_field(struct facets_query *q, struct slice name)
{
    enum selection_field field;

    if (!selection_field_parse(name, &field))
        return false;
    for (size_t i = 0; i < q->field_count; i++)
        if (q->fields[i] == field)
            return true;
    q->fields[q->field_count++] = field;
    return true;
}

static bool add_fields(struct facets_query *q, struct slice names)
{
    bool known = true;

    for (;;) {
        const char *comma = names.len > 0 ? memchr(names.data, ',', names.len) : NULL;
        size_t len = comma ? (size_t)(comma - names.data) : names.len;

        known &= add_field(q, slice_make(names.data, len));
        if (!comma)
            return known;
        names = slice_make(comma + 1, names.len - len - 1);
    }
}

static void refuse_fields(const struct param *field, struct faults *faults)
{
    AUTO_BUF must = {0};

    buf_add_text(&must, "must be one of [");
    for (enum selection_field f = 0; f < SELECT_METADATA; f++)
        buf_printf(&must, "%s%s", f ? ", " : "", selection_name(f));
    buf_add_char(&must, ']');
    param_fault(field, buf_text(&must), faults);
}

enum result facets_query_read(struct facets_query *q, struct slice query, struct faults *faults)
{
    struct param field = {.name = "field"};
    size_t before = faults->count;
    AUTO_BUF arena = {0};

    params_read(&field, 1, query, &arena);
    if (field.times == 0)
        param_fault(&field, "is required", faults);
    else if (!param_is_plain(&field) || !add_fields(q, field.value))
        refuse_fields(&field, faults);
    selection_read(&q->s, query, faults);
    return faults->count == before ? OK : REJECT;
}
