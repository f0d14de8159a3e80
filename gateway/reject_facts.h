/* SPDX-License-Identifier: MIT */
/* reject_facts.h - what a stored reject says to the plan of its replay. Pure. */
#pragma once

#include "gateway/replay_plan.h"

#include <bson/bson.h>

/* Borrows from the document. */
struct reject_facts reject_facts_of(const bson_t *reject);
