#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fails on an include that points up or sideways: main -> adapters -> pure -> common.
set -u
fail=0

# refuse <folder> <regular expression> <why> [name]: no file of the folder, but for those of this name, may include such
# a header.
refuse() {
    local hits
    hits=$(grep -rnE "#include [<\"]($2)" --include='*.c' --include='*.h' --exclude="${4:-}.[ch]" "$1" 2>/dev/null) || return 0
    printf '%s\n  ^ %s\n' "$hits" "$3"
    fail=1
}

refuse common '(schemas|gateway|processor|indexer)/' 'common knows no daemon and no record'
refuse schemas '(gateway|processor|indexer)/' 'the daemons meet in schemas, not the other way round'
refuse schemas '(h2o|librdkafka|mongoc|hiredis)' 'schemas is pure: json-c is the one library it may use'
refuse schemas 'bson' 'only what is named so may speak BSON, in a library of its own' '*bson*'
refuse common 'rules/' 'common knows no rule'
refuse schemas 'rules/' 'rules are about records, not the other way round'
refuse rules '(gateway|processor|indexer)/' 'the daemons share the rules, not the other way round'
refuse gateway '(processor|indexer)/' 'daemons never include each other'
refuse processor '(gateway|indexer)/' 'daemons never include each other'
refuse indexer '(gateway|processor)/' 'daemons never include each other'
refuse common '(mongoc|bson|hiredis)' 'the stores belong to the daemons that speak to them'

[ "$fail" -eq 0 ] && echo 'layers: every include points down'
exit "$fail"
