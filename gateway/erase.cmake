# What /admin takes away, and how long the rest is kept.
target_sources(gateway_core PRIVATE
  deletion_body.c
  deletions.c
  erased.c
  erasures.c
  retention.c
  retention_body.c
  rule_jobs.c
  rule_json.c
  rule_request.c
  rule_store.c
  rule_sweep.c
  rule_target.c
  rule_wait.c)
target_link_libraries(gateway_core PUBLIC rules)

foreach(name deletion_body retention_body rule_target)
  unit_test(gateway ${name} gateway_core)
endforeach()
