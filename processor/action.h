/* SPDX-License-Identifier: MIT */
/* action.h - takes an action's name apart: "user.login" is the verb "login" done to "user".
 * Pure. */
#pragma once

#include "common/slice.h"

/* Both are views of `action`; `object` is absent (data == NULL) when there is one word only. A
 * known verb at either end is the verb; else it is the last word where `.`, `:` or `/` divide, and
 * the first where `_`, `-` or a space do. */
void action_split(struct slice action, struct slice *ret_verb, struct slice *ret_object);
