/* SPDX-License-Identifier: MIT */
/* log_csv.h - a log as a line of CSV (RFC 4180). Pure.
 *
 * The columns are always the same. A member that is an object or a list is its JSON in one cell. A
 * cell that a spreadsheet would run as a formula (it begins with = + - @, tab or carriage return)
 * is led by an apostrophe: https://owasp.org/www-community/attacks/CSV_Injection */
#pragma once

#include "common/buf.h"

void log_csv_head(struct buf *out);
/* `json`: as log_json_add writes it. */
void log_csv_add(struct buf *out, struct slice json);
