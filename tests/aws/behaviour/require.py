"""`iam require`: a task definition by any of its names, or in a file; its policy on the role, judged again. Knows that a
definition takes a round trip less than a task."""

import json
import tempfile

from . import case, expect, place, rich

MOST_ROUND_TRIPS = 4


def _require(binary, *arguments, **settings):
    form = () if "-o" in arguments else ("-o", "json")
    return binary.run("iam", "require", *arguments, *form, **settings)


def _wrong(run, exit, *says):
    """One clear error that says so; nothing on stdout."""
    problems = run.always_wrong()
    expect(problems, run.exit == exit, f"expected exit {exit}, got {run.exit}", run)
    expect(problems, not run.out, "something on stdout", run)
    for word in says:
        expect(problems, word in run.err, f"the error does not say {word!r}", run)
    return problems


@case
def require_by_every_name(binary):
    at = rich(binary, "require")
    arn = at.definition["taskDefinitionArn"]
    denied = ("execution", "secretsmanager:GetSecretValue", at.denied, "missing")
    problems = []
    for name, region in ((at.name, at.region), (f"{at.name}:1", at.region), (arn, None)):
        run = _require(binary, name, region=region)
        problems += run.always_wrong()
        expect(problems, run.exit == 0, f"{name}: expected exit 0, got {run.exit}", run)
        expect(problems, run.report.get("schema") == "ecs-why/requirements/v1", f"{name}: no schema", run)
        expect(problems, run.report.get("taskDefinition") == arn, f"{name}: not that definition", run)
        expect(problems, run.broken == {denied}, f"{name}: expected the denied secret, got {sorted(run.broken)}", run)
        decisions = {check["decision"] for _, check in run.checks()}
        expect(problems, "unknown" not in decisions, f"{name}: undecided, though all can be read", run)
        trips = (run.report.get("meta") or {}).get("awsRoundTrips")
        expect(problems, trips and trips <= MOST_ROUND_TRIPS, f"{name}: {trips} round trips", run)
    return problems


@case
def require_policy_is_enough(binary):
    at = rich(binary, "require-policy")
    arn, role = at.definition["taskDefinitionArn"], at.execution.split("/")[-1]
    printed = _require(binary, arn, "-o", "policy")
    problems = printed.always_wrong()
    expect(problems, printed.exit == 0, f"expected exit 0, got {printed.exit}", printed)
    expect(problems, "kms:Decrypt" in printed.out, "the key of a secret was read, and is not granted", printed)
    iam = at.client("iam")
    iam.delete_role_policy(RoleName=role, PolicyName="inline")
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=role, PolicyArn=attached["PolicyArn"])
    iam.put_role_policy(RoleName=role, PolicyName="printed", PolicyDocument=printed.out)
    run = _require(binary, arn)
    left = [check for _, check in run.checks() if check["decision"] != "allowed"]
    expect(problems, run.checks() and not left, f"the printed policy leaves {left}", run)
    return problems


@case
def require_makes_the_role_that_is_not_named(binary):
    at = place(binary, "require-role")
    at.define(at.container(), launch_type="FARGATE")
    run = _require(binary, at.definition["taskDefinitionArn"], "-o", "terraform")
    problems = run.always_wrong()
    for block in ('resource "aws_iam_role" ', 'resource "aws_iam_role_policy" ', "ecs-tasks.amazonaws.com"):
        expect(problems, block in run.out, f"there is no {block!r}", run)
    return problems


@case
def require_from_a_file_asks_nobody(binary):
    at = rich(binary, "require-file")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"taskDefinition": at.definition, "tags": []}, file, default=str)
        file.flush()
        run = _require(binary, file.name)
    problems = run.always_wrong()
    expect(problems, run.exit == 0, f"expected exit 0, got {run.exit}", run)
    expect(problems, not run.visitor.calls, f"a file, yet called {run.visitor.calls}", run)
    decisions = {check["decision"] for _, check in run.checks()}
    expect(problems, decisions == {"unknown"}, f"a file, yet decided {decisions}", run)
    expect(problems, "planted-env-7f3a" not in run.out, "an environment variable's value came out", run)
    return problems


@case
def require_an_unknown_family(binary):
    run = _require(binary, "no-such-family", region="eu-west-1")
    return _wrong(run, 2, "Unable to describe task definition")


@case
def require_denied(binary):
    visitor = binary.server.visitor()
    visitor.refuse = {"ecs:DescribeTaskDefinition": "denied"}
    return _wrong(_require(binary, "web", region="eu-west-1", visitor=visitor), 2, "ecs:DescribeTaskDefinition")


@case
def require_unread_role_is_unknown(binary):
    at = rich(binary, "require-unread")
    visitor = binary.server.visitor()
    visitor.refuse = {"iam:GetRolePolicy": "denied"}
    run = _require(binary, at.definition["taskDefinitionArn"], visitor=visitor)
    problems = run.always_wrong()
    expect(problems, run.exit == 0, f"expected exit 0, got {run.exit}", run)
    expect(problems, "denied" in run.coverage("iam:GetRolePolicy"), "the refusal is not in coverage", run)
    expect(problems, not run.broken, f"not read, yet refused: {sorted(run.broken)}", run)
    return problems


@case
def require_after_the_deadline(binary):
    visitor = binary.server.visitor()
    visitor.delays = {"ecs:DescribeTaskDefinition": 8}
    run = _require(binary, "web", "--deadline", "1s", region="eu-west-1", visitor=visitor)
    return _wrong(run, 2, "deadline")


@case
def require_without_a_region(binary):
    return _wrong(_require(binary, "web"), 2, "egion")
