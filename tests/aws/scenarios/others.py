"""What is no failure, what is not there, and what cannot be known; and the ways of naming a task."""

import copy
import uuid
from datetime import timedelta

from place import allow
from server import TASKS

from . import Expect, lacks, scenario
from .words import no_secret, secret_denied


def _furnish(at, *statements, **container):
    at.image()
    at.log_group()
    role = at.execution_role(*statements)
    at.define(at.container(**container), execution=role)
    return role


@scenario
def scaled_in(at):
    _furnish(at)
    at.is_stopped(
        "Scaling activity initiated by (deployment ecs-svc/1125721556222001038)", 143, grace=1.2, group="service:web"
    )
    at.service("(service web) has reached a steady state.", "(service web) has stopped 1 running tasks.", running=1)
    return Expect("scaling-or-deployment", status="benign", exit=0)


@scenario
def still_running(at):
    _furnish(at)
    at.runs()
    return Expect(None, status="not-failed", exit=0)


@scenario
def unknown_task(at):
    _furnish(at)
    if at.whole:
        at.runs()
    return Expect(None, status="not-found", exit=4, task=False)


@scenario
def truncated_reason(at):
    # Cut before the error itself, and nothing in the account is wrong: network, a throttle, a right since granted …
    secret = at.secret()
    _furnish(at, allow("secretsmanager:GetSecretValue", secret), secrets={"DB": secret})
    at.fails_to_start(no_secret(secret, "").split(" retried ")[0] + " retr", pulled=False)
    return Expect(None, status="inconclusive", exit=3)


def _denied(at):
    """A denied secret once more: here it matters how the task is named."""
    secret = at.secret()
    role = _furnish(at, at.whole and allow("secretsmanager:GetSecretValue", secret), secrets={"DB": secret})
    at.fails_to_start(secret_denied(at.session(role), secret), pulled=False, group="service:web")
    return lacks("execution", secret, "secretsmanager:GetSecretValue")


@scenario
def named_by_id(at):
    broken = _denied(at)
    return Expect(
        "secret-permission", broken=broken, arguments=(at.task_id, "--cluster", at.cluster), commands="required"
    )


@scenario
def named_by_console_address(at):
    broken = _denied(at)
    address = (
        f"https://{at.region}.console.aws.amazon.com/ecs/v2/clusters/{at.cluster}/tasks/{at.task_id}/configuration"
        f"?region={at.region}"
    )
    return Expect("secret-permission", broken=broken, arguments=(address,), commands="required")


@scenario
def newest_failure_of_a_service(at):
    # Of three stopped tasks the newest was scaled in and the oldest failed earlier: the one between is meant.
    broken = _denied(at)
    at.service("(service web) has reached a steady state.", running=int(at.whole))
    if at.broken:
        _stopped_too(
            at,
            minutes=3,
            stopCode="ServiceSchedulerInitiated",
            stoppedReason="Scaling activity initiated by (deployment ecs-svc/1)",
        )
        _stopped_too(at, minutes=-30)
    arguments = ("--cluster", at.cluster, "--service", "web")
    return Expect("secret-permission", broken=broken, arguments=arguments, commands="required")


def _stopped_too(at, minutes, **changes):
    """Another task of the service that stopped so many minutes later."""
    task = copy.deepcopy(at.task()) | changes
    task["taskArn"] = task["taskArn"].replace(at.task_id, uuid.uuid4().hex)
    task |= {name: value + timedelta(minutes=minutes) for name, value in task.items() if name.endswith("At")}
    if "startedAt" not in task and changes:
        task |= {"startedAt": task["createdAt"]}
        task["containers"] = [container | {"exitCode": 143} for container in task["containers"]]
    TASKS[at.region, at.cluster][task["taskArn"]] = task
