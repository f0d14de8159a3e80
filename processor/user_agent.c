/* SPDX-License-Identifier: MIT */
#include "processor/user_agent.h"

/* Enough for any browser's; the tail of a longer one is not looked at. */
enum { LOOK_AT = 512 };

struct sign {
    const char *token; /* lower case */
    const char *name;
};

/* Order matters: Edge says Chrome, and Chrome says Safari. */
static const struct sign browsers[] = {
    {"edg/", "Edge"},
    {"edga/", "Edge"},
    {"edgios/", "Edge"},
    {"opr/", "Opera"},
    {"samsungbrowser/", "Samsung Internet"},
    {"vivaldi/", "Vivaldi"},
    {"yabrowser/", "Yandex"},
    {"fxios/", "Firefox"},
    {"firefox/", "Firefox"},
    {"crios/", "Chrome"},
    {"chromium/", "Chromium"},
    {"chrome/", "Chrome"},
    {"safari/", "Safari"},
    {"trident/", "Internet Explorer"},
    {"msie ", "Internet Explorer"},
    {"curl/", "curl"},
    {"wget/", "Wget"},
    {"python-requests/", "Python requests"},
    {"python-httpx/", "Python httpx"},
    {"go-http-client/", "Go"},
    {"okhttp/", "OkHttp"},
    {"postmanruntime/", "Postman"},
    {"node", "Node.js"},
    {"java/", "Java"},
};

static const struct sign systems[] = {
    {"windows", "Windows"}, {"iphone", "iOS"},     {"ipad", "iOS"},        {"android", "Android"},
    {"cros ", "ChromeOS"},  {"mac os x", "macOS"}, {"freebsd", "FreeBSD"}, {"linux", "Linux"},
};

static const struct sign devices[] = {
    {"ipad", "tablet"},
    {"tablet", "tablet"},
    {"iphone", "mobile"},
    {"mobile", "mobile"},
    {"smart-tv", "tv"},
    {"smarttv", "tv"},
    {"android", "tablet"} /* Android without "Mobile" */,
    {"windows", "desktop"},
    {"macintosh", "desktop"},
    {"x11", "desktop"},
    {"cros ", "desktop"},
};

static const struct sign bots[] = {
    {"bot", ""},         {"crawler", ""},    {"spider", ""},
    {"slurp", ""},       {"headless", ""},   {"facebookexternalhit", ""},
    {"bingpreview", ""}, {"monitoring", ""}, {"uptime", ""},
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static struct slice find(struct slice text, const struct sign *signs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (memmem(text.data, text.len, signs[i].token, strlen(signs[i].token)))
            return slice_of(signs[i].name);
    }
    return (struct slice){0};
}

void user_agent_read(struct slice header, struct user_agent *ret)
{
    char lower[LOOK_AT];
    struct slice text = {lower, header.len < LOOK_AT ? header.len : LOOK_AT};

    for (size_t i = 0; i < text.len; i++) {
        lower[i] = header.data[i];
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] | 0x20);
    }
    ret->browser = find(text, browsers, COUNT(browsers));
    ret->os = find(text, systems, COUNT(systems));
    ret->device = find(text, devices, COUNT(devices));
    ret->bot = find(text, bots, COUNT(bots)).data != NULL;
}
