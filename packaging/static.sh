#!/usr/bin/env bash
# packaging/static.sh [TARGET] [OPTION OF CARGO…]: the release binary for Linux that needs no other file, its own C
# library (musl) included; prints its path and size. TARGET is x86_64-unknown-linux-musl (default) or
# aarch64-unknown-linux-musl. The C code of the SDK's cryptography needs a C compiler for musl: Zig is one for every
# target, on any host. What is printed has been checked: nothing to load at run time, and the right diagnosis of a
# shipped snapshot.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
    "" | -*) target=x86_64-unknown-linux-musl ;;
    *) target=$1 && shift ;;
esac

fail() {
    echo "packaging/static.sh: $1" >&2
    exit 1
}

add_target() {
    case "$target" in
        *-linux-musl) ;;
        *) fail "$target: only targets with musl give a binary that loads nothing" ;;
    esac
    [ -d "$(rustc --print target-libdir --target "$target")" ] && return
    rustup target add "$target" >&2 || fail "no standard library for $target; with rustup: rustup target add $target"
}

# Where the sources lay on the builder's machine is nobody's business, and must not make two builds differ.
build() {
    local cargo_home="${CARGO_HOME:-$HOME/.cargo}" programs
    programs=$(packaging/environment zig)
    PATH="$programs:$PATH" \
        RUSTFLAGS="--remap-path-prefix=$cargo_home=/cargo --remap-path-prefix=$PWD=/source" \
        CFLAGS="-ffile-prefix-map=$cargo_home=/cargo" \
        cargo zigbuild --locked --release --target "$target" "$@" >&2
}

# An interpreter or a needed library in the program headers would have to be there on the machine that runs it.
require_static() {
    local headers
    headers=$(readelf --program-headers --dynamic --wide "$binary") || fail "$binary is not an ELF file"
    if grep -E 'INTERP|\(NEEDED\)' <<<"$headers" >&2; then
        fail "$binary loads the above at run time"
    fi
}

# The snapshot's diagnosis is exit status 1 with its cause, on a machine of this kind.
try() {
    local report status=0
    if [ "${target%%-*}" != "$(uname -m)" ]; then
        echo "packaging/static.sh: not run: this machine is $(uname -m)" >&2
        return
    fi
    "$binary" --version >&2
    report=$("$binary" diagnose --from fixtures/cases/secret-is-denied/case.json -o json) || status=$?
    [ "$status" = 1 ] || fail "$binary ended with status $status on a shipped snapshot, not with 1"
    grep -q '"cause": *"secret-permission"' <<<"$report" || fail "$binary does not find the cause of a shipped snapshot"
}

add_target
build "$@"
binary="${CARGO_TARGET_DIR:-target}/$target/release/ecs-why"
require_static
try
echo "$binary"
echo "$(stat --format=%s "$binary") bytes"
