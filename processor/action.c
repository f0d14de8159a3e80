/* SPDX-License-Identifier: MIT */
#include "processor/action.h"

#include <strings.h>

/* In order. */
static const char *const verbs[] = {
    "accept", "access",  "activate",   "add",    "approve", "archive",  "assign",   "auth",
    "block",  "cancel",  "change",     "click",  "close",   "complete", "confirm",  "configure",
    "copy",   "create",  "deactivate", "delete", "deploy",  "disable",  "download", "edit",
    "enable", "execute", "export",     "fail",   "get",     "grant",    "import",   "install",
    "invite", "list",    "lock",       "login",  "logout",  "merge",    "move",     "open",
    "pay",    "post",    "publish",    "purge",  "put",     "read",     "refund",   "register",
    "reject", "remove",  "rename",     "reset",  "restart", "restore",  "revoke",   "rotate",
    "run",    "search",  "send",       "set",    "share",   "start",    "stop",     "submit",
    "sync",   "test",    "unlock",     "update", "upgrade", "upload",   "verify",   "view",
    "write",
};

static bool is_ending(struct slice s)
{
    return (s.len == 1 && (*s.data | 0x20) == 's') || (s.len == 1 && (*s.data | 0x20) == 'd') ||
           (s.len == 2 && strncasecmp(s.data, "ed", 2) == 0);
}

/* "create" and what is made of it: "created", "creates"; "logged" is not worth a table. */
static bool is_verb(struct slice word)
{
    char first = (char)(*word.data | 0x20);

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0] && *verbs[i] <= first; i++) {
        struct slice ending;
        size_t len;

        if (*verbs[i] != first) /* all but a few go no further */
            continue;
        len = strlen(verbs[i]);
        if (word.len < len || strncasecmp(word.data, verbs[i], len) != 0)
            continue;
        ending = slice_make(word.data + len, word.len - len);
        if (ending.len == 0 || is_ending(ending))
            return true;
    }
    return false;
}

static size_t first_of(struct slice text, const char *set)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] && strchr(set, text.data[i]))
            return i;
    }
    return text.len;
}

static size_t last_of(struct slice text, const char *set)
{
    for (size_t i = text.len; i > 0; i--) {
        if (text.data[i - 1] && strchr(set, text.data[i - 1]))
            return i - 1;
    }
    return text.len;
}

void action_split(struct slice action, struct slice *ret_verb, struct slice *ret_object)
{
    bool is_path = first_of(action, ".:/") < action.len;
    const char *set = is_path ? ".:/" : "_- ";
    size_t first = first_of(action, set), last = last_of(action, set);
    struct slice head = {action.data, first}, tail;

    *ret_verb = action;
    *ret_object = (struct slice){0};
    if (first == 0 || last + 1 >= action.len)
        return; /* one word, or a separator at an end: nothing to take apart */
    tail = (struct slice){action.data + last + 1, action.len - last - 1};
    if (!is_verb(tail) && (is_verb(head) || !is_path)) {
        *ret_verb = head;
        *ret_object = (struct slice){action.data + first + 1, action.len - first - 1};
    } else {
        *ret_verb = tail;
        *ret_object = (struct slice){action.data, last};
    }
}
