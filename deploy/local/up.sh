# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# up, down, status, start, stop, restart, logs.

dev_up()
{
    local only='' demo='' began word
    for word in "$@"; do
        case $word in
            --servers) only=servers ;;
            --demo) demo=yes ;;
            *) fail "up does not know '$word'" "./dev --help shows what it takes" ;;
        esac
    done
    began=$(now_ms)
    mkdir -p "$ALS_STATE/log"
    disk_check 500
    packages_install "${packages_up[@]}"
    up_ports "$only"
    fetch_missing
    [[ -n $only || -n ${ALS_NO_BUILD:-} ]] ||
        job_start "our programs (preset $ALS_PRESET)" "$ALS_STATE/log/setup-build.log" build_preset "$ALS_PRESET"
    jobs_wait
    fetch_rest
    up_servers
    [[ -n $only ]] || up_daemons
    settings_save
    took "$began" "up"
    [[ -n $only ]] || up_summary
    [[ -z $demo ]] || demo_send
}

# Fails early when a port is taken; ends first what a killed supervisor of ours left on one.
up_ports()
{
    local only=$1 name
    [[ -n $(supervisor_pid) ]] || orphans_end
    for name in $(programs_servers); do
        port_check "$name"
    done
    [[ -z $only ]] || return 0
    for name in "${daemons[@]}"; do
        port_check "$name"
    done
}

up_servers()
{
    local name servers
    mapfile -t servers < <(programs_servers)
    supervisor_write
    for name in "${servers[@]}"; do
        "${name}_write"
    done
    jobs_wait
    supervisor_start
    up_programs servers "${servers[@]}"
}

up_daemons()
{
    local name
    for name in "${daemons[@]}"; do
        [[ -x $ALS_BUILD/$name/als-$name ]] || fail "$ALS_BUILD/$name/als-$name is not built" \
            "run ./dev up without ALS_NO_BUILD"
        daemon_write "$name"
    done
    up_programs als "${daemons[@]}"
}

# up_programs GROUP NAME…: starts those that do not run, restarts those that changed, and waits.
up_programs()
{
    local group=$1 name changed=()
    shift
    (($#)) || return 0
    for name in "$@"; do
        if [[ $(cat "$ALS_STATE/run/$name.started" 2>/dev/null) != "$(program_fingerprint "$name")" ]]; then
            changed+=("$group:$name")
        fi
    done
    ((${#changed[@]} == 0)) || ctl stop "${changed[@]}" >/dev/null 2>&1 || true
    ctl start "$group:*" >/dev/null 2>&1 &
    for name in "$@"; do
        program_wait "$name"
    done
    wait "$!" || true
}

# What a running process was made from: its start script, its configuration, its program file.
program_fingerprint()
{
    local files=("$ALS_STATE/run/$1")
    case $1 in
        kafka) files+=("$ALS_STATE/kafka/server.properties") ;;
        redis) files+=("$ALS_STATE/redis/redis.conf") ;;
        gateway | processor | indexer) files+=("$ALS_BUILD/$1/als-$1") ;;
    esac
    cat "${files[@]}" | sha256sum | cut -c 1-64
}

program_ready()
{
    if [[ " ${daemons[*]} " == *" $1 "* ]]; then
        daemon_ready "$1"
    else
        "$1_ready"
    fi
}

# Waits until NAME is ready; gives up early on one that keeps dying.
program_wait()
{
    local name=$1 began deaths=0
    began=$(now_ms)
    until wait_until 2 program_ready "$name"; do
        [[ $(ctl status "$(supervisor_name "$name")") != *BACKOFF* ]] || deaths=$((deaths + 1))
        ((deaths < 3)) || fail "$name ends as soon as it is started" \
            "mend what its log says, then ./dev up" "$ALS_STATE/log/$name.log"
        (($(now_ms) - began < 120000)) || fail "$name is not ready after 2 minutes" \
            "see its log; ./dev status shows the others" "$ALS_STATE/log/$name.log"
    done
    program_fingerprint "$name" >"$ALS_STATE/run/$name.started"
    took "$began" "$name is ready"
}

program_ports()
{
    case $1 in
        kafka) echo "KAFKA_PORT KAFKA_CONTROLLER_PORT" ;;
        redis) echo "REDIS_PORT" ;;
        mongod | ferretdb) echo "MONGO_PORT" ;;
        postgres) echo "POSTGRES_PORT" ;;
        gateway) echo "PORT INGEST_PORT" ;;
        processor | indexer) echo "${1^^}_PORT" ;;
    esac
}

# Fails when a port of NAME is taken by a process that is not ours.
port_check()
{
    local name=$1 port holder pid
    for port in $(program_ports "$name"); do
        holder=$(as_root ss -ltnpH "sport = :${!port}")
        [[ -n $holder ]] || continue
        pid=$(grep -oP 'pid=\K[0-9]+' <<<"$holder" | head -n 1 || true)
        [[ -z $pid || -z $(processes_ours "/proc/$pid") ]] || continue
        fail "port ${!port} ($port, for $name) is in use by ${pid:+process $pid: $(ps -o args= -p "$pid" | cut -c 1-100)}" \
            "stop that process, or choose another port: $port=… ./dev up, or ALS_PORT_OFFSET=100 ./dev up for all"
    done
}

# processes_ours /proc/PID…: prints the ids of those that our supervisord started; it tells each where its socket is.
processes_ours()
{
    as_root grep -lszxF "SUPERVISOR_SERVER_URL=unix://$(supervisor_socket)" "${@/%//environ}" | cut -d / -f 3
}

# Ends what a killed supervisord left behind.
orphans_end()
{
    local orphans
    mapfile -t orphans < <(processes_ours /proc/[0-9]*)
    ((${#orphans[@]})) || return 0
    say "… ending ${#orphans[@]} processes that a killed supervisor left behind"
    as_root kill "${orphans[@]}" 2>/dev/null || true
    wait_until 10 processes_gone "${orphans[@]}" || as_root kill -9 "${orphans[@]}" 2>/dev/null || true
}

processes_gone()
{
    ! as_root kill -0 "$@" 2>/dev/null
}

up_summary()
{
    cat <<END

${bold}Everything is ready.${plain}
  gateway    http://127.0.0.1:$PORT/api/v1   (ingest alone: http://127.0.0.1:$INGEST_PORT)
  processor  http://127.0.0.1:$PROCESSOR_PORT/metrics
  indexer    http://127.0.0.1:$INDEXER_PORT/metrics
  Kafka      $brokers
  Redis      $redis_host:$REDIS_PORT
  documents  $mongo_uri

Try it:
  curl -d '{"service":"shop","action":"order.create","userId":"ada"}' http://127.0.0.1:$PORT/api/v1/logs
  curl http://127.0.0.1:$PORT/api/v1/logs
END
}

dev_down()
{
    local began pid
    began=$(now_ms)
    pid=$(supervisor_pid)
    if [[ -z $pid ]]; then
        [[ ! -e $ALS_STATE/supervisor/conf ]] || orphans_end
        say "nothing was running"
        return
    fi
    ctl shutdown >/dev/null
    wait_until 90 processes_gone "$pid" || fail "the supervisor (process $pid) does not end" \
        "see its log; kill -9 $pid and ./dev down ends what it leaves" "$ALS_STATE/supervisor/log"
    orphans_end
    took "$began" "everything is stopped; the data stays in $ALS_STATE"
}

supervisor_needed()
{
    [[ -n $(supervisor_pid) ]] || fail "nothing runs for $ALS_STATE" "./dev up"
}

# program_needed NAME: fails when there is no such program here.
program_needed()
{
    local name=${1:-} known
    known=$(programs_servers && printf '%s\n' "${daemons[@]}")
    [[ -n $name && $'\n'$known$'\n' == *$'\n'$name$'\n'* ]] ||
        fail "there is no program '$name' here" "name one of: ${known//$'\n'/ }"
}

dev_status()
{
    local name state ready bad=0 states
    supervisor_needed
    states=$(ctl status || true)
    printf '%-10s %-9s %-32s %s\n' NAME STATE DETAIL PORTS
    for name in $(programs_servers) "${daemons[@]}"; do
        read -r _ state detail < <(grep -E "^[a-z]+:$name " <<<"$states") || true
        ready=$state
        if [[ $state == RUNNING ]]; then
            program_ready "$name" >/dev/null 2>&1 && ready=ready || ready='not ready'
        fi
        [[ $ready == ready ]] || bad=1
        printf '%-10s %-9s %-32s %s\n' "$name" "${ready,,}" "$detail" "$(status_ports "$name")"
    done
    return "$bad"
}

status_ports()
{
    local port
    for port in $(program_ports "$1"); do
        printf '%s ' "${!port}"
    done
}

dev_start()
{
    program_needed "${1:-}"
    supervisor_needed
    [[ $(ctl status "$(supervisor_name "$1")") == *RUNNING* ]] || ctl_quiet start "$1"
    program_wait "$1"
}

dev_stop()
{
    local began
    program_needed "${1:-}"
    supervisor_needed
    began=$(now_ms)
    [[ $(ctl status "$(supervisor_name "$1")") == *STOPPED* ]] || ctl_quiet stop "$1"
    took "$began" "$1 is stopped"
}

dev_restart()
{
    dev_stop "${1:-}"
    [[ " ${daemons[*]} " != *" $1 "* ]] || daemon_write "$1"
    dev_start "$1"
}

dev_pid()
{
    program_needed "${1:-}"
    supervisor_needed
    ctl pid "$(supervisor_name "$1")"
}

ctl_quiet()
{
    local answer
    answer=$(ctl "$1" "$(supervisor_name "$2")") ||
        fail "could not $1 $2: $answer" "see its log" "$ALS_STATE/log/$2.log"
}

dev_logs()
{
    program_needed "${1:-}"
    local log=$ALS_STATE/log/$1.log
    [[ -e $log ]] || fail "$1 has written no log yet" "./dev up"
    case ${2:-} in
        -f) exec tail -n 200 -F "$log" ;;
        '') tail -n 200 "$log" ;;
        *) fail "logs does not know '$2'" "./dev logs NAME [-f]" ;;
    esac
}
