# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Where things live and listen. A port is, in this order: set in the environment, computed from
# ALS_PORT_OFFSET, remembered from the last up, or the default.

ports=(PORT:3000 INGEST_PORT:3001 PROCESSOR_PORT:3010 INDEXER_PORT:3011 KAFKA_PORT:9092
    KAFKA_CONTROLLER_PORT:19093 REDIS_PORT:6379 MONGO_PORT:27017 POSTGRES_PORT:25432)
foreign_kafka='' foreign_mongo='' foreign_redis='' # servers that are used and not started by us

settings_load()
{
    ALS_STATE=$(realpath -m "${ALS_STATE:-$ALS_ROOT/.state}")
    ALS_CACHE=$(realpath -m "${ALS_CACHE:-$ALS_STATE/cache}")
    export ALS_STATE ALS_CACHE
    # Addresses that dev itself wrote into its env file are no foreign servers.
    [[ -z ${ALS_SERVERS_OF:-} ]] || unset KAFKA_BROKERS MONGO_URI REDIS_HOST REDIS_PORT
    settings_remembered
    settings_ports
    ALS_PRESET=${ALS_PRESET:-${remembered[ALS_PRESET]:-release}}
    ALS_BUILD=${ALS_BUILD:-$ALS_ROOT/build/$ALS_PRESET}
    foreign_kafka=${KAFKA_BROKERS:-} foreign_mongo=${MONGO_URI:-} foreign_redis=${REDIS_HOST:-}
    if [[ ${ALS_SERVERS_OF:-} == "$ALS_STATE" ]]; then
        foreign_kafka=${remembered[KAFKA_BROKERS]:-} foreign_mongo=${remembered[MONGO_URI]:-}
        foreign_redis=${remembered[REDIS_HOST]:-}
    fi
    settings_addresses
}

settings_remembered()
{
    declare -gA remembered=()
    local line
    [[ -r $ALS_STATE/instance ]] || return 0
    while IFS= read -r line; do
        remembered[${line%%=*}]=${line#*=}
    done <"$ALS_STATE/instance"
}

settings_ports()
{
    local row name default
    for row in "${ports[@]}"; do
        name=${row%:*} default=${row#*:}
        if [[ -n ${!name:-} ]]; then
            [[ ${!name} =~ ^[0-9]{1,5}$ ]] || fail "$name='${!name}' is not a port" "give it a number"
        elif [[ -n ${ALS_PORT_OFFSET:-} ]]; then
            printf -v "$name" %d $((default + ALS_PORT_OFFSET))
        else
            printf -v "$name" %s "${remembered[$name]:-$default}"
        fi
    done
}

settings_addresses()
{
    brokers=${foreign_kafka:-127.0.0.1:$KAFKA_PORT}
    mongo_uri=${foreign_mongo:-mongodb://127.0.0.1:$MONGO_PORT/}
    redis_host=${foreign_redis:-127.0.0.1}
}

# Remembers this instance for the next commands, and writes its addresses for other programs:
#   source .state/env
settings_save()
{
    local row name
    {
        for row in "${ports[@]}"; do
            name=${row%:*}
            echo "$name=${!name}"
        done
        echo "ALS_PRESET=$ALS_PRESET"
        echo "KAFKA_BROKERS=$foreign_kafka"
        echo "MONGO_URI=$foreign_mongo"
        echo "REDIS_HOST=$foreign_redis"
    } >"$ALS_STATE/instance"
    # shellcheck disable=SC2153 # the ports are set by settings_ports
    cat >"$ALS_STATE/env" <<END
export KAFKA_BROKERS='$brokers'
export MONGO_URI='$mongo_uri'
export MONGO_DB_NAME='${MONGO_DB_NAME:-activity_logs}'
export REDIS_HOST='$redis_host'
export REDIS_PORT='$REDIS_PORT'
export ALS_URL='http://127.0.0.1:$PORT'
export ALS_INGEST_URL='http://127.0.0.1:$INGEST_PORT'
export ALS_PROCESSOR_URL='http://127.0.0.1:$PROCESSOR_PORT'
export ALS_INDEXER_URL='http://127.0.0.1:$INDEXER_PORT'
export ALS_STATE='$ALS_STATE'
export ALS_CACHE='$ALS_CACHE'
export ALS_BUILD='$ALS_BUILD'
export ALS_SERVERS_OF='$ALS_STATE'
END
}
