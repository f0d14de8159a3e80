/* SPDX-License-Identifier: MIT */
/* The words and the alphabets of a record. */
#include "schemas/record.h"

enum { TRACEPARENT_LEN = 55 };

static const char *const severities[SEVERITY_COUNT] = {"info", "warn", "error", "critical"};
static const char *const outcomes[OUTCOME_COUNT] = {"success", "failure", "none"};

const char *severity_name(enum severity s)
{
    return severities[s];
}

const char *outcome_name(enum outcome o)
{
    return outcomes[o];
}

bool severity_parse(struct slice text, enum severity *ret)
{
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        if (slice_is(text, severities[i])) {
            *ret = (enum severity)i;
            return true;
        }
    }
    return false;
}

bool outcome_parse(struct slice text, enum outcome *ret)
{
    for (int i = 0; i < OUTCOME_NONE; i++) {
        if (slice_is(text, outcomes[i])) {
            *ret = (enum outcome)i;
            return true;
        }
    }
    return false;
}

/* [A-Za-z0-9._-] */
static bool is_name_byte(char c)
{
    char lower = (char)(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

bool tenant_valid(struct slice tenant)
{
    for (size_t i = 0; i < tenant.len; i++) {
        if (!is_name_byte(tenant.data[i]))
            return false;
    }
    return tenant.len > 0 && tenant.len <= RECORD_TENANT_MAX;
}

bool id_valid(struct slice id)
{
    for (size_t i = 0; i < id.len; i++) {
        if (!is_name_byte(id.data[i]) && id.data[i] != ':')
            return false;
    }
    return id.len > 0 && id.len <= RECORD_ID_MAX;
}

static bool is_lower_hex(struct slice s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (!(s.data[i] >= '0' && s.data[i] <= '9') && !(s.data[i] >= 'a' && s.data[i] <= 'f'))
            return false;
    return true;
}

bool traceparent_valid(struct slice s)
{
    return s.len == TRACEPARENT_LEN && s.data[2] == '-' && s.data[35] == '-' && s.data[52] == '-' &&
           is_lower_hex(s, 0, 2) && is_lower_hex(s, 3, 35) && is_lower_hex(s, 36, 52) &&
           is_lower_hex(s, 53, 55);
}
