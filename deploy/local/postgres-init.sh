#!/bin/sh
# SPDX-License-Identifier: MIT
#
# postgres-init.sh PORT: makes a PostgreSQL cluster with DocumentDB in /mnt/data.
# Runs inside the PostgreSQL folder, as its postgres user.
set -eu
PATH=/usr/lib/postgresql/18/bin:$PATH
data=/mnt/data
initdb -D "$data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync
cat >>"$data/postgresql.conf" <<END
listen_addresses='127.0.0.1'
unix_socket_directories=''
shared_preload_libraries='pg_cron,pg_documentdb_core,pg_documentdb'
cron.database_name='postgres'
cron.host='127.0.0.1'
cron.log_run=off
cron.log_statement=off
max_connections=200
END
pg_ctl -D "$data" -o "-p $1" -w -l "$data/init.log" start
psql -h 127.0.0.1 -p "$1" -U postgres -c 'create extension documentdb cascade'
pg_ctl -D "$data" -m fast -w stop
