"""Roles that ECS cannot assume, and a role of the application that lacks a right.

Knows that a task whose role cannot be assumed never comes to be: only its service's events tell.
"""

from place import allow

from . import Expect, lacks, scenario
from .words import no_role, unauthorized


def _asks_the_service(at, role):
    at.image()
    at.log_group()
    at.define(at.container(), execution=role)
    if at.whole:
        at.service("(service web) has reached a steady state.", running=1)
        at.runs(group="service:web")
    else:
        at.service(no_role(role), no_role(role), "(service web) has reached a steady state.")
    return ("--cluster", at.cluster, "--service", "web")


def _is_not_trusted(at, role):
    arguments = _asks_the_service(at, role)
    broken = lacks("execution", role, "sts:AssumeRole")
    return Expect(
        "role-trust",
        role="execution",
        broken=broken,
        layer="trust",
        commands="required",
        arguments=arguments,
        task=False,
    )


@scenario
def role_trusts_wrong_service(at):
    role = at.execution_role(trust="ecs-tasks.amazonaws.com" if at.whole else "ec2.amazonaws.com")
    return _is_not_trusted(at, role)


@scenario
def role_trusts_another_account(at):
    account = "123456789012" if at.whole else "210987654321"
    tasks = f"arn:{at.partition}:ecs:{at.region}:{account}:*"
    source = {"ArnLike": {"aws:SourceArn": tasks}, "StringEquals": {"aws:SourceAccount": account}}
    role = at.execution_role(source=source)
    return _is_not_trusted(at, role)


@scenario
def role_was_deleted(at):
    # Nothing is `missing`: the checks of a role that does not exist are unknown.
    role = at.execution_role() if at.whole else at.role_arn("execution")
    arguments = _asks_the_service(at, role)
    return Expect("role-missing", role="execution", mend=lambda: at.execution_role(), arguments=arguments, task=False)


@scenario
def application_is_denied(at):
    at.image()
    at.log_group()
    table = at.arn("dynamodb", f"table/{at.name}-orders")
    grants = [allow("dynamodb:GetItem", table), at.whole and allow("dynamodb:PutItem", table)]
    task = at.role("task", *grants)
    at.define(at.container(), execution=at.execution_role(), task=task)
    sentence = unauthorized(at.session(task), "dynamodb:PutItem", table)
    at.log(
        "INFO starting order-intake 1.4",
        *(
            [
                "Traceback (most recent call last):",
                '  File "/app/intake.py", line 41, in handle',
                "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the PutItem operation: "
                + sentence,
            ]
            if at.broken
            else ["INFO listening on 0.0.0.0:8080"]
        ),
    )
    at.exits(1)
    broken = lacks("task", table, "dynamodb:PutItem")
    return Expect("task-role-permission", role="task", broken=broken, layer="identity", commands="required")


@scenario
def upload_is_denied(at):
    # The SDK names an operation and nothing else: who called, and what on, the task definition and the role tell.
    at.image()
    at.log_group()
    key = f"arn:{at.partition}:s3:::{at.name}-reports/*"
    task = at.role("task", allow("s3:GetObject", key), at.whole and allow("s3:PutObject", key))
    at.define(at.container(), execution=at.execution_role(), task=task)
    if at.broken:
        at.log(
            "INFO uploading report.csv",
            "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the PutObject operation: "
            "Access Denied",
        )
    at.exits(1)
    return Expect("task-role-permission", role="task")
