/* SPDX-License-Identifier: MIT */
/* err.h - what went wrong, and what the caller should do about it. */
#pragma once

/* A result names the reaction, not the cause; the cause is prose in `struct err`. */
enum result {
    OK = 0,
    RETRY = -1,  /* transient: back off and call again; commit nothing */
    REJECT = -2, /* this input is bad: answer 4xx or dead-letter it, then go on */
    FATAL = -3,  /* misconfiguration or lost invariant: unwind to main and exit */
};

/* Exit codes of the daemons, from sysexits.h: a supervisor should not restart 78. */
enum { EXIT_CONFIG = 78 };

struct err {
    char text[512];
};

/* Fills `err` and returns `result`, so that failing is one line. */
enum result err_set(struct err *err, enum result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
