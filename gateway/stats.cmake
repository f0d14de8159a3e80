# What is counted: /stats and what stands below it.
target_sources(gateway_core PRIVATE
  get_stats.c
  get_timeseries.c
  stats_groups.c
  stats_params.c
  stats_pipeline.c
  stats_points.c
  stats_range.c
  stats_read.c)

foreach(name stats_groups stats_params stats_pipeline stats_points stats_range)
  unit_test(gateway ${name} gateway_core)
endforeach()
