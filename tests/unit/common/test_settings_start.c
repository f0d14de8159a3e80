/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "common/buf.h"
#include "common/settings.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* One run of a program, in a process of its own: its exit code (-1: it went on to work) and all
 * that it printed. */
struct run {
    int exit_code;
    char text[16384];
};

static enum result refuse(const struct settings *settings, struct err *err)
{
    return err_set(err, FATAL, "topic %s\nis not liked", settings->kafka_topic);
}

static void start_and_exit(enum program program, const char *option, bool is_refused)
{
    enum { GOES_ON = 99 };
    const char *argv[] = {"als", option, NULL};
    int exit_code = 0;
    AUTO(settings) s = NULL;
    bool is_done = settings_start(program, option ? 2 : 1, (char **)argv,
                                  is_refused ? refuse : NULL, &s, &exit_code);
    fflush(stdout);
    settings_free(TAKE(s));
    _exit(is_done ? exit_code : GOES_ON);
}

static struct run run(enum program program, const char *option, const char *const *env,
                      bool is_refused)
{
    struct run r = {.exit_code = -1};
    FILE *file = tmpfile();
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        dup2(fileno(file), STDOUT_FILENO);
        dup2(fileno(file), STDERR_FILENO);
        environ = (char **)env;
        start_and_exit(program, option, is_refused);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    rewind(file);
    r.text[fread(r.text, 1, sizeof r.text - 1, file)] = '\0';
    fclose(file);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 99)
        r.exit_code = WEXITSTATUS(status);
    return r;
}

TEST(without_arguments_a_program_goes_on_and_says_nothing)
{
    struct run r = run(PROCESSOR, NULL, (const char *const[]){NULL}, false);
    assert_int_equal(r.exit_code, -1);
    assert_string_equal(r.text, "");
}

TEST(help_shows_the_settings_of_the_program_and_no_others)
{
    struct run r = run(PROCESSOR, "--help", (const char *const[]){"STATUS_PORT=bad", NULL}, true);
    assert_int_equal(r.exit_code, 0);
    assert_memory_equal(r.text, "Usage: als-processor [", 22);
    assert_non_null(strstr(r.text, "\n  STATUS_PORT              3010 "));
    assert_non_null(strstr(r.text, "\n  DEDUPE_MAX_IDS           250000 "));
    assert_non_null(strstr(r.text, "(debug|info|warn|error)\n"));
    assert_non_null(strstr(r.text, "\n  KAFKA_PROPERTY_<name> "));
    assert_null(strstr(r.text, "MAX_BATCH"));
    assert_null(strstr(r.text, "3011"));
}

TEST(version_is_one_line)
{
    struct run r = run(INDEXER, "--version", (const char *const[]){NULL}, false);
    assert_int_equal(r.exit_code, 0);
    assert_string_equal(r.text, "als-indexer " ALS_VERSION "\n");
}

TEST(an_unknown_argument_is_a_wrong_usage)
{
    struct run r = run(GATEWAY, "--port=3000", (const char *const[]){NULL}, false);
    assert_int_equal(r.exit_code, 64);
    assert_string_equal(r.text, "Usage: als-gateway [--help | --version | --check-config]\n");
}

TEST(a_bad_setting_is_one_line_and_78)
{
    struct run r = run(GATEWAY, NULL, (const char *const[]){"PORT=x", NULL}, false);
    assert_int_equal(r.exit_code, 78);
    assert_string_equal(r.text, "als-gateway: PORT is \"x\", but must be a whole number from 1 to "
                                "65535\n");
    r = run(GATEWAY, "--check-config", (const char *const[]){"PORT=\n", NULL}, false);
    assert_int_equal(r.exit_code, 78);
    assert_string_equal(r.text, "als-gateway: PORT is \" \", but must be a whole number from 1 to "
                                "65535\n");
}

TEST(the_program_s_own_check_has_the_same_weight)
{
    struct run r = run(INDEXER, NULL, (const char *const[]){NULL}, true);
    assert_int_equal(r.exit_code, 78);
    assert_string_equal(r.text, "als-indexer: topic activity-logs is not liked\n");
    r = run(INDEXER, "--check-config", (const char *const[]){NULL}, true);
    assert_int_equal(r.exit_code, 78);
}

TEST(check_config_prints_what_is_in_force_without_secrets)
{
    const char *const env[] = {"PORT=8080",
                               "REDIS_PASSWORD=hunter2",
                               "MONGO_URI=mongodb://me:hunter2@db/?maxPoolSize=8",
                               "KAFKA_PROPERTY_sasl_password=hunter2",
                               "KAFKA_PROPERTY_sasl_username=me",
                               NULL};
    struct run r = run(GATEWAY, "--check-config", env, false);
    assert_int_equal(r.exit_code, 0);
    assert_null(strstr(r.text, "hunter2"));
    assert_non_null(strstr(r.text, "\nPORT=8080\n"));
    assert_non_null(strstr(r.text, "\nMAX_BATCH=1000\n"));
    assert_non_null(strstr(r.text, "\nALLOW_ANONYMOUS=0\n"));
    assert_non_null(strstr(r.text, "\nREDIS_PASSWORD=***\n"));
    assert_non_null(strstr(r.text, "\nMONGO_URI=mongodb://me:***@db/?maxPoolSize=8\n"));
    assert_non_null(strstr(r.text, "\nKAFKA_PROPERTY sasl.password=***\n"));
    assert_non_null(strstr(r.text, "\nKAFKA_PROPERTY sasl.username=me\n"));
}

static void assert_masked(const char *uri, const char *shown)
{
    char *masked = settings_mask_uri(uri);
    assert_string_equal(masked, shown);
    free(masked);
}

TEST(a_uri_is_shown_without_its_password)
{
    assert_masked("mongodb://h:27017/db", "mongodb://h:27017/db");
    assert_masked("mongodb://user@h", "mongodb://user@h");
    assert_masked("mongodb+srv://u:p@h/db", "mongodb+srv://u:***@h/db");
    assert_masked("mongodb://u:p@ss/w:rd@h:1,i:2", "mongodb://u:***@h:1,i:2");
    assert_masked("mongodb://h/?tlsCertificateKeyFilePassword=p&a=b",
                  "mongodb://h/?tlsCertificateKeyFilePassword=***&a=b");
    assert_masked("mongodb://h/?AUTHMECHANISMPROPERTIES=AWS_SESSION_TOKEN:x",
                  "mongodb://h/?AUTHMECHANISMPROPERTIES=***");
    assert_masked("not a uri", "not a uri");
    assert_masked("", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_arguments_a_program_goes_on_and_says_nothing),
        cmocka_unit_test(help_shows_the_settings_of_the_program_and_no_others),
        cmocka_unit_test(version_is_one_line),
        cmocka_unit_test(an_unknown_argument_is_a_wrong_usage),
        cmocka_unit_test(a_bad_setting_is_one_line_and_78),
        cmocka_unit_test(the_program_s_own_check_has_the_same_weight),
        cmocka_unit_test(check_config_prints_what_is_in_force_without_secrets),
        cmocka_unit_test(a_uri_is_shown_without_its_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
