"""What cannot be used: one clear error, exit status 2, nothing on stdout, nothing written. Knows no wording, but
the facts that an error must name."""

import os
import tempfile
import time
from pathlib import Path

from . import ALL, case, expect, failing_to_start

TASK_ID = "0123456789abcdef0123456789abcdef"
ARN = "arn:aws:ecs:eu-west-1:123456789012:"


def check_bad_input(binary, arguments, says=(), environment=None, visitor=None, region="eu-west-1", exit=2, stdin=None):
    """One clear error that says what is wrong; nothing on stdout, nothing written."""
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder, "saved.json")
        arguments = (*arguments, "--save", str(saved))
        run = binary.diagnose(*arguments, visitor=visitor, environment=environment, region=region, stdin=stdin)
        problems = run.always_wrong()
        expect(problems, run.exit == exit, f"expected exit {exit}, got {run.exit}", run)
        expect(problems, not run.out, "something on stdout", run)
        errors = [line for line in run.err.splitlines() if line.startswith("error")]
        expect(problems, len(errors) == 1, f"expected one error, got {len(errors)}", run)
        for word in says:
            expect(problems, word.lower() in run.err.lower(), f"the error does not say {word!r}", run)
        expect(problems, not os.listdir(folder), "something was written", run)
        return problems


BAD_ARGUMENTS = {
    "nothing-asked": ((), ()),
    "malformed-arn": (("arn:aws:ecs:eu-west-1:task",), ("arn:aws:ecs:eu-west-1:task",)),
    "arn-without-id": ((ARN + "task/prod/",), ()),
    "service-arn": ((ARN + "service/prod/web",), ("service",)),
    "cluster-arn": ((ARN + "cluster/prod",), ("cluster",)),
    "task-definition-arn": ((ARN + "task-definition/web:3",), ("task",)),
    "arn-of-another-service": (("arn:aws:iam::123456789012:role/web",), ()),
    "cluster-contradicts-arn": ((f"{ARN}task/prod/{TASK_ID}", "--cluster", "staging"), ("prod", "staging")),
    "task-id-that-is-none": (("not a task", "--cluster", "prod"), ()),
    "unknown-deadline": ((f"{ARN}task/prod/{TASK_ID}", "--deadline", "soon"), ("soon",)),
    "unknown-format": ((f"{ARN}task/prod/{TASK_ID}", "-o", "latex"), ("latex",)),
    "no-such-file": (("--from", "/nonexistent/event.json"), ("/nonexistent/event.json",)),
}

BAD_FILES = {
    "empty-file": b"",
    "blank-file": b" \n\n",
    "no-json": b"2024-05-01 task stopped\n",
    "half-json": b'{"tasks": [{"taskArn": "arn:aws:ecs',
    "other-json": b'{"Reservations": []}',
    "json-that-is-no-object": b"[1, 2, 3]",
    "no-tasks": b'{"tasks": [], "failures": []}',
    "binary-file": bytes(range(256)) * 64,
    "newer-snapshot": b'{"format": "ecs-why/snapshot/v2", "facts": []}',
}


def _register_bad_input():
    for name, (arguments, says) in BAD_ARGUMENTS.items():
        ALL[f"bad-input/{name}"] = lambda binary, arguments=arguments, says=says: check_bad_input(
            binary, arguments, says
        )
    for name, content in BAD_FILES.items():
        ALL[f"bad-input/{name}"] = lambda binary, content=content: _bad_file(binary, content)


def _bad_file(binary, content):
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        problems = check_bad_input(binary, ("--from", file.name), (file.name,))
        if len(content) < 1000 and b"\xff" not in content:
            problems += check_bad_input(binary, ("--from", "-"), stdin=content.decode())
        return problems


_register_bad_input()


@case
def bad_input_huge_file(binary):
    begin = time.monotonic()
    with tempfile.NamedTemporaryFile() as file:
        file.write(b'{"tasks": [')
        file.write(b" " * (100 * 2**20))
        file.flush()
        problems = check_bad_input(binary, ("--from", file.name))
    taken = time.monotonic() - begin
    return problems + ([f"100 MiB took {taken:.0f} s"] if taken > 15 else [])


@case
def bad_input_newer_snapshot(binary):
    """A real snapshot whose format is of a later version."""
    _, arguments = failing_to_start(binary)
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder, "saved.json")
        binary.diagnose(*arguments, "--save", str(saved))
        text = saved.read_text()
        newer = text.replace("snapshot/v1", "snapshot/v2")
        if newer == text:
            return ["the snapshot names no version"]
        saved.write_text(newer)
        return check_bad_input(binary, ("--from", str(saved)), ("v2",))


@case
def no_region(binary):
    return check_bad_input(binary, (TASK_ID, "--cluster", "prod"), ("region",), region=None)


@case
def no_credentials(binary):
    visitor = binary.server.visitor()
    environment = {name: value for name, value in binary.environment(visitor).items() if "KEY" not in name}
    return check_bad_input(
        binary, (f"{ARN}task/prod/{TASK_ID}",), ("credentials",), environment=environment, visitor=visitor
    )


@case
def expired_credentials(binary):
    visitor = binary.server.visitor()
    visitor.refuse = {"*": "expired"}
    return check_bad_input(binary, (f"{ARN}task/prod/{TASK_ID}",), ("expired",), visitor=visitor)


@case
def wrong_endpoint(binary):
    arguments = (f"{ARN}task/prod/{TASK_ID}", "--endpoint-url", "http://127.0.0.1:9", "--deadline", "15s")
    return check_bad_input(binary, arguments, ("127.0.0.1:9",))


@case
def no_such_cluster(binary):
    problems = []
    for arguments in (
        (f"{ARN}task/nowhere/{TASK_ID}",),
        (TASK_ID, "--cluster", "nowhere"),
        ("--cluster", "nowhere", "--service", "web"),
    ):
        run = binary.diagnose(*arguments, region="eu-west-1")
        problems += run.always_wrong()
        expect(problems, run.exit == 4, f"expected exit 4, got {run.exit}", run)
        expect(problems, "nowhere" in run.err + run.out, "the cluster is not named", run)
    return problems


@case
def save_where_nothing_can_be_written(binary):
    _, arguments = failing_to_start(binary)
    run = binary.diagnose(*arguments, "--save", "/nonexistent/case.json")
    problems = run.always_wrong()
    expect(problems, run.exit == 2, f"expected exit 2, got {run.exit}", run)
    expect(problems, "/nonexistent/case.json" in run.err, "the file is not named", run)
    return problems
