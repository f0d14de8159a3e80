# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Debian's supervisor keeps the processes: one supervisord an instance, on a socket in its state
# folder. Each process is a start script, $ALS_STATE/run/NAME, that can also be run by hand.

# What this instance consists of. The servers first: what stands first stops last.
programs_servers()
{
    [[ -n $foreign_kafka ]] || echo kafka
    [[ -n $foreign_redis ]] || echo redis
    if store_is_mongod; then
        echo mongod
    elif store_is_ferretdb; then
        printf '%s\n' postgres ferretdb
    fi
}

# run_script NAME COMMAND…: writes the start script.
run_script()
{
    local file=$ALS_STATE/run/$1
    shift
    mkdir -p "$ALS_STATE/run"
    {
        printf '#!/bin/sh\nexec'
        printf " '%s'" "${@//\'/\'\\\'\'}"
        echo
    } >"$file.new"
    chmod 700 "$file.new"
    mv "$file.new" "$file"
}

supervisor_socket()
{
    local path=$ALS_STATE/supervisor/socket
    # A Unix socket's path has at most 107 bytes, and supervisord adds its process id.
    ((${#path} < 95)) || path=/tmp/als-$(printf %s "$ALS_STATE" | sha256sum | cut -c 1-16).socket
    echo "$path"
}

supervisor_write()
{
    local home=$ALS_STATE/supervisor servers name me
    mkdir -p "$home" "$ALS_STATE/log"
    mapfile -t servers < <(programs_servers)
    me=$(id -un)
    {
        cat <<END
[unix_http_server]
file=$(supervisor_socket)
chmod=0700
chown=$me

[supervisord]
logfile=$home/log
logfile_maxbytes=5MB
logfile_backups=1
pidfile=$home/pid
directory=$ALS_STATE
user=root
identifier=als

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://$(supervisor_socket)

END
        ((${#servers[@]} == 0)) || supervisor_group servers 100 "${servers[@]}"
        supervisor_group als 200 "${daemons[@]}"
        for name in "${servers[@]}" "${daemons[@]}"; do
            supervisor_program "$name" "$me"
        done
    } | sed 's/%/%%/g' >"$home/conf"
}

supervisor_group()
{
    local name=$1 priority=$2
    shift 2
    printf '[group:%s]\nprograms=%s\npriority=%s\n\n' "$name" "$(IFS=, && echo "$*")" "$priority"
}

supervisor_program()
{
    local name=$1 user=$2 signal=TERM
    [[ $name != postgres ]] || user=root signal=INT # INT: do not wait for clients to leave
    cat <<END
[program:$name]
command="$ALS_STATE/run/$name"
user=$user
autostart=false
autorestart=true
startsecs=1
startretries=1000000
stopsignal=$signal
stopwaitsecs=30
redirect_stderr=true
stdout_logfile=$ALS_STATE/log/$name.log
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=2

END
}

# The supervisor that runs for this instance, or nothing.
supervisor_pid()
{
    local pid
    pid=$(cat "$ALS_STATE/supervisor/pid" 2>/dev/null) || return 0
    if grep -qaF "$ALS_STATE/supervisor/conf" "/proc/$pid/cmdline" 2>/dev/null; then
        echo "$pid"
    fi
}

supervisor_start()
{
    [[ -z $(supervisor_pid) ]] || { ctl update >/dev/null && return; }
    as_root /usr/bin/supervisord -c "$ALS_STATE/supervisor/conf" >/dev/null || fail "supervisord does not start" \
        "its log says why" "$ALS_STATE/supervisor/log"
    wait_until 10 ctl pid || fail "supervisord does not answer" "its log says why" "$ALS_STATE/supervisor/log"
}

ctl()
{
    /usr/bin/supervisorctl -c "$ALS_STATE/supervisor/conf" "$@"
}

# supervisor_name NAME: group:name, as supervisorctl wants it.
supervisor_name()
{
    if [[ " ${daemons[*]} " == *" $1 "* ]]; then
        echo "als:$1"
    else
        echo "servers:$1"
    fi
}
