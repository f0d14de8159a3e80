# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What test and chaos run on: servers, ports and a state folder of their own, so that they can run
# beside an instance that is up and beside the tests of another clone. What they start they end.

tests_state=''

# test_instance NAME MB: an instance for tests, for which so much is free on the disk. Nothing of it
# comes from the caller's servers or ports.
test_instance()
{
    local name=$1 needed=$2 row base
    base=$(realpath -m "${ALS_STATE:-$ALS_ROOT/.state}")
    unset KAFKA_BROKERS MONGO_URI REDIS_HOST REDIS_PASSWORD MONGO_DB_NAME KAFKA_TOPIC ALS_BUILD ALS_SERVERS_OF
    for row in "${ports[@]}"; do
        unset "${row%:*}"
    done
    export ALS_CACHE=${ALS_CACHE:-$base/cache} ALS_STATE=$base/$name ALS_PRESET=${ALS_PRESET:-release}
    trap test_end EXIT
    mkdir -p "$ALS_STATE"
    exec {test_lock}>"$ALS_STATE/lock"
    flock -n "$test_lock" || fail "another ./dev $name uses $ALS_STATE" "wait for it, or set ALS_STATE to another folder"
    tests_state=$ALS_STATE
    "$ALS_ROOT/dev" down >/dev/null
    as_root find "$ALS_STATE" -mindepth 1 -maxdepth 1 ! -name lock -exec rm -rf {} +
    mkdir -p "$ALS_STATE/log"
    test_ports
    settings_load
    disk_check "$needed"
}

# Picks an offset that leaves all ports free. A lock keeps two that pick at once apart.
test_ports()
{
    local offset row taken lock
    taken=" $(ss -ltnH | awk '{ sub(/.*:/, "", $4); print $4 }' | tr '\n' ' ')"
    for ((offset = 100; offset < 5000; offset += 100)); do
        for row in "${ports[@]}"; do
            [[ $taken != *" $((${row#*:} + offset)) "* ]] || continue 2
        done
        exec {lock}>"/tmp/als-ports-$offset.lock"
        flock -n "$lock" && export ALS_PORT_OFFSET=$offset && return
        exec {lock}>&-
    done
    fail "no free ports" "end what listens on so many of them: ss -ltnp"
}

test_prepare()
{
    packages_install "${packages_up[@]}" "${packages_test[@]}"
    job_start "Kafka, Redis and the document store" "$ALS_STATE/log/test-servers.log" "$ALS_ROOT/dev" up --servers
    job_start "Python environment of the tests" "$ALS_STATE/log/test-python.log" test_python
    test_builds "$@"
}

test_builds()
{
    packages_install "${packages_up[@]}" "${packages_test[@]}"
    mkdir -p "$ALS_CACHE"
    [[ -d $ALS_CACHE/redocly ]] ||
        job_start "Redocly, from npm" "$ALS_STATE/log/test-redocly.log" fetch_npm redocly @redocly/cli@1.34.5
    [[ -d $ALS_CACHE/kafkajs ]] ||
        job_start "kafkajs, from npm" "$ALS_STATE/log/test-kafkajs.log" fetch_npm kafkajs kafkajs@2.2.4
    job_start "builds: $*" "$ALS_STATE/log/test-build.log" build_presets "$@"
    jobs_wait
}

build_presets()
{
    local preset
    for preset in "$@"; do
        build_preset "$preset"
    done
}

test_python()
{
    python_with "$ALS_ROOT/tests/requirements.txt"
    test_venv=$python_venv
}

# python_with FILE: an environment in the cache with the packages of a requirements file.
python_with()
{
    local wanted=$1
    python_venv=$ALS_CACHE/venv-$(cat "$wanted" <(/usr/bin/python3 --version) | sha256sum | cut -c 1-12)
    [[ ! -e $python_venv/ready ]] || return 0
    rm -rf "$python_venv"
    /usr/bin/python3 -m venv "$python_venv"
    "$python_venv/bin/pip" install -q --disable-pip-version-check -r "$wanted"
    touch "$python_venv/ready"
}
