#!/usr/bin/env bash
# packaging/checksums.sh FOLDER: writes FOLDER/SHA256SUMS, which lists every other file there by its name alone, so that
# `sha256sum --check SHA256SUMS` works wherever the files are downloaded to.
set -euo pipefail
cd "$1"
export LC_ALL=C
files=()
for file in *; do
    [ "$file" = SHA256SUMS ] || [ ! -f "$file" ] || files+=("$file")
done
sha256sum -- "${files[@]}" >SHA256SUMS
