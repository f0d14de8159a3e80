# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Our three programs: their settings, and when they are ready.

daemons=(gateway processor indexer)

daemon_port()
{
    case $1 in
        gateway) echo "$PORT" ;;
        processor) echo "$PROCESSOR_PORT" ;;
        indexer) echo "$INDEXER_PORT" ;;
    esac
}

# Writes the start script: our addresses, whatever other settings of the program the environment
# has, and last the lines of $ALS_STATE/NAME.env, where there is one.
daemon_write()
{
    local name=$1 program=$ALS_BUILD/$1/als-$1 settings
    settings=(KAFKA_BROKERS="$brokers" MONGO_URI="$mongo_uri" REDIS_HOST="$redis_host" REDIS_PORT="$REDIS_PORT"
        INSTANCE_ID="${INSTANCE_ID:-1}")
    # libmongoc keeps counters in a file in /dev/shm, and a killed process leaves it there.
    settings+=(MONGOC_DISABLE_SHM=1)
    if [[ $name == gateway ]]; then
        settings+=(PORT="$PORT" INGEST_PORT="$INGEST_PORT" DOCS_DIR="$ALS_CACHE/docs/node_modules/swagger-ui-dist")
    else
        settings+=(STATUS_PORT="$(daemon_port "$name")")
    fi
    mapfile -t -O "${#settings[@]}" settings < <(daemon_settings_given "$program" "${settings[@]}")
    if [[ -r $ALS_STATE/$name.env ]]; then
        mapfile -t -O "${#settings[@]}" settings < <(grep -E '^[A-Za-z0-9_]+=' "$ALS_STATE/$name.env")
    fi
    run_script "$name" env "${settings[@]}" "$program"
}

# Prints NAME=VALUE for each exported variable that the program's --help lists and that is not
# among the settings given.
daemon_settings_given()
{
    local program=$1 name known
    shift
    known=$("$program" --help | grep -oE '\b[A-Z][A-Z0-9_]{2,}\b' | sort -u) || return 0
    for name in $(compgen -e); do
        [[ $'\n'$known$'\n' == *$'\n'$name$'\n'* || $name == KAFKA_PROPERTY_?* ]] || continue
        [[ " $*" != *" $name="* && ${!name} != *$'\n'* ]] || continue
        echo "$name=${!name}"
    done
}

daemon_ready()
{
    [[ $(curl -s -o /dev/null -m 2 -w '%{http_code}' "http://127.0.0.1:$(daemon_port "$1")/readyz") == 200 ]]
}
