/* SPDX-License-Identifier: MIT */
/* test.h - cmocka, and one name for a test: a sentence. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define TEST(name) static void name(__attribute__((unused)) void **state)
