"""What AWS refuses or is slow to tell: the diagnosis goes on, and its coverage names the action. Knows that without the
task itself there is nothing to go on with."""

import time

from . import SCENES, case, expect, failing_to_start


def _deny_each(binary, scene):
    """Denies one after the other every action that the scene's diagnosis uses."""
    at, arguments = SCENES[scene](binary)
    open_to_all = binary.diagnose(*arguments)
    problems = open_to_all.always_wrong()
    expect(problems, open_to_all.exit == 1, f"expected exit 1, got {open_to_all.exit}", open_to_all)
    for action in sorted(open_to_all.visitor.actions()):
        visitor = binary.server.visitor()
        visitor.refuse = {action: "denied"}
        run = binary.diagnose(*arguments, visitor=visitor)
        problems += run.always_wrong()
        if action == "ecs:DescribeTasks" or (run.exit == 2 and scene == "service"):
            expect(
                problems,
                run.exit == 2 and not run.out and action in run.err,
                f"{action} denied: expected exit 2 that names it",
                run,
            )
            continue
        expect(problems, run.exit in (1, 3), f"{action} denied: expected exit 1 or 3, got {run.exit}", run)
        expect(problems, "denied" in run.coverage(action), f"{action} denied: not in coverage", run)
        extra = sorted(run.broken - open_to_all.broken)
        expect(problems, not extra, f"{action} denied: not known, yet refused: {extra}", run)
        if scene == "start":
            expect(
                problems,
                run.first.get("cause") == "secret-permission",
                f"{action} denied: the message still tells the cause",
                run,
            )
    return problems


@case
def each_call_denied_of_a_start(binary):
    return _deny_each(binary, "start")


@case
def each_call_denied_of_an_exit(binary):
    return _deny_each(binary, "exit")


@case
def each_call_denied_of_a_service(binary):
    return _deny_each(binary, "service")


@case
def throttled_call(binary):
    _, arguments = failing_to_start(binary)
    visitor = binary.server.visitor()
    visitor.refuse = {"iam:GetRolePolicy": "throttled"}
    run = binary.diagnose(*arguments, visitor=visitor)
    problems = run.always_wrong()
    expect(problems, run.exit == 1, f"expected exit 1, got {run.exit}", run)
    expect(problems, run.coverage("iam:GetRolePolicy") & {"throttled", "timeout"}, "throttling is not in coverage", run)
    return problems


@case
def deadline_before_the_task(binary):
    _, arguments = failing_to_start(binary)
    visitor = binary.server.visitor()
    visitor.delays = {"ecs:DescribeTasks": 8}
    return _within(5, binary, arguments, visitor, deadline=1, exit=5)


@case
def deadline_after_the_task(binary):
    _, arguments = failing_to_start(binary)
    visitor = binary.server.visitor()
    visitor.delays = {"iam:GetRole": 20}
    return _within(8, binary, arguments, visitor, deadline=4, exit=1, late="iam:GetRole")


def _within(seconds, binary, arguments, visitor, deadline, exit, late=None):
    begin = time.monotonic()
    run = binary.diagnose(*arguments, "--deadline", f"{deadline}s", visitor=visitor)
    taken = time.monotonic() - begin
    problems = run.always_wrong()
    expect(problems, run.exit == exit, f"expected exit {exit}, got {run.exit}", run)
    expect(problems, taken < seconds, f"took {taken:.1f} s with a deadline of {deadline} s", run)
    if late:
        expect(problems, "timeout" in run.coverage(late), f"{late} was late, and coverage does not say so", run)
    return problems
