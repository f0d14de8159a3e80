/* SPDX-License-Identifier: MIT */
#include "common/kafka_conf.h"
#include "common/log.h"
#include "common/stop.h"
#include "common/watchdog.h"
#include "gateway/accepted_ids.h"
#include "gateway/access.h"
#include "gateway/caught_up.h"
#include "gateway/create_key.h"
#include "gateway/docs_dir.h"
#include "gateway/http.h"
#include "gateway/lookup.h"
#include "gateway/meters.h"
#include "gateway/pipeline_kafka.h"
#include "gateway/probes.h"
#include "gateway/rate_limit.h"
#include "gateway/redis_pool.h"
#include "gateway/rule_jobs.h"
#include "gateway/server.h"
#include "gateway/store.h"
#include "gateway/tail.h"
#include "gateway/watch.h"
#include "rules/rules_watch.h"

#include <malloc.h>
#include <stdlib.h>

enum {
    LOOKUP_THREADS = 8,
    LOOKUP_WAITING = 256,    /* queries; further ones are told 503 */
    REMEMBERED_IDS = 200000, /* acknowledged and maybe not stored yet */
    REMEMBERED_MS = 600000,
    LARGE_BYTES = 256 * 1024,
};

static void on_fatal(void *ctx, const char *name, const char *why)
{
    struct gateway *g = ctx;
    log_error("%s can never do, stopping: %s", name, why);
    atomic_store(&g->exit_code, EXIT_CONFIG);
    stop_request();
}

static enum result run(struct gateway *g, struct err *err)
{
    AUTO(server) server = NULL;
    AUTO(store) store = NULL;
    enum result result = server_new(g, &server, err);
    if (result != OK)
        return result;
    result = store_new(g->settings, &store, err);
    if (result != OK)
        return result;
    AUTO(rules_watch) rules = NULL;
    result = rules_watch_new(g->settings, &rules, err);
    if (result != OK)
        return result;
    AUTO(redis_pool) redis_pool = redis_pool_new(g->settings);
    AUTO(pipeline_kafka) pipeline = pipeline_kafka_new(g->settings);
    AUTO(caught_up) caught_up = caught_up_new(pipeline, (size_t)g->settings->partitions);
    AUTO(lookup) lookup = lookup_new(LOOKUP_THREADS, LOOKUP_WAITING);
    AUTO(tail) tail = tail_new(g);
    g->tail = tail;
    g->store = store;
    g->lookup = lookup;
    g->rules = rules;
    g->redis = redis_pool;
    g->pipeline = pipeline;
    g->caught_up = caught_up;

    AUTO(access_watch) access_watch = access_watch_new(g->access, store);

    AUTO(redis_probe) redis = redis_probe_new(g->settings);
    struct kafka_probe kafka = {g->settings, server_producer(server), false};
    const struct probe probes[] = {
        {"kafka", true, probe_kafka, &kafka},
        {"document_store", false, probe_store, store},
        {"redis", false, probe_redis, redis},
    };
    AUTO(watch_on)
    watch = watch_on_new(g->health, probes, sizeof probes / sizeof probes[0], on_fatal, g);
    AUTO(rule_jobs) jobs = rule_jobs_new(g);
    AUTO(watchdog)
    watchdog = watchdog_new(g->health, g->settings->watchdog_ms, watchdog_abort, NULL);
    server_run(server);
    return OK;
}

int main(int argc, char **argv)
{
    AUTO(settings) settings = NULL;
    int exit_code;
    /* Large bodies and answers go back to the system when they are freed; left to itself malloc
     * raises this limit and keeps them. */
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    if (create_key_wanted(argc, argv))
        return create_key_run(argc, argv);
    if (settings_start(GATEWAY, argc, argv, kafka_conf_check, &settings, &exit_code))
        return exit_code;
    stop_init();

    AUTO(metrics) metrics = metrics_new();
    AUTO(health) health = health_new("activity-log-gateway");
    AUTO(accepted_ids) accepted = accepted_ids_new(REMEMBERED_IDS, REMEMBERED_MS);
    AUTO(gateway_meters) meters = gateway_meters_new(metrics);
    AUTO(rate_limit) rate_limit = rate_limit_new();
    AUTO(access) access = access_new(settings);
    AUTO(docs_dir) docs = docs_dir_new(settings->docs_dir);
    struct gateway gateway = {
        .settings = settings,
        .metrics = metrics,
        .health = health,
        .accepted = accepted,
        .rate_limit = rate_limit,
        .access = access,
        .docs = docs,
        .meters = meters,
    };

    struct err err;
    if (run(&gateway, &err) != OK) {
        log_error("cannot start: %s", err.text);
        return EXIT_FAILURE;
    }
    log_info("stopped");
    return atomic_load(&gateway.exit_code);
}
