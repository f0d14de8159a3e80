# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# test: everything, on servers, ports and a state folder of its own, so that it can run beside
# an instance that is up and beside the tests of another clone. What it started it ends.

tests_passed=0 tests_failed=0 tests_finished='' tests_state=''

dev_test()
{
    local what=${1:-all}
    (($# == 0)) || shift
    test_instance test
    case $what in
        all)
            test_prepare dev asan tsan "$ALS_PRESET"
            test_format
            test_unit
            test_schemas
            test_e2e
            ;;
        unit)
            test_builds dev asan tsan
            test_unit "$@"
            ;;
        schemas)
            test_builds "$ALS_PRESET"
            test_schemas "$@"
            ;;
        e2e)
            test_prepare "$ALS_PRESET"
            test_e2e "$@"
            ;;
        *) fail "test does not know '$what'" "./dev test [unit [ctest arguments] | schemas|e2e [pytest arguments]]" ;;
    esac
    tests_finished=yes
}

# An instance for tests: nothing of it comes from the caller's servers or ports.
test_instance()
{
    local name=$1 row base
    base=$(realpath -m "${ALS_STATE:-$ALS_ROOT/.state}")
    unset KAFKA_BROKERS MONGO_URI REDIS_HOST REDIS_PASSWORD MONGO_DB_NAME KAFKA_TOPIC ALS_BUILD ALS_SERVERS_OF
    for row in "${ports[@]}"; do
        unset "${row%:*}"
    done
    export ALS_CACHE=${ALS_CACHE:-$base/cache} ALS_STATE=$base/$name ALS_PRESET=${ALS_PRESET:-release}
    trap test_end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    mkdir -p "$ALS_STATE"
    exec {test_lock}>"$ALS_STATE/lock"
    flock -n "$test_lock" || fail "another ./dev $name uses $ALS_STATE" "wait for it, or set ALS_STATE to another folder"
    tests_state=$ALS_STATE
    "$ALS_ROOT/dev" down >/dev/null
    find "$ALS_STATE" -mindepth 1 -maxdepth 1 ! -name lock -exec rm -rf {} +
    mkdir -p "$ALS_STATE/log"
    test_ports
    settings_load
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
    local wanted=$ALS_ROOT/tests/requirements.txt
    test_venv=$ALS_CACHE/venv-$(cat "$wanted" <(/usr/bin/python3 --version) | sha256sum | cut -c 1-12)
    [[ ! -e $test_venv/ready ]] || return 0
    rm -rf "$test_venv"
    /usr/bin/python3 -m venv "$test_venv"
    "$test_venv/bin/pip" install -q --disable-pip-version-check -r "$wanted"
    touch "$test_venv/ready"
}

test_format()
{
    if (cd "$ALS_ROOT" && cmake --build --preset dev --target format-check) >"$ALS_STATE/log/test-format.log" 2>&1; then
        tests_passed=$((tests_passed + 1))
    else
        tests_failed=$((tests_failed + 1))
        say "${red}format:${plain} some files are not as clang-format-14 wants them (cmake --build --preset dev --target format)"
        grep -E 'error:' "$ALS_STATE/log/test-format.log" | cut -d : -f 1 | sort | uniq -c || true
    fi
}

test_unit()
{
    local preset
    for preset in dev asan tsan; do
        say "${bold}ctest, preset $preset${plain}"
        (cd "$ALS_ROOT" && ctest --preset "$preset" -j 2 --no-tests=ignore \
            --output-junit "$ALS_STATE/ctest-$preset.xml" "$@") || true
        test_count "$ALS_STATE/ctest-$preset.xml"
    done
}

# Our validator against another's, on our JSON Schemas; needs no server.
test_schemas()
{
    export ALS_BUILD=build/$ALS_PRESET
    test_pytest schemas "$@"
    unset ALS_BUILD
}

test_e2e()
{
    ALS_NO_BUILD=1 "$ALS_ROOT/dev" up
    # shellcheck source=/dev/null
    source "$ALS_STATE/env"
    test_pytest e2e "$@"
}

test_pytest()
{
    local folder=$1 answer=0
    shift
    test_python
    say "${bold}pytest tests/$folder${plain}"
    (cd "$ALS_ROOT" && "$test_venv/bin/python" -m pytest "tests/$folder" -p no:cacheprovider \
        --junitxml "$ALS_STATE/pytest-$folder.xml" "$@") || answer=$?
    test_count "$ALS_STATE/pytest-$folder.xml"
    # 5: nothing was selected; anything else above 1 is no verdict on the tests.
    ((answer <= 1 || answer == 5)) || tests_failed=$((tests_failed + 1))
}

# Kills things under load for three minutes, on the instance that test_e2e has left up. Each promise
# is a test: nothing lost, nothing doubled, nothing miscounted, each bad record one dead letter.
test_chaos()
{
    local verdict kind kinds=(lost doubled miscounted 'dead letters')
    say "${bold}chaos, seed 1${plain}"
    "$test_venv/bin/python" "$ALS_ROOT/tests/chaos" --seed 1 --minutes 3 --rate 1000 |
        tee "$ALS_STATE/log/test-chaos.log" || true
    verdict=$(tail -n 1 "$ALS_STATE/log/test-chaos.log")
    for kind in "${kinds[@]}"; do
        if [[ ", $verdict," == *", $kind 0,"* ]]; then
            tests_passed=$((tests_passed + 1))
        else
            tests_failed=$((tests_failed + 1))
        fi
    done
}

# Adds up the testsuite elements of a JUnit file.
test_count()
{
    local total bad skipped
    read -r total bad skipped < <(awk '
        function field(name) { return match($0, "[ <]" name "=\"[0-9]+") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) : 0 }
        BEGIN { RS = "<" }
        /^testsuite[ \n\t]/ { gsub(/[\n\t]/, " "); total += field("tests"); bad += field("failures") + field("errors"); skipped += field("skipped") + field("disabled") }
        END { print total + 0, bad + 0, skipped + 0 }' "$1" 2>/dev/null || echo "0 1 0")
    tests_passed=$((tests_passed + total - bad - skipped))
    tests_failed=$((tests_failed + bad))
}

# However the run ends: nothing stays running, and the last line is the count.
test_end()
{
    local status=$? pid
    trap - EXIT INT TERM
    set +e
    for pid in "${!job_label[@]}"; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    [[ -z $tests_state ]] || "$ALS_ROOT/dev" down
    if [[ -z $tests_finished ]]; then
        say "the run was cut short; the counts below are of what ran"
        tests_failed=$((tests_failed + 1))
    fi
    [[ -z $tests_state ]] || say "logs: $tests_state/log"
    say "$tests_passed passed, $tests_failed failed"
    ((status)) || status=$((tests_failed > 0))
    exit "$status"
}
