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


# ---------------------------------------------------------------- what a network says

# Addresses that the services have on the internet; the second is one of moto's prefix list for S3.
PUBLIC = "52.94.184.143"
STORAGE = "52.217.18.44"


def timed_out(host, address=PUBLIC, call="Post", path="/", port=443):
    """Go's words for a connection that nobody answered."""
    return f'{call} "https://{host}{path}": dial tcp {address}:{port}: i/o timeout'


def unsent(service, operation, raw):
    """Version 2 of the AWS SDK for Go: no answer, hence no status and no request id."""
    return (
        f"operation error {service}: {operation}, exceeded maximum number of attempts, 3, https response error "
        f"StatusCode: 0, RequestID: , request send failed, {raw}"
    )


def cut_short(service, operation):
    """The same where the time was up before the connection failed: no address is told."""
    return (
        f"operation error {service}: {operation}, https response error StatusCode: 0, RequestID: , canceled, context "
        "deadline exceeded"
    )


def login_unreachable(error):
    return (
        "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from "
        "Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network "
        f"configuration. {error}"
    )


def login_timed_out(at, address=PUBLIC):
    host = f"api.ecr.{at.region}.amazonaws.com"
    return login_unreachable(unsent("ECR", "GetAuthorizationToken", timed_out(host, address)))


def secret_unreachable(at, address=PUBLIC):
    host = f"secretsmanager.{at.region}.amazonaws.com"
    return (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
        "There is a connection issue between the task and AWS Secrets Manager. Check your task network configuration. "
        + unsent("Secrets Manager", "GetSecretValue", timed_out(host, address))
    )


def parameter_unreachable():
    return (
        "ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secrets from ssm: "
        "The task cannot pull secrets from AWS Systems Manager. There is a connection issue between the task and AWS "
        "Systems Manager Parameter Store. Check your task network configuration. " + cut_short("SSM", "GetParameters")
    )


def log_unreachable():
    return (
        "ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon CloudWatch log "
        "group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. "
        "Check your network configuration. : signal: killed"
    )


def file_unreachable():
    return (
        "ResourceInitializationError: The task can't download the environment variable files from Amazon S3. There is "
        "a connection issue between the task and Amazon S3. Check your task network configuration."
    )


def manifest_timed_out(at, address=PUBLIC):
    image = f"{at.registry()}/{at.name}:1.4"
    raw = timed_out(at.registry(), address, call="Head", path=f"/v2/{at.name}/manifests/1.4")
    return (
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref "
        f"{image}: failed to do request: {raw}"
    )


def layers_timed_out(at, address=STORAGE):
    """Fargate puts the image where the address of the layer stood."""
    image = f"{at.registry()}/{at.name}:1.4"
    return (
        "CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: "
        f"failed to do request: Get {image}: dial tcp {address}:443: i/o timeout"
    )


def layers_timed_out_at_s3(at, address=STORAGE):
    """The same where the address was left."""
    host = f"prod-{at.region}-starport-layer-bucket.s3.{at.region}.amazonaws.com"
    path = "/1a2b3c-123456789012-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/9d8c7b6a-5f4e-3d2c-1b0a-918273645546"
    return (
        "CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: "
        f"failed to do request: {timed_out(host, address, call='Get', path=path)}"
    )


def mount_timed_out():
    return (
        "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: Mount attempt "
        "1/3 failed due to timeout after 15 sec, wait 0 sec before next attempt. Mount attempt 2/3 failed due to "
        "timeout after 15 sec, wait 0 sec before next attempt. b'mount.nfs4: Connection timed out' : unsuccessful EFS "
        "utils command execution; code: 32"
    )


def mount_unresolved(at, file_system):
    return (
        "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed to "
        f'resolve "{file_system}.efs.{at.region}.amazonaws.com" - check that your file system ID is correct, and ensure '
        "that the VPC has an EFS mount target for this file system ID. See "
        "https://docs.aws.amazon.com/console/efs/mount-dns-name for more detail. Attempting to lookup mount target ip "
        "address using botocore. Failed to import necessary dependency botocore, please install botocore first. : "
        "unsuccessful EFS utils command execution; code: 1"
    )


EXPLICIT_DENY = "with an explicit deny in an identity-based policy"
