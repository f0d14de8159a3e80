/* SPDX-License-Identifier: MIT */
/* listen.h - listening sockets that several loops share a port with. */
#pragma once

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

/* As many connections wait at a socket to be accepted; the kernel lowers it to net.core.somaxconn.
 */
enum { LISTEN_BACKLOG = 4096 };

/* Fills `fds` with `count` sockets that listen on the same address, each with its own queue
 * (SO_REUSEPORT). FATAL when another program, or a second gateway, listens there. */
enum result listen_shared(const char *host, int64_t port, int *fds, size_t count, struct err *err);
