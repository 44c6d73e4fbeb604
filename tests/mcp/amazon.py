"""The tools against an AWS API of this machine: the same scenarios that the command line is tested with.

Each scenario is furnished once, broken; the server is started with `--endpoint-url`, as its only way to that API.
What a caller writes must not lead it anywhere else, and what it cancels must not go on.
"""

import itertools
import sys
import time

from protocol import problem_of
from trust import ours, unmarked
from wire import ROOT, Wire

sys.path.insert(0, str(ROOT / "tests" / "aws"))

import scenarios  # noqa: E402
from place import Place  # noqa: E402
from server import Server  # noqa: E402

PLAYED = ("secret-is-denied", "image-tag-missing", "log-group-missing", "newest-failure-of-a-service")
_SERVER = None
_NUMBERS = itertools.count(1)


def api():
    """The API, started when it is first needed."""
    global _SERVER
    _SERVER = _SERVER or Server()
    return _SERVER


def started(binary, visitor, *arguments, region=None):
    environment = visitor.environment(region) | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    return Wire(binary, "--endpoint-url", api().url, *arguments, environment=environment)


def furnished(name):
    """A broken place of its own, with what is expected of it."""
    place = Place(api(), f"{name}-{next(_NUMBERS)}", broken=True)
    return place, scenarios.ALL[name](place)


def meant(place, expect):
    """What a caller says of the task: its ARN, or the service that the scenario is about."""
    if expect.arguments and "--service" in expect.arguments:
        service = expect.arguments[expect.arguments.index("--service") + 1]
        return {"service": service, "cluster": place.cluster, "region": place.region}
    return {"task": place.task_arn}


def decided(refusals):
    """What is refused for sure."""
    known = (one for one in refusals if one["decision"] != "unknown")
    return {(one["role"], one.get("action"), one["decision"]) for one in known}


def played(name):
    def scenario(binary):
        place, expect = furnished(name)
        visitor = api().visitor()
        with started(binary, visitor) as wire:
            diagnosed = wire.answer("diagnose_task", token="t", **meant(place, expect))
            rounds = [one["message"] for one in wire.progress("t") if "asking AWS" in one["message"]]
            listed = wire.answer("list_stopped_tasks", cluster=place.cluster, region=place.region)
            definition = diagnosed["untrusted"]["task"]["taskDefinition"]
            permissions = wire.answer("check_permissions", task_definition=definition)
        problems = problem_of(
            f"cause {diagnosed.get('cause')}, expected {expect.cause}", diagnosed.get("cause") == expect.cause
        )
        problems += problem_of(f"status {diagnosed['status']}", diagnosed["status"] == expect.status)
        problems += problem_of(f"progress of rounds: {rounds}", len(rounds) >= 3)
        wanted = {(role, action, decision) for role, action, _, decision in expect.broken}
        got, lacking = decided(diagnosed["refused"]), decided(permissions["lacking"])
        problems += problem_of(f"refused {got}, expected {wanted}", got == wanted)
        if expect.commands == "required":
            proven = [fix for fix in diagnosed["fixes"] if fix.get("verified") and fix["untrusted"]["commands"]]
            problems += problem_of(f"no proven fix: {diagnosed['fixes']}", bool(proven))
        ids = [task["id"] for task in listed["tasks"]]
        problems += problem_of(f"{place.task_id} is not among {ids}", place.task_id in ids)
        problems += problem_of(f"lacking {lacking}, expected {wanted}", lacking == wanted)
        policy = permissions["untrusted"].get("executionRolePolicy")
        problems += problem_of(f"policy {policy}", bool(policy) and bool(policy["Statement"]))
        for view in (diagnosed, listed, permissions):
            problems += problem_of(f"unmarked: {unmarked(view)}", not unmarked(view))
            problems += problem_of(f"a name is not marked: {ours(view)}", place.cluster not in str(ours(view)))
        problems += problem_of(f"standard output: {wire.noise}", not wire.noise and wire.exit == 0)
        return problems

    return scenario


def refusals(binary):
    """What AWS refuses is an error that names the action, and the server goes on."""
    place, _ = furnished("secret-is-denied")
    visitor = api().visitor()
    with started(binary, visitor, region=place.region) as wire:
        problems = []
        for action, tool, arguments in [
            ("ecs:DescribeTasks", "diagnose_task", {"task": place.task_arn}),
            ("ecs:ListTasks", "list_stopped_tasks", {"cluster": place.cluster}),
            ("ecs:DescribeTaskDefinition", "check_permissions", {"task_definition": place.name}),
        ]:
            visitor.refuse = {action: "denied"}
            result = wire.call(tool, **arguments)
            text = result["content"][0]["text"]
            good = result.get("isError") and action in text and "ecs-why policy" in text
            problems += problem_of(f"{tool} without {action}: {text[:300]}", good)
        visitor.refuse = {}
        missing = wire.call("list_stopped_tasks", cluster="no-such-cluster")
        problems += problem_of(f"no such cluster: {missing}", missing.get("isError") is True)
        again = wire.call("diagnose_task", task=place.task_arn)
        problems += problem_of(f"after refusals: {again}", not again.get("isError"))
    return problems


def cancelled(binary):
    """A call that is cancelled is not answered, asks nothing more soon, and the next one is."""
    place, _ = furnished("secret-is-denied")
    visitor = api().visitor()
    visitor.delay = 1.5
    with started(binary, visitor) as wire:
        number = wire.begin("tools/call", {"name": "diagnose_task", "arguments": {"task": place.task_arn}}, token="c")
        until = time.monotonic() + 20
        while not visitor.calls and time.monotonic() < until:
            time.sleep(0.05)
        wire.notify("notifications/cancelled", {"requestId": number, "reason": "the user went on"})
        visitor.delay = 0.0
        began = time.monotonic()
        listed = wire.request("tools/list")
        problems = problem_of(f"tools/list took {time.monotonic() - began:.2f} s", time.monotonic() - began < 1.0)
        problems += problem_of("no tools after a cancellation", "result" in listed)
        time.sleep(3.0)
        asked = len(visitor.calls)
        problems += problem_of(f"{visitor.actions()} were asked of a call that was cancelled", asked <= 2)
        problems += problem_of("a cancelled call is answered", number not in wire.responses)
        fresh = wire.call("diagnose_task", task=place.task_arn)
        problems += problem_of(f"after a cancellation: {fresh}", not fresh.get("isError"))
        problems += problem_of("the next call asked nothing", len(visitor.calls) > asked)
    return problems


def deadlines(binary):
    """A call ends by the deadline of the start, and says so."""
    place, _ = furnished("secret-is-denied")
    visitor = api().visitor()
    visitor.delay = 8.0
    with started(binary, visitor, "--deadline", "2s") as wire:
        began = time.monotonic()
        result = wire.call("diagnose_task", task=place.task_arn)
        took = time.monotonic() - began
    text = result["content"][0]["text"]
    return problem_of(f"{took:.1f} s: {text[:300]}", took < 6 and result.get("isError") and "deadline" in text)


def reads_alone(binary):
    """Nothing but the operations that the policy lists is called, whatever is asked."""
    from binary import ALLOWED_ACTIONS

    place, _ = furnished("secret-is-denied")
    visitor = api().visitor()
    with started(binary, visitor, region=place.region) as wire:
        wire.answer("diagnose_task", task=place.task_arn, detail="full")
        wire.answer("list_stopped_tasks", cluster=place.cluster)
        wire.answer("check_permissions", task_definition=place.name)
        wire.answer("explain_message", text="CannotPullContainerError: x")
    other = {action for action in visitor.actions() if action not in ALLOWED_ACTIONS}
    asked = visitor.actions().keys() & {
        "ecs:DescribeTasks",
        "ecs:ListTasks",
        "iam:GetRole",
        "secretsmanager:DescribeSecret",
    }
    strangers = api().gate.strangers
    problems = problem_of(f"asked only {asked}", len(asked) == 4)
    return (
        problems + problem_of(f"called {other}", not other) + problem_of(f"unsigned calls {strangers}", not strangers)
    )


ALL = {f"aws/{name}": played(name) for name in PLAYED} | {
    f"aws/{one.__name__.replace('_', '-')}": one for one in (refusals, cancelled, deadlines, reads_alone)
}
