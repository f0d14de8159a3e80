/* SPDX-License-Identifier: MIT */
#include "processor/consumer_memory.h"

#include "common/clock.h"

/* A few transactions' worth ahead is enough: fetches go on while one is being committed. What is
 * fetched grows several times when it is decompressed: when one fetch alone fills the queue,
 * librdkafka pauses after each (4 MiB: 27 s for 1,250,000 records, 16 MiB: 2 s). A record that is
 * larger than a limit is fetched all the same (KIP-74). */
static const char *const limits[][2] = {
    {"queued.max.messages.kbytes", "4096"},
    {"fetch.max.bytes", "1048576"},
    {"max.partition.fetch.bytes", "262144"},
    {"fetch.wait.max.ms", "100"},
};

enum { WAKE_MS = 1000, REST_MS = 5, REST_TIMES = 4 };

enum result consumer_memory_limit(rd_kafka_conf_t *conf, struct err *err)
{
    enum result result = OK;

    for (size_t i = 0; i < sizeof limits / sizeof limits[0] && result == OK; i++)
        result = kafka_conf_set(conf, limits[i][0], limits[i][1], err);
    return result;
}

bool consumer_wake(struct consumer_waker *waker, rd_kafka_t *rk, const char *topic,
                   int32_t partition, int64_t next)
{
    int64_t low, high = -1, began_ms = clock_mono_ms();

    rd_kafka_get_watermark_offsets(rk, topic, partition, &low,
                                   &high); /* as the last fetch saw it */
    if (high <= next)
        return false;
    if (began_ms >= waker->due_ms) {
        rd_kafka_query_watermark_offsets(rk, topic, partition, &low, &high, WAKE_MS);
        waker->due_ms = clock_mono_ms() + (clock_mono_ms() - began_ms) * REST_TIMES + REST_MS;
    }
    return true;
}
