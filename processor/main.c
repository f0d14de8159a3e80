/* SPDX-License-Identifier: MIT */
/* als-processor: raw records in; enriched ones, statistics and dead letters out, exactly once; and
 * the counters in Redis. */
#include "common/kafka_conf.h"
#include "common/log.h"
#include "common/status_server.h"
#include "common/stop.h"
#include "common/watchdog.h"
#include "processor/counters.h"
#include "processor/pipeline.h"
#include "rules/rules_watch.h"

#include <malloc.h>
#include <stdlib.h>

static enum result run(const struct settings *settings, struct err *err)
{
    AUTO(metrics) metrics = metrics_new();
    AUTO(health) health = health_new("activity-log-processor");
    AUTO(geoip) geoip = NULL;
    AUTO(redact) redact = NULL;
    AUTO(status_server) status = NULL;
    AUTO(rules_watch) rules = NULL;
    AUTO(counters) counters = NULL;
    struct toolbox tools = {.topic = slice_of(settings->kafka_topic)};
    enum result result = geoip_new(settings->geoip_db, &geoip, err);

    if (result == OK)
        result = redact_new(settings->redact_fields, &redact, err);
    if (result == OK)
        result = status_server_new(settings, health, metrics, &status, err);
    if (result == OK)
        result = rules_watch_new(settings, &rules, err);
    if (result == OK)
        result = counters_new(settings, metrics, health, rules, &counters, err);
    if (result != OK)
        return result;

    tools.geoip = geoip;
    tools.redact = redact;
    AUTO(watchdog)
    watchdog = watchdog_new(health, settings->watchdog_ms, watchdog_abort, NULL);
    result = pipeline_run(settings, metrics, health, &tools, err);
    health_drain(health);
    toolbox_done(&tools);
    return result == OK ? counters_stop(counters, err) : result;
}

/* For --check-config, and before anything else is opened. */
static enum result check(const struct settings *settings, struct err *err)
{
    AUTO(geoip) geoip = NULL;
    AUTO(redact) redact = NULL;
    enum result result = kafka_conf_check(settings, err);

    if (result == OK)
        result = geoip_new(settings->geoip_db, &geoip, err);
    return result == OK ? redact_new(settings->redact_fields, &redact, err) : result;
}

/* librdkafka has many threads, and an arena for each would double our size. Fetched batches come
 * and go in large blocks: mapped each by itself, they leave no holes behind. */
static void stay_small(void)
{
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
}

int main(int argc, char **argv)
{
    AUTO(settings) settings = NULL;
    struct err err;
    int code = EXIT_SUCCESS;

    stay_small();
    if (settings_start(PROCESSOR, argc, argv, check, &settings, &code))
        return code;
    stop_init();
    log_info("als-processor %s started as %s", ALS_VERSION, settings->instance_id);
    if (run(settings, &err) != OK) {
        log_error("als-processor ends: %s", err.text);
        return EXIT_FAILURE;
    }
    log_info("als-processor stopped");
    return EXIT_SUCCESS;
}
