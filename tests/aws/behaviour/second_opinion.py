"""`--verify-with-aws`: what AWS's policy simulator cannot tell is a gap, and the diagnosis stands. Knows that moto has
no simulator: whatever is asked of it here, the answer is a refusal."""

import json
import tempfile
from pathlib import Path

from . import case, expect, failing_to_start
from .bad_input import check_bad_input

ACTION = "iam:SimulatePrincipalPolicy"


def _own(run):
    """The report without what the second opinion adds to it, and without what it cost."""
    report = json.loads(json.dumps(run.report))
    report.pop("meta", None)
    report["coverage"] = [line for line in report.get("coverage", []) if line["source"] != ACTION]
    return report


def _visitor(binary, refusal):
    visitor = binary.server.visitor()
    visitor.refuse = {ACTION: refusal}
    return visitor


@case
def second_opinion_that_fails(binary):
    _, arguments = failing_to_start(binary)
    plain = binary.diagnose(*arguments)
    run = binary.diagnose(*arguments, "--verify-with-aws", visitor=_visitor(binary, "failed"))
    problems = run.always_wrong()
    expect(problems, ACTION not in plain.visitor.actions(), "asked for a second opinion that nobody wanted", plain)
    expect(problems, run.visitor.actions()[ACTION] > 0, "asked for no second opinion", run)
    expect(problems, run.exit == 1, f"expected exit 1, got {run.exit}", run)
    expect(problems, run.coverage(ACTION) == {"error"}, f"coverage says {run.coverage(ACTION)}", run)
    expect(problems, _own(run) == _own(plain), "the failing second opinion changed the report", f"{plain}\n{run}")
    return problems


@case
def second_opinion_that_is_denied(binary):
    _, arguments = failing_to_start(binary)
    run = binary.run("diagnose", *arguments, "--verify-with-aws", visitor=_visitor(binary, "denied"))
    problems = run.always_wrong()
    expect(problems, run.exit == 1, f"expected exit 1, got {run.exit}", run)
    said = f"second opinion not possible: the caller lacks {ACTION}"
    expect(problems, run.out.count(said) == 1, "does not say once what the caller lacks", run)
    return problems


@case
def second_opinion_of_the_permission_checks(binary):
    """Each call is about one role and one resource, and says who would make it."""
    at, arguments = failing_to_start(binary)
    run = binary.diagnose(*arguments, "--verify-with-aws", visitor=_visitor(binary, "failed"))
    asked = [parameters for action, parameters in run.visitor.calls if action == ACTION]
    problems = run.always_wrong()
    roles = {parameters["PolicySourceArn"] for parameters in asked}
    expect(problems, roles == {at.execution}, f"asked about {roles}", run)
    actions = {value for parameters in asked for name, value in parameters.items() if name.startswith("ActionNames.")}
    checked = {check["action"] for group, check in run.checks() if group["role"]["kind"] == "execution"}
    expect(problems, actions == checked - {"sts:AssumeRole"}, f"asked about {actions}, checked {checked}", run)
    several = [parameters for parameters in asked if "ResourceArns.member.2" in parameters]
    expect(problems, not several, f"several resources in one call: {several}", run)
    return problems


@case
def second_opinion_from_a_file(binary):
    """A file that has none is no error, and asks nobody; without a file there is nothing to be offline with."""
    _, arguments = failing_to_start(binary)
    with tempfile.TemporaryDirectory() as folder:
        plain, asked = Path(folder, "plain.json"), Path(folder, "asked.json")
        live = binary.diagnose(*arguments, "--save", str(plain))
        binary.diagnose(*arguments, "--verify-with-aws", "--save", str(asked), visitor=_visitor(binary, "failed"))
        without = binary.diagnose("--from", str(plain), "--verify-with-aws")
        replayed = binary.diagnose("--from", str(asked), "--verify-with-aws")
    problems = []
    for run in (without, replayed):
        expect(problems, run.exit == live.exit, f"expected exit {live.exit}, got {run.exit}", run)
        expect(problems, not run.visitor.calls, f"the snapshot asked AWS {run.visitor.calls}", run)
    expect(problems, "no second opinion" in without.err, "does not say that the file has no second opinion", without)
    expect(problems, not replayed.err, "the file has a second opinion, even if a gap", replayed)
    expect(problems, replayed.coverage(ACTION) == {"error"}, "the file's gap is not in coverage", replayed)
    return problems + check_bad_input(binary, (arguments[0], "--offline", "--verify-with-aws"), ("--offline",))
