/* SPDX-License-Identifier: MIT */
/* rule_jobs.h - the thread that carries out what /admin was asked to take away.
 *
 * DESIGN. A rule and its job are one document. First the rule is made known, so that from then on
 * nobody stores what it covers; then it is applied to what is stored already; then the job waits
 * until every indexer is past what the topic held when the rule was made known, since one may still
 * be writing under older rules; and then it is applied once more. A retention loses nothing by
 * being late, and waits first.
 *
 *     accepted ─► running ─► waiting ─► confirming ─► done        cancelled: at any time before
 *     accepted ─────────────► waiting ─► confirming ─► done        (a retention)
 *
 * Any gateway may go on where another was killed: steps are small, their progress is written down
 * behind each, and doing one twice changes nothing. */
#pragma once

#include "common/auto.h"
#include "gateway/http.h"

struct rule_jobs;

struct rule_jobs *rule_jobs_new(struct gateway *gateway);
void rule_jobs_free(struct rule_jobs *j); /* after a stop was requested; joins */
DEFINE_AUTO(rule_jobs)
