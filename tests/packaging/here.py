"""What the checks of the packages share: where things are, how a program is run, what a diagnosis must say.

A check raises `Wrong` with what is wrong, and `LeftOut` with what this machine lacks; else it passed.
"""

import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parents[2]
SNAPSHOT = ROOT / "fixtures" / "cases" / "secret-is-denied" / "case.json"
CAUSE = "secret-permission"
FAILURE_DIAGNOSED = 1


class Wrong(Exception):
    """The package is not as it should be."""


class LeftOut(Exception):
    """This machine cannot tell."""


def require(holds, otherwise):
    if not holds:
        raise Wrong(otherwise)


def call(*command, status=0, **how):
    """Standard output of a program that has to end with this status."""
    ended = subprocess.run([str(part) for part in command], capture_output=True, text=True, **how)
    said = ended.stdout[-800:] + ended.stderr[-800:]
    require(ended.returncode == status, f"{command[0]} ended with status {ended.returncode}, not {status}: {said}")
    return ended.stdout


def installed(program):
    """A program that packaging/environment has installed before, since installing it takes minutes."""
    found = subprocess.run([ROOT / "packaging" / "environment", "--present", program], capture_output=True, text=True)
    if found.returncode:
        raise LeftOut(f"{program} is not installed; packaging/environment {program} installs it, in minutes")
    return found.stdout.strip()


def require_cause(report):
    """A report in JSON is that of the shipped snapshot."""
    require(json.loads(report)["cause"] == CAUSE, f"the snapshot's cause is not {CAUSE}: {report[:300]}")
