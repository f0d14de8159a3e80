/* SPDX-License-Identifier: MIT */
/* admin_body.h - the JSON object in the body of an /admin request, strictly read, at most
 * ADMIN_BODY_BYTES, and its members with their faults in the words of schemas/fault.h.
 *
 *     struct admin_body body;
 *     if (!admin_body_read(r, &body))
 *         return;                                        answered: 400, 413 or 415
 *     struct slice name = admin_text(&body, admin_require(&body, body.root, "name", "name"),
 * "name", 1, 100); int64_t days = admin_integer(&body, admin_member(body.root, "days"), "days", 1,
 * 36500, 90); if (!admin_body_settle(r, &body)) return; answered: 400 with all faults …  all of it
 * is good; text is the body's until … admin_body_done(&body);
 *
 * The readers take an absent value (raw.data == NULL) for what is not there and add no fault. */
#pragma once

#include "gateway/body.h"
#include "gateway/http.h"
#include "schemas/json.h"

enum { ADMIN_BODY_BYTES = 64 * 1024, ADMIN_BODY_DEPTH = 16 };

struct admin_body {
    struct json_value root; /* an object */
    struct faults faults;
    struct buf _json, _text;
};

/* False: answered, and nothing to free. */
bool admin_body_read(struct request *r, struct admin_body *ret);
/* The same of bytes. Pure. False: `refusal` says why, or, when its status is 0, ret->faults; then
 * admin_body_done is the caller's. */
bool admin_body_parse(struct slice json, struct admin_body *ret, struct refusal *refusal);
/* True when there are no faults. False: answered with them, and the body is freed. */
bool admin_body_settle(struct request *r, struct admin_body *body);
void admin_body_done(struct admin_body *body);

/* A member of an object; absent: raw.data == NULL. */
struct json_value admin_member(struct json_value object, const char *name);
/* The same, and a fault when it is absent; `path` is how the client is told: "rules[0].days". */
struct json_value admin_require(struct admin_body *body, struct json_value object, const char *name,
                                const char *path);
/* A fault for each member that is none of `names`, which ends with NULL. */
void admin_only(struct admin_body *body, struct json_value object, const char *path,
                const char *const *names);

/* Text of `min` to `max` characters; data == NULL: absent or a fault. */
struct slice admin_text(struct admin_body *body, struct json_value value, const char *path,
                        size_t min, size_t max);
/* One of `choices`, which ends with NULL: its index; -1: absent or a fault. */
int admin_choice(struct admin_body *body, struct json_value value, const char *path,
                 const char *const *choices);
int64_t admin_integer(struct admin_body *body, struct json_value value, const char *path,
                      int64_t min, int64_t max, int64_t fallback);
/* An array of `min` to `max` elements, to be walked with json_iter. False: absent or a fault. */
bool admin_array(struct admin_body *body, struct json_value value, const char *path, size_t min,
                 size_t max);
bool admin_object(struct admin_body *body, struct json_value value, const char *path);
