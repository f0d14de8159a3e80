/* SPDX-License-Identifier: MIT */
/* GET /api/v1/admin/limits: what is in force for the caller's tenant on this gateway, from memory.
 */
#include "gateway/access.h"
#include "gateway/audit.h"
#include "gateway/handlers.h"
#include "gateway/limits_json.h"
#include "gateway/loop.h"

void get_limits(struct request *r)
{
    const struct settings *settings = r->loop->gateway->settings;
    const struct limits_view view = {
        .in_force = access_limit(r->loop->access, r->tenant),
        .own = access_own_limit(r->loop->access, r->tenant),
        .most = settings->max_requests_per_minute,
        .per = r->key_id.data ? "key" : "address",
    };
    const struct audit_event event = {
        .action = "limits.read", .resource_type = "limits", .resource_id = r->tenant, .read = true};
    AUTO_BUF body = {0};

    audit_write(r, &event);
    limits_json_add(&body, &view);
    answer_json(r, 200, buf_slice(&body));
}
