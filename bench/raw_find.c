/* SPDX-License-Identifier: MIT */
/* raw_find - what the driver alone needs for a page: the newest 51 logs of a tenant up to a time,
 * by the index that GET /logs takes, again and again.
 *
 *     raw_find URI DATABASE TENANT UNTIL_MS TIMES   prints {"p50_ms":…,"p99_ms":…,"documents":…}
 *
 * Percentiles are those of wrk, so that they can be compared with its: to a find that held up
 * others, which were due meanwhile, it adds what these would have waited for (the correction for
 * "coordinated omission" of Gil Tene's HdrHistogram). */
#include <mongoc/mongoc.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TIMES_MAX = 100000, PAGE = 51 };

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void order(bson_t *parent, const char *name, int with_tenant)
{
    bson_t keys;

    bson_append_document_begin(parent, name, -1, &keys);
    if (with_tenant)
        BSON_APPEND_INT32(&keys, "tenant", 1);
    BSON_APPEND_INT32(&keys, "timestamp", -1);
    BSON_APPEND_INT32(&keys, "_id", -1);
    bson_append_document_end(parent, &keys);
}

static long find(mongoc_collection_t *logs, const char *tenant, int64_t until_ms)
{
    bson_t filter = BSON_INITIALIZER, options = BSON_INITIALIZER, range;
    const bson_t *doc;
    bson_error_t why;
    long count = 0;

    BSON_APPEND_UTF8(&filter, "tenant", tenant);
    BSON_APPEND_DOCUMENT_BEGIN(&filter, "timestamp", &range);
    BSON_APPEND_DATE_TIME(&range, "$lte", until_ms);
    bson_append_document_end(&filter, &range);
    order(&options, "sort", 0);
    order(&options, "hint", 1);
    BSON_APPEND_INT64(&options, "limit", PAGE);
    BSON_APPEND_INT64(&options, "batchSize", PAGE);
    mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(logs, &filter, &options, NULL);
    while (mongoc_cursor_next(cursor, &doc))
        count++;
    if (mongoc_cursor_error(cursor, &why)) {
        fprintf(stderr, "%s\n", why.message);
        exit(1);
    }
    mongoc_cursor_destroy(cursor);
    bson_destroy(&options);
    bson_destroy(&filter);
    return count;
}

/* Adds what was omitted to the `count` samples; there is room for `max`. Returns how many there are
 * now. */
static long correct(double *ms, long count, long max, double interval_ms)
{
    long all = count;

    for (long i = 0; i < count; i++)
        if (ms[i] > 2 * interval_ms)
            for (double late = ms[i] - interval_ms; late > interval_ms && all < max;
                 late -= interval_ms)
                ms[all++] = late;
    return all;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    long times = argc == 6 ? atol(argv[5]) : 0, documents = 0;
    static double ms[TIMES_MAX * 2];

    if (times <= 0 || times > TIMES_MAX) {
        fprintf(stderr, "usage: raw_find URI DATABASE TENANT UNTIL_MS TIMES   (TIMES up to %d)\n",
                TIMES_MAX);
        return 64;
    }
    mongoc_init();
    mongoc_client_t *client = mongoc_client_new(argv[1]);
    if (!client)
        return 64;
    mongoc_collection_t *logs = mongoc_client_get_collection(client, argv[2], "logs");
    double first_ms = now_ms();
    for (long i = 0; i < times; i++) {
        double began = now_ms();
        documents += find(logs, argv[3], atoll(argv[4]));
        ms[i] = now_ms() - began;
    }
    times = correct(ms, times, TIMES_MAX * 2, (now_ms() - first_ms) / (double)times);
    qsort(ms, (size_t)times, sizeof ms[0], ascending);
    printf("{\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"documents\":%ld}\n", ms[times / 2],
           ms[times * 99 / 100], documents);
    mongoc_collection_destroy(logs);
    mongoc_client_destroy(client);
    mongoc_cleanup();
    return 0;
}
