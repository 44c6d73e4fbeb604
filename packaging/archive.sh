#!/usr/bin/env bash
# packaging/archive.sh VERSION TARGET BINARY [SAME]: packs a built binary with its licence, completions and man pages
# as FOLDER/ecs-why-VERSION-TARGET.tar.gz, updates FOLDER/SHA256SUMS, and prints the archive's path. FOLDER is
# $PACKAGES, else target/packages. A binary for another machine cannot write its own completions; SAME is the same
# version for this one. Name and layout are what `package.metadata.binstall` in Cargo.toml says. The same files give
# the same bytes: names are sorted, owner, modes and times are fixed (SOURCE_DATE_EPOCH, else the last commit). Needs
# GNU tar.
set -euo pipefail

fail() {
    echo "packaging/archive.sh: $1" >&2
    exit 1
}

[ $# = 3 ] || [ $# = 4 ] || fail "usage: packaging/archive.sh VERSION TARGET BINARY [SAME]"
version=$1 target=$2 binary=$(realpath -- "$3") runs=$(realpath -- "${4:-$3}")
cd "$(dirname "$0")/.."
packages=${PACKAGES:-target/packages}
name="ecs-why-$version-$target"

require_version() {
    local says
    says=$("$runs" --version) || fail "$runs does not run here; as fourth argument, give one that does"
    [ "$says" = "ecs-why $version" ] || fail "$runs is \"$says\", not version $version"
}

# Each shell, and the name by which it looks for its completions.
completions="bash ecs-why.bash
fish ecs-why.fish
powershell _ecs-why.ps1
zsh _ecs-why"

write_completions() {
    local shell file
    while read -r shell file; do
        "$runs" completions "$shell" >"$1/$file" || fail "$runs completions $shell: the binary cannot write completions"
        [ -s "$1/$file" ] || fail "$runs completions $shell wrote nothing"
    done <<<"$completions"
}

write_manual() {
    "$runs" man "$1" || fail "$runs man: the binary cannot write its man pages"
    [ -s "$1/ecs-why.1" ] || fail "$runs man wrote no ecs-why.1"
}

fill() {
    mkdir -p "$1/completions" "$1/man"
    cp "$binary" "$1/ecs-why"
    cp LICENSE README.md CHANGELOG.md packaging/aws-cli-alias "$1"
    write_completions "$1/completions"
    write_manual "$1/man"
    chmod -R u=rw,go=r,a+X "$1"
    chmod 755 "$1/ecs-why"
}

pack() {
    local time
    time=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)} || fail "outside of git, SOURCE_DATE_EPOCH has to be set"
    LC_ALL=C tar --create --directory "$1" --format=gnu --sort=name --owner=0 --group=0 --numeric-owner \
        --mtime="@$time" "$name" | gzip --no-name >"$packages/$name.tar.gz.part"
    mv "$packages/$name.tar.gz.part" "$packages/$name.tar.gz"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
require_version
fill "$work/$name"
mkdir -p "$packages"
pack "$work"
packaging/checksums.sh "$packages"
echo "$packages/$name.tar.gz"
