/* SPDX-License-Identifier: MIT */
/* DESIGN: libh2o itself answers requests that it cannot read (400, 413, 417), as text/plain. This
 * filter puts our JSON in the place of that text. Our own answers are known by their X-Request-Id.
 * A request line that is no HTTP at all is answered below the filters, by a fixed text. */
#include "gateway/answers.h"
#include "gateway/loop.h"

#include "common/ident.h"

struct replacement {
    h2o_ostream_t super;
    h2o_iovec_t body;
};

static void send_body(h2o_ostream_t *self, h2o_req_t *req, h2o_iovec_t *bufs, size_t count,
                      h2o_send_state_t state)
{
    (void)bufs;
    struct replacement *r = (struct replacement *)self;
    h2o_ostream_send_next(self, req, &r->body, count > 0 ? 1 : 0, state);
}

static const char *code_of(int status)
{
    return status == 413 ? "payload_too_large" : "validation_error";
}

static void on_setup(h2o_filter_t *self, h2o_req_t *req, h2o_ostream_t **slot)
{
    (void)self;
    if (req->res.status >= 400 && !answer_is_ours(req)) {
        struct replacement *r = (struct replacement *)h2o_add_ostream(req, sizeof *r, slot);
        r->super.do_send = send_body;
        r->body = answer_for_library(req, req->res.status, code_of(req->res.status));
        slot = &r->super.next;
        linger_start(connection_of(req->conn));
    }
    h2o_setup_next_ostream(req, slot);
}

void library_errors_register(h2o_pathconf_t *path)
{
    h2o_create_filter(path, sizeof(h2o_filter_t))->on_setup_ostream = on_setup;
}
