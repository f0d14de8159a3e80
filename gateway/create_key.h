/* SPDX-License-Identifier: MIT */
/* create_key.h - `als-gateway --create-key`: the first key of a tenant, made by who may run the
 * program with its settings. Prints the key on standard output, once, and ends. */
#pragma once

#include <stdbool.h>

bool create_key_wanted(int argc, char **argv);
/* The exit code: 64 wrong usage, 69 the store is away, 78 wrong setting. */
int create_key_run(int argc, char **argv);
