/* SPDX-License-Identifier: MIT */
#include "processor/geoip.h"

#include "common/mem.h"

#include <errno.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

enum { DATABASES_MAX = 4 };

struct geoip {
    size_t count;
    MMDB_s databases[DATABASES_MAX];
};

static enum result refuse(const char *path, int code, struct err *err)
{
    if (code == MMDB_FILE_OPEN_ERROR)
        return err_set(err, FATAL,
                       "GEOIP_DB names %.200s, which cannot be read: %s; mend the path, or leave "
                       "GEOIP_DB empty",
                       path, strerror(errno));
    return err_set(err, FATAL,
                   "GEOIP_DB names %.200s, which is no MaxMind database (.mmdb, unpacked): %s",
                   path, MMDB_strerror(code));
}

static enum result open_one(struct geoip *g, struct slice path, struct err *err)
{
    char name[4096]; /* a setting is shorter */
    int code;

    snprintf(name, sizeof name, "%.*s", SLICE_ARG(path));
    if (g->count == DATABASES_MAX)
        return err_set(err, FATAL, "GEOIP_DB names more than %d databases: %.200s is one too many",
                       DATABASES_MAX, name);
    code = MMDB_open(name, MMDB_MODE_MMAP, &g->databases[g->count]);
    if (code != MMDB_SUCCESS)
        return refuse(name, code, err);
    g->count++;
    return OK;
}

enum result geoip_new(const char *paths, struct geoip **ret, struct err *err)
{
    AUTO(geoip) g = mem_zalloc(sizeof *g);

    while (*paths) {
        size_t len = strcspn(paths, ",");
        struct slice path = slice_trim(slice_make(paths, len));
        enum result result = path.len ? open_one(g, path, err) : OK;

        if (result != OK)
            return result;
        paths += len + (paths[len] == ',');
    }
    *ret = TAKE(g);
    return OK;
}

void geoip_free(struct geoip *g)
{
    for (size_t i = 0; g && i < g->count; i++)
        MMDB_close(&g->databases[i]);
    free(g);
}

static void find_text(MMDB_entry_s *entry, const char *const *path, struct slice *ret)
{
    MMDB_entry_data_s data;

    if (!ret->data && MMDB_aget_value(entry, &data, path) == MMDB_SUCCESS && data.has_data &&
        data.type == MMDB_DATA_TYPE_UTF8_STRING)
        *ret = slice_make(data.utf8_string, data.data_size);
}

static void find_asn(MMDB_entry_s *entry, uint32_t *ret)
{
    static const char *const path[] = {"autonomous_system_number", NULL};
    MMDB_entry_data_s data;

    if (MMDB_aget_value(entry, &data, path) == MMDB_SUCCESS && data.has_data &&
        data.type == MMDB_DATA_TYPE_UINT32)
        *ret = data.uint32;
}

void geoip_find(const struct geoip *g, const struct address *a, struct place *ret)
{
    static const char *const country[] = {"country", "iso_code", NULL};
    static const char *const city[] = {"city", "names", "en", NULL};
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } where = {0};

    *ret = (struct place){0};
    where.any.sa_family = a->version == 4 ? AF_INET : AF_INET6;
    if (a->version == 4)
        memcpy(&where.in.sin_addr, a->bytes, 4);
    else
        memcpy(&where.in6.sin6_addr, a->bytes, 16);

    for (size_t i = 0; i < g->count; i++) {
        int code = 0;
        MMDB_lookup_result_s found = MMDB_lookup_sockaddr(&g->databases[i], &where.any, &code);

        if (code != MMDB_SUCCESS || !found.found_entry)
            continue;
        find_text(&found.entry, country, &ret->country);
        find_text(&found.entry, city, &ret->city);
        find_asn(&found.entry, &ret->asn);
    }
}
