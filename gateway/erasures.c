/* SPDX-License-Identifier: MIT */
/* /api/v1/admin/erasures: a user's logs are deleted or anonymised (rules/mask.h says what of them),
 * those that arrive later with an earlier timestamp too. */
#include "gateway/admin_body.h"
#include "gateway/audit.h"
#include "gateway/handlers.h"
#include "gateway/rule_request.h"

#include <stdlib.h>
#include <sys/random.h>

static const char KIND[] = "erasure";

enum { USER_ID_MAX = 100, SALT_BYTES = 16 };

static void make(struct query_job *job)
{
    struct rule_request *q = (struct rule_request *)job;
    struct err err;
    enum result result = rule_request_insert(q, &err);

    if (result != OK) {
        query_job_fail(job, result, &err);
        return;
    }
    job->answer.status = 202;
    buf_printf(&job->answer.body,
               "{\"success\":true,\"id\":\"%s\",\"state\":\"accepted\","
               "\"message\":\"Erasure accepted\"}",
               q->id);
}

/* From the kernel, and nowhere but in the rule: without it no pseudonym can be made again. */
static void append_salt(bson_t *doc)
{
    unsigned char bytes[SALT_BYTES];
    char text[2 * SALT_BYTES + 1];

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        abort(); /* cannot be, for so few bytes */
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    BSON_APPEND_UTF8(doc, "salt", text);
}

/* The activity log does not say whose logs were erased: it would be one that is not. */
static void audit(struct rule_request *q, struct request *r, const char *mode)
{
    AUTO_BUF metadata = {0};

    buf_printf(&metadata, "{\"mode\":\"%s\"}", mode);
    const struct audit_event event = {.action = "erasure.create",
                                      .resource_type = KIND,
                                      .resource_id = slice_of(q->id),
                                      .metadata = buf_slice(&metadata)};
    query_job_audit(&q->super, r, &event);
}

void post_erasure(struct request *r)
{
    static const char *const names[] = {"userId", "mode", NULL};
    static const char *const modes[] = {"delete", "anonymize", NULL};
    struct admin_body body;
    struct rule_request *q;
    struct slice user_id;
    int mode;

    if (!admin_body_read(r, &body))
        return;
    user_id = admin_text(&body, admin_require(&body, body.root, "userId", "userId"), "userId", 1,
                         USER_ID_MAX);
    mode = admin_choice(&body, admin_member(body.root, "mode"), "mode", modes);
    admin_only(&body, body.root, "", names);
    if (!admin_body_settle(r, &body))
        return;
    if (mode < 0)
        mode = 0;
    q = rule_request_new(KIND, make);
    rule_request_begin(q, r);
    bson_append_utf8(q->doc, "userId", -1, user_id.data, (int)user_id.len);
    BSON_APPEND_UTF8(q->doc, "mode", modes[mode]);
    append_salt(q->doc);
    audit(q, r, modes[mode]);
    query_job_start(&q->super, r);
    admin_body_done(&body);
}

void get_erasures(struct request *r)
{
    rule_request_look(rule_request_new(KIND, rule_request_list), r, "erasure.list");
}

void get_erasure(struct request *r)
{
    struct rule_request *q = rule_request_new(KIND, rule_request_show);

    if (rule_request_takes_id(q, r))
        rule_request_look(q, r, "erasure.read");
}
