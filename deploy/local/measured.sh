# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# chaos and bench: each on an instance of its own, with a verdict of its own instead of a count of tests.

dev_chaos()
{
    measured_instance chaos 2500
    "$test_venv/bin/python" "$ALS_ROOT/tests/chaos" "$@"
}

dev_bench()
{
    export MAX_CONNECTIONS=11000 # growth-connections opens 10,000, and metrics are asked for meanwhile
    measured_instance bench 6000
    packages_install "${packages_bench[@]}"
    bench_tools
    "$test_venv/bin/python" "$ALS_ROOT/bench" "$@"
}

# What the peers are built with, where no other is on the PATH.
bench_tools()
{
    local row
    for row in npm:npm node:nodejs javac:default-jdk-headless cargo:cargo; do
        command -v "${row%:*}" >/dev/null || packages_install "${row#*:}"
    done
}

# measured_instance NAME MB: everything up, and its addresses in the environment.
measured_instance()
{
    test_instance "$1" "$2"
    trap measured_end EXIT
    test_prepare "$ALS_PRESET"
    ALS_NO_BUILD=1 "$ALS_ROOT/dev" up
    test_python
    # shellcheck source=/dev/null
    source "$ALS_STATE/env"
}

measured_end()
{
    local status=$?
    trap - EXIT INT TERM
    set +e
    jobs_end
    "$ALS_ROOT/dev" down
    say "logs and results: $ALS_STATE"
    exit "$status"
}
