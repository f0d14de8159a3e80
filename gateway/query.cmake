# The reading side of the gateway: /logs and /logs/{id}.
set(GATEWAY_QUERY_SOURCES
  base64url.c
  cursor.c
  get_log.c
  get_logs.c
  log_filter.c
  log_json.c
  log_total.c
  lookup.c
  page_link.c
  param.c
  query_job.c
  query_params.c
  store.c)
target_sources(gateway_core PRIVATE ${GATEWAY_QUERY_SOURCES})
target_link_libraries(gateway_core PUBLIC m)

foreach(name cursor log_filter log_json lookup page_link query_params)
  unit_test(gateway ${name} gateway_core)
endforeach()
