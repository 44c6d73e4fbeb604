"""Holds what is published to what users do with it: `tests/packaging/run.py --binary PATH`, run by the interpreter that
`packaging/environment python` prints.

Gets a release binary, and the static one that `packaging/static.sh` built, if there is one. Each check runs the real
thing: the AWS CLI, GNU tar, the linters, a root folder with the files of the image. A check that this machine cannot
do is named at the end as left out, never counted as passed; with --complete it is a failure.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time

import alias
import archives
import image
import supply
import trust
from here import ROOT, LeftOut, Wrong

CHECKS = [
    ("scripts", image.scripts_are_clean),
    ("alias of the AWS CLI", alias.passes_everything),
    ("archive, and where binstall looks for it", archives.are_as_binstall_expects),
    ("trusted certificates", trust.comes_from_the_system),
    ("Dockerfile", image.dockerfile_is_clean),
    ("context of the image", image.context_is_complete),
    ("image", image.runs_alone),
    ("certificates of the image", trust.is_in_the_image),
    ("bill of materials", supply.bill_is_complete),
    ("licences, bans and sources", supply.dependencies_are_allowed),
    ("workflows", supply.workflows_are_wired),
]


def static_binary(given, binary):
    """The binary that packaging/static.sh leaves, unless it is older than the one that is tested."""
    if given:
        return given.resolve(strict=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = target / f"{os.uname().machine}-unknown-linux-musl" / "release" / "ecs-why"
    return path if path.exists() and path.stat().st_mtime >= binary.stat().st_mtime else None


def run(name, check, binaries):
    """What became of a check, in a word: passed, left out, FAILED."""
    began = time.monotonic()
    try:
        check(*binaries)
    except LeftOut as reason:
        return f"left out  {name}: {reason}"
    except (Wrong, OSError, subprocess.SubprocessError) as error:
        return f"FAILED    {name}: {error}"
    return f"passed    {name} ({time.monotonic() - began:.1f} s)"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, type=pathlib.Path, help="path of ecs-why for this machine")
    parser.add_argument("--static", type=pathlib.Path, help="path of ecs-why from packaging/static.sh")
    parser.add_argument("--complete", action="store_true", help="nothing may be left out")
    parser.add_argument("--only", default="", help="checks with this in their name")
    arguments = parser.parse_args()
    binary = arguments.binary.resolve(strict=True)
    binaries = binary, static_binary(arguments.static, binary)
    outcomes = []
    for name, check in CHECKS:
        if arguments.only in name:
            outcomes.append(run(name, check, binaries))
            print(outcomes[-1], flush=True)
    bad = ("FAILED", "left out") if arguments.complete else ("FAILED",)
    if not outcomes or any(outcome.startswith(bad) for outcome in outcomes):
        sys.exit("error: packages are not as they should be" if outcomes else "error: no check has that name")


if __name__ == "__main__":
    main()
