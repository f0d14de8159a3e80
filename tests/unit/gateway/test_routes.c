/* SPDX-License-Identifier: MIT */
#include "gateway/routes.h"

#include "gateway/handlers.h"
#include "tests/unit/test.h"

static struct route_match find(const char *method, const char *path, bool ingest_only)
{
    struct route_match m;
    route_find(slice_of(method), slice_of(path), ingest_only, &m);
    return m;
}

TEST(each_path_leads_to_its_handler)
{
    assert_ptr_equal(find("POST", "/api/v1/logs", false).route->handle, post_logs);
    assert_ptr_equal(find("POST", "/api/v1/logs/batch", false).route->handle, post_batch);
    assert_ptr_equal(find("POST", "/api/v1/logs/validate", false).route->handle, post_validate);
    assert_ptr_equal(find("GET", "/api/v1/logs", false).route->handle, get_logs);
    assert_ptr_equal(find("GET", "/api/v1/stats", false).route->handle, get_stats);
    assert_ptr_equal(find("GET", "/metrics", false).route->handle, get_metrics);
}

TEST(the_id_in_a_path_is_given_to_the_handler)
{
    struct route_match m = find("GET", "/api/v1/logs/a%3Ab", false);
    assert_ptr_equal(m.route->handle, get_log);
    assert_true(slice_is(m.param, "a%3Ab"));
    assert_null(find("GET", "/api/v1/logs", false).param.data);
}

TEST(an_id_is_one_segment_and_not_empty)
{
    assert_null(find("GET", "/api/v1/logs/a/b", false).route);
    assert_ptr_equal(find("GET", "/api/v1/logs/", false).route->handle, get_logs);
    assert_null(find("GET", "/api/v1/logs//", false).route);
}

TEST(one_slash_at_the_end_does_not_matter)
{
    assert_ptr_equal(find("POST", "/api/v1/logs/", false).route->handle, post_logs);
    assert_ptr_equal(find("GET", "/health/", false).route->handle, get_health);
}

TEST(an_unknown_path_allows_nothing)
{
    const char *paths[] = {"/nope", "", "/api/v1/log", "/api/v1/logsx", "*", "/healthz"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct route_match m = find("GET", paths[i], false);
        assert_null(m.route);
        assert_string_equal(m.allow, "");
    }
}

TEST(another_method_is_told_which_there_are)
{
    struct route_match m = find("DELETE", "/api/v1/logs", false);
    assert_null(m.route);
    assert_string_equal(m.allow, "POST, GET, HEAD");
    assert_string_equal(find("PUT", "/api/v1/stats", false).allow, "GET, HEAD");
    assert_string_equal(find("PUT", "/api/v1/logs/batch", false).allow, "POST");
}

TEST(a_path_in_the_table_is_no_id_unless_it_is_escaped)
{
    struct route_match m = find("GET", "/api/v1/logs/validate", false);
    assert_null(m.route);
    assert_string_equal(m.allow, "POST");
    assert_ptr_equal(find("GET", "/api/v1/logs/%76alidate", false).route->handle, get_log);
    assert_ptr_equal(find("GET", "/api/v1/logs/tail", false).route->handle, get_tail);
}

TEST(head_is_served_where_get_is)
{
    assert_ptr_equal(find("HEAD", "/health", false).route->handle, get_health);
    assert_null(find("HEAD", "/api/v1/logs/a/b", false).route);
}

TEST(the_ingest_port_serves_no_queries)
{
    assert_ptr_equal(find("POST", "/api/v1/logs", true).route->handle, post_logs);
    assert_ptr_equal(find("GET", "/readyz", true).route->handle, get_readyz);
    assert_null(find("GET", "/api/v1/logs", true).route);
    assert_string_equal(find("GET", "/api/v1/logs", true).allow, "POST");
    assert_string_equal(find("GET", "/api/v1/stats", true).allow, "");
}

TEST(no_route_but_the_operators_is_without_a_scope)
{
    for (size_t i = 0; i < route_count; i++)
        if (strncmp(routes[i].path, "/api/", 5) == 0)
            assert_int_not_equal(routes[i].scope, SCOPE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_path_leads_to_its_handler),
        cmocka_unit_test(the_id_in_a_path_is_given_to_the_handler),
        cmocka_unit_test(an_id_is_one_segment_and_not_empty),
        cmocka_unit_test(one_slash_at_the_end_does_not_matter),
        cmocka_unit_test(an_unknown_path_allows_nothing),
        cmocka_unit_test(another_method_is_told_which_there_are),
        cmocka_unit_test(a_path_in_the_table_is_no_id_unless_it_is_escaped),
        cmocka_unit_test(head_is_served_where_get_is),
        cmocka_unit_test(the_ingest_port_serves_no_queries),
        cmocka_unit_test(no_route_but_the_operators_is_without_a_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
