# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Debian packages: what is missing is installed, and only that. No service that a package brings
# is started, now or at the next boot: our servers run from our own folder, under our own supervisor.

packages_up=(
    ca-certificates curl git iproute2 procps tzdata util-linux supervisor kcat jq
    default-jre-headless maven redis-server debootstrap
    gcc g++ cmake ninja-build pkg-config ccache
    libh2o-evloop-dev librdkafka-dev libmongoc-dev libhiredis-dev libjson-c-dev libcmocka-dev
    libcurl4-openssl-dev zlib1g-dev libzstd-dev libxxhash-dev libmaxminddb-dev
    libssl-dev)
packages_bench=(gnuplot-nox)
# Another build of Node brings its own npm.
command -v npm >/dev/null || packages_up+=(npm)
packages_test=(python3-venv clang-format-14 clang-tidy-14 prometheus wrk)

as_root()
{
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -E "$@"
    else
        fail "this needs root: $*" "run ./dev as root, or install sudo"
    fi
}

# packages_missing NAME…: prints those that are not installed.
packages_missing()
{
    local name
    for name in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || echo "$name"
    done
}

packages_install()
{
    local missing began policy=/usr/sbin/policy-rc.d ours='' log=$ALS_STATE/log/setup-packages.log
    mapfile -t missing < <(packages_missing "$@")
    ((${#missing[@]})) || return 0
    began=$(now_ms)
    mkdir -p "$ALS_STATE/log"
    say "… Debian packages: ${missing[*]}"
    if [[ ! -e $policy ]]; then
        ours=yes
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    local status=0
    {
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
                -o DPkg::Lock::Timeout=300 "${missing[@]}"
    } >"$log" 2>&1 </dev/null || status=$?
    [[ -z $ours ]] || as_root rm -f "$policy"
    ((status == 0)) || fail "apt-get could not install: ${missing[*]}" \
        "check the network and /etc/apt/sources.list (Debian 12), then run ./dev again" "$log"
    services_disable "${missing[@]}"
    took "$began" "Debian packages (${#missing[@]} were missing)"
}

# Of the packages that were just installed, those with a service of their own.
services_disable()
{
    local name
    [[ -d /run/systemd/system ]] || return 0
    for name in "$@"; do
        case $name in
            redis-server | supervisor | prometheus) as_root systemctl disable -q "$name" || true ;;
        esac
    done
}
