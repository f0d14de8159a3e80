/* SPDX-License-Identifier: MIT */
/* handlers.h - every endpoint, one handler each; routes.c says which path leads where. */
#pragma once

struct request;

/* Ingest: post_logs.c, post_validate.c, post_otlp.c */
void post_otlp(struct request *r);
void post_logs(struct request *r);
void post_batch(struct request *r);
void post_validate(struct request *r);

/* Query: get_logs.c, get_log.c, get_stats.c, get_histogram.c, get_facets.c, get_timeline.c */
void get_logs(struct request *r);
void get_log(struct request *r);
void get_stats(struct request *r);
void get_histogram(struct request *r);
void get_facets(struct request *r);
void get_timeline(struct request *r);

/* Streams: get_export.c, get_tail.c */
void get_export(struct request *r);
void get_tail(struct request *r);

/* Counts: get_timeseries.c, get_top.c, get_unique.c, get_live.c */
void get_timeseries(struct request *r);
void get_top(struct request *r);
void get_unique(struct request *r);
void get_live(struct request *r);

/* Manage: get_rejects.c, replay_reject.c, get_pipeline.c, rebuild_counters.c */
void get_pipeline(struct request *r);
void rebuild_counters(struct request *r);
void get_rejects(struct request *r);
void replay_reject(struct request *r);

/* Keys: get_keys.c, post_key.c, delete_key.c, get_limits.c, put_limits.c */
void get_keys(struct request *r);
void post_key(struct request *r);
void delete_key(struct request *r);
void get_limits(struct request *r);
void put_limits(struct request *r);

/* Take away: retention.c, deletions.c, erasures.c */
void get_retention(struct request *r);
void put_retention(struct request *r);
void post_deletion(struct request *r);
void get_deletions(struct request *r);
void get_deletion(struct request *r);
void delete_deletion(struct request *r);
void post_erasure(struct request *r);
void get_erasures(struct request *r);
void get_erasure(struct request *r);

/* The web page: get_ui.c */
void get_ui(struct request *r);

/* The interface, described: get_documents.c, get_docs.c */
void get_openapi(struct request *r);
void get_asyncapi(struct request *r);
void get_docs(struct request *r);
void get_docs_file(struct request *r);

/* Operate: ops.c */
void get_health(struct request *r);
void get_livez(struct request *r);
void get_readyz(struct request *r);
void get_metrics(struct request *r);
