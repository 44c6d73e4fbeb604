"""Tasks that may not log. Knows that IAM is asked for the stream, and for an empty stream when a group is made."""

from place import allow

from . import Expect, lacks, scenario
from .words import denied_v2, no_log, sdk_v2, unauthorized

NO_GROUP = "ResourceNotFoundException: The specified log group does not exist."


@scenario
def log_group_missing(at):
    at.image()
    if at.whole:
        at.log_group()
    at.define(at.container(), execution=at.execution_role())
    at.fails_to_start(no_log("stream", sdk_v2("CloudWatch Logs", "CreateLogStream", NO_GROUP)))
    return Expect("log-group-missing", commands="required")


@scenario
def log_group_missing_on_ec2(at):
    # With `mode=blocking`: the default of today would let the container run without logs.
    at.image()
    if at.whole:
        at.log_group()
    at.define(at.container(logs={"mode": "blocking"}), execution=at.execution_role(), launch_type="EC2")
    error = sdk_v2("CloudWatch Logs", "CreateLogStream", NO_GROUP)
    reason = (
        "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: "
        f"failed to create Cloudwatch log stream: {error}"
    )
    at.fails_to_start("Task failed to start", {"web": reason})
    return Expect("log-group-missing", commands="required")


@scenario
def log_stream_denied(at):
    # The policy names the group without `:*`, which covers no stream.
    at.image()
    at.log_group()
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resource = at.group_arn() + (":*" if at.whole else "")
    role = at.role("execution", at.may_log_in(), at.may_pull(), allow(actions, resource))
    at.define(at.container(), execution=role)
    sentence = unauthorized(at.session(role), "logs:CreateLogStream", at.stream_arn())
    at.fails_to_start(no_log("stream", denied_v2("CloudWatch Logs", "CreateLogStream", sentence)))
    broken = lacks("execution", at.stream_arn(), *actions)
    return Expect("log-permission", role="execution", broken=broken, layer="identity", commands="required")


@scenario
def log_group_may_not_be_made(at):
    # AWS's own policy for execution roles lacks logs:CreateLogGroup.
    at.image()
    managed = at.aws_policy("service-role/AmazonECSTaskExecutionRolePolicy")
    role = at.role("execution", at.whole and allow("logs:CreateLogGroup", at.group_arn() + ":*"), managed=[managed])
    at.define(at.container(logs={"awslogs-create-group": "true"}), execution=role)
    resource = at.group_arn() + ":log-stream:"
    sentence = unauthorized(at.session(role), "logs:CreateLogGroup", resource)
    at.fails_to_start(no_log("group", denied_v2("CloudWatch Logs", "CreateLogGroup", sentence)))
    broken = lacks("execution", resource, "logs:CreateLogGroup")
    return Expect("log-permission", role="execution", broken=broken, layer="identity", commands="required")
