/* SPDX-License-Identifier: MIT */
#include "gateway/create_key.h"

#include "common/clock.h"
#include "common/settings.h"
#include "gateway/key_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum { LIMIT_MS = 5000, DAYS_MAX = 36500, DAY_MS = 86400000 };

static const char usage[] =
    "Usage: als-gateway --create-key --tenant T --scopes ingest,read,admin --name N "
    "[--expires-in-days D]\n";

struct wish {
    const char *tenant, *scopes, *name, *days;
};

bool create_key_wanted(int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], "--create-key") == 0;
}

static int refuse(const char *option, const char *why)
{
    fprintf(stderr, "als-gateway: %s %s\n%s", option, why, usage);
    return EX_USAGE;
}

static int read_arguments(int argc, char **argv, struct wish *ret)
{
    const struct {
        const char *name, **value;
    } options[] = {
        {"--tenant", &ret->tenant},
        {"--scopes", &ret->scopes},
        {"--name", &ret->name},
        {"--expires-in-days", &ret->days},
    };
    enum { COUNT = sizeof options / sizeof options[0] };

    for (int i = 2; i < argc; i += 2) {
        size_t at = 0;
        while (at < COUNT && strcmp(argv[i], options[at].name) != 0)
            at++;
        if (at == COUNT)
            return refuse(argv[i], "is no option of --create-key");
        if (i + 1 == argc)
            return refuse(argv[i], "wants a value");
        if (*options[at].value)
            return refuse(argv[i], "is given twice");
        *options[at].value = argv[i + 1];
    }
    for (size_t at = 0; at + 1 < COUNT; at++)
        if (!*options[at].value)
            return refuse(options[at].name, "is missing");
    return EX_OK;
}

static unsigned read_scopes(const char *text)
{
    unsigned scopes = 0;

    for (;;) {
        size_t len = strcspn(text, ",");
        unsigned bit = scope_bit(slice_make(text, len));
        if (bit == 0)
            return 0;
        scopes |= bit;
        if (text[len] == '\0')
            return scopes;
        text += len + 1;
    }
}

static int read_wish(const struct wish *wish, struct key_order *ret)
{
    *ret = (struct key_order){
        .tenant = slice_of(wish->tenant),
        .name = slice_of(wish->name),
        .scopes = read_scopes(wish->scopes),
        .created_ms = clock_wall_ms(),
    };
    if (!tenant_valid(ret->tenant))
        return refuse("--tenant", "must be 1 to 64 of A-Z a-z 0-9 . _ -");
    if (ret->scopes == 0)
        return refuse("--scopes", "must be one or more of ingest,read,admin");
    if (ret->name.len == 0 || ret->name.len > KEY_NAME_MAX)
        return refuse("--name", "must be 1 to 100 bytes long");
    if (!wish->days)
        return EX_OK;
    char *end;
    long days = strtol(wish->days, &end, 10);
    if (*end || days < 1 || days > DAYS_MAX)
        return refuse("--expires-in-days", "must be a whole number from 1 to 36500");
    ret->expires_ms = ret->created_ms + days * DAY_MS;
    return EX_OK;
}

static enum result write_key(const struct settings *settings, struct key_order *order,
                             char key[KEY_LEN + 1], struct err *err)
{
    AUTO(store) store = NULL;
    AUTO(key_hasher) hasher = key_hasher_new();
    struct slice text = {key, KEY_LEN};
    enum result result = store_new(settings, &store, err);

    if (result == OK)
        result = api_key_make(key, err);
    if (result != OK)
        return result;
    api_key_parse(text, &order->id);
    key_hash(hasher, text, order->hash);
    return key_store_insert(store, order, LIMIT_MS, err);
}

int create_key_run(int argc, char **argv)
{
    AUTO(settings) settings = NULL;
    struct wish wish = {NULL};
    struct key_order order;
    char key[KEY_LEN + 1];
    int exit_code = read_arguments(argc, argv, &wish);
    struct err err;

    if (exit_code == EX_OK)
        exit_code = read_wish(&wish, &order);
    if (exit_code != EX_OK || settings_start(GATEWAY, 1, argv, NULL, &settings, &exit_code))
        return exit_code;
    enum result result = write_key(settings, &order, key, &err);
    if (result != OK) {
        fprintf(stderr, "als-gateway: no key is made: %s\n", err.text);
        return result == FATAL ? EXIT_CONFIG : EX_UNAVAILABLE;
    }
    fprintf(stderr, "This is the only time the key is shown; gateways know it within 5 s.\n");
    printf("%s\n", key);
    return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}
