"""How ECS, its agents and the AWS SDKs word what went wrong. Gets names, gives the text that ends up in a reason."""

import uuid


def unauthorized(who, action, resource, why=None):
    """IAM's own sentence; `why` is what follows it, by default the implicit denial by identity policies."""
    why = why or f"because no identity-based policy allows the {action} action"
    return f"User: {who} is not authorized to perform: {action} on resource: {resource} {why}"


def sdk_v2(service, operation, error, status=400):
    """An error as version 2 of the AWS SDK for Go wraps it: newer revisions of Fargate."""
    answer = f"https response error StatusCode: {status}, RequestID: {uuid.uuid4()}"
    return f"operation error {service}: {operation}, {answer}, {error}"


def denied_v2(service, operation, sentence):
    return sdk_v2(service, operation, f"api error AccessDeniedException: {sentence}")


def sdk_v1(error):
    """The same as version 1 has it: older revisions of Fargate, older EC2 agents."""
    return f"{error} status code: 400, request id: {uuid.uuid4()}"


def no_registry_login(error):
    return (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
        f"unable to retrieve ecr registry auth: service call has been retried 1 time(s): {error}"
    )


def no_secret(secret, error):
    return (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
        "unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret "
        f"{secret} from secrets manager: {error}"
    )


def secret_denied(who, secret, why=None):
    sentence = unauthorized(who, "secretsmanager:GetSecretValue", secret, why)
    return no_secret(secret, denied_v2("Secrets Manager", "GetSecretValue", sentence))


def no_parameter(error):
    return (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
        f"unable to retrieve secrets from ssm: service call has been retried 1 time(s): {error}"
    )


def no_log(thing, error):
    """`thing` is the stream or the group that the log driver was to make."""
    return (
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
        f"failed to create Cloudwatch log {thing}: {error} : exit status 1"
    )


def no_image(error):
    return f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {error}"


def no_role(role, service="web"):
    """Since the task never comes to be, only the service's events say this."""
    return (
        f"(service {service}) failed to launch a task with (error ECS was unable to assume the role '{role}' that was "
        "provided for this task. Please verify that the role being passed has the proper trust relationship and "
        "permissions and that your IAM user has permissions to pass this role.)."
    )


EXPLICIT_DENY = "with an explicit deny in an identity-based policy"
