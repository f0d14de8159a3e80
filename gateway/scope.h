/* SPDX-License-Identifier: MIT */
/* scope.h - what a caller must be allowed to do; nothing where there is no key to ask for. */
#pragma once

enum scope { SCOPE_NONE, SCOPE_INGEST, SCOPE_READ, SCOPE_ADMIN };
