/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/metrics.h"

#include <pthread.h>
#include <stdio.h>

static void assert_renders(struct metrics *m, const char *lines)
{
    AUTO_BUF out = {0};
    metrics_render(m, &out);
    if (!strstr(buf_text(&out), lines))
        fail_msg("not found:\n%s\nin:\n%s", lines, buf_text(&out));
}

TEST(a_counter_adds_up)
{
    AUTO(metrics) m = metrics_new();
    struct metric *c = metrics_counter(m, "als_things_total", "Things.", NULL);
    metric_add(c, 2);
    metric_add(c, UINT64_MAX - 2);
    assert_true(metric_count(c) == UINT64_MAX);
    assert_renders(m, "# HELP als_things_total Things.\n# TYPE als_things_total counter\n"
                      "als_things_total 18446744073709551615\n");
}

TEST(a_gauge_shows_its_last_value)
{
    AUTO(metrics) m = metrics_new();
    struct metric *g = metrics_gauge(m, "als_lag", "Lag.", "stage=\"indexer\"");
    assert_renders(m, "\nals_lag{stage=\"indexer\"} 0\n");
    metric_set(g, 7);
    metric_set(g, -0.25);
    assert_renders(m, "# TYPE als_lag gauge\nals_lag{stage=\"indexer\"} -0.25\n");
    metric_set(g, 1e9 + 1);
    assert_renders(m, "\nals_lag{stage=\"indexer\"} 1000000001\n");
}

TEST(a_histogram_counts_up_to_and_including_each_bound)
{
    static const double bounds[] = {0.005, 0.1, 1048576};
    AUTO(metrics) m = metrics_new();
    struct metric *h = metrics_histogram(m, "als_s", "S.", "route=\"/x\"", bounds, 3);
    metric_observe(h, 0.005);
    metric_observe(h, 0.1);
    metric_observe(h, 0.25);
    metric_observe(h, 2000000);
    assert_renders(m, "# TYPE als_s histogram\n"
                      "als_s_bucket{route=\"/x\",le=\"0.005\"} 1\n"
                      "als_s_bucket{route=\"/x\",le=\"0.1\"} 2\n"
                      "als_s_bucket{route=\"/x\",le=\"1048576\"} 3\n"
                      "als_s_bucket{route=\"/x\",le=\"+Inf\"} 4\n"
                      "als_s_sum{route=\"/x\"} 2000000.355\n"
                      "als_s_count{route=\"/x\"} 4\n");
}

TEST(a_histogram_without_labels_has_the_bound_alone)
{
    AUTO(metrics) m = metrics_new();
    metric_observe(metrics_histogram(m, "als_b", "B.", NULL, (double[]){1}, 1), 2);
    assert_renders(m, "als_b_bucket{le=\"1\"} 0\nals_b_bucket{le=\"+Inf\"} 1\n"
                      "als_b_sum 2\nals_b_count 1\n");
}

TEST(the_lines_of_one_name_stand_together)
{
    AUTO(metrics) m = metrics_new();
    metrics_counter(m, "als_a_total", "A.", "x=\"1\"");
    metrics_counter(m, "als_b_total", "B.", NULL);
    metrics_counter(m, "als_a_total", "A.", "x=\"2\"");
    assert_renders(m, "# TYPE als_a_total counter\nals_a_total{x=\"1\"} 0\nals_a_total{x=\"2\"} 0\n"
                      "# HELP als_b_total B.\n");
}

TEST(the_same_name_and_labels_are_the_same_metric)
{
    AUTO(metrics) m = metrics_new();
    struct metric *c = metrics_counter(m, "als_a_total", "A.", "x=\"1\"");
    assert_ptr_equal(metrics_counter(m, "als_a_total", "A.", "x=\"1\""), c);
    assert_ptr_not_equal(metrics_counter(m, "als_a_total", "A.", "x=\"2\""), c);
    assert_ptr_not_equal(metrics_counter(m, "als_a_total", "A.", NULL), c);
}

TEST(names_and_labels_are_copied)
{
    AUTO(metrics) m = metrics_new();
    char name[] = "als_a_total", help[] = "A.", labels[] = "x=\"1\"";
    metrics_counter(m, name, help, labels);
    memset(name, 'z', 3), memset(help, 'z', 1), memset(labels, 'z', 1);
    assert_renders(m, "# HELP als_a_total A.\n");
    assert_renders(m, "\nals_a_total{x=\"1\"} 0\n");
}

TEST(past_4096_metrics_one_is_shared_and_not_rendered)
{
    AUTO(metrics) m = metrics_new();
    for (int i = 0; i < 4096; i++) {
        char labels[32];
        snprintf(labels, sizeof labels, "i=\"%d\"", i);
        metrics_counter(m, "als_a_total", "A.", labels);
    }
    struct metric *over = metrics_counter(m, "als_a_total", "A.", "i=\"one too many\"");
    assert_ptr_equal(metrics_gauge(m, "als_late", "Late.", NULL), over);
    metric_add(over, 1);
    metric_observe(over, 0.5);
    AUTO_BUF out = {0};
    metrics_render(m, &out);
    assert_null(strstr(buf_text(&out), "one too many"));
    assert_null(strstr(buf_text(&out), "als_late"));
    assert_non_null(strstr(buf_text(&out), "als_a_total{i=\"4095\"} 0\n"));
}

TEST(the_process_is_described_too)
{
    AUTO(metrics) m = metrics_new();
    assert_renders(m, "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes ");
    assert_renders(m, "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total ");
}

struct shared {
    struct metrics *metrics;
    struct metric *counter, *histogram;
};

static void *change(void *arg)
{
    struct shared *s = arg;
    for (int i = 0; i < 2000; i++) {
        char labels[32];
        metric_add(s->counter, 1);
        metric_observe(s->histogram, i % 2 ? 0.5 : 2);
        snprintf(labels, sizeof labels, "i=\"%d\"", i % 50);
        metric_add(metrics_counter(s->metrics, "als_late_total", "Late.", labels), 1);
    }
    return NULL;
}

TEST(changes_are_not_lost_while_others_register_and_render)
{
    AUTO(metrics) m = metrics_new();
    struct shared s = {m, metrics_counter(m, "als_a_total", "A.", NULL),
                       metrics_histogram(m, "als_h", "H.", NULL, (double[]){1}, 1)};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, change, &s), 0);
    for (int i = 0; i < 50; i++)
        assert_renders(m, "# TYPE als_a_total counter\n");
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_renders(m, "\nals_a_total 8000\n");
    assert_renders(m, "als_h_bucket{le=\"1\"} 4000\nals_h_bucket{le=\"+Inf\"} 8000\n"
                      "als_h_sum 10000\nals_h_count 8000\n");
    assert_renders(m, "\nals_late_total{i=\"49\"} 160\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_counter_adds_up),
        cmocka_unit_test(a_gauge_shows_its_last_value),
        cmocka_unit_test(a_histogram_counts_up_to_and_including_each_bound),
        cmocka_unit_test(a_histogram_without_labels_has_the_bound_alone),
        cmocka_unit_test(the_lines_of_one_name_stand_together),
        cmocka_unit_test(the_same_name_and_labels_are_the_same_metric),
        cmocka_unit_test(names_and_labels_are_copied),
        cmocka_unit_test(past_4096_metrics_one_is_shared_and_not_rendered),
        cmocka_unit_test(the_process_is_described_too),
        cmocka_unit_test(changes_are_not_lost_while_others_register_and_render),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
