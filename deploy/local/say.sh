# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What dev tells its user: steps with their duration, and failures with their log and their cure.

usage()
{
    cat <<'END'
usage: ./dev COMMAND

  up [--demo]           install what is missing, build, start everything, wait until it is ready;
                        --demo also sends sample records. up --servers stops after Kafka,
                        Redis and the document store
  down                  stop everything and leave nothing running; the data stays
  status                what runs, where it listens, whether it is ready
  start|stop|restart N  one of: kafka redis postgres ferretdb gateway processor indexer
                        (mongod in place of postgres and ferretdb where mongod is installed)
  pid N                 its process id
  logs N [-f]           the last lines of its log; -f follows
  test [unit|schemas|e2e|api] [...]
                        all tests on servers and ports of their own; what follows unit goes to
                        ctest, schemas or e2e to pytest, api to schemathesis
  bench [...]           the benchmarks
  chaos [...]           kill things under load and check that nothing is lost (chaos --help)

Settings are environment variables; up remembers the ports it was given:

  ALS_STATE             folder of everything that is made here         (.state)
  ALS_CACHE             downloads and builds, can be shared            ($ALS_STATE/cache)
  ALS_PRESET            which build runs: release dev asan tsan        (release)
  ALS_PORT_OFFSET       added to every port below                      (0)
  PORT 3000  INGEST_PORT 3001  PROCESSOR_PORT 3010  INDEXER_PORT 3011  KAFKA_PORT 9092
  KAFKA_CONTROLLER_PORT 19093  REDIS_PORT 6379  MONGO_PORT 27017  POSTGRES_PORT 25432

  KAFKA_BROKERS, MONGO_URI, REDIS_HOST   use these servers, and start none of our own
  any setting of the programs (als-gateway --help) is handed on to them
END
}

if [[ -t 1 ]]; then
    bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
    bold='' red='' green='' plain=''
fi

say()
{
    printf '%s\n' "$*"
}

# fail WHAT CURE [LOG]: says what failed, the end of its log, and what to do.
fail()
{
    local what=$1 cure=$2 log=${3:-}
    printf '%s%s%s\n' "$red" "dev: $what" "$plain" >&2
    if [[ -n $log && -s $log ]]; then
        tail -n 15 "$log" | sed 's/^/    | /' >&2
        printf '    its log: %s\n' "$log" >&2
    fi
    printf '    what to do: %s\n' "$cure" >&2
    exit 1
}

now_ms()
{
    local us=${EPOCHREALTIME/./}
    echo $((us / 1000))
}

# took SINCE_MS WHAT: one finished step and its duration.
took()
{
    local ms=$(($(now_ms) - $1))
    printf '%s✓%s %-58s %3d.%d s\n' "$green" "$plain" "$2" $((ms / 1000)) $((ms % 1000 / 100))
}

# Jobs that run side by side: job_start LABEL LOG COMMAND…, then jobs_wait. Each is a process group
# of its own, so that it can be ended with all that it has started.
declare -A job_label=() job_log=() job_began=()

job_start()
{
    local label=$1 log=$2
    shift 2
    say "… $label"
    mkdir -p "$(dirname "$log")"
    set -m
    ("$@") >"$log" 2>&1 </dev/null &
    set +m
    job_label[$!]=$label job_log[$!]=$log job_began[$!]=$(now_ms)
}

jobs_end()
{
    local pid
    for pid in "${!job_label[@]}"; do
        kill -- "-$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        unset "job_label[$pid]"
    done
}

# Reports each job as it ends. The first failure ends the others, and dev.
jobs_wait()
{
    local pid status
    while ((${#job_label[@]})); do
        status=0
        wait -n -p pid "${!job_label[@]}" || status=$?
        if ((status)); then
            local label=${job_label[$pid]} log=${job_log[$pid]}
            unset "job_label[$pid]"
            jobs_end
            fail "$label: failed" "mend what its log says, then run ./dev again; it goes on from there" "$log"
        fi
        took "${job_began[$pid]}" "${job_label[$pid]}"
        unset "job_label[$pid]"
    done
}

# wait_until SECONDS COMMAND…: true once the command succeeds, false when time is up.
wait_until()
{
    local deadline=$(($(now_ms) + $1 * 1000))
    shift
    until "$@" >/dev/null 2>&1; do
        (($(now_ms) < deadline)) || return 1
        sleep 0.1
    done
}
