/* SPDX-License-Identifier: MIT */
#include "gateway/listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static enum result resolve(const char *host, int64_t port, struct addrinfo **ret, struct err *err)
{
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    char service[8];
    snprintf(service, sizeof service, "%d", (int)port);
    int why = getaddrinfo(host, service, &hints, ret);
    if (why != 0)
        return err_set(err, FATAL, "HOST=%s: %s", host, gai_strerror(why));
    return OK;
}

static int bind_one(const struct addrinfo *at, bool shared)
{
    int on = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static enum result open_all(const struct addrinfo *at, int *fds, size_t count, struct err *err)
{
    /* Sockets with SO_REUSEPORT would share the port with a second gateway, silently. One without
     * it finds out. */
    int probe = bind_one(at, false);
    if (probe < 0)
        return err_set(err, FATAL, "%s", strerror(errno));
    close(probe);
    for (size_t i = 0; i < count; i++) {
        fds[i] = bind_one(at, true);
        if (fds[i] < 0)
            return err_set(err, FATAL, "%s", strerror(errno));
    }
    return OK;
}

enum result listen_shared(const char *host, int64_t port, int *fds, size_t count, struct err *err)
{
    struct addrinfo *at;
    enum result result = resolve(host, port, &at, err);
    if (result != OK)
        return result;
    struct err why;
    result = open_all(at, fds, count, &why);
    freeaddrinfo(at);
    if (result != OK)
        return err_set(err, result, "cannot listen on %s:%d: %.300s", host, (int)port, why.text);
    return OK;
}
