/* SPDX-License-Identifier: MIT */
#include "processor/user_agent.h"

#include "tests/unit/test.h"

static const struct {
    const char *header, *browser, *os, *device;
    bool bot;
} cases[] = {
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/120.0.0.0 Safari/537.36",
     "Chrome", "Windows", "desktop", false},
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
     "Edge", "Windows", "desktop", false},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/17.1 Safari/605.1.15",
     "Safari", "macOS", "desktop", false},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Version/17.1 Mobile/15E148 Safari/604.1",
     "Safari", "iOS", "mobile", false},
    {"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/120.0.0.0 Mobile Safari/537.36",
     "Chrome", "Android", "mobile", false},
    {"Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/120.0.0.0 Safari/537.36",
     "Chrome", "Android", "tablet", false},
    {"Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "Firefox", "Linux",
     "desktop", false},
    {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", NULL, NULL, NULL,
     true},
    {"curl/8.4.0", "curl", NULL, NULL, false},
    {"", NULL, NULL, NULL, false},
};

static void expect(struct slice found, const char *wanted)
{
    if (wanted)
        assert_true(slice_is(found, wanted));
    else
        assert_null(found.data);
}

TEST(the_usual_ones_are_recognised)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct user_agent agent;

        user_agent_read(slice_of(cases[i].header), &agent);
        expect(agent.browser, cases[i].browser);
        expect(agent.os, cases[i].os);
        expect(agent.device, cases[i].device);
        assert_int_equal(agent.bot, cases[i].bot);
    }
}

TEST(a_very_long_header_is_only_looked_at)
{
    char header[100000];
    struct user_agent agent;

    for (size_t i = 0; i < sizeof header; i++)
        header[i] = "curl/8"[i % 6];
    user_agent_read(slice_make(header, sizeof header), &agent);
    assert_true(slice_is(agent.browser, "curl"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_usual_ones_are_recognised),
        cmocka_unit_test(a_very_long_header_is_only_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
