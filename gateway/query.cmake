# The reading side of the gateway: /logs and /logs/{id}.
set(GATEWAY_QUERY_SOURCES
  base64url.c
  count_bson.c
  count_logs.c
  count_params.c
  count_pipeline.c
  count_question.c
  counting.c
  cursor.c
  export_slots.c
  get_export.c
  get_facets.c
  get_histogram.c
  get_log.c
  get_logs.c
  get_tail.c
  get_timeline.c
  log_csv.c
  log_filter.c
  log_json.c
  log_page.c
  log_total.c
  lookup.c
  page_link.c
  param.c
  query_job.c
  query_params.c
  sessions.c
  store.c
  stream.c
  tail.c
  tail_event.c
  value_counts.c)
target_sources(gateway_core PRIVATE ${GATEWAY_QUERY_SOURCES})
target_link_libraries(gateway_core PUBLIC m)

foreach(name count_params count_pipeline cursor log_csv log_filter log_json lookup page_link query_params
        sessions tail_event value_counts)
  unit_test(gateway ${name} gateway_core)
endforeach()
