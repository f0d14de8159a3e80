/* SPDX-License-Identifier: MIT */
#include "common/settings.h"
#include "common/mem.h"
#include "common/settings_table.h"
#include "common/slice.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_FILE = 65536, MAX_NAME = 128 };

static const char property_prefix[] = "KAFKA_PROPERTY_";

/* The value of `name`; an empty one counts as unset. */
static const char *env_get(char *const *env, const char *name)
{
    size_t len = strlen(name);
    for (; *env; env++) {
        if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
            return (*env)[len + 1] ? *env + len + 1 : NULL;
    }
    return NULL;
}

/* What a secret's file holds, without the line end that editors add. */
static enum result read_secret(const char *name, const char *path, char **ret, struct err *err)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return err_set(err, FATAL, "%s is \"%.200s\", which cannot be read: %s", name, path,
                       strerror(errno));
    char *text = mem_alloc(MAX_FILE);
    size_t len = fread(text, 1, MAX_FILE, file);
    bool has_failed = ferror(file) != 0;
    fclose(file);
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    if (has_failed || len == 0 || len == MAX_FILE || memchr(text, '\0', len)) {
        free(text);
        return err_set(err, FATAL,
                       "%s is \"%.200s\", which does not hold a secret of 1 to %d bytes", name,
                       path, MAX_FILE - 1);
    }
    *ret = mem_strndup(text, len);
    free(text);
    return OK;
}

/* The host's name, which a container or a StatefulSet makes unique; what a name may not hold
 * becomes '-'. */
static enum result set_host_name(const struct setting *row, struct settings *s)
{
    char name[HOST_NAME_MAX + 1] = "";
    gethostname(name, sizeof name - 1);
    for (char *p = name; *p; p++) {
        if (!setting_is_name_char(*p, row->allowed))
            *p = '-';
    }
    *setting_text(row, s) = mem_strdup(*name ? name : "localhost");
    return OK;
}

static enum result set_from_file(const struct setting *row, const char *path, struct settings *s,
                                 struct err *err)
{
    char name[MAX_NAME];
    char *secret = NULL;
    snprintf(name, sizeof name, "%s_FILE", row->name);
    enum result result = read_secret(name, path, &secret, err);
    if (result != OK)
        return result;
    result = setting_set(row, secret, s, err);
    free(secret);
    return result;
}

static enum result read_row(const struct setting *row, char *const *env, struct settings *s,
                            struct err *err)
{
    char name[MAX_NAME];
    snprintf(name, sizeof name, "%s_FILE", row->name);
    const char *path = row->is_secret ? env_get(env, name) : NULL;
    const char *value = env_get(env, row->name);
    if (path && value)
        return err_set(err, FATAL, "%s and %s are both set: leave one", row->name, name);
    if (path)
        return set_from_file(row, path, s, err);
    if (!value && !row->fallback)
        return set_host_name(row, s);
    return setting_set(row, value ? value : row->fallback, s, err);
}

static char property_char(char c)
{
    if (c == '_')
        return '.';
    if (c >= 'A' && c <= 'Z')
        return (char)(c | 0x20);
    return c;
}

/* security_protocol -> security.protocol */
static char *property_name(const char *text, size_t len)
{
    char *name = mem_strndup(text, len);
    for (char *p = name; *p; p++)
        *p = property_char(*p);
    return name;
}

static bool ends_with(struct slice s, const char *end)
{
    size_t len = strlen(end);
    return s.len > len && memcmp(s.data + s.len - len, end, len) == 0;
}

static enum result read_property(const char *variable, struct settings *s, struct err *err)
{
    const char *equals = strchr(variable, '=');
    const char *text = variable + strlen(property_prefix);
    if (!equals || !equals[1])
        return OK;
    struct slice name = slice_make(text, (size_t)(equals - text));
    bool is_file = ends_with(name, "_FILE");
    char *value = NULL;
    if (is_file) {
        enum result result = read_secret("a KAFKA_PROPERTY_..._FILE", equals + 1, &value, err);
        if (result != OK)
            return result;
        name.len -= strlen("_FILE");
    }
    size_t index = s->kafka_property_count++;
    s->kafka_properties =
        mem_realloc(s->kafka_properties, s->kafka_property_count * sizeof *s->kafka_properties);
    s->kafka_properties[index] = (struct kafka_property){
        .name = property_name(name.data, name.len),
        .value = is_file ? value : mem_strdup(equals + 1),
    };
    return OK;
}

static enum result read_properties(char *const *env, struct settings *s, struct err *err)
{
    for (; *env; env++) {
        if (strncmp(*env, property_prefix, strlen(property_prefix)) != 0)
            continue;
        enum result result = read_property(*env, s, err);
        if (result != OK)
            return result;
    }
    return OK;
}

static bool is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, host, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return strcmp(host, "localhost") == 0;
}

static enum result check_gateway(const struct settings *s, struct err *err)
{
    if (strcmp(s->auth, "none") == 0 && !s->allow_anonymous && !is_loopback(s->host))
        return err_set(err, FATAL,
                       "AUTH=none with HOST=%.100s lets anyone on the network in: set HOST to "
                       "127.0.0.1, or ALLOW_ANONYMOUS=1 if that is meant",
                       s->host);
    if (s->ingest_port == s->port)
        return err_set(err, FATAL, "INGEST_PORT is %ld, which is PORT already: another, or 0",
                       s->ingest_port);
    return OK;
}

static enum result check_together(const struct settings *s, struct err *err)
{
    if (strcmp(s->kafka_topic, ".") == 0 || strcmp(s->kafka_topic, "..") == 0)
        return err_set(err, FATAL, "KAFKA_TOPIC is \"%s\", which Kafka refuses", s->kafka_topic);
    if (s->mongo_uri && strncmp(s->mongo_uri, "mongodb://", 10) != 0 &&
        strncmp(s->mongo_uri, "mongodb+srv://", 14) != 0)
        return err_set(err, FATAL,
                       "MONGO_URI (not shown) must begin with mongodb:// or mongodb+srv://");
    return s->program == GATEWAY ? check_gateway(s, err) : OK;
}

static enum result read_all(struct settings *s, char *const *env, struct err *err)
{
    for (size_t i = 0; i < settings_table_len; i++) {
        const struct setting *row = &settings_table[i];
        enum result result = row->programs & s->program ? read_row(row, env, s, err) : OK;
        if (result != OK)
            return result;
    }
    enum result result = read_properties(env, s, err);
    return result == OK ? check_together(s, err) : result;
}

enum result settings_new(enum program program, char *const *env, struct settings **ret,
                         struct err *err)
{
    AUTO(settings) s = mem_zalloc(sizeof *s);
    s->program = program;
    enum result result = read_all(s, env, err);
    if (result == OK)
        *ret = TAKE(s);
    return result;
}

void settings_free(struct settings *s)
{
    for (size_t i = 0; s && i < settings_table_len; i++) {
        const struct setting *row = &settings_table[i];
        bool is_text = row->type >= SETTING_TEXT;
        if (is_text && row->programs & s->program)
            free(*setting_text(row, s));
    }
    for (size_t i = 0; s && i < s->kafka_property_count; i++) {
        free(s->kafka_properties[i].name);
        free(s->kafka_properties[i].value);
    }
    if (s)
        free(s->kafka_properties);
    free(s);
}
