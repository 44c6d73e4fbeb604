"""How the command line behaves whatever the fault is: bad input, refusals, files, and what comes out.

Each case is a function that gets the binary and gives a list of problems; `ALL` maps their names to them. Here are the
places that several cases furnish.
"""

import uuid

from place import Place, allow
from scenarios.words import no_role, secret_denied, unauthorized

ALL = {}


def case(function):
    ALL[function.__name__.replace("_", "-")] = function
    return function


def place(binary, what):
    return Place(binary.server, f"{what}-{uuid.uuid4().hex[:6]}")


def rich(binary, what):
    """A task that needs one of everything, whose execution role lacks only the secret `denied`."""
    at = place(binary, what)
    at.image()
    at.log_group()
    key = at.key()
    at.denied, keyed, parameter = at.secret("denied"), at.secret("keyed", key=key), at.parameter()
    bucket = f"arn:aws:s3:::{at.name}-settings"
    second = at.policy(
        "second",
        allow(["s3:GetObject", "s3:GetBucketLocation"], bucket, bucket + "/app.env"),
        allow(["ssm:GetParameters"], parameter),
    )
    at.execution = at.execution_role(
        allow("secretsmanager:GetSecretValue", keyed),
        allow("kms:Decrypt", key),
        managed=[second],
        boundary=at.policy("boundary", allow("*", "*")),
    )
    at.application = at.role("task", allow("dynamodb:GetItem", "*"))
    at.define(
        at.container(
            secrets={"DENIED": at.denied, "KEYED": keyed, "URL": parameter},
            environmentFiles=[{"type": "s3", "value": bucket + "/app.env"}],
            environment=[{"name": "GREETING", "value": "planted-env-7f3a"}],
        ),
        execution=at.execution,
        task=at.application,
    )
    return at


def failing_to_start(binary):
    at = rich(binary, "start")
    at.fails_to_start(secret_denied(at.session(at.execution), at.denied), pulled=False)
    return at, (at.task_arn,)


def exiting(binary):
    at = rich(binary, "exit")
    table = at.arn("dynamodb", f"table/{at.name}")
    sentence = unauthorized(at.session(at.application), "dynamodb:PutItem", table)
    at.log("INFO starting", f"An error occurred (AccessDenied) when calling the PutItem operation: {sentence}")
    at.exits(1)
    return at, (at.task_arn,)


def service_without_task(binary):
    at = place(binary, "service")
    at.image()
    at.log_group()
    role = at.execution_role(trust="ec2.amazonaws.com")
    at.define(at.container(), execution=role)
    at.service(no_role(role))
    return at, ("--cluster", at.cluster, "--service", "web", "--region", at.region)


SCENES = {"start": failing_to_start, "exit": exiting, "service": service_without_task}


def expect(problems, holds, what, run):
    if not holds:
        problems.append(f"{what}\n{run}")


# Each file registers its cases above.
from . import bad_input, delivery, files, network, output, refusals, require, second_opinion, sound_networks, tiers  # noqa: E402, F401
