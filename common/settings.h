/* SPDX-License-Identifier: MIT */
/* settings.h - every setting of every program: one table, read from the environment.
 *
 * A secret may be given as NAME_FILE, the path of a file that holds it. KAFKA_PROPERTY_<name>
 * passes any librdkafka setting, `_` standing for `.`. All is checked before a socket opens. */
#pragma once

#include "common/auto.h"
#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Which programs a setting concerns: a set, so that --help of each shows its own. */
enum program { GATEWAY = 1, PROCESSOR = 2, INDEXER = 4 };

struct kafka_property {
    char *name, *value; /* librdkafka's name: security.protocol */
};

/* What does not concern `program` stays zero. Text is never NULL, but may be empty. */
struct settings {
    enum program program;
    /* who and where */
    char *instance_id, *host;
    int64_t port, ingest_port, status_port;
    char *log_level, *log_format;
    /* Kafka */
    char *kafka_brokers, *kafka_client_id, *kafka_topic;
    int64_t partitions, replication_factor;
    struct kafka_property *kafka_properties;
    size_t kafka_property_count;
    /* stores */
    char *mongo_uri, *mongo_db_name, *redis_host, *redis_password;
    int64_t redis_port, retention_days;
    /* gateway */
    char *auth, *key_cache_file, *cors_origin, *docs_dir;
    bool allow_anonymous;
    int64_t max_batch, max_body_bytes, ack_timeout_ms, max_requests_per_minute, max_connections,
        workers, drain_timeout_ms, watchdog_ms, linger_ms, queue_bytes;
    /* processor */
    int64_t dedupe_window_ms, dedupe_max_ids, max_buckets;
    char *geoip_db, *redact_fields;
};

/* Reads `env` (as `environ`). FATAL names the setting, the value and the cure, in one line.
 * On OK the caller owns *ret. */
enum result settings_new(enum program program, char *const *env, struct settings **ret,
                         struct err *err);
void settings_free(struct settings *s);
DEFINE_AUTO(settings)

/* A MongoDB URI fit to be shown, its password masked; released with free(). */
char *settings_mask_uri(const char *uri);
bool settings_is_secret_property(const char *name); /* of librdkafka: sasl.password */

/* Settles --help, --version and --check-config and starts logging; returns true when the program
 * is done, with its exit code. On false the caller owns *ret. `check` (NULL: none) is what
 * settings.c cannot check itself, knowing no library; every daemon passes kafka_conf_check. */
bool settings_start(enum program program, int argc, char **argv,
                    enum result (*check)(const struct settings *settings, struct err *err),
                    struct settings **ret, int *ret_exit_code);
