/* SPDX-License-Identifier: MIT */
#include "gateway/handlers.h"

#include "common/percent.h"
#include "gateway/flight.h"
#include "gateway/ingest.h"

static void post(struct request *r, bool must_be_array)
{
    const struct batch *batch = ingest_read(r, must_be_array);
    if (!batch)
        return;
    bool queued = slice_is(form_get(r->query, "ack"), "none");
    flight_begin(r, batch, queued ? QUEUED : ACKNOWLEDGED);
}

void post_logs(struct request *r)
{
    post(r, false);
}

void post_batch(struct request *r)
{
    post(r, true);
}
