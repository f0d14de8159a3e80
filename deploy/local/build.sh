# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Builds a CMake preset, through ccache: what another clone has compiled is not compiled again.

build_preset()
{
    (cd "$ALS_ROOT" && CMAKE_C_COMPILER_LAUNCHER=ccache cmake --preset "$1" && cmake --build --preset "$1")
}
