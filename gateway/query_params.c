/* SPDX-License-Identifier: MIT */
#include "gateway/query_params.h"

#include "common/utf8.h"
#include "gateway/param.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 1000, FIELD_PATH_MAX = 200 };

static struct slice read_cursor(const struct param *p, struct faults *faults)
{
    if (p->times > 0 && !param_is_plain(p))
        param_fault(p, "must be a string", faults);
    return p->value;
}

static bool is_inside(struct slice path, struct slice outer)
{
    return path.len > outer.len && path.data[outer.len] == '.' &&
           memcmp(path.data, outer.data, outer.len) == 0;
}

/* The store refuses a path together with what it lies in: the wider one is kept. */
static void add_field(struct log_query *q, struct slice path)
{
    size_t kept = 0;

    for (size_t i = 0; i < q->field_count; i++)
        if (slice_eq(path, q->fields[i]) || is_inside(path, q->fields[i]))
            return;
    for (size_t i = 0; i < q->field_count; i++)
        if (!is_inside(q->fields[i], path))
            q->fields[kept++] = q->fields[i];
    q->fields[kept] = path;
    q->field_count = kept + 1;
}

/* A member's name, or a path to one inside it: letters, digits and `_-.`, which cannot mean more.
 */
static bool is_field(struct slice path)
{
    for (size_t i = 0; i < path.len; i++) {
        char c = path.data[i], lower = (char)(c | 0x20);
        bool is_name = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                       c == '-' || (unsigned char)c >= 0x80;
        bool is_dot = c == '.' && i > 0 && i + 1 < path.len && path.data[i - 1] != '.';

        if (!is_name && !is_dot)
            return false;
    }
    return path.len > 0 && path.len <= FIELD_PATH_MAX && utf8_valid(path);
}

static void read_fields(struct log_query *q, const struct param *p, struct faults *faults)
{
    struct slice rest = p->value;

    if (p->times == 0)
        return;
    if (!param_is_plain(p)) {
        param_fault(p, "must be a string", faults);
        return;
    }
    for (;;) {
        const char *comma = rest.len > 0 ? memchr(rest.data, ',', rest.len) : NULL;
        struct slice path = {rest.data, comma ? (size_t)(comma - rest.data) : rest.len};

        if (!is_field(path)) {
            param_fault(p, "fails to match the required pattern", faults);
            return;
        }
        if (q->field_count == FIELDS_MAX) {
            faults_add(faults, slice_of(p->name),
                       "\"fields\" must contain less than or equal to %d items", FIELDS_MAX);
            return;
        }
        add_field(q, path);
        if (!comma)
            return;
        rest = slice_make(comma + 1, rest.len - path.len - 1);
    }
}

enum result log_query_read(struct log_query *q, struct slice query, struct faults *faults)
{
    enum { PAGE, LIMIT, CURSOR, COUNT, SORT, FIELDS, PARAMS };
    struct param params[PARAMS] = {
        [PAGE] = {.name = "page"},   [LIMIT] = {.name = "limit"}, [CURSOR] = {.name = "cursor"},
        [COUNT] = {.name = "count"}, [SORT] = {.name = "sort"},   [FIELDS] = {.name = "fields"},
    };
    static const char *const counts[] = {[COUNT_EXACT] = "exact", [COUNT_NONE] = "none"};
    static const char *const orders[] = {"timestamp", "-timestamp"};
    size_t before = faults->count;

    selection_read(&q->s, query, faults);
    params_read(params, PARAMS, query, &q->_arena);
    q->page = param_number(&params[PAGE], 1, 0, faults);
    q->limit = param_number(&params[LIMIT], LIMIT_DEFAULT, LIMIT_MAX, faults);
    q->cursor = read_cursor(&params[CURSOR], faults);
    q->count = (enum count_mode)param_choice(&params[COUNT], counts, 2, COUNT_DEFAULT, faults);
    q->oldest_first = param_choice(&params[SORT], orders, 2, 1, faults) == 0;
    read_fields(q, &params[FIELDS], faults);
    return faults->count == before ? OK : REJECT;
}

void log_query_done(struct log_query *q)
{
    selection_done(&q->s);
    buf_done(&q->_arena);
}
