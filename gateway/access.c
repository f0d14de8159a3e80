/* SPDX-License-Identifier: MIT */
#include "gateway/access.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/stop.h"
#include "gateway/key_cache.h"
#include "gateway/key_store.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    USED_EVERY_MS = 60000, /* how exactly a last use is told */
    USED_WRITES_MAX = 50,  /* of one reload: the rest go with the next */
};

struct access {
    const struct settings *settings;
    bool with_keys;
    struct buf source; /* which store the keys are of */
    atomic_uint version;
    atomic_bool current;
    pthread_mutex_t lock; /* guards `set` */
    struct key_set *set;
    pthread_mutex_t reload_lock; /* one reload at a time; guards what follows */
    struct buf rendered;         /* `set` as JSON */
    bool saved, told_of_file;
};

struct access_reader {
    struct access *access;
    struct key_hasher *hasher;
    struct key_set *set;
    unsigned version;
};

struct access_watch {
    struct access *access;
    struct store *store;
    pthread_t thread;
};

static const char *cache_path(const struct access *a)
{
    const char *path = a->settings->key_cache_file;

    return a->with_keys && strcmp(path, "none") != 0 ? path : NULL;
}

/* --- the set --- */

static void publish(struct access *a, struct key_set *set)
{
    pthread_mutex_lock(&a->lock);
    struct key_set *old = a->set;
    a->set = set;
    atomic_fetch_add(&a->version, 1);
    pthread_mutex_unlock(&a->lock);
    key_set_unref(old);
}

static void load_cache(struct access *a)
{
    AUTO_BUF text = {0};
    struct key_set *set;
    struct err err;

    enum result result = cache_path(a) ? key_cache_read(cache_path(a), &text, &err) : RETRY;
    if (result == OK)
        result = key_set_parse(buf_slice(&text), buf_slice(&a->source), &set, &err);
    if (result == REJECT)
        log_warn("the cache of keys is passed over until the store answers: %s", err.text);
    if (result != OK)
        return;
    publish(a, set);
    buf_add_slice(&a->rendered, buf_slice(&text));
    a->saved = true;
}

static void save_cache(struct access *a)
{
    struct err err;

    if (a->saved || !cache_path(a))
        return;
    a->saved = key_cache_write(cache_path(a), buf_slice(&a->rendered), &err) == OK;
    if (!a->saved && !a->told_of_file)
        log_warn("keys are not kept in a file, a restart while the store is away will know none: "
                 "%s; set KEY_CACHE_FILE, or none",
                 err.text);
    a->told_of_file = !a->saved;
}

struct access *access_new(const struct settings *settings)
{
    struct access *a = mem_zalloc(sizeof *a);
    char *uri = settings_mask_uri(settings->mongo_uri);

    a->settings = settings;
    a->with_keys = strcmp(settings->auth, "keys") == 0;
    buf_printf(&a->source, "%s %s", uri, settings->mongo_db_name);
    free(uri);
    pthread_mutex_init(&a->lock, NULL);
    pthread_mutex_init(&a->reload_lock, NULL);
    atomic_init(&a->version, 1);
    a->set = key_set_new();
    load_cache(a);
    return a;
}

void access_free(struct access *a)
{
    if (!a)
        return;
    key_set_unref(a->set);
    buf_done(&a->source);
    buf_done(&a->rendered);
    pthread_mutex_destroy(&a->lock);
    pthread_mutex_destroy(&a->reload_lock);
    free(a);
}

bool access_is_current(const struct access *a)
{
    return atomic_load(&a->current);
}

/* --- from the store; with reload_lock --- */

static void carry_uses(struct key_set *from, struct key_set *to)
{
    struct api_key *key;

    for (size_t i = 0; (key = key_set_at(to, i)); i++) {
        const struct api_key *old = key_set_find(from, slice_of(key->id));
        if (old)
            atomic_store(&key->used_ms, atomic_load(&old->used_ms));
    }
}

/* Takes `set`. */
static void settle(struct access *a, struct key_set *set)
{
    AUTO_BUF rendered = {0};

    key_set_finish(set);
    key_set_render(set, buf_slice(&a->source), &rendered);
    if (slice_eq(buf_slice(&rendered), buf_slice(&a->rendered))) {
        key_set_unref(set);
    } else {
        carry_uses(a->set, set); /* `set` changes under reload_lock alone */
        publish(a, set);
        buf_clear(&a->rendered);
        buf_add_slice(&a->rendered, buf_slice(&rendered));
        a->saved = false;
    }
    save_cache(a);
}

/* A last use that is not written is written later, or not at all: it is a hint. */
static void store_uses(struct access *a, struct store *store)
{
    struct api_key *key;
    struct err err;
    int writes = 0;

    for (size_t i = 0; writes < USED_WRITES_MAX && (key = key_set_at(a->set, i)); i++) {
        int64_t used_ms = atomic_load(&key->used_ms);
        if (used_ms - key->used_stored_ms < USED_EVERY_MS)
            continue;
        if (key_store_note_use(store, key->id, used_ms, &err) != OK)
            return;
        key->used_stored_ms = used_ms;
        writes++;
    }
}

enum result access_reload(struct access *a, struct store *store, struct err *err)
{
    struct key_set *set = key_set_new();

    pthread_mutex_lock(&a->reload_lock);
    enum result result = a->with_keys ? key_store_read(store, set, err) : OK;
    if (result == OK)
        result = key_store_read_limits(store, set, err);
    if (result == OK)
        settle(a, TAKE(set));
    atomic_store(&a->current, result == OK);
    if (result == OK && a->with_keys)
        store_uses(a, store);
    pthread_mutex_unlock(&a->reload_lock);
    key_set_unref(set);
    return result;
}

/* One line per change. That the store is away is said by the watch of the store. */
static void tell(const struct access_watch *w, enum result result, enum result before,
                 const struct err *err)
{
    if (result != OK && before == OK && !store_is_away(w->store))
        log_warn("keys and limits cannot be read, going on with those known: %s", err->text);
    else if (result == OK && before != OK)
        log_debug("keys and limits are read again");
}

static void *watch(void *arg)
{
    struct access_watch *w = arg;
    enum result result = OK, before;
    struct err err;

    do {
        before = result;
        result = access_reload(w->access, w->store, &err);
        tell(w, result, before, &err);
    } while (!stop_sleep_ms(ACCESS_EVERY_MS));
    return NULL;
}

struct access_watch *access_watch_new(struct access *a, struct store *store)
{
    struct access_watch *w = mem_zalloc(sizeof *w);

    w->access = a;
    w->store = store;
    if (pthread_create(&w->thread, NULL, watch, w) != 0)
        abort(); /* as out of memory */
    return w;
}

void access_watch_free(struct access_watch *w)
{
    if (w)
        pthread_join(w->thread, NULL);
    free(w);
}

/* --- on a loop --- */

struct access_reader *access_reader_new(struct access *a)
{
    struct access_reader *r = mem_zalloc(sizeof *r);

    r->access = a;
    r->hasher = key_hasher_new();
    return r;
}

void access_reader_free(struct access_reader *r)
{
    if (!r)
        return;
    key_hasher_free(r->hasher);
    key_set_unref(r->set);
    free(r);
}

static struct key_set *look(struct access_reader *r)
{
    struct access *a = r->access;

    if (atomic_load_explicit(&a->version, memory_order_acquire) == r->version)
        return r->set;
    pthread_mutex_lock(&a->lock);
    struct key_set *old = r->set;
    r->set = key_set_ref(a->set);
    r->version = atomic_load(&a->version);
    pthread_mutex_unlock(&a->lock);
    key_set_unref(old);
    return r->set;
}

const struct api_key *access_find(struct access_reader *r, struct slice text, int64_t now_ms)
{
    unsigned char hash[KEY_HASH_LEN];
    struct slice id;

    if (!api_key_parse(text, &id))
        return NULL;
    struct api_key *key = key_set_find(look(r), id);
    if (!key)
        return NULL;
    key_hash(r->hasher, text, hash);
    if (!key_hash_equal(hash, key->hash))
        return NULL;
    /* Seldom written, so that the loops do not pass this memory to and fro. */
    if (now_ms - atomic_load_explicit(&key->used_ms, memory_order_relaxed) >= USED_EVERY_MS)
        atomic_store_explicit(&key->used_ms, now_ms, memory_order_relaxed);
    return key;
}

bool access_still_good(struct access_reader *r, struct slice id, int64_t now_ms)
{
    const struct api_key *key = key_set_find(look(r), id);

    return key && !api_key_expired(key, now_ms);
}

bool access_is_full(struct access_reader *r)
{
    return key_set_at(look(r), KEYS_MAX - 1) != NULL;
}

int64_t access_own_limit(struct access_reader *r, struct slice tenant)
{
    return key_set_limit(look(r), tenant);
}

int64_t access_limit(struct access_reader *r, struct slice tenant)
{
    int64_t most = r->access->settings->max_requests_per_minute;
    int64_t own = access_own_limit(r, tenant);

    if (own <= 0)
        return most;
    return most > 0 && most < own ? most : own;
}
