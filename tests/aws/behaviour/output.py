"""What comes out, and how it ends: no secret on any screen or in any file, no noise at a closed pipe or Ctrl-C."""

import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from . import case, expect, failing_to_start, rich

# ---------------------------------------------------------------- what must not come out

SIGNED = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIAQ7PLANTED4KEY5Z9%2F20240501%2Feu-west-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20240501T101112Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Security-Token=IQoJb3JpZ2luplantedtoken%2F%2F"
    "&X-Amz-Signature=5eedf00dc0ffee5eedf00dc0ffee5eedf00dc0ffee5eedf00dc0ffee12345678"
)
PLANTED = [
    "planted-env-7f3a",
    "planted-override-91bc",
    "AKIAQ7PLANTED4KEY5Z8",
    "ASIAQ7PLANTED4KEY5Z9",
    "plAnTEDsecretKEY0123456789abcdefghijABCD",
    "plantedtoken",
    "5eedf00dc0ffee",
    "planted-url-password",
    "planted-password-55aa",
    "never-to-be-read",
]
LINES = [
    "INFO starting with AWS_ACCESS_KEY_ID=AKIAQ7PLANTED4KEY5Z8",
    "DEBUG aws_secret_access_key = plAnTEDsecretKEY0123456789abcdefghijABCD",
    f"DEBUG fetching https://reports.s3.eu-west-1.amazonaws.com/may.csv?{SIGNED}",
    "INFO database postgres://app:planted-url-password@db.internal:5432/orders",
    "DEBUG DB_PASSWORD=planted-password-55aa",
    f"ERROR cannot read https://reports.s3.eu-west-1.amazonaws.com/june.csv?{SIGNED} with key AKIAQ7PLANTED4KEY5Z8",
]


@case
def nothing_secret_comes_out(binary):
    layer = f"https://prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com/9f2-1234?{SIGNED}"
    at = rich(binary, "planted")
    at.log(*LINES)
    overrides = {
        "containerOverrides": [{"name": "web", "environment": [{"name": "MODE", "value": "planted-override-91bc"}]}]
    }
    at.exits(1, overrides=overrides)
    problems = _nothing_planted(binary, at)
    pull = rich(binary, "planted-pull")
    reason = (
        "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: "
        f"unexpected status code {layer}: 403 Forbidden"
    )
    pull.fails_to_start(reason, {"web": reason}, overrides=overrides)
    pull.service(f"(service web) was unable to place a task. Reason: {reason}")
    return problems + _nothing_planted(binary, pull)


def _formats(binary):
    """The formats that work are the ones that help shows."""
    text = binary.run("diagnose", "-h").out
    found = re.search(r"--output <.*?\[possible values:\s*([^\]]*)\]", text, re.DOTALL)
    return re.findall(r"[a-z0-9]+", found[1]) if found else []


def _nothing_planted(binary, at):
    problems, formats = [], _formats(binary)
    if not {"text", "json"} <= set(formats):
        problems.append(f"help does not list the formats text and json: {formats}")
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder, "saved.json")
        for form in formats or ["text", "json"]:
            run = binary.run("diagnose", at.task_arn, "-o", form, "--save", str(saved))
            expect(problems, run.exit in (1, 3), f"{form}: expected exit 1 or 3, got {run.exit}", run)
            snapshot = saved.read_text() if saved.exists() else ""
            expect(problems, snapshot, f"{form}: nothing saved", run)
            for where, text in {form: run.out, "stderr": run.err, "snapshot": snapshot}.items():
                problems += [f"{at.name}: {secret!r} in {where}" for secret in PLANTED if secret in text]
    return problems


# ---------------------------------------------------------------- signals and pipes


@case
def closed_pipe_is_quiet(binary):
    _, arguments = failing_to_start(binary)
    problems = []
    for form in ("text", "json"):
        reader, writer = os.pipe()
        os.close(reader)
        process = binary.start("diagnose", *arguments, "-o", form, stdout=writer)
        os.close(writer)
        _, err = process.communicate(timeout=60)
        expect(
            problems,
            not re.search("panicked|broken pipe|error", err, re.IGNORECASE),
            f"{form}: a closed pipe is not quiet",
            err,
        )
    command = f'"{binary.path}" diagnose {arguments[0]} -o json | head -1'
    piped = subprocess.run(
        ["sh", "-c", command], env=binary.environment(binary.server.visitor()), capture_output=True, text=True
    )
    expect(
        problems, piped.stdout.count("\n") <= 1 and not piped.stderr.strip(), "`| head -1` is not quiet", piped.stderr
    )
    return problems


@case
def interrupt_is_quiet(binary):
    _, arguments = failing_to_start(binary)
    visitor = binary.server.visitor()
    visitor.delay = 20
    process = binary.start("diagnose", *arguments, "-o", "json", visitor=visitor)
    for _ in range(100):
        if visitor.calls or process.poll() is not None:
            break
        time.sleep(0.05)
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    taken, problems = time.monotonic() - begin, []
    expect(problems, visitor.calls, "it called nothing before it was interrupted", err)
    expect(problems, taken < 2, f"took {taken:.1f} s to end", err)
    expect(problems, process.returncode in (130, -signal.SIGINT), f"ended with {process.returncode}", err)
    expect(
        problems,
        not out and not re.search("panicked|error", err, re.IGNORECASE),
        "an interrupt is not quiet",
        out + err,
    )
    return problems
