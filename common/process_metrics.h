/* SPDX-License-Identifier: MIT */
/* process_metrics.h - what the kernel knows of this process, by the names that every Prometheus
 * client gives it: memory, CPU seconds, open descriptors, start time. Thread-safe. */
#pragma once

#include "common/buf.h"

uint64_t process_resident_bytes(void);
void process_metrics_render(struct buf *out);
