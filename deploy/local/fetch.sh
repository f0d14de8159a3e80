# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The parts that Debian 12 does not have: Kafka's jars, PostgreSQL 18 with DocumentDB, FerretDB.
# Each is made once in the cache, under a temporary name until it is whole.

fetch_kafka()
{
    local to=$ALS_CACHE/kafka
    rm -rf "$to.partial"
    mvn -B -q -f "$ALS_ROOT/deploy/local/kafka/pom.xml" dependency:copy-dependencies \
        -DoutputDirectory="$to.partial"
    mv "$to.partial" "$to"
}

# A folder of Debian testing that holds PostgreSQL 18 with the DocumentDB extension, and Go when
# this machine has none that is new enough.
fetch_postgres()
{
    local to=$ALS_CACHE/postgres include=postgresql-18-documentdb
    go_usable || include+=,golang-go,ca-certificates
    as_root rm -rf "$to.partial"
    as_root debootstrap --variant=minbase --include="$include" forky "$to.partial" "" \
        /usr/share/debootstrap/scripts/sid
    as_root rm -rf "$to.partial"/var/cache/apt/archives "$to.partial"/var/lib/apt/lists
    as_root mv "$to.partial" "$to"
}

# Swagger UI, which the gateway shows /openapi.json with.
fetch_docs()
{
    fetch_npm docs swagger-ui-dist@5.35.0
}

# fetch_npm NAME PACKAGE: the npm package and what it needs, as a folder of the cache.
fetch_npm()
{
    local to=$ALS_CACHE/$1
    rm -rf "$to.partial"
    npm install --prefix "$to.partial" --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error "$2"
    mv "$to.partial" "$to"
}

# FerretDB needs Go 1.25.
go_usable()
{
    local version
    version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
    [[ $(printf '%s\n' go1.25 "$version" | sort -V | head -n 1) == go1.25 ]]
}

fetch_ferretdb()
{
    local to=$ALS_CACHE/ferretdb
    (cd "$ALS_ROOT/deploy/local/ferretdb" &&
        GOTOOLCHAIN=local CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags='-s -w' -o "$to.partial" .)
    mv "$to.partial" "$to"
}

# The same with the Go of the PostgreSQL folder.
fetch_ferretdb_in_folder()
{
    local root=$ALS_CACHE/postgres work=$ALS_CACHE/ferretdb.partial
    as_root rm -rf "$work"
    as_root cp -r "$ALS_ROOT/deploy/local/ferretdb" "$work"
    as_root cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    as_root cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    as_root "$ALS_ROOT/deploy/local/in-folder" "$root" "$work" root \
        env HOME=/mnt PATH=/usr/sbin:/usr/bin:/sbin:/bin GOTOOLCHAIN=local CGO_ENABLED=0 \
        sh -c 'cd /mnt && go build -buildvcs=false -modcacherw -trimpath -ldflags="-s -w" -o ferretdb .'
    as_root mv "$work/ferretdb" "$ALS_CACHE/ferretdb"
    as_root rm -rf "$work"
}

# Starts what is missing as jobs; the caller waits for them. Clones that share a cache take turns.
fetch_missing()
{
    mkdir -p "$ALS_CACHE"
    exec {cache_lock}>"$ALS_CACHE/.lock"
    flock -n "$cache_lock" || { say "… waiting for another dev that fills $ALS_CACHE" && flock "$cache_lock"; }
    [[ -n $foreign_kafka || -d $ALS_CACHE/kafka ]] ||
        job_start "Kafka's jars, from Maven Central" "$ALS_STATE/log/setup-kafka.log" fetch_kafka
    [[ -d $ALS_CACHE/docs ]] || job_start "Swagger UI, from npm" "$ALS_STATE/log/setup-docs.log" fetch_docs
    store_is_ferretdb || return 0
    [[ -d $ALS_CACHE/postgres ]] ||
        job_start "PostgreSQL 18 with DocumentDB, from Debian testing" "$ALS_STATE/log/setup-postgres.log" fetch_postgres
    [[ -x $ALS_CACHE/ferretdb ]] || ! go_usable ||
        job_start "FerretDB, built with Go" "$ALS_STATE/log/setup-ferretdb.log" fetch_ferretdb
}

# What can only be made once fetch_missing's jobs are done.
fetch_rest()
{
    if store_is_ferretdb && [[ ! -x $ALS_CACHE/ferretdb ]]; then
        job_start "FerretDB, built with the Go of Debian testing" "$ALS_STATE/log/setup-ferretdb.log" \
            fetch_ferretdb_in_folder
        jobs_wait
    fi
    flock -u "$cache_lock"
    exec {cache_lock}>&-
}
