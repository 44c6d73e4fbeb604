"""A diagnosis of the network when AWS does not tell all of it, when it is replayed, and as text.

Knows that an unread fact makes a hop unknown: it never breaks one, and never mends one.
"""

import tempfile
import uuid
from pathlib import Path

import scenarios
from place import Place

from . import case, expect

BROKEN = ["nat-gateway-without-route", "endpoint-is-closed", "file-system-is-closed", "instance-lets-nothing-out"]


def _furnish(binary, name, **how):
    at = Place(binary.server, f"{name}-{uuid.uuid4().hex[:6]}", **how)
    return at, scenarios.ALL[name](at)


def _breaks(run):
    """What breaks where: the destination, and kind and subject of every hop that does."""
    return {
        (path["destination"], hop["kind"], hop["subject"])
        for path in run.broken_paths
        for hop in path["hops"]
        if hop["verdict"] == "breaks"
    }


def _deny_each(binary, name):
    at, expected = _furnish(binary, name)
    whole = binary.diagnose(at.task_arn)
    problems = whole.always_wrong()
    for action in sorted(set(whole.visitor.actions()) - {"ecs:DescribeTasks"}):
        visitor = binary.server.visitor()
        visitor.refuse = {action: "denied"}
        run = binary.diagnose(at.task_arn, visitor=visitor)
        problems += run.always_wrong()
        expect(problems, run.exit in (1, 3), f"{action} denied: expected exit 1 or 3, got {run.exit}", run)
        expect(problems, "denied" in run.coverage(action), f"{action} denied: not in coverage", run)
        extra = sorted(map(str, _breaks(run) - _breaks(whole)))
        expect(problems, not extra, f"{action} denied: {extra} break that did not before", run)
        said = {finding["state"] for finding in run.report.get("findings", []) if finding["cause"] == expected.cause}
        expect(problems, "resolved" not in said, f"{action} denied: what was not read is called mended", run)
    return problems


@case
def each_call_denied_of_a_route(binary):
    return _deny_each(binary, "nat-gateway-without-route")


@case
def each_call_denied_of_an_endpoint(binary):
    return _deny_each(binary, "endpoint-is-closed")


@case
def each_call_denied_of_a_file_system(binary):
    return _deny_each(binary, "file-system-is-closed")


@case
def each_call_denied_of_an_instance(binary):
    return _deny_each(binary, "instance-lets-nothing-out")


@case
def each_call_denied_of_things(binary):
    names = ["image-tag-misspelled", "secret-lacks-stage", "key-is-disabled", "environment-file-missing"]
    return [problem for name in names for problem in _deny_each(binary, name)]


@case
def each_call_denied_of_volumes(binary):
    names = ["access-point-of-another-file-system", "image-for-another-platform"]
    return [problem for name in names for problem in _deny_each(binary, name)]


@case
def network_that_is_denied_altogether(binary):
    """The message stands, as likely as without any network."""
    at, expected = _furnish(binary, "nat-gateway-without-route")
    visitor = binary.server.visitor()
    visitor.refuse = {action: "denied" for action in binary.diagnose(at.task_arn).visitor.actions() if "ec2:" in action}
    run = binary.diagnose(at.task_arn, visitor=visitor)
    first = (run.first.get("cause"), run.first.get("confidence"), run.first.get("state"))
    problems = run.always_wrong()
    expect(problems, first == (expected.cause, "likely", "unknown"), f"the first finding is {first}", run)
    expect(problems, not run.broken_paths, "a path is broken that nobody saw", run)
    return problems


def _without_routes(binary, status, *arguments, **visitor_is):
    """The message stands, and the routes are a gap of that kind."""
    at, expected = _furnish(binary, "nat-gateway-without-route")
    visitor = binary.server.visitor()
    for name, value in visitor_is.items():
        setattr(visitor, name, {"ec2:DescribeRouteTables": value})
    run = binary.diagnose(at.task_arn, *arguments, visitor=visitor)
    problems = run.always_wrong()
    first = (run.exit, run.first.get("cause"), run.first.get("confidence"))
    expect(problems, first == (1, expected.cause, "likely"), f"exit and first finding are {first}", run)
    told = run.coverage("ec2:DescribeRouteTables")
    expect(problems, told & status, f"coverage of the routes is {told}", run)
    expect(problems, not run.broken_paths, "a path is broken that nobody saw", run)
    return problems


@case
def throttled_call_of_the_network(binary):
    return _without_routes(binary, {"throttled", "timeout"}, refuse="throttled")


@case
def failed_call_of_the_network(binary):
    return _without_routes(binary, {"error", "timeout"}, refuse="failed")


@case
def slow_call_of_the_network(binary):
    return _without_routes(binary, {"timeout"}, "--deadline", "4s", delays=20)


@case
def task_on_its_way_into_a_broken_network(binary):
    """It has not failed; what it will meet may be said, and no more than that."""
    at, expected = _furnish(binary, "nat-gateway-without-route", ends="waits")
    run = binary.diagnose(at.task_arn)
    problems = run.always_wrong()
    expect(problems, (run.exit, run.report.get("status")) == (0, "not-failed"), "it is said to have failed", run)
    told = {(finding["cause"], finding["confidence"]) for finding in run.report.get("findings", [])}
    expect(problems, (expected.cause, "possible") in told, f"what it will meet is not said: {told}", run)
    expect(problems, {confidence for _, confidence in told} <= {"possible"}, f"too much is said: {told}", run)
    return problems


@case
def network_of_a_snapshot(binary):
    problems = []
    for name in [*BROKEN, "secret-being-deleted", "environment-file-missing"]:
        at, _ = _furnish(binary, name)
        with tempfile.TemporaryDirectory() as folder:
            saved = Path(folder, "saved.json")
            live = binary.diagnose(at.task_arn, "--save", str(saved))
            again = binary.diagnose("--from", str(saved))
        expect(problems, not again.visitor.calls, f"the snapshot asked AWS {again.visitor.calls}", again)
        same = [{key: value for key, value in run.report.items() if key != "meta"} for run in (live, again)]
        expect(problems, same[0] == same[1], f"{name}: the snapshot gives another report", again)
    return problems


@case
def network_as_text(binary):
    """The picture names the hop that breaks, and what was dialled."""
    at, expected = _furnish(binary, "endpoint-is-closed")
    subject = next(hop[2] for hop in _breaks(binary.diagnose(at.task_arn)))
    run = binary.diagnose(at.task_arn, "-o", "text")
    problems = run.always_wrong()
    expect(problems, run.exit == 1, f"expected exit 1, got {run.exit}", run)
    for word in (subject, expected.dialled):
        expect(problems, word in run.out, f"the text does not name {word}", run)
    return problems
