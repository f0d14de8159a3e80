# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# chaos: kills things under load, on an instance of its own, and proves that nothing was lost.

dev_chaos()
{
    test_instance chaos
    # From here on the verdict is the program's own: no count of tests at the end.
    trap chaos_end EXIT
    test_prepare "$ALS_PRESET"
    ALS_NO_BUILD=1 "$ALS_ROOT/dev" up
    test_python
    # shellcheck source=/dev/null
    source "$ALS_STATE/env"
    "$test_venv/bin/python" "$ALS_ROOT/tests/chaos" "$@"
}

chaos_end()
{
    local status=$?
    trap - EXIT INT TERM
    set +e
    jobs_end
    "$ALS_ROOT/dev" down
    say "logs and ledger: $ALS_STATE"
    exit "$status"
}
