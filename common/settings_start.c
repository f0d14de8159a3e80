/* SPDX-License-Identifier: MIT */
#include "common/buf.h"
#include "common/log.h"
#include "common/settings_table.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

static const char mask[] = "***";

static const char *program_name(enum program program)
{
    switch (program) {
    case GATEWAY:
        return "als-gateway";
    case PROCESSOR:
        return "als-processor";
    case INDEXER:
        return "als-indexer";
    }
    return "als";
}

static void print_limits(const struct setting *row, FILE *out)
{
    if (row->type == SETTING_INTEGER)
        fprintf(out, " (%ld to %ld)", row->min, row->max);
    else if (row->type == SETTING_CHOICE)
        fprintf(out, " (%s)", row->allowed);
    else if (row->type == SETTING_FLAG)
        fprintf(out, " (0 or 1)");
    fputc('\n', out);
}

static void print_help(enum program program, FILE *out)
{
    fprintf(out,
            "Usage: %s [--help | --version | --check-config]\n\n"
            "Settings come from the environment; an empty one counts as unset.\n\n"
            "  %-24s %-26s %s\n",
            program_name(program), "NAME", "DEFAULT", "MEANING");
    for (size_t i = 0; i < settings_table_len; i++) {
        const struct setting *row = &settings_table[i];
        if (!(row->programs & program))
            continue;
        const char *fallback = row->fallback ? row->fallback : "the host's name";
        fprintf(out, "  %-24s %-26s %s", row->name, *fallback ? fallback : "-", row->help);
        print_limits(row, out);
    }
    fprintf(out, "  %-24s %-26s %s\n", "KAFKA_PROPERTY_<name>", "-",
            "any librdkafka setting, _ for . (KAFKA_PROPERTY_security_protocol=SASL_SSL)");
    if (program == GATEWAY)
        fprintf(out,
                "\nAnother use: %s --create-key --tenant T --scopes ingest,read,admin --name N "
                "[--expires-in-days D]\n  makes an API key, prints it once and ends.\n",
                program_name(program));
    fprintf(out, "\nExit codes: 0 stopped as asked, 64 wrong usage, 78 wrong setting.\n");
}

/* Options of a MongoDB URI that hold a secret. */
static bool is_secret_option(const char *option)
{
    return strncasecmp(option, "tlsCertificateKeyFilePassword=", 30) == 0 ||
           strncasecmp(option, "sslClientCertificateKeyPassword=", 32) == 0 ||
           strncasecmp(option, "authMechanismProperties=", 24) == 0;
}

/* user:password@ -> user:***@; the last @ counts, as a careless password may hold one, and '/'. */
static const char *mask_user(struct buf *out, const char *authority)
{
    const char *at = strrchr(authority, '@');
    const char *colon = at ? memchr(authority, ':', (size_t)(at - authority)) : NULL;
    if (!colon)
        return authority;
    buf_add(out, authority, (size_t)(colon + 1 - authority));
    buf_add_text(out, mask);
    return at;
}

char *settings_mask_uri(const char *uri)
{
    struct buf out = {0};
    const char *scheme_end = strstr(uri, "://");
    if (scheme_end) {
        buf_add(&out, uri, (size_t)(scheme_end + 3 - uri));
        uri = mask_user(&out, scheme_end + 3);
    }
    while (*uri) {
        size_t len = strcspn(uri, "?&");
        const char *equals = is_secret_option(uri) ? memchr(uri, '=', len) : NULL;
        buf_add(&out, uri, equals ? (size_t)(equals + 1 - uri) : len);
        buf_add_text(&out, equals ? mask : "");
        uri += len;
        if (*uri)
            buf_add_char(&out, *uri++);
    }
    buf_text(&out);
    return out.data;
}

bool settings_is_secret_property(const char *name)
{
    static const char *const words[] = {"password", "secret", "pem", "oauthbearer.config",
                                        "token",    "key",    "jaas"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strstr(name, words[i]))
            return true;
    }
    return false;
}

static void print_row(const struct setting *row, struct settings *s, FILE *out)
{
    fprintf(out, "%s=", row->name);
    if (row->type == SETTING_INTEGER) {
        fprintf(out, "%ld\n", *setting_integer(row, s));
    } else if (row->type == SETTING_FLAG) {
        fprintf(out, "%d\n", *setting_flag(row, s));
    } else if (row->is_secret && strstr(*setting_text(row, s), "://")) {
        char *masked = settings_mask_uri(*setting_text(row, s));
        fprintf(out, "%s\n", masked);
        free(masked);
    } else {
        const char *text = *setting_text(row, s);
        fprintf(out, "%s\n", row->is_secret && *text ? mask : text);
    }
}

static void print_effective(struct settings *s, FILE *out)
{
    for (size_t i = 0; i < settings_table_len; i++) {
        if (settings_table[i].programs & s->program)
            print_row(&settings_table[i], s, out);
    }
    for (size_t i = 0; i < s->kafka_property_count; i++) {
        const struct kafka_property *p = &s->kafka_properties[i];
        fprintf(out, "KAFKA_PROPERTY %s=%s\n", p->name,
                settings_is_secret_property(p->name) ? mask : p->value);
    }
}

/* What was wrong, in one line, whatever the value held. */
static int print_refusal(enum program program, struct err *err)
{
    for (char *p = err->text; *p; p++) {
        if (iscntrl((unsigned char)*p))
            *p = ' ';
    }
    fprintf(stderr, "%s: %s\n", program_name(program), err->text);
    return EXIT_CONFIG;
}

static enum log_level level_of(const char *name)
{
    return *name == 'd' ? LOG_DEBUG : *name == 'i' ? LOG_INFO : *name == 'w' ? LOG_WARN : LOG_ERROR;
}

static void start_log(const struct settings *s)
{
    bool is_auto = strcmp(s->log_format, "auto") == 0;
    bool is_json = is_auto ? !isatty(STDERR_FILENO) : strcmp(s->log_format, "json") == 0;
    log_init(program_name(s->program), level_of(s->log_level), is_json);
}

/* --help, --version, and what is wrong with the arguments; false when there is more to do. */
static bool answer_arguments(enum program program, int argc, char **argv, int *ret_exit_code)
{
    const char *option = argc > 1 ? argv[1] : "";
    bool is_help = argc == 2 && strcmp(option, "--help") == 0;
    bool is_version = argc == 2 && strcmp(option, "--version") == 0;
    if (argc <= 1 || (argc == 2 && strcmp(option, "--check-config") == 0))
        return false;
    if (is_help)
        print_help(program, stdout);
    else if (is_version)
        printf("%s %s\n", program_name(program), ALS_VERSION);
    else
        fprintf(stderr, "Usage: %s [--help | --version | --check-config]\n", program_name(program));
    *ret_exit_code = is_help || is_version ? EXIT_SUCCESS : EX_USAGE;
    return true;
}

bool settings_start(enum program program, int argc, char **argv,
                    enum result (*check)(const struct settings *settings, struct err *err),
                    struct settings **ret, int *ret_exit_code)
{
    struct err err;
    AUTO(settings) s = NULL;
    if (answer_arguments(program, argc, argv, ret_exit_code))
        return true;
    if (settings_new(program, environ, &s, &err) != OK || (check && check(s, &err) != OK)) {
        *ret_exit_code = print_refusal(program, &err);
        return true;
    }
    if (argc == 2) {
        print_effective(s, stdout);
        *ret_exit_code = EXIT_SUCCESS;
        return true;
    }
    start_log(s);
    *ret = TAKE(s);
    return false;
}
