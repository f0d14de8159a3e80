# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The document store: mongod where it is installed, else FerretDB over PostgreSQL with DocumentDB.

store_is_mongod()
{
    [[ -z $foreign_mongo ]] && command -v mongod >/dev/null
}

store_is_ferretdb()
{
    [[ -z $foreign_mongo ]] && ! command -v mongod >/dev/null
}

mongod_write()
{
    mkdir -p "$ALS_STATE/mongod"
    run_script mongod mongod --dbpath "$ALS_STATE/mongod" --bind_ip 127.0.0.1 --port "$MONGO_PORT"
}

mongod_ready()
{
    store_answers
}

# PostgreSQL refuses to run as root: it runs as the postgres user of its own folder. Its processes
# keep the memory of an answer for the next: else the kernel clears and maps it anew each time, which
# is half of all the time that an answer of 1 MB takes.
postgres_write()
{
    local data=$ALS_STATE/postgres
    mkdir -p "$data"
    run_script postgres /usr/bin/env MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=67108864 \
        "$ALS_ROOT/deploy/local/in-folder" "$ALS_CACHE/postgres" "$data" postgres \
        /usr/lib/postgresql/18/bin/postgres -D /mnt/data -p "$POSTGRES_PORT"
    [[ -e $data/ready ]] ||
        job_start "PostgreSQL's data folder" "$ALS_STATE/log/setup-postgres-data.log" postgres_init "$data"
}

postgres_init()
{
    local data=$1 owner
    owner=$(awk -F: '$1 == "postgres" { print $3 }' "$ALS_CACHE/postgres/etc/passwd")
    as_root rm -rf "$data/data"
    as_root install -d -m 700 -o "$owner" "$data/data"
    cp "$ALS_ROOT/deploy/local/postgres-init.sh" "$data/init.sh"
    as_root "$ALS_ROOT/deploy/local/in-folder" "$ALS_CACHE/postgres" "$data" postgres \
        sh /mnt/init.sh "$POSTGRES_PORT"
    touch "$data/ready"
}

postgres_ready()
{
    tcp_open "$POSTGRES_PORT"
}

ferretdb_write()
{
    mkdir -p "$ALS_STATE/ferretdb"
    run_script ferretdb "$ALS_CACHE/ferretdb" "127.0.0.1:$MONGO_PORT" \
        "postgres://postgres@127.0.0.1:$POSTGRES_PORT/postgres" "$ALS_STATE/ferretdb"
}

ferretdb_ready()
{
    store_answers
}

# True when the store answers a ping: one OP_MSG with {ping: 1, $db: "admin"}, by hand, since
# Debian has no shell for it.
store_answers()
{
    tcp_open "$MONGO_PORT" || return 1
    exec 3<>"/dev/tcp/127.0.0.1/$MONGO_PORT"
    # shellcheck disable=SC2016 # $db is a name, not a variable
    printf '\x33\0\0\0\1\0\0\0\0\0\0\0\xdd\7\0\0\0\0\0\0\0\x1e\0\0\0\x10ping\0\1\0\0\0\2$db\0\6\0\0\0admin\0\0' >&3
    local answer
    answer=$(timeout 2 head -c 38 <&3 | tr -d '\0')
    exec 3>&-
    [[ $answer == *ok* ]]
}
