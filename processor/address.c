/* SPDX-License-Identifier: MIT */
#include "processor/address.h"

#include <arpa/inet.h>

struct range {
    uint8_t prefix[16];
    unsigned bits;
    const char *class;
};

/* The first that fits counts. */
static const struct range ranges4[] = {
    {{10}, 8, "private"},
    {{172, 16}, 12, "private"},
    {{192, 168}, 16, "private"},
    {{100, 64}, 10, "private"}, /* carrier-grade NAT, RFC 6598 */
    {{127}, 8, "loopback"},
    {{169, 254}, 16, "link-local"},
    {{224}, 4, "multicast"},
    {{0}, 8, "reserved"},
    {{192, 0, 0}, 24, "reserved"},
    {{192, 0, 2}, 24, "reserved"}, /* documentation, RFC 5737, and the next two */
    {{198, 51, 100}, 24, "reserved"},
    {{203, 0, 113}, 24, "reserved"},
    {{198, 18}, 15, "reserved"}, /* benchmarking, RFC 2544 */
    {{240}, 4, "reserved"},
    {{0}, 0, "public"},
};

static const struct range ranges6[] = {
    {{[15] = 1}, 128, "loopback"},
    {{0xfe, 0x80}, 10, "link-local"},
    {{0xfc}, 7, "private"},
    {{0xff}, 8, "multicast"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "reserved"}, /* documentation, RFC 3849 */
    {{0x20}, 3, "public"},                      /* all that is assigned so far */
    {{0}, 0, "reserved"},
};

bool address_parse(struct slice text, struct address *ret)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    char copy[INET6_ADDRSTRLEN];
    struct address a = {0};

    if (text.len == 0 || text.len >= sizeof copy || memchr(text.data, 0, text.len))
        return false;
    memcpy(copy, text.data, text.len);
    copy[text.len] = 0;
    if (inet_pton(AF_INET, copy, a.bytes) == 1) {
        a.version = 4;
    } else if (inet_pton(AF_INET6, copy, a.bytes) == 1) {
        a.version = 6;
        if (memcmp(a.bytes, mapped, sizeof mapped) == 0) {
            a.version = 4;
            memmove(a.bytes, a.bytes + sizeof mapped, 4);
            memset(a.bytes + 4, 0, sizeof a.bytes - 4);
        }
    } else {
        return false;
    }
    *ret = a;
    return true;
}

static bool range_has(const struct range *r, const uint8_t *bytes)
{
    size_t whole = r->bits / 8;
    uint8_t mask = (uint8_t)(0xff00u >> (r->bits % 8));

    if (memcmp(bytes, r->prefix, whole) != 0)
        return false;
    return r->bits % 8 == 0 || ((bytes[whole] ^ r->prefix[whole]) & mask) == 0;
}

const char *address_class(const struct address *a)
{
    const struct range *r = a->version == 4 ? ranges4 : ranges6;

    while (!range_has(r, a->bytes)) /* the last of each table has everything */
        r++;
    return r->class;
}
