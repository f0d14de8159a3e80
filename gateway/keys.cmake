# Who may do what: keys, scopes, limits.
target_sources(gateway_core PRIVATE
  access.c
  admit.c
  api_key.c
  create_key.c
  delete_key.c
  get_keys.c
  get_limits.c
  key_cache.c
  key_json.c
  key_set.c
  key_store.c
  limits_json.c
  post_key.c
  put_limits.c)
target_link_libraries(gateway_core PUBLIC PkgConfig::OPENSSL)

foreach(name access api_key key_cache key_set)
  unit_test(gateway ${name} gateway_core)
endforeach()
