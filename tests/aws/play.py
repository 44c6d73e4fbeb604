"""Plays a scenario: the broken place is diagnosed, mended and diagnosed again; the whole place must raise no alarm.

Gets a scenario and the binary, gives a list of problems, each a line that names what was expected and what came.
"""

import os
import subprocess
import sys

from place import Place

REGIONS = {"secret-is-denied-in-china": "cn-north-1"}


def play(name, scenario, binary):
    region = REGIONS.get(name, "eu-west-1")
    broken = Place(binary.server, name, broken=True, region=region)
    expect = scenario(broken)
    problems = _diagnosed(binary, broken, expect)
    whole = Place(binary.server, name, broken=False, region=region)
    scenario(whole)
    return problems + _healthy(binary, whole, expect)


def _ask(binary, at, arguments, refuse):
    """A task's ARN or console address carries its Region; where the user gives less, a Region is configured."""
    visitor = binary.server.visitor()
    visitor.refuse = refuse
    region = at.region if "--cluster" in (arguments or ()) else None
    return binary.diagnose(*(arguments or (at.task_arn,)), visitor=visitor, region=region)


def _diagnosed(binary, at, expect):
    run = _ask(binary, at, expect.arguments, expect.refuse)
    problems = _compare(run, at, expect)
    fix = next((fix for fix in run.first.get("fixes") or [] if fix["verified"] and fix["commands"]), None)
    if fix and expect.commands != "none":
        problems += _run_commands(binary, at, fix["commands"])
    elif expect.commands == "required":
        return [*problems, f"no verified fix with commands among {run.first.get('fixes')}"]
    elif expect.mend:
        expect.mend()
    else:
        return problems
    return problems + _resolved(_ask(binary, at, expect.arguments, expect.refuse))


def _compare(run, at, expect):
    report = run.report
    if not report:
        return [*run.always_wrong(), f"no report\n{run}"]
    problems = run.always_wrong()

    def same(what, got, wanted):
        if got != wanted:
            problems.append(f"{what}: expected {wanted!r}, got {got!r}")

    same("schema", report.get("schema"), "ecs-why/report/v1")
    same("exit status", run.exit, expect.exit)
    same("status", report.get("status"), expect.status)
    if expect.status in ("diagnosed", "benign"):
        same("cause", report.get("cause"), expect.cause)
        same("first finding", run.first.get("cause"), expect.cause)
        if expect.broken or expect.mend or expect.commands == "required":
            same("state", run.first.get("state"), "present")
    elif report.get("cause") not in (None, "unknown", "task-missing-expired"):
        problems.append(f"cause: expected none, got {report['cause']!r}")
    if expect.status == "benign" and run.first.get("fixes"):
        problems.append(f"a benign stop with a fix: {run.first['fixes']}")
    if expect.role:
        same("role", (run.first.get("role") or {}).get("kind"), expect.role)
    if expect.task:
        same("task", (report.get("task") or {}).get("arn"), at.task_arn)
    for check in sorted(run.broken - expect.broken):
        problems.append(f"check not expected: {check}")
    for check in sorted(expect.broken - run.broken):
        problems.append(f"check expected and not there: {check}")
    for _, check in run.checks():
        if expect.layer and check["decision"] in ("missing", "denied"):
            same(f"layer of {check['action']}", check["layer"], expect.layer)
    missing = expect.beside - {finding["cause"] for finding in report.get("findings", [])[1:]}
    if missing:
        problems.append(f"no finding beside the first: {sorted(missing)}")
    return [*problems, f"{run}"] if problems else []


def _run_commands(binary, at, commands):
    """Pastes each command into a fresh shell whose user works in another Region of the partition."""
    elsewhere = "cn-northwest-1" if at.partition == "aws-cn" else "us-west-2"
    environment = binary.environment(binary.server.visitor(), elsewhere)
    environment["PATH"] = os.path.dirname(sys.executable) + os.pathsep + environment["PATH"]
    for command in commands:
        if not command.startswith("aws "):
            return [f"a command that does not begin with `aws `: {command}"]
        done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, timeout=90)
        if done.returncode:
            return [f"a printed command failed: {command}\n{done.stderr}"]
    return []


def _resolved(run):
    problems = run.always_wrong()
    if run.exit != 1:
        problems.append(f"after mending: expected exit 1, got {run.exit}")
    if run.first.get("state") != "resolved":
        problems.append(
            f"after mending: expected resolved, got {run.first.get('state')!r} of {run.first.get('cause')!r}"
        )
    if run.broken:
        problems.append(f"after mending still refused: {sorted(run.broken)}")
    return [*problems, f"{run}"] if problems else []


def _healthy(binary, at, expect):
    run = _ask(binary, at, None, expect.refuse)
    problems = run.always_wrong()
    if (run.exit, run.report.get("status"), run.report.get("findings")) != (0, "not-failed", []):
        problems.append("the healthy twin raises an alarm")
    if run.broken:
        problems.append(f"the healthy twin is refused {sorted(run.broken)}")
    return [*problems, f"{run}"] if problems else []
