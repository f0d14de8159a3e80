/* SPDX-License-Identifier: MIT */
/* auto.h - scope-bound ownership. The only macros the project allows itself. */
#pragma once

#include <stddef.h>

/* AUTO(batch) b = batch_new(...); frees b with batch_free() when the scope ends. */
#define AUTO(type) __attribute__((cleanup(type##_auto))) struct type *
#define DEFINE_AUTO(type)                                                                          \
    static inline void type##_auto(struct type **p)                                                \
    {                                                                                              \
        type##_free(*p);                                                                           \
    }

/* Hand ownership on: yields the pointer and leaves NULL behind. */
#define TAKE(p)                                                                                    \
    __extension__({                                                                                \
        __typeof__(p) taken_ = (p);                                                                \
        (p) = NULL;                                                                                \
        taken_;                                                                                    \
    })
