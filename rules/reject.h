/* SPDX-License-Identifier: MIT */
/* reject.h - is a document of the collection `rejects` about somebody who is erased? Pure.
 *
 * Looked at are the record that was refused and the one that is to be replayed in its place; when
 * it was is what each says itself, else when the service received it. */
#pragma once

#include "rules/erasures.h"

#include <bson/bson.h>

bool reject_is_erased(const bson_t *reject, const struct erasures *erasures);
