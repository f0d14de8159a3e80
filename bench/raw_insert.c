/* SPDX-License-Identifier: MIT */
/* raw_insert - what the driver alone can do: reads documents of one collection into memory, then
 * inserts them into another as the indexer does (1,000 at a time, unordered, majority, journal).
 *
 *     raw_insert URI DATABASE FROM TO COUNT SINCE_MS   prints {"documents":…,"seconds":…}
 *
 * Of those that came in since then.
 */
#include <mongoc/mongoc.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BATCH = 1000, COUNT_MAX = 5000000 };

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check(bool ok, const bson_error_t *why)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", why->message);
    exit(1);
}

static size_t read_all(mongoc_collection_t *from, bson_t **docs, size_t max, int64_t since_ms)
{
    bson_t filter = BSON_INITIALIZER, options = BSON_INITIALIZER, range;
    mongoc_cursor_t *cursor;
    const bson_t *doc;
    bson_error_t why;
    size_t count = 0;

    BSON_APPEND_DOCUMENT_BEGIN(&filter, "createdAt", &range);
    BSON_APPEND_DATE_TIME(&range, "$gte", since_ms);
    bson_append_document_end(&filter, &range);
    BSON_APPEND_INT64(&options, "limit", (int64_t)max);
    cursor = mongoc_collection_find_with_opts(from, &filter, &options, NULL);
    while (mongoc_cursor_next(cursor, &doc))
        docs[count++] = bson_copy(doc);
    check(!mongoc_cursor_error(cursor, &why), &why);
    mongoc_cursor_destroy(cursor);
    bson_destroy(&options);
    bson_destroy(&filter);
    return count;
}

static void insert_all(mongoc_collection_t *to, bson_t **docs, size_t count)
{
    bson_t options = BSON_INITIALIZER;
    bson_error_t why;
    mongoc_write_concern_t *concern = mongoc_write_concern_new();

    mongoc_write_concern_set_wmajority(concern, 0);
    mongoc_write_concern_set_journal(concern, true);
    mongoc_write_concern_append(concern, &options);
    BSON_APPEND_BOOL(&options, "ordered", false);
    for (size_t i = 0; i < count; i += BATCH) {
        size_t n = count - i < BATCH ? count - i : BATCH;
        check(mongoc_collection_insert_many(to, (const bson_t **)docs + i, n, &options, NULL, &why),
              &why);
    }
    mongoc_write_concern_destroy(concern);
    bson_destroy(&options);
}

int main(int argc, char **argv)
{
    long max = argc == 7 ? atol(argv[5]) : 0;
    mongoc_client_t *client;
    mongoc_collection_t *from, *to;
    bson_t **docs;
    size_t count;
    double began;

    if (max <= 0 || max > COUNT_MAX) {
        fprintf(stderr,
                "usage: raw_insert URI DATABASE FROM TO COUNT SINCE_MS   (COUNT up to %d)\n",
                COUNT_MAX);
        return 64;
    }
    mongoc_init();
    client = mongoc_client_new(argv[1]);
    if (!client) {
        fprintf(stderr, "%s is no address\n", argv[1]);
        return 64;
    }
    from = mongoc_client_get_collection(client, argv[2], argv[3]);
    to = mongoc_client_get_collection(client, argv[2], argv[4]);
    docs = calloc((size_t)max, sizeof(bson_t *));
    if (!docs)
        return 1;
    count = read_all(from, docs, (size_t)max, atoll(argv[6]));
    began = now_s();
    insert_all(to, docs, count);
    printf("{\"documents\":%zu,\"seconds\":%.3f}\n", count, now_s() - began);
    for (size_t i = 0; i < count; i++)
        bson_destroy(docs[i]);
    free(docs);
    mongoc_collection_destroy(to);
    mongoc_collection_destroy(from);
    mongoc_client_destroy(client);
    mongoc_cleanup();
    return 0;
}
