"""Tasks whose secret, parameter or environment file cannot be had.

Knows how IAM sees each: a secret by its stored ARN with the six characters, a parameter without its leading slash,
a customer key by its own ARN, a file by bucket and key.
"""

from place import allow, deny

from . import Expect, forbidden, lacks, scenario
from .words import EXPLICIT_DENY, denied_v2, no_parameter, no_secret, sdk_v1, sdk_v2, secret_denied, unauthorized

READ = "secretsmanager:GetSecretValue"


def _fails(at, role, reason, **container):
    """The plain task of this file: one container on Fargate that dies while its resources are fetched."""
    at.image()
    at.log_group()
    at.define(at.container(**container), execution=role)
    at.fails_to_start(reason, pulled=False)


def _secret_is_denied(at):
    secret = at.secret()
    role = at.execution_role(at.whole and allow(READ, secret))
    _fails(at, role, secret_denied(at.session(role), secret), secrets={"DB": secret})
    broken = lacks("execution", secret, READ)
    return Expect("secret-permission", role="execution", broken=broken, layer="identity", commands="required")


@scenario
def secret_is_denied(at):
    return _secret_is_denied(at)


@scenario
def secret_is_denied_in_china(at):
    return _secret_is_denied(at)  # played in cn-north-1: every ARN of it is of the partition aws-cn


@scenario
def secret_denied_by_boundary(at):
    secret = at.secret()
    rest = [at.may_log_in(), at.may_pull(), at.may_log()]
    boundary = at.policy("boundary", *rest, at.whole and allow(READ, secret))
    role = at.execution_role(allow(READ, secret), boundary=boundary)
    why = f"because no permissions boundary allows the {READ} action"
    _fails(at, role, secret_denied(at.session(role), secret, why), secrets={"DB": secret})
    broken = lacks("execution", secret, READ)
    return Expect("secret-permission", role="execution", broken=broken, layer="boundary", commands="required")


@scenario
def secret_denied_by_second_policy(at):
    secret = at.secret()
    second = at.policy(
        "second", allow("s3:ListAllMyBuckets", "*"), at.broken and deny("secretsmanager:*", "*", sid="NoSecrets")
    )
    role = at.execution_role(allow(READ, secret), managed=[second])
    _fails(at, role, secret_denied(at.session(role), secret, EXPLICIT_DENY), secrets={"DB": secret})
    broken = forbidden("execution", secret, READ)
    return Expect("secret-permission", role="execution", broken=broken, layer="identity", commands="required")


@scenario
def secret_denied_by_its_own_policy(at):
    closed = {"Sid": "PeopleOnly", "Effect": "Deny", "Principal": "*", "Action": READ, "Resource": "*"}
    secret = at.secret(policy=closed if at.broken else None)
    role = at.execution_role(allow(READ, secret))
    why = "with an explicit deny in a resource-based policy"
    _fails(at, role, secret_denied(at.session(role), secret, why), secrets={"DB": secret})
    broken = forbidden("execution", secret, READ)
    return Expect("secret-permission", role="execution", broken=broken, layer="resource-policy", commands="required")


@scenario
def secret_without_suffix_in_policy(at):
    secret = at.secret()
    bare = secret[: -len("-AbCdEf")]
    role = at.execution_role(allow(READ, bare + "-??????" if at.whole else bare))
    reason = no_secret(secret, sdk_v1("AccessDeniedException: " + unauthorized(at.session(role), READ, secret)))
    _fails(at, role, reason, secrets={"DB": secret})
    broken = lacks("execution", secret, READ)
    return Expect("secret-permission", role="execution", broken=broken, layer="identity", commands="required")


@scenario
def secret_is_missing(at):
    secret = at.secret() if at.whole else at.arn("secretsmanager", f"secret:{at.name}/db-Xk2vQ9")
    role = at.execution_role(allow(READ, secret))
    error = sdk_v2(
        "Secrets Manager",
        "GetSecretValue",
        "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    )
    _fails(at, role, no_secret(secret, error), secrets={"DB": secret})
    return Expect("secret-not-found")


@scenario
def secret_lacks_json_key(at):
    # IAM is asked for the secret without its `:key:stage:version` tail. Values are never read: the key stays unproven.
    secret = at.secret()
    role = at.execution_role(allow(READ, secret))
    reason = (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
        "unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from Secrets "
        "Manager did not contain json key pasword"
    )
    _fails(at, role, reason, secrets={"DB": f"{secret}:{'password' if at.whole else 'pasword'}::"})
    return Expect("secret-json-key")


@scenario
def secret_permission_on_task_role(at):
    # The application's role may read the secret; ECS reads it with the other one.
    secret = at.secret()
    role = at.execution_role(at.whole and allow(READ, secret))
    task = at.role("task", allow(READ, secret))
    at.image()
    at.log_group()
    at.define(at.container(secrets={"DB": secret}), execution=role, task=task)
    at.fails_to_start(secret_denied(at.session(role), secret), pulled=False)
    broken = lacks("execution", secret, READ)
    return Expect(
        "secret-permission",
        role="execution",
        broken=broken,
        layer="identity",
        commands="required",
        beside=frozenset(["wrong-role"]),
    )


@scenario
def secret_key_denied(at):
    # Secrets Manager's message names no key: DescribeSecret does.
    key = at.key()
    secret = at.secret(key=key)
    role = at.execution_role(allow(READ, secret), at.whole and allow("kms:Decrypt", key))
    reason = no_secret(secret, sdk_v1("AccessDeniedException: Access to KMS is not allowed"))
    _fails(at, role, reason, secrets={"DB": secret})
    broken = lacks("execution", key, "kms:Decrypt")
    return Expect("kms-decrypt-permission", role="execution", broken=broken, commands="required")


@scenario
def secret_key_admits_administrators(at):
    # Without a statement for the account's root, identity policies count for nothing.
    admin = {"AWS": f"arn:{at.partition}:iam::123456789012:role/key-admin"}
    closed = {"Sid": "Administrators", "Effect": "Allow", "Principal": admin, "Action": "kms:*", "Resource": "*"}
    key = at.key(policy=closed if at.broken else None)
    secret = at.secret(key=key)
    role = at.execution_role(allow(READ, secret), allow("kms:Decrypt", key))
    reason = no_secret(secret, sdk_v1("AccessDeniedException: Access to KMS is not allowed"))
    _fails(at, role, reason, secrets={"DB": secret})
    broken = lacks("execution", key, "kms:Decrypt")
    return Expect(
        "kms-decrypt-permission", role="execution", broken=broken, layer="key-policy", commands="required"
    )


@scenario
def parameter_key_denied(at):
    key = at.key()
    parameter = at.parameter(key=key)
    role = at.execution_role(allow("ssm:GetParameters", parameter), at.whole and allow("kms:Decrypt", key))
    text = (
        "AccessDeniedException: The ciphertext refers to a customer master key that does not exist, does not exist in "
        "this region, or you are not allowed to access."
    )
    _fails(at, role, no_parameter(sdk_v1(text)), secrets={"DB_URL": parameter})
    broken = lacks("execution", key, "kms:Decrypt")
    return Expect("kms-decrypt-permission", role="execution", broken=broken, commands="required")


@scenario
def parameter_denied_by_singular_action(at):
    # The role has ssm:GetParameter; ECS calls ssm:GetParameters. `valueFrom` is the bare name, with its leading slash.
    parameter = at.parameter()
    role = at.execution_role(allow("ssm:GetParameters" if at.whole else "ssm:GetParameter", parameter))
    sentence = unauthorized(at.session(role), "ssm:GetParameters", parameter)
    reason = no_parameter(denied_v2("SSM", "GetParameters", sentence))
    _fails(at, role, reason, secrets={"DB_URL": f"/{at.name}/db-url"})
    broken = lacks("execution", parameter, "ssm:GetParameters")
    return Expect("ssm-permission", role="execution", broken=broken, layer="identity", commands="required")


@scenario
def parameter_is_missing(at):
    parameter = at.parameter_arn()
    if at.whole:
        at.parameter()
    role = at.execution_role(allow("ssm:GetParameters", parameter))
    _fails(at, role, no_parameter(f"invalid ssm parameters: /{at.name}/db-url"), secrets={"DB_URL": parameter})
    return Expect("ssm-not-found", mend=lambda: at.parameter())


def _file(at, bucket):
    """An environment file that is there; gives its ARN."""
    at.client("s3").put_object(Bucket=bucket, Key="production.env", Body=b"MODE=production")
    return f"arn:{at.partition}:s3:::{bucket}/production.env"


def _gets_no_file(at, role, file):
    error = sdk_v2("S3", "HeadObject", "HostID: 3Qk0nV1mYyZx, api error Forbidden: Forbidden", status=403)
    reason = (
        f"ResourceInitializationError: failed to download env files: service call has been retried 1 time(s): {error}"
    )
    _fails(at, role, reason, environmentFiles=[{"type": "s3", "value": file}])


@scenario
def environment_file_denied_by_bucket(at):
    name = f"{at.name}-settings"
    bucket = f"arn:{at.partition}:s3:::{name}"
    closed = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{bucket}/*"}
    at.bucket(name, policy=closed if at.broken else None)
    file = _file(at, name)
    role = at.execution_role(allow("s3:GetBucketLocation", bucket), allow("s3:GetObject", file))
    _gets_no_file(at, role, file)
    broken = forbidden("execution", file, "s3:GetObject")
    return Expect("env-file-permission", role="execution", broken=broken, layer="resource-policy", commands="required")


@scenario
def environment_file_denied(at):
    # S3 says 403 and nothing else, for a missing file as for a missing right.
    bucket = at.bucket(f"{at.name}-settings")
    file = _file(at, f"{at.name}-settings")
    role = at.execution_role(allow("s3:GetBucketLocation", bucket), at.whole and allow("s3:GetObject", file))
    _gets_no_file(at, role, file)
    broken = lacks("execution", file, "s3:GetObject")
    return Expect("env-file-permission", role="execution", broken=broken, layer="identity", commands="required")
