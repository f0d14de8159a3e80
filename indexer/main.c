/* SPDX-License-Identifier: MIT */
/* als-indexer - Kafka's enriched records and stats into MongoDB. */
#include "common/health.h"
#include "common/kafka_conf.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/settings.h"
#include "common/status_server.h"
#include "common/stop.h"
#include "common/watchdog.h"
#include "indexer/pipeline.h"
#include "indexer/rejects.h"
#include "indexer/store.h"

#include <stdlib.h>

static enum result check(const struct settings *settings, struct err *err)
{
    enum result result = kafka_conf_check(settings, err);

    return result == OK ? store_check(settings, err) : result;
}

static int fail(const struct err *err)
{
    log_error("stopping: %s", err->text);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    AUTO(settings) settings = NULL;
    AUTO(health) health = NULL;
    AUTO(metrics) metrics = NULL;
    AUTO(pipeline) pipeline = NULL;
    AUTO(rejects) rejects = NULL;
    AUTO(status_server) server = NULL;
    struct err err;
    int exit_code;

    if (settings_start(INDEXER, argc, argv, check, &settings, &exit_code))
        return exit_code;
    stop_init();
    health = health_new("activity-log-indexer");
    metrics = metrics_new();
    if (pipeline_new(settings, health, metrics, &pipeline, &err) != OK)
        return fail(&err);
    if (rejects_new(settings, health, &rejects, &err) != OK)
        return fail(&err);
    if (status_server_new(settings, health, metrics, &server, &err) != OK)
        return fail(&err);
    AUTO(watchdog)
    watchdog = watchdog_new(health, settings->watchdog_ms, watchdog_abort, NULL);
    log_info("indexing %s-enriched and %s-stats into %s", settings->kafka_topic,
             settings->kafka_topic, settings->mongo_db_name);
    if (pipeline_run(pipeline, &err) != OK)
        return fail(&err);
    log_info("stopped");
    return EXIT_SUCCESS;
}
