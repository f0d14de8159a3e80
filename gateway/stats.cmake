# What is counted: /stats and what stands below it.
target_sources(gateway_core PRIVATE
  caught_up.c
  get_live.c
  get_stats.c
  get_timeseries.c
  get_top.c
  get_unique.c
  live_minutes.c
  stats_groups.c
  stats_logs.c
  stats_params.c
  stats_pieces.c
  stats_pipeline.c
  stats_points.c
  stats_present.c
  stats_range.c
  stats_read.c
  stats_recent.c
  stats_redis.c
  totals_read.c
  totals_sum.c)

foreach(name caught_up live_minutes stats_groups stats_params stats_pipeline stats_points stats_present
        stats_range stats_recent totals_sum)
  unit_test(gateway ${name} gateway_core)
endforeach()
