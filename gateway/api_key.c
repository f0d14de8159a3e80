/* SPDX-License-Identifier: MIT */
#include "gateway/api_key.h"

#include "common/mem.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>

enum { SECRET_LEN = 64, HASH_DIGITS = 2 * KEY_HASH_LEN };

static const char prefix[] = "als_";
static const char digits[] = "0123456789abcdef";
static const char *const scope_names[] = {
    [SCOPE_INGEST] = "ingest",
    [SCOPE_READ] = "read",
    [SCOPE_ADMIN] = "admin",
};

struct key_hasher {
    EVP_MD_CTX *context;
};

static void write_hex(const unsigned char *bytes, size_t count, char *out)
{
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

static bool is_hex(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!((text.data[i] >= '0' && text.data[i] <= '9') ||
              (text.data[i] >= 'a' && text.data[i] <= 'f')))
            return false;
    return true;
}

enum result api_key_make(char ret[KEY_LEN + 1], struct err *err)
{
    unsigned char random[(KEY_ID_LEN + SECRET_LEN) / 2];

    if (RAND_bytes(random, sizeof random) != 1)
        return err_set(err, FATAL, "the system has no entropy for a key");
    memcpy(ret, prefix, sizeof prefix);
    write_hex(random, KEY_ID_LEN / 2, ret + sizeof prefix - 1);
    ret[sizeof prefix - 1 + KEY_ID_LEN] = '_';
    write_hex(random + KEY_ID_LEN / 2, SECRET_LEN / 2, ret + KEY_LEN - SECRET_LEN);
    ret[KEY_LEN] = '\0';
    OPENSSL_cleanse(random, sizeof random);
    return OK;
}

bool api_key_id_valid(struct slice id)
{
    return id.len == KEY_ID_LEN && is_hex(id);
}

bool api_key_parse(struct slice text, struct slice *ret_id)
{
    if (text.len != KEY_LEN || memcmp(text.data, prefix, sizeof prefix - 1) != 0)
        return false;
    struct slice id = {text.data + sizeof prefix - 1, KEY_ID_LEN};
    struct slice secret = {text.data + KEY_LEN - SECRET_LEN, SECRET_LEN};
    if (!api_key_id_valid(id) || id.data[KEY_ID_LEN] != '_' || !is_hex(secret))
        return false;
    *ret_id = id;
    return true;
}

bool api_key_has(const struct api_key *key, enum scope scope)
{
    return scope == SCOPE_NONE || key->scopes & (1u << scope | 1u << SCOPE_ADMIN);
}

bool api_key_expired(const struct api_key *key, int64_t now_ms)
{
    return key->expires_ms != 0 && key->expires_ms <= now_ms;
}

unsigned scope_bit(struct slice name)
{
    for (unsigned i = SCOPE_INGEST; i <= SCOPE_ADMIN; i++)
        if (slice_is(name, scope_names[i]))
            return 1u << i;
    return 0;
}

void scopes_render(unsigned scopes, struct buf *out)
{
    const char *before = "[";

    for (unsigned i = SCOPE_INGEST; i <= SCOPE_ADMIN; i++)
        if (scopes & 1u << i) {
            buf_printf(out, "%s\"%s\"", before, scope_names[i]);
            before = ",";
        }
    buf_add_text(out, *before == '[' ? "[]" : "]");
}

struct key_hasher *key_hasher_new(void)
{
    struct key_hasher *h = mem_zalloc(sizeof *h);

    h->context = EVP_MD_CTX_new();
    int made = h->context && EVP_DigestInit_ex(h->context, EVP_sha256(), NULL);
    assert(made); /* as out of memory */
    (void)made;
    return h;
}

void key_hasher_free(struct key_hasher *h)
{
    if (h)
        EVP_MD_CTX_free(h->context);
    free(h);
}

void key_hash(struct key_hasher *h, struct slice key, unsigned char ret[KEY_HASH_LEN])
{
    int done = EVP_DigestInit_ex(h->context, NULL, NULL) && /* the same digest once more */
               EVP_DigestUpdate(h->context, key.data, key.len) &&
               EVP_DigestFinal_ex(h->context, ret, NULL);
    assert(done);
    (void)done;
}

bool key_hash_equal(const unsigned char a[KEY_HASH_LEN], const unsigned char b[KEY_HASH_LEN])
{
    return CRYPTO_memcmp(a, b, KEY_HASH_LEN) == 0;
}

void key_hash_render(const unsigned char hash[KEY_HASH_LEN], struct buf *out)
{
    char text[HASH_DIGITS];

    write_hex(hash, KEY_HASH_LEN, text);
    buf_add(out, text, sizeof text);
}

static unsigned digit_value(char c)
{
    return (unsigned)(strchr(digits, c) - digits);
}

bool key_hash_parse(struct slice text, unsigned char ret[KEY_HASH_LEN])
{
    if (text.len != HASH_DIGITS || !is_hex(text))
        return false;
    for (size_t i = 0; i < HASH_DIGITS; i += 2)
        ret[i / 2] =
            (unsigned char)(digit_value(text.data[i]) << 4 | digit_value(text.data[i + 1]));
    return true;
}
