/* SPDX-License-Identifier: MIT */
#include "common/settings_table.h"

enum { ALL = GATEWAY | PROCESSOR | INDEXER };

/* clang-format off: a table is read by its columns */
#define AT(field) offsetof(struct settings, field)

const struct setting settings_table[] = {
    {"HOST", SETTING_TEXT, "127.0.0.1", 1, 255, NULL, ALL, false, "address to listen on", AT(host)},
    {"PORT", SETTING_INTEGER, "3000", 1, 65535, NULL, GATEWAY, false, "port of the HTTP API",
     AT(port)},
    {"INGEST_PORT", SETTING_INTEGER, "0", 0, 65535, NULL, GATEWAY, false,
     "a second port with the ingest endpoints alone; 0: off", AT(ingest_port)},
    {"STATUS_PORT", SETTING_INTEGER, "3010", 0, 65535, NULL, PROCESSOR, false,
     "port of health and metrics; 0: off", AT(status_port)},
    {"STATUS_PORT", SETTING_INTEGER, "3011", 0, 65535, NULL, INDEXER, false,
     "port of health and metrics; 0: off", AT(status_port)},
    {"AUTH", SETTING_CHOICE, "none", 0, 0, "none|keys", GATEWAY, false,
     "who may call: anyone, or holders of a key", AT(auth)},
    {"ALLOW_ANONYMOUS", SETTING_FLAG, "0", 0, 0, NULL, GATEWAY, false,
     "1: AUTH=none is meant, also where HOST is not loopback", AT(allow_anonymous)},
    {"KEY_CACHE_FILE", SETTING_TEXT, "/var/lib/activity-log-service/keys.json", 1, 4000, NULL, GATEWAY,
     false, "hashes of the keys under AUTH=keys, for when the store is away; none: no file",
     AT(key_cache_file)},
    {"CORS_ORIGIN", SETTING_TEXT, "*", 0, 1000, NULL, GATEWAY, false,
     "origin that browsers may call from; *: any", AT(cors_origin)},

    {"KAFKA_BROKERS", SETTING_TEXT, "127.0.0.1:9092", 1, 4000, NULL, ALL, false,
     "host:port, comma-separated", AT(kafka_brokers)},
    {"KAFKA_CLIENT_ID", SETTING_TEXT, "activity-log-service", 1, 200, NULL, ALL, false,
     "how the brokers' logs name us", AT(kafka_client_id)},
    {"KAFKA_TOPIC", SETTING_NAME, "activity-logs", 0, 200, "._-", ALL, false,
     "raw topic; the others add -enriched, -stats, -dlq", AT(kafka_topic)},
    {"PARTITIONS", SETTING_INTEGER, "6", 1, 1000, NULL, ALL, false,
     "partitions of the topics; fixed once they exist", AT(partitions)},
    {"REPLICATION_FACTOR", SETTING_INTEGER, "1", 1, 100, NULL, ALL, false,
     "copies of each partition, for topics that we create", AT(replication_factor)},
    {"QUEUE_BYTES", SETTING_INTEGER, "67108864", 16777216, 1073741824, NULL, ALL, false,
     "records waiting for Kafka, per producer", AT(queue_bytes)},
    {"LINGER_MS", SETTING_INTEGER, "1", 0, 1000, NULL, GATEWAY, false,
     "how long a record may wait for company on its way to Kafka", AT(linger_ms)},
    {"ACK_TIMEOUT_MS", SETTING_INTEGER, "5000", 1, 300000, NULL, GATEWAY, false,
     "how long an answer waits for Kafka before it is 503", AT(ack_timeout_ms)},

    {"MONGO_URI", SETTING_TEXT, "mongodb://127.0.0.1:27017", 1, 4000, NULL, ALL, true,
     "document store; also MONGO_URI_FILE", AT(mongo_uri)},
    {"MONGO_DB_NAME", SETTING_NAME, "activity_logs", 0, 63, "_-", ALL, false, "its database",
     AT(mongo_db_name)},
    {"RETENTION_DAYS", SETTING_INTEGER, "90", 1, 36500, NULL, GATEWAY | INDEXER, false,
     "days that a log is kept after it was received", AT(retention_days)},
    {"REDIS_HOST", SETTING_TEXT, "127.0.0.1", 1, 255, NULL, GATEWAY | PROCESSOR, false,
     "host of the counters", AT(redis_host)},
    {"REDIS_PORT", SETTING_INTEGER, "6379", 1, 65535, NULL, GATEWAY | PROCESSOR, false, "its port",
     AT(redis_port)},
    {"REDIS_PASSWORD", SETTING_TEXT, "", 0, 1000, NULL, GATEWAY | PROCESSOR, true,
     "its password; also REDIS_PASSWORD_FILE", AT(redis_password)},

    {"MAX_BATCH", SETTING_INTEGER, "1000", 1, 100000, NULL, GATEWAY, false,
     "records in one request", AT(max_batch)},
    {"MAX_BODY_BYTES", SETTING_INTEGER, "10485760", 1024, 268435456, NULL, GATEWAY, false,
     "bytes of one request body, decompressed", AT(max_body_bytes)},
    {"MAX_REQUESTS_PER_MINUTE", SETTING_INTEGER, "0", 0, 1000000000, NULL, GATEWAY, false,
     "per client, ingest gets twice that; 0: no limit", AT(max_requests_per_minute)},
    {"MAX_CONNECTIONS", SETTING_INTEGER, "10000", 1, 1000000, NULL, GATEWAY, false,
     "connections open at once", AT(max_connections)},
    {"WORKERS", SETTING_INTEGER, "0", 0, 128, NULL, GATEWAY, false, "event loops; 0: one per core",
     AT(workers)},

    {"INSTANCE_ID", SETTING_NAME, NULL, 0, 100, "._-", ALL, false,
     "name of this process, stable over restarts and unlike its siblings'", AT(instance_id)},
    {"DEDUPE_WINDOW_MS", SETTING_INTEGER, "600000", 0, 86400000, NULL, PROCESSOR, false,
     "how long an id is remembered; 0: not at all", AT(dedupe_window_ms)},
    {"DEDUPE_MAX_IDS", SETTING_INTEGER, "250000", 1, 10000000, NULL, PROCESSOR, false,
     "ids remembered, per partition", AT(dedupe_max_ids)},
    {"MAX_BUCKETS", SETTING_INTEGER, "10000", 100, 10000000, NULL, PROCESSOR, false,
     "counters kept in memory, per partition", AT(max_buckets)},
    {"GEOIP_DB", SETTING_TEXT, "", 0, 4000, NULL, PROCESSOR, false,
     "path of a MaxMind database; empty: places are not looked up", AT(geoip_db)},
    {"REDACT_FIELDS", SETTING_TEXT, "", 0, 4000, NULL, PROCESSOR, false,
     "fields to mask, comma-separated: metadata.password,ip", AT(redact_fields)},

    {"DRAIN_TIMEOUT_MS", SETTING_INTEGER, "10000", 0, 600000, NULL, ALL, false,
     "how long a shutdown waits for what is under way", AT(drain_timeout_ms)},
    {"WATCHDOG_MS", SETTING_INTEGER, "30000", 0, 3600000, NULL, ALL, false,
     "how long a worker may be stuck before the program ends itself; 0: for ever", AT(watchdog_ms)},
    {"LOG_LEVEL", SETTING_CHOICE, "info", 0, 0, "debug|info|warn|error", ALL, false,
     "least level that is written", AT(log_level)},
    {"LOG_FORMAT", SETTING_CHOICE, "auto", 0, 0, "auto|json|text", ALL, false,
     "auto: text on a terminal, else JSON", AT(log_format)},
};
/* clang-format on */

const size_t settings_table_len = sizeof settings_table / sizeof settings_table[0];
