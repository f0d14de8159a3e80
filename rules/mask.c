/* SPDX-License-Identifier: MIT */
#include "rules/mask.h"

#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

enum { PSEUDONYM_LEN = 21 }; /* anon-0123456789abcdef */

static const char *const top[] = {"userId", "ip", "userAgent", "sessionId", "hash"};
static const char *const actor[] = {"id", "name"};
static const char *const metadata[] = {"userId", "actorId", "ip", "userAgent", "sessionId"};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static void make_pseudonym(struct slice salt, struct slice value, char out[PSEUDONYM_LEN + 1])
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    HMAC(EVP_sha256(), salt.data, (int)salt.len, (const unsigned char *)value.data, value.len,
         digest, NULL);
    snprintf(out, PSEUDONYM_LEN + 1, "anon-%02x%02x%02x%02x%02x%02x%02x%02x", digest[0], digest[1],
             digest[2], digest[3], digest[4], digest[5], digest[6], digest[7]);
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* A value that is no text (metadata may hold any) has no equal to keep: its name says enough. */
static void append_masked(bson_t *out, const bson_iter_t *it, struct slice salt)
{
    char pseudonym[PSEUDONYM_LEN + 1];
    uint32_t len = 0;
    const char *text = BSON_ITER_HOLDS_UTF8(it) ? bson_iter_utf8(it, &len) : "";

    make_pseudonym(salt, slice_make(text, len), pseudonym);
    bson_append_utf8(out, bson_iter_key(it), -1, pseudonym, PSEUDONYM_LEN);
}

static void append_object(bson_t *out, const bson_iter_t *it, const char *const *names,
                          size_t count, struct slice salt)
{
    bson_iter_t member;
    bson_t object;

    bson_append_document_begin(out, bson_iter_key(it), -1, &object);
    if (bson_iter_recurse(it, &member))
        while (bson_iter_next(&member)) {
            if (is_among(bson_iter_key(&member), names, count))
                append_masked(&object, &member, salt);
            else
                bson_append_iter(&object, NULL, 0, &member);
        }
    bson_append_document_end(out, &object);
}

bson_t *mask_document(const bson_t *doc, struct slice salt)
{
    bson_t *out = bson_sized_new(doc->len + 256);
    bson_iter_t it;

    if (!bson_iter_init(&it, doc))
        return out;
    while (bson_iter_next(&it)) {
        const char *key = bson_iter_key(&it);
        bool is_object = BSON_ITER_HOLDS_DOCUMENT(&it);

        if (is_object && strcmp(key, "actor") == 0)
            append_object(out, &it, actor, COUNT(actor), salt);
        else if (is_object && strcmp(key, "metadata") == 0)
            append_object(out, &it, metadata, COUNT(metadata), salt);
        else if (is_among(key, top, COUNT(top)))
            append_masked(out, &it, salt);
        else
            bson_append_iter(out, NULL, 0, &it);
    }
    return out;
}
