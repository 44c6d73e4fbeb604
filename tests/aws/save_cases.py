"""Writes fixtures/cases anew: `python tests/aws/save_cases.py --binary PATH [--only NAME]`.

Plays each scenario's broken place, and for some its whole one, and keeps the snapshot that the binary saves of it. What
is expected of a case stands in its `expect.toml`, which is written once and then a person's.
"""

import argparse
import os
import pathlib

import scenarios
from binary import Binary
from place import Place
from play import REGIONS
from server import Server

CASES = pathlib.Path(__file__).parents[2] / "fixtures" / "cases"
# Their places are furnished by clocks or sizes that no fixture needs.
LEFT_OUT = {"unknown-task"}
HEALTHY = {"secret-is-denied", "ecr-authorization-missing"}


def keep(binary, name, scenario, broken):
    region = REGIONS.get(name, "eu-west-1")
    at = Place(binary.server, name, broken=broken, region=region)
    expect = scenario(at)
    folder = CASES / (name if broken else f"{name}-healthy")
    folder.mkdir(parents=True, exist_ok=True)
    visitor = binary.server.visitor()
    visitor.refuse = expect.refuse if broken else {}
    arguments = expect.arguments if broken and expect.arguments else (at.task_arn,)
    configured = region if "--cluster" in arguments else None
    run = binary.diagnose(*arguments, "--save", str(folder / "case.json"), visitor=visitor, region=configured)
    expected = folder / "expect.toml"
    if not expected.exists():
        expected.write_text(pinned(run.report))
    print(f"{folder.name}: {run.report.get('status')} {run.report.get('cause')}")


def pinned(report):
    """The parts of a report that a change of the code must not change by accident."""
    broken = sorted(
        f"{check['decision']} {group['role']['kind']} {check['action']}"
        for group in report.get("permissions", [])
        for check in group["checks"]
        if check["decision"] in ("missing", "denied")
    )
    fixes = [fix for finding in report.get("findings", [])[:1] for fix in finding["fixes"]]
    lines = [
        f'status = "{report["status"]}"',
        f'cause = "{report["cause"] or ""}"',
        f"broken = {broken}".replace("'", '"'),
        f"verified_fix = {str(any(fix['verified'] for fix in fixes)).lower()}",
    ]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, help="path of ecs-why")
    parser.add_argument("--only", default="", help="cases with this in their name")
    options = parser.parse_args()
    binary = Binary(os.path.abspath(options.binary), Server())
    for name, scenario in scenarios.ALL.items():
        if options.only in name and name not in LEFT_OUT:
            keep(binary, name, scenario, broken=True)
            if name in HEALTHY:
                keep(binary, name, scenario, broken=False)


if __name__ == "__main__":
    main()
