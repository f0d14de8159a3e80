# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Room on the disk, looked at before anything is written: what fails half-way for want of it says so late, in words of
# its own.

# disk_check MB: fails where less is free for the data of this instance, or, while the cache is to be
# filled (1,100 MB), for both.
disk_check()
{
    local needed=$1
    if [[ ! -x $ALS_CACHE/ferretdb ]]; then
        disk_room "$ALS_CACHE" 1500
        needed=$((needed + 1500))
    fi
    disk_room "$ALS_STATE" "$needed"
}

disk_room()
{
    local folder=$1 needed=$2 free
    mkdir -p "$folder"
    free=$(df --output=avail --block-size=1M "$folder" | tail -n 1)
    ((free >= needed)) || fail "$folder has $((free)) MB free, and up to $needed MB are needed there" \
        "make room, or set ALS_STATE and ALS_CACHE to folders that have it"
}
