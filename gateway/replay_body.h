/* SPDX-License-Identifier: MIT */
/* replay_body.h - the body of a replay's request: nothing, or {"record":{…}}, the mended record. */
#pragma once

#include "gateway/body.h"
#include "gateway/http.h"

/* Appends the record's bytes, as sent, to `out`. False: `faults` or `refusal` says why. */
bool replay_body_read(const struct request *r, struct buf *out, struct faults *faults,
                      struct refusal *refusal);
