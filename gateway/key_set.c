/* SPDX-License-Identifier: MIT */
#include "gateway/key_set.h"

#include "common/mem.h"
#include "schemas/json.h"

#include <stdlib.h>

enum { DEPTH = 4 };

struct tenant_limit {
    char tenant[KEY_TENANT_SIZE];
    int64_t per_minute;
};

struct key_set {
    atomic_int references;
    struct api_key *keys;        /* by id, once finished */
    struct tenant_limit *limits; /* by tenant */
    size_t key_count, limit_count;
};

struct key_set *key_set_new(void)
{
    struct key_set *set = mem_zalloc(sizeof *set);

    atomic_init(&set->references, 1);
    return set;
}

struct key_set *key_set_ref(struct key_set *set)
{
    atomic_fetch_add(&set->references, 1);
    return set;
}

void key_set_unref(struct key_set *set)
{
    if (!set || atomic_fetch_sub(&set->references, 1) > 1)
        return;
    free(set->keys);
    free(set->limits);
    free(set);
}

/* Room for one more, doubled at each power of two. */
static void *grow(void *items, size_t count, size_t size)
{
    return (count & (count - 1)) == 0 ? mem_realloc(items, (count ? 2 * count : 1) * size) : items;
}

void key_set_add(struct key_set *set, const struct api_key *key)
{
    if (set->key_count == KEYS_MAX)
        return;
    set->keys = grow(set->keys, set->key_count, sizeof *key);
    set->keys[set->key_count++] = *key;
}

void key_set_add_limit(struct key_set *set, struct slice tenant, int64_t per_minute)
{
    if (set->limit_count == LIMITS_MAX || !tenant_valid(tenant))
        return;
    set->limits = grow(set->limits, set->limit_count, sizeof *set->limits);
    struct tenant_limit *limit = &set->limits[set->limit_count++];
    *limit = (struct tenant_limit){.per_minute = per_minute};
    memcpy(limit->tenant, tenant.data, tenant.len);
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct api_key *)a)->id, ((const struct api_key *)b)->id);
}

static int by_tenant(const void *a, const void *b)
{
    return strcmp(((const struct tenant_limit *)a)->tenant,
                  ((const struct tenant_limit *)b)->tenant);
}

void key_set_finish(struct key_set *set)
{
    if (set->key_count > 0)
        qsort(set->keys, set->key_count, sizeof *set->keys, by_id);
    if (set->limit_count > 0)
        qsort(set->limits, set->limit_count, sizeof *set->limits, by_tenant);
}

struct api_key *key_set_find(struct key_set *set, struct slice id)
{
    struct api_key wanted;

    if (id.len != KEY_ID_LEN || set->key_count == 0)
        return NULL;
    memcpy(wanted.id, id.data, KEY_ID_LEN);
    wanted.id[KEY_ID_LEN] = '\0';
    return bsearch(&wanted, set->keys, set->key_count, sizeof wanted, by_id);
}

struct api_key *key_set_at(struct key_set *set, size_t i)
{
    return i < set->key_count ? &set->keys[i] : NULL;
}

int64_t key_set_limit(const struct key_set *set, struct slice tenant)
{
    struct tenant_limit wanted;

    if (set->limit_count == 0 || tenant.len >= sizeof wanted.tenant)
        return -1;
    memcpy(wanted.tenant, tenant.data, tenant.len);
    wanted.tenant[tenant.len] = '\0';
    struct tenant_limit *found =
        bsearch(&wanted, set->limits, set->limit_count, sizeof wanted, by_tenant);
    return found ? found->per_minute : -1;
}

void key_set_render(const struct key_set *set, struct slice source, struct buf *out)
{
    buf_add_text(out, "{\"source\":");
    buf_add_json_any(out, source);
    buf_add_text(out, ",\"keys\":[");
    for (size_t i = 0; i < set->key_count; i++) {
        const struct api_key *key = &set->keys[i];
        buf_printf(out, "%s{\"id\":\"%s\",\"hash\":\"", i > 0 ? ",\n" : "\n", key->id);
        key_hash_render(key->hash, out);
        buf_printf(out, "\",\"tenant\":\"%s\",\"scopes\":", key->tenant);
        scopes_render(key->scopes, out);
        buf_printf(out, ",\"expiresMs\":%lld}", (long long)key->expires_ms);
    }
    buf_add_text(out, "],\"limits\":[");
    for (size_t i = 0; i < set->limit_count; i++)
        buf_printf(out, "%s{\"tenant\":\"%s\",\"perMinute\":%lld}", i > 0 ? ",\n" : "\n",
                   set->limits[i].tenant, (long long)set->limits[i].per_minute);
    buf_add_text(out, "]}\n");
}

/* --- back from JSON; nothing that we write is escaped, but for `source` --- */

static struct json_value member(struct json_value object, const char *name)
{
    struct json_value key, value, found = {.raw = {NULL, 0}};

    if (object.type != JSON_OBJECT)
        return found;
    for (struct json_iter it = json_iter(object); json_next(&it, &key, &value);)
        if (json_key_is(key, name))
            found = value;
    return found;
}

static struct slice text_of(struct json_value value)
{
    bool plain = value.raw.data && value.type == JSON_STRING && !value.escaped;
    return plain ? slice_make(value.raw.data + 1, value.raw.len - 2) : slice_of("");
}

static int64_t number_of(struct json_value value)
{
    return value.raw.data && value.type == JSON_NUMBER ? strtoll(value.raw.data, NULL, 10) : -1;
}

static unsigned scopes_of(struct json_value list)
{
    struct json_value name;
    unsigned scopes = 0;

    if (!list.raw.data || list.type != JSON_ARRAY)
        return 0;
    for (struct json_iter it = json_iter(list); json_next(&it, NULL, &name);)
        scopes |= scope_bit(text_of(name));
    return scopes;
}

static bool read_key(struct json_value value, struct api_key *ret)
{
    struct slice id = text_of(member(value, "id"));
    struct slice tenant = text_of(member(value, "tenant"));

    *ret = (struct api_key){
        .scopes = scopes_of(member(value, "scopes")),
        .expires_ms = number_of(member(value, "expiresMs")),
    };
    if (!api_key_id_valid(id) || !tenant_valid(tenant) || ret->expires_ms < 0 ||
        !key_hash_parse(text_of(member(value, "hash")), ret->hash))
        return false;
    memcpy(ret->id, id.data, id.len);
    memcpy(ret->tenant, tenant.data, tenant.len);
    return true;
}

static bool read_lists(struct json_value root, struct key_set *set)
{
    struct json_value keys = member(root, "keys"), limits = member(root, "limits"), value;
    struct api_key key;

    if (!keys.raw.data || keys.type != JSON_ARRAY || !limits.raw.data || limits.type != JSON_ARRAY)
        return false;
    for (struct json_iter it = json_iter(keys); json_next(&it, NULL, &value);) {
        if (!read_key(value, &key))
            return false;
        key_set_add(set, &key);
    }
    for (struct json_iter it = json_iter(limits); json_next(&it, NULL, &value);) {
        int64_t per_minute = number_of(member(value, "perMinute"));
        if (per_minute < 0)
            return false;
        key_set_add_limit(set, text_of(member(value, "tenant")), per_minute);
    }
    key_set_finish(set);
    return true;
}

enum result key_set_parse(struct slice json, struct slice source, struct key_set **ret,
                          struct err *err)
{
    AUTO_BUF wanted = {0};

    if (json_check(json, DEPTH, err) != OK)
        return REJECT;
    struct json_value root = json_root(json);
    buf_add_json_any(&wanted, source);
    if (!slice_eq(member(root, "source").raw, buf_slice(&wanted)))
        return err_set(err, REJECT, "it holds the keys of another store");
    struct key_set *set = key_set_new();
    if (!read_lists(root, set)) {
        key_set_unref(set);
        return err_set(err, REJECT, "it is not a list of keys");
    }
    *ret = set;
    return OK;
}
