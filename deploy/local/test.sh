# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# test: all that can be checked here, added up in one last line.

tests_passed=0 tests_failed=0 tests_finished=''

dev_test()
{
    local what=${1:-all}
    (($# == 0)) || shift
    test_instance test 2500
    case $what in
        all)
            test_prepare dev asan tsan "$ALS_PRESET"
            test_format
            test_unit
            test_schemas
            test_e2e
            test_chaos
            test_api
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
        api)
            test_prepare "$ALS_PRESET"
            test_api "$@"
            ;;
        *) fail "test does not know '$what'" "./dev test [unit [ctest arguments] | schemas|e2e [pytest arguments] | api [schemathesis arguments]]" ;;
    esac
    tests_finished=yes
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
    [[ " $*" == *" tests/"* ]] || set -- "tests/$folder" "$@"
    test_python
    say "${bold}pytest $*${plain}"
    (cd "$ALS_ROOT" && "$test_venv/bin/python" -m pytest -p no:cacheprovider \
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
    "$test_venv/bin/python" "$ALS_ROOT/tests/chaos" --seed 1 --minutes 3 --rate 500 |
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

# Schemathesis asks the gateway all that /openapi.json allows, and much that it does not: tests/api/schemathesis.toml
# says how. It comes last, for it makes erasures, retention and limits.
test_api()
{
    local answer=0 passed=$tests_passed failed=$tests_failed
    ALS_NO_BUILD=1 "$ALS_ROOT/dev" up
    # shellcheck source=/dev/null
    source "$ALS_STATE/env"
    python_with "$ALS_ROOT/tests/api/requirements.txt"
    say "${bold}schemathesis $*${plain}"
    rm -f "$ALS_STATE/schemathesis.xml"
    (cd "$ALS_ROOT/tests/api" && PYTHONDONTWRITEBYTECODE=1 SCHEMATHESIS_HOOKS=hooks timeout -k 10 420 "$python_venv/bin/schemathesis" run \
        "$ALS_URL/openapi.json" --report junit --report-junit-path "$ALS_STATE/schemathesis.xml" "$@") || answer=$?
    test_count "$ALS_STATE/schemathesis.xml"
    # No verdict on anything, or another one than its report's, is a failure too.
    ((tests_failed > failed || (answer == 0 && tests_passed > passed))) || tests_failed=$((tests_failed + 1))
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
    local status=$?
    trap - EXIT INT TERM
    set +e
    jobs_end
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
