#!/usr/bin/env bash
# packaging/sbom.sh [TARGET]: the bill of materials of the release binary, CycloneDX 1.5 in JSON: every crate that is
# built into it or runs while it is built, with version, licence and checksum. Writes
# $PACKAGES/ecs-why-VERSION-TARGET.cdx.json (PACKAGES: else target/packages), updates SHA256SUMS beside it, and prints
# the path. The same Cargo.lock gives the same bytes: the time is SOURCE_DATE_EPOCH, else that of the last commit,
# which also spares the bill a random number.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:-x86_64-unknown-linux-musl}
packages=${PACKAGES:-target/packages}
cyclonedx=$(packaging/environment cargo-cyclonedx)
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
identity=$(cargo pkgid --locked)
name="ecs-why-${identity##*[#@]}-$target.cdx"

# Whatever is asked, it writes beside Cargo.toml.
trap 'rm -f "$name.json"' EXIT
"$cyclonedx" cyclonedx --quiet --format json --spec-version 1.5 --target "$target" --override-filename "$name" >&2
mkdir -p "$packages"
cargo tree --locked --target "$target" --edges normal,build --prefix none --format '{p}' |
    python3 packaging/trim_bill.py "$name.json" >"$packages/$name.json.part"
mv "$packages/$name.json.part" "$packages/$name.json"
packaging/checksums.sh "$packages"
echo "$packages/$name.json"
