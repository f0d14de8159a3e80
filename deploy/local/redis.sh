# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# One Redis that keeps what it is told (append-only file) and never evicts: one lost hash would
# break the counters silently.

redis_write()
{
    local data=$ALS_STATE/redis
    mkdir -p "$data"
    # A process title would overwrite the environment by which dev knows its own processes.
    cat >"$data/redis.conf" <<END
bind 127.0.0.1
port $REDIS_PORT
dir "$data"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
set-proc-title no
END
    [[ -z ${REDIS_PASSWORD:-} ]] || echo "requirepass \"$REDIS_PASSWORD\"" >>"$data/redis.conf"
    chmod 600 "$data/redis.conf"
    run_script redis redis-server "$data/redis.conf"
}

redis_ready()
{
    [[ $(REDISCLI_AUTH=${REDIS_PASSWORD:-} redis-cli -h 127.0.0.1 -p "$REDIS_PORT" ping) == PONG ]]
}
