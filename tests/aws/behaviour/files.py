"""Snapshots, events and the AWS CLI's output by `--from`. Knows how EventBridge, SNS, SQS and Lambda wrap a task."""

import json
import os
import subprocess
import sys
import tempfile
import uuid
from datetime import datetime, timezone
from pathlib import Path

from server import TASKS

from . import SCENES, case, expect, failing_to_start
from .bad_input import ARN, check_bad_input

# ---------------------------------------------------------------- snapshots


def _without_meta(run):
    return json.dumps({name: value for name, value in run.report.items() if name != "meta"})


@case
def snapshot_gives_the_live_report(binary):
    problems = []
    for scene in SCENES.values():
        _, arguments = scene(binary)
        with tempfile.TemporaryDirectory() as folder:
            saved = Path(folder, "saved.json")
            live = binary.diagnose(*arguments, "--save", str(saved))
            problems += live.always_wrong()
            if not saved.exists():
                return [*problems, f"nothing saved\n{live}"]
            again = binary.diagnose("--from", str(saved))
            piped = binary.diagnose("--from", "-", stdin=saved.read_text())
        for replayed in (again, piped):
            expect(problems, replayed.exit == live.exit, f"expected exit {live.exit}, got {replayed.exit}", replayed)
            expect(problems, not replayed.visitor.calls, f"the snapshot asked AWS {replayed.visitor.calls}", replayed)
            same = replayed.report and _without_meta(live) == _without_meta(replayed)
            expect(problems, same, "the report from the snapshot differs", f"{live}\n{replayed}")
    return problems


# ---------------------------------------------------------------- tasks from a file


def _with_texts(value):
    """Times as an event has them."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, dict):
        return {name: _with_texts(inner) for name, inner in value.items()}
    return [_with_texts(inner) for inner in value] if isinstance(value, list) else value


def _event(task):
    """The event that EventBridge sends of a task."""
    detail = _with_texts(task) | {"updatedAt": _with_texts(task.get("stoppedAt", task["createdAt"]))}
    detail["attachments"] = [one | {"type": "eni"} for one in detail["attachments"]]
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "account": "123456789012",
        "time": detail["updatedAt"],
        "region": "eu-west-1",
        "resources": [task["taskArn"]],
        "detail": detail,
    }


def _queued(body):
    return {"Messages": [{"MessageId": str(uuid.uuid4()), "ReceiptHandle": "AQEB", "MD5OfBody": "0", "Body": body}]}


def _notified(event):
    return json.dumps(
        {"Type": "Notification", "MessageId": str(uuid.uuid4()), "TopicArn": ARN + "t", "Message": json.dumps(event)}
    )


def _lambda_record(body):
    return {
        "Records": [{"messageId": str(uuid.uuid4()), "body": body, "eventSource": "aws:sqs", "awsRegion": "eu-west-1"}]
    }


@case
def events_and_their_wrappings(binary):
    at, _ = failing_to_start(binary)
    event = _event(at.task())
    forms = {
        "bare": event,
        "in SQS": _queued(json.dumps(event)),
        "in SNS in SQS": _queued(_notified(event)),
        "in SQS for Lambda": _lambda_record(json.dumps(event)),
        "in SNS in SQS for Lambda": _lambda_record(_notified(event)),
    }
    problems = []
    for name, form in forms.items():
        problems += [f"{name}: {problem}" for problem in _told_by_file(binary, at, json.dumps(form))]
    return problems


@case
def output_of_the_aws_cli(binary):
    at, _ = failing_to_start(binary)
    return _told_by_file(binary, at, _cli(binary, at, at.task_arn))


def _cli(binary, at, *tasks):
    command = [
        os.path.join(os.path.dirname(sys.executable), "aws"),
        "ecs",
        "describe-tasks",
        "--cluster",
        at.cluster,
        "--tasks",
        *tasks,
    ]
    environment = binary.environment(binary.server.visitor(), at.region)
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def _told_by_file(binary, at, text):
    """The task comes from the file, the rest from AWS; offline nothing does, and the message still tells."""
    problems = []
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(text)
        file.flush()
        run = binary.diagnose("--from", file.name)
        offline = binary.diagnose("--from", file.name, "--offline")
    for one in (run, offline):
        problems += one.always_wrong()
        expect(problems, (one.exit, one.first.get("cause")) == (1, "secret-permission"), "not the denied secret", one)
        expect(problems, (one.report.get("task") or {}).get("arn") == at.task_arn, "not the task of the file", one)
    expect(problems, "ecs:DescribeTasks" not in run.visitor.actions(), "asked AWS for the task of the file", run)
    expect(problems, run.first.get("confidence") == "confirmed", "message and policies agree, yet not confirmed", run)
    expect(problems, not offline.visitor.calls, f"offline, yet called {offline.visitor.calls}", offline)
    expect(problems, not offline.broken, f"offline, yet sure of {sorted(offline.broken)}", offline)
    return problems


@case
def files_with_several_tasks(binary):
    at, _ = failing_to_start(binary)
    failed = at.task()
    others = {
        "running": {"lastStatus": "RUNNING", "desiredStatus": "RUNNING", "stopCode": None, "stoppedReason": None},
        "failed": {},
    }
    ids = {}
    for name, changes in others.items():
        ids[name] = uuid.uuid4().hex
        task = {k: v for k, v in (failed | changes).items() if v is not None}
        task["taskArn"] = at.arn("ecs", f"task/{at.cluster}/{ids[name]}")
        TASKS[at.region, at.cluster][task["taskArn"]] = task
    problems = []
    one_failed = binary.diagnose("--from", "-", stdin=_cli(binary, at, ids["running"], at.task_id))
    expect(
        problems, (one_failed.report.get("task") or {}).get("arn") == at.task_arn, "not the one that failed", one_failed
    )
    both = _cli(binary, at, at.task_id, ids["failed"])
    problems += check_bad_input(binary, ("--from", "-"), (at.task_id, ids["failed"]), stdin=both)
    chosen = binary.diagnose(at.task_id, "--from", "-", stdin=both)
    expect(problems, (chosen.report.get("task") or {}).get("arn") == at.task_arn, "not the one that was chosen", chosen)
    return problems
