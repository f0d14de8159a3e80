/* SPDX-License-Identifier: MIT */
/* als-validate [--kafka] [--strict] | --json
 *
 * Reads records from standard input, one a line, and prints a verdict for each: `ok`, the faults
 * as JSON, or, when it never came to that, the reason as a JSON string. With --json the lines are
 * any bytes in hexadecimal, and the verdict is json_check's alone. */
#include "schemas/record.h"

#include <stdio.h>
#include <stdlib.h>

static void print(struct buf *line)
{
    buf_add_char(line, '\n');
    fwrite(line->data, 1, line->len, stdout);
    buf_clear(line);
}

static void print_reason(const char *reason)
{
    AUTO_BUF line = {0};
    buf_add_json(&line, slice_of(reason));
    print(&line);
}

static void judge_record(struct slice line, const struct record_rules *rules)
{
    struct record r = {0};
    struct faults faults = {0};
    struct err err;
    AUTO_BUF out = {0};
    if (record_parse(&r, line, rules, &faults, &err) == OK) {
        buf_add_text(&out, "ok");
        print(&out);
    } else if (faults.count > 0) {
        faults_render(&faults, 0, &out);
        print(&out);
    } else {
        print_reason(err.text);
    }
    faults_done(&faults);
    record_done(&r);
}

static void judge_json(struct slice hex)
{
    AUTO_BUF bytes = {0};
    struct err err;
    for (size_t i = 0; i + 1 < hex.len; i += 2) {
        char digits[] = {hex.data[i], hex.data[i + 1], '\0'};
        buf_add_char(&bytes, (char)strtoul(digits, NULL, 16));
    }
    if (json_check(buf_slice(&bytes), JSON_DEPTH_LIMIT, &err) == OK)
        puts("ok");
    else
        print_reason(err.text);
}

int main(int argc, char **argv)
{
    struct record_rules rules = {RECORD_HTTP, false, -1};
    bool any_json = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--kafka") == 0)
            rules.origin = RECORD_KAFKA;
        else if (strcmp(argv[i], "--strict") == 0)
            rules.strict = true;
        else if (strcmp(argv[i], "--json") == 0)
            any_json = true;
        else
            return EXIT_FAILURE;
    }

    char *line = NULL;
    size_t cap = 0;
    for (ssize_t len; (len = getline(&line, &cap, stdin)) >= 0;) {
        struct slice text = {line, (size_t)len - (line[len - 1] == '\n')};
        if (any_json)
            judge_json(text);
        else
            judge_record(text, &rules);
    }
    free(line);
    return EXIT_SUCCESS;
}
