"""What a release says of its parts is true: the bill of materials, the licences, and the workflow that publishes.

The bill is held against CycloneDX's schema, and against Cargo's own account of what the default features build.
deny.toml is held against every crate of Cargo.lock by cargo-deny. Advisories are not asked for here: their database
changes daily, and a test has to say today what it said yesterday; `cargo deny check advisories` belongs to the
release and to a person.
"""

import json
import os
import pathlib
import re
import tempfile

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from here import ROOT, call, installed, require
from image import linter

TARGET = "x86_64-unknown-linux-musl"


def bill_is_complete(*_):
    installed("cargo-cyclonedx")
    with tempfile.TemporaryDirectory() as folder:
        bill = bill_of(pathlib.Path(folder) / "once")
        require(bill == bill_of(pathlib.Path(folder) / "again"), "the bill differs when it is written again")
    wrong = JsonStrictValidator(SchemaVersion.V1_5).validate_str(bill)
    require(wrong is None, f"not CycloneDX 1.5: {wrong}")
    require(str(ROOT) not in bill, f"the bill names {ROOT}")
    components = json.loads(bill)["components"]
    listed = {f"{component['name']} {component['version']}" for component in components}
    built = built_crates()
    require(listed == built, f"the bill has what is not built, or lacks what is: {sorted(listed ^ built)}")
    bare = [component["name"] for component in components if not component.get("licenses")]
    require(not bare, f"without a licence in the bill: {bare}")
    unhashed = [component["name"] for component in components if not component.get("hashes")]
    require(not unhashed, f"without a checksum in the bill: {unhashed}")


def bill_of(folder):
    env = {**os.environ, "PACKAGES": str(folder), "SOURCE_DATE_EPOCH": "1700000000"}
    written = pathlib.Path(call(ROOT / "packaging" / "sbom.sh", TARGET, env=env).strip())
    call("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=folder)
    return written.read_text()


def built_crates():
    """What Cargo builds for the default features, and runs for that; not what only tests need."""
    tree = ["tree", "--locked", "--target", TARGET, "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]
    lines = call("cargo", *tree, cwd=ROOT).splitlines()
    crates = {" ".join(line.replace(" v", " ", 1).split()[:2]) for line in lines if line}
    return {crate for crate in crates if not crate.startswith("ecs-why ")}


def dependencies_are_allowed(*_):
    deny = installed("cargo-deny")
    call(deny, "--locked", "check", "--hide-inclusion-graph", "licenses", "bans", "sources", cwd=ROOT)


def workflows_are_wired(*_):
    """No finding of zizmor, and each program of ours that a step runs is there and may be run."""
    workflows = ROOT / ".github" / "workflows"
    call(linter("zizmor"), "--offline", "--quiet", "--no-progress", "--strict-collection", "--pedantic", workflows)
    for workflow in sorted(workflows.glob("*.yml")):
        programs = set(re.findall(r"\b(?:packaging|tests)/[\w./-]+", workflow.read_text()))
        require(programs, f"{workflow.name} runs nothing of ours")
        for program in sorted(programs):
            usable = program.endswith(".py") or os.access(ROOT / program, os.X_OK)
            require((ROOT / program).is_file() and usable, f"{workflow.name} runs {program}, which is not there")
    refuses_what_is_not_released()


def refuses_what_is_not_released():
    """publishable.sh says no to a tag that is not the version, before anything is built."""
    call(ROOT / "packaging" / "publishable.sh", "v0.0.0", "https://repository.invalid/x", status=1)
