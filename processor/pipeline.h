/* SPDX-License-Identifier: MIT */
/* pipeline.h - runs sessions, one after the other, until a stop is requested. */
#pragma once

#include "common/err.h"
#include "common/health.h"
#include "common/metrics.h"
#include "common/settings.h"
#include "processor/task.h"

/* Returns OK after a stop, with everything committed or given up; FATAL when no new session would
 * do better. The pointers are borrowed; `tools` is used by this thread alone meanwhile. */
enum result pipeline_run(const struct settings *settings, struct metrics *metrics,
                         struct health *health, struct toolbox *tools, struct err *err);
