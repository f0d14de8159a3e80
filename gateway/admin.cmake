# What /admin looks at and sets right: rejects, the pipeline, the counters.
target_sources(gateway_core PRIVATE
  admin_body.c
  get_pipeline.c
  get_rejects.c
  pipeline_kafka.c
  pipeline_view.c
  rebuild_counters.c
  redis_pool.c
  reject_facts.c
  reject_json.c
  reject_query.c
  replay_body.c
  replay_plan.c
  replay_reject.c)

foreach(name admin_body pipeline_view reject_query replay_plan)
  unit_test(gateway ${name} gateway_core)
endforeach()
