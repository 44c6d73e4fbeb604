"""Plays a scenario: the broken place is diagnosed, mended and diagnosed again; the whole place must raise no alarm.

Where a hop of the network breaks, the whole network is played twice more: with a task that is still on its way, for
which the tool looks at the network too and finds nothing; and with the failed task and its message, whose cause is then
mended or unknown, but not seen.
Gets a scenario and the binary, gives a list of problems, each a line that names what was expected and what came.
"""

import json
import os
import subprocess
import sys

from place import Place

REGIONS = {"secret-is-denied-in-china": "cn-north-1", "public-access-is-blocked": "eu-central-1"}


def play(name, scenario, binary):
    region = REGIONS.get(name, "eu-west-1")

    def place(**how):
        at = Place(binary.server, name, region=region, **how)
        return at, scenario(at)

    broken, expect = place(broken=True)
    problems = _diagnosed(binary, broken, expect)
    problems += _healthy(binary, *place(broken=False))
    if expect.hop:
        problems += _on_its_way(binary, *place(broken=False, ends="waits"))
        problems += _intact(binary, *place(broken=False, ends="fails"))
    return problems


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
    return problems + _resolved(_ask(binary, at, expect.arguments, expect.refuse), expect)


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
        if expect.state or expect.broken or expect.mend or expect.commands == "required":
            same("state", run.first.get("state"), expect.state or "present")
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
    if expect.confidence or expect.hop:
        same("confidence", run.first.get("confidence"), expect.confidence or "confirmed")
    for word in expect.says:
        if word not in json.dumps(run.first):
            problems.append(f"the first finding does not name {word}")
    problems += _paths(run, expect)
    missing = expect.beside - {finding["cause"] for finding in report.get("findings", [])[1:]}
    if missing:
        problems.append(f"no finding beside the first: {sorted(missing)}")
    return [*problems, f"{run}"] if problems else []


def _paths(run, expect):
    """The first finding breaks at the hop that is expected; where none is, no path is broken."""
    if expect.hop is None:
        broken = [path for path in run.broken_paths if _hop(path) not in expect.aside]
        return [f"a path is broken: {path['destination']} at {_hop(path)}" for path in broken]
    path = run.first.get("path")
    if not path:
        return ["the first finding has no path"]
    problems = [] if _hop(path) == expect.hop else [f"hop: expected {expect.hop!r}, got {_hop(path)!r}"]
    if expect.dialled and path["dialled"] != expect.dialled:
        problems.append(f"dialled: expected {expect.dialled!r}, got {path['dialled']!r}")
    if path not in run.report.get("paths", []):
        problems.append("the first finding's path is not among the report's")
    return problems


def _hop(path):
    """The kind of the hop that breaks it."""
    return next((hop["kind"] for hop in path["hops"] if hop["verdict"] == "breaks"), None)


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


def _resolved(run, expect):
    problems = run.always_wrong()
    if run.exit != 1:
        problems.append(f"after mending: expected exit 1, got {run.exit}")
    if run.first.get("state") != "resolved":
        problems.append(
            f"after mending: expected resolved, got {run.first.get('state')!r} of {run.first.get('cause')!r}"
        )
    if run.broken:
        problems.append(f"after mending still refused: {sorted(run.broken)}")
    still = [path for path in run.broken_paths if _hop(path) not in expect.aside]
    if still:
        problems.append(f"after mending still broken: {still}")
    return [*problems, f"{run}"] if problems else []


def _healthy(binary, at, expect):
    run = _ask(binary, at, None, expect.refuse)
    problems = run.always_wrong()
    if (run.exit, run.report.get("status"), run.report.get("findings")) != (0, "not-failed", []):
        problems.append("the healthy twin raises an alarm")
    if run.broken:
        problems.append(f"the healthy twin is refused {sorted(run.broken)}")
    if run.broken_paths:
        problems.append(f"the healthy twin has a broken path: {run.broken_paths}")
    return [*problems, f"{run}"] if problems else []


def _on_its_way(binary, at, expect):
    """A task that is PENDING makes the tool look at the network, and there is nothing to see."""
    run = _ask(binary, at, None, expect.refuse)
    problems = run.always_wrong()
    if (run.exit, run.report.get("status"), run.report.get("findings")) != (0, "not-failed", []):
        problems.append("the twin on its way raises an alarm")
    if not any(action.startswith("ec2:") for action in run.visitor.actions()):
        problems.append("the twin on its way: nothing was asked about its network")
    if run.broken_paths:
        problems.append(f"the twin on its way has a broken path: {run.broken_paths}")
    return [*problems, f"{run}"] if problems else []


def _intact(binary, at, expect):
    """The task failed by the network, of which every hop lets its calls through now."""
    run = _ask(binary, at, expect.arguments, expect.refuse)
    problems = run.always_wrong()
    first = run.first
    if run.exit not in (1, 3):
        problems.append(f"intact: expected exit 1 or 3, got {run.exit}")
    if first.get("confidence") == "confirmed":
        problems.append(f"intact: {first.get('cause')} is confirmed by a network that is whole")
    if first.get("state") not in ("resolved", "unknown"):
        problems.append(f"intact: the state is {first.get('state')!r}")
    if run.broken_paths:
        problems.append(f"intact: broken paths {run.broken_paths}")
    if "intact" not in json.dumps(run.report.get("findings", [])):
        problems.append("intact: no finding says that the path is")
    return [*problems, f"{run}"] if problems else []
