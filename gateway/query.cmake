# The reading side of the gateway: /logs, /logs/{id} and /stats.
set(GATEWAY_QUERY_SOURCES
  base64url.c
  cursor.c
  get_log.c
  get_logs.c
  get_stats.c
  log_filter.c
  log_json.c
  log_total.c
  lookup.c
  page_link.c
  query_job.c
  query_params.c
  stats_groups.c
  stats_pipeline.c
  stats_range.c
  store.c)
target_sources(gateway_core PRIVATE ${GATEWAY_QUERY_SOURCES})
target_link_libraries(gateway_core PUBLIC m)

foreach(name cursor log_filter log_json lookup page_link query_params stats_groups stats_pipeline
        stats_range)
  unit_test(gateway ${name} gateway_core)
endforeach()
