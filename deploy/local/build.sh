# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Builds a CMake preset.

build_preset()
{
    (cd "$ALS_ROOT" && cmake --preset "$1" && cmake --build --preset "$1")
}
