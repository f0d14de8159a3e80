/* SPDX-License-Identifier: MIT */
#include "processor/user_agent.h"

#include <assert.h>
#include <stdint.h>

/* Enough for any browser's; the tail of a longer one is not looked at. */
enum { LOOK_AT = 512 };

enum kind { BROWSER, SYSTEM, DEVICE, BOT, KINDS };

/* Order matters: Edge says Chrome, and Chrome says Safari. */
static const struct sign {
    enum kind kind;
    const char *token; /* lower case, a letter first */
    const char *name;
} signs[] = {
    {BROWSER, "edg/", "Edge"},
    {BROWSER, "edga/", "Edge"},
    {BROWSER, "edgios/", "Edge"},
    {BROWSER, "opr/", "Opera"},
    {BROWSER, "samsungbrowser/", "Samsung Internet"},
    {BROWSER, "vivaldi/", "Vivaldi"},
    {BROWSER, "yabrowser/", "Yandex"},
    {BROWSER, "fxios/", "Firefox"},
    {BROWSER, "firefox/", "Firefox"},
    {BROWSER, "crios/", "Chrome"},
    {BROWSER, "chromium/", "Chromium"},
    {BROWSER, "chrome/", "Chrome"},
    {BROWSER, "safari/", "Safari"},
    {BROWSER, "trident/", "Internet Explorer"},
    {BROWSER, "msie ", "Internet Explorer"},
    {BROWSER, "curl/", "curl"},
    {BROWSER, "wget/", "Wget"},
    {BROWSER, "python-requests/", "Python requests"},
    {BROWSER, "python-httpx/", "Python httpx"},
    {BROWSER, "go-http-client/", "Go"},
    {BROWSER, "okhttp/", "OkHttp"},
    {BROWSER, "postmanruntime/", "Postman"},
    {BROWSER, "node", "Node.js"},
    {BROWSER, "java/", "Java"},
    {SYSTEM, "windows", "Windows"},
    {SYSTEM, "iphone", "iOS"},
    {SYSTEM, "ipad", "iOS"},
    {SYSTEM, "android", "Android"},
    {SYSTEM, "cros ", "ChromeOS"},
    {SYSTEM, "mac os x", "macOS"},
    {SYSTEM, "freebsd", "FreeBSD"},
    {SYSTEM, "linux", "Linux"},
    {DEVICE, "ipad", "tablet"},
    {DEVICE, "tablet", "tablet"},
    {DEVICE, "iphone", "mobile"},
    {DEVICE, "mobile", "mobile"},
    {DEVICE, "smart-tv", "tv"},
    {DEVICE, "smarttv", "tv"},
    {DEVICE, "android", "tablet"}, /* Android without "Mobile" */
    {DEVICE, "windows", "desktop"},
    {DEVICE, "macintosh", "desktop"},
    {DEVICE, "x11", "desktop"},
    {DEVICE, "cros ", "desktop"},
    {BOT, "bot", ""},
    {BOT, "crawler", ""},
    {BOT, "spider", ""},
    {BOT, "slurp", ""},
    {BOT, "headless", ""},
    {BOT, "facebookexternalhit", ""},
    {BOT, "bingpreview", ""},
    {BOT, "monitoring", ""},
    {BOT, "uptime", ""},
};

enum { SIGNS = sizeof signs / sizeof signs[0], LETTERS = 'z' - 'a' + 1 };
static_assert(SIGNS <= 64, "one bit each");

/* `text` ends with NUL, which no token has. */
static bool begins_with(const char *text, const char *token)
{
    while (*token != '\0' && *text == *token) {
        text++;
        token++;
    }
    return *token == '\0';
}

/* The signs in a text, a bit each: one walk over it instead of one a sign, which was a quarter of
 * what a record cost. */
static uint64_t find_all(const char *text, size_t len)
{
    uint64_t by_letter[LETTERS] = {0}, found = 0;

    for (size_t i = 0; i < SIGNS; i++)
        by_letter[signs[i].token[0] - 'a'] |= UINT64_C(1) << i;
    for (const char *at = text; at < text + len; at++) {
        uint64_t left = *at >= 'a' && *at <= 'z' ? by_letter[*at - 'a'] & ~found : 0;

        for (; left; left &= left - 1) {
            int i = __builtin_ctzll(left);

            if (begins_with(at, signs[i].token))
                found |= UINT64_C(1) << i;
        }
    }
    return found;
}

void user_agent_read(struct slice header, struct user_agent *ret)
{
    char lower[LOOK_AT + 1];
    size_t len = header.len < LOOK_AT ? header.len : LOOK_AT;
    const char *names[KINDS] = {NULL};

    for (size_t i = 0; i < len; i++) {
        lower[i] = header.data[i];
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] | 0x20);
    }
    lower[len] = '\0';
    for (uint64_t found = find_all(lower, len); found; found &= found - 1) {
        const struct sign *sign = &signs[__builtin_ctzll(found)];

        if (!names[sign->kind])
            names[sign->kind] = sign->name;
    }
    ret->browser = slice_of(names[BROWSER]);
    ret->os = slice_of(names[SYSTEM]);
    ret->device = slice_of(names[DEVICE]);
    ret->bot = names[BOT] != NULL;
}
