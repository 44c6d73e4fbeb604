#!/usr/bin/env bash
# packaging/publishable.sh TAG REPOSITORY: whether this commit may be published as TAG by that repository. The tag is
# v and the version of Cargo.toml, CHANGELOG.md has a section for it, and `repository` in Cargo.toml is the address
# that publishes: cargo-binstall downloads programs from there, so it has to be the owner's, and nobody else's.
set -euo pipefail
cd "$(dirname "$0")/.."
tag=$1 publisher=$2

fail() {
    echo "packaging/publishable.sh: $1" >&2
    exit 1
}

identity=$(cargo pkgid --locked)
version=${identity##*[#@]}
repository=$(sed -n '/^\[package\]$/,/^\[/s/^repository = "\(.*\)"$/\1/p' Cargo.toml)
[ "$tag" = "v$version" ] || fail "the tag is $tag, but Cargo.toml has version $version"
grep -q "^## \[\{0,1\}$version\b" CHANGELOG.md || fail "CHANGELOG.md has no section \"## $version\""
[ -n "$repository" ] || fail "Cargo.toml has no repository; it has to be \"$publisher\" for cargo-binstall"
[ "$repository" = "$publisher" ] || fail "Cargo.toml has the repository $repository, but $publisher would publish"
