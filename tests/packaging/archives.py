"""packaging/archive.sh makes what `package.metadata.binstall` of Cargo.toml says, and the same bytes each time.

Expands the templates as cargo-binstall does (https://github.com/cargo-bins/cargo-binstall/blob/main/SUPPORT.md),
unpacks the archive with tar, and runs the binary from the place that binstall would take it from.
"""

import os
import pathlib
import re
import tarfile
import tempfile
import tomllib

from here import FAILURE_DIAGNOSED, ROOT, SNAPSHOT, Wrong, call, require, require_cause

# For as long as the package names no address; a release does not get through without one.
NOWHERE = "https://repository.invalid/ecs-why"
TARGETS = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"]
FILES = {
    "LICENSE",
    "README.md",
    "CHANGELOG.md",
    "aws-cli-alias",
    "completions/ecs-why.bash",
    "completions/ecs-why.fish",
    "completions/_ecs-why",
    "completions/_ecs-why.ps1",
    "man/ecs-why.1",
}


def expand(template, values):
    """A template of binstall; a name that binstall does not know is an error there as well."""

    def value(hole):
        if hole[1] not in values:
            raise Wrong(f"binstall has no variable {hole[1]}: {template}")
        return values[hole[1]]

    return re.sub(r"\{\s*([a-z-]+)\s*\}", value, template)


def expected(package, target):
    """Name of the archive, and path of the binary in it, where binstall looks for them."""
    binstall = package["metadata"]["binstall"]
    require(binstall["pkg-fmt"] == "tgz", "packaging/archive.sh writes tar.gz")
    repository = package.get("repository", NOWHERE)
    names = {"name": package["name"], "version": package["version"], "target": target}
    url = expand(binstall["pkg-url"], names | {"repo": repository})
    released = f"{repository}/releases/download/v{package['version']}/"
    require(url.startswith(released), f"{url} is no file of the release {released}")
    return url.removeprefix(released), expand(binstall["bin-dir"], names | {"bin": "ecs-why", "binary-ext": ""})


def pack(target, binary, folder, **how):
    package = package_of_cargo()
    script = ROOT / "packaging" / "archive.sh"
    env = {**os.environ, "PACKAGES": str(folder), "SOURCE_DATE_EPOCH": "1700000000"}
    return pathlib.Path(call(script, package["version"], target, binary, binary, env=env, **how).strip())


def package_of_cargo():
    return tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]


def are_as_binstall_expects(binary, static):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for target in TARGETS:
            archive = pack(target, static or binary, folder / "once")
            holds_what_it_should(archive, *expected(package_of_cargo(), target))
        again = pack(target, static or binary, folder / "again")
        require(archive.read_bytes() == again.read_bytes(), f"{archive.name} differs when it is packed again")
        call("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=folder / "once")
        listed = (folder / "once" / "SHA256SUMS").read_text()
        require(listed.count("\n") == len(TARGETS), f"SHA256SUMS does not list each archive: {listed}")
        refuses_another_version(binary, folder)


def holds_what_it_should(archive, name, program):
    require(archive.name == name, f"binstall looks for {name}, the archive is {archive.name}")
    top = program.removesuffix("ecs-why")
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
        files = {member.name for member in members if member.isfile()}
        manuals = {file for file in files if file.startswith(f"{top}man/")}
        wanted = {f"{top}{file}" for file in FILES} | {program}
        require(files - manuals | {f"{top}man/ecs-why.1"} == wanted, f"{name} holds {sorted(files ^ wanted)}")
        for member in members:
            require(f"{member.name}/".startswith(top), f"{member.name} would land beside {top}")
            owner = member.uid, member.gid, member.mtime
            require(owner == (0, 0, 1700000000), f"{member.name} has owner and time {owner}")
        runs_where_it_lands(tar, program)


def runs_where_it_lands(tar, program):
    with tempfile.TemporaryDirectory() as folder:
        tar.extractall(folder, filter="data")
        landed = pathlib.Path(folder) / program
        require_cause(call(landed, "diagnose", "--from", SNAPSHOT, "-o", "json", status=FAILURE_DIAGNOSED))


def refuses_another_version(binary, folder):
    script = ROOT / "packaging" / "archive.sh"
    env = {**os.environ, "PACKAGES": str(folder / "other")}
    call(script, "9.9.9", TARGETS[0], binary, env=env, status=1)
    require(not (folder / "other").exists(), "an archive was begun for a version that the binary is not")
