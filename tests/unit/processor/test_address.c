/* SPDX-License-Identifier: MIT */
#include "processor/address.h"

#include "tests/unit/test.h"

static const struct {
    const char *text, *class;
    int version;
} cases[] = {
    {"8.8.8.8", "public", 4},
    {"10.0.0.1", "private", 4},
    {"172.16.0.1", "private", 4},
    {"172.31.255.255", "private", 4},
    {"172.32.0.1", "public", 4},
    {"172.15.255.255", "public", 4},
    {"192.168.1.1", "private", 4},
    {"100.64.0.1", "private", 4},
    {"100.128.0.1", "public", 4},
    {"127.0.0.1", "loopback", 4},
    {"169.254.1.1", "link-local", 4},
    {"224.0.0.1", "multicast", 4},
    {"239.255.255.255", "multicast", 4},
    {"240.0.0.1", "reserved", 4},
    {"0.0.0.0", "reserved", 4},
    {"192.0.2.7", "reserved", 4},
    {"203.0.113.9", "reserved", 4},
    {"198.19.255.255", "reserved", 4},
    {"198.20.0.1", "public", 4},
    {"::1", "loopback", 6},
    {"::", "reserved", 6},
    {"fe80::1", "link-local", 6},
    {"fd00::1", "private", 6},
    {"ff02::1", "multicast", 6},
    {"2001:db8::1", "reserved", 6},
    {"2606:4700::1", "public", 6},
    {"::ffff:10.0.0.1", "private", 4},
    {"::ffff:8.8.8.8", "public", 4},
};

TEST(every_kind_of_address_is_named)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct address a;

        assert_true(address_parse(slice_of(cases[i].text), &a));
        assert_int_equal(a.version, cases[i].version);
        assert_string_equal(address_class(&a), cases[i].class);
    }
}

TEST(what_is_no_address_is_refused)
{
    static const char *const texts[] = {
        "",          "localhost",    "1.2.3",
        "1.2.3.4.5", "256.1.1.1",    "1.2.3.4:80",
        " 1.2.3.4",  "1.2.3.4 ",     "::g",
        "[::1]",     "fe80::1%eth0", "11111111111111111111111111111111111111111111111111111111"};
    struct address a = {.version = 99};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_false(address_parse(slice_of(texts[i]), &a));
    assert_false(address_parse(slice_make("1.2.3.4\0", 8), &a));
    assert_int_equal(a.version, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_address_is_named),
        cmocka_unit_test(what_is_no_address_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
