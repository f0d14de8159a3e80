/* SPDX-License-Identifier: MIT */
/* als-validate [--kafka | --strict | --enriched | --stats | --json]
 *
 * Reads records from standard input, one a line, and prints a verdict for each: `ok`, the faults
 * as JSON, or, when it never came to that, the reason as a JSON string. --enriched prints what
 * the processor would make of a good record instead of `ok`; --stats reads stats records and
 * prints them written anew; with --json the lines are any bytes in hexadecimal, and the verdict
 * is json_check's alone. */
#include "schemas/enriched.h"
#include "schemas/stats.h"

#include <stdio.h>
#include <stdlib.h>

enum mode { MODE_HTTP, MODE_KAFKA, MODE_STRICT, MODE_ENRICHED, MODE_STATS, MODE_JSON, MODE_COUNT };

static const char *const modes[MODE_COUNT] = {"",           "--kafka", "--strict",
                                              "--enriched", "--stats", "--json"};

static const char ok[] = "ok";

static void add_enriched(struct buf *out, const struct record *r)
{
    struct envelope envelope = {
        .id = r->id.data ? r->id : slice_of("made-up"),
        .tenant = r->tenant.data ? r->tenant : slice_of("default"),
        .source = "http",
        .append_ms = 1763805600000,
        .timestamp_ms = r->has_timestamp ? r->timestamp_ms : 1763805600000,
    };
    struct enrichment enrichment = {.verb = slice_of("made"), .flags = {"future"}, .flag_count = 1};
    enriched_write(out, r, &envelope, &enrichment, record_content_hash(r));
}

static void judge_record(struct slice line, enum mode mode, struct buf *out)
{
    struct record_rules rules = {mode == MODE_KAFKA ? RECORD_KAFKA : RECORD_HTTP,
                                 mode == MODE_STRICT, -1};
    struct record r = {0};
    struct faults faults = {0};
    struct err err;
    enum result result = record_parse(&r, line, &rules, &faults, &err);
    if (result == OK && mode == MODE_ENRICHED)
        add_enriched(out, &r);
    else if (result == OK)
        buf_add_text(out, ok);
    else if (faults.count > 0)
        faults_render(&faults, 0, out);
    else
        buf_add_json(out, slice_of(err.text));
    faults_done(&faults);
    record_done(&r);
}

static void judge_stats(struct slice line, struct buf *out)
{
    AUTO(stats_record) r = stats_record_new();
    enum stats_kind kind;
    struct err err;
    if (stats_record_read(r, line, &kind, &err) != OK)
        buf_add_json(out, slice_of(err.text));
    else if (kind == STATS_BUCKET)
        stats_bucket_write(out, stats_record_bucket(r));
    else
        stats_meta_write(out, stats_record_meta(r));
}

static void judge_json(struct slice hex, struct buf *out)
{
    AUTO_BUF bytes = {0};
    struct err err;
    for (size_t i = 0; i + 1 < hex.len; i += 2) {
        char digits[] = {hex.data[i], hex.data[i + 1], '\0'};
        buf_add_char(&bytes, (char)strtoul(digits, NULL, 16));
    }
    if (json_check(buf_slice(&bytes), JSON_DEPTH_LIMIT, &err) == OK)
        buf_add_text(out, ok);
    else
        buf_add_json(out, slice_of(err.text));
}

static void judge(struct slice line, enum mode mode, struct buf *out)
{
    if (mode == MODE_JSON)
        judge_json(line, out);
    else if (mode == MODE_STATS)
        judge_stats(line, out);
    else
        judge_record(line, mode, out);
    buf_add_char(out, '\n');
}

int main(int argc, char **argv)
{
    int mode = MODE_HTTP;
    while (argc > 1 && mode < MODE_COUNT && strcmp(argv[1], modes[mode]) != 0)
        mode++;
    if (mode == MODE_COUNT) {
        fprintf(stderr, "als-validate: unknown argument %s\n", argv[1]);
        return EXIT_FAILURE;
    }

    AUTO_BUF out = {0};
    char *line = NULL;
    size_t cap = 0;
    for (ssize_t len; (len = getline(&line, &cap, stdin)) >= 0;) {
        judge(slice_make(line, (size_t)len - (line[len - 1] == '\n')), (enum mode)mode, &out);
        fwrite(out.data, 1, out.len, stdout);
        buf_clear(&out);
    }
    free(line);
    return EXIT_SUCCESS;
}
