"""Things that a task definition names and that are not there, or not as it wants them. Knows no network."""

import json
import uuid

from place import allow

from . import Expect, scenario
from .secrets import READ
from .storage import mounts
from .ways import Network, define
from .words import mount_unresolved, no_image, no_parameter, no_secret, sdk_v1, sdk_v2


def _fails(at, reason, pulled=False):
    at.fails_to_start(reason, {"web": reason} if pulled else None, pulled=pulled)


# ---------------------------------------------------------------- images


@scenario
def image_tag_misspelled(at):
    # The repository has other tags, and one is nearly it.
    at.image(tag="1.4" if at.whole else "v1.4")
    at.push(at.name, "1.3")
    at.log_group()
    at.define(at.container(), execution=at.execution_role())
    image = f"{at.registry()}/{at.name}:1.4"
    _fails(at, no_image(f"{image}: {image}: not found"), pulled=True)
    says = () if at.whole else ("v1.4",)
    return Expect("image-not-found", confidence="confirmed", mend=lambda: at.push(at.name, "1.4"), says=says)


@scenario
def repository_missing(at):
    # Fargate's words are those of a missing tag; that there is no repository, ECR alone tells.
    if at.whole:
        at.image()
    at.log_group()
    at.define(at.container(), execution=at.execution_role())
    image = f"{at.registry()}/{at.name}:1.4"
    _fails(at, no_image(f"{image}: {image}: not found"), pulled=True)
    return Expect("repository-not-found", confidence="confirmed", mend=lambda: at.image(), says=(at.name,))


@scenario
def image_for_another_platform(at):
    at.image(tagged=False)
    at.push_for(at.name, "1.4", *(["amd64", "arm64"] if at.whole else ["arm64"]))
    at.log_group()
    at.define(at.container(), execution=at.execution_role())
    reason = (
        "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain "
        "descriptor matching platform 'linux/amd64'"
    )
    _fails(at, reason, pulled=True)
    return Expect("platform-mismatch", confidence="confirmed", says=("linux/arm64",))


@scenario
def image_expired(at):
    # The repository keeps few images: the tag was there when the task was defined.
    at.image(tag="1.9")
    rule = {
        "rulePriority": 1,
        "description": "keep few",
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1},
        "action": {"type": "expire"},
    }
    at.client("ecr").put_lifecycle_policy(
        repositoryName=at.name, lifecyclePolicyText=json.dumps({"rules": [rule]})
    )
    if at.whole:
        at.push(at.name, "1.4")
    at.log_group()
    at.define(at.container(), execution=at.execution_role())
    image = f"{at.registry()}/{at.name}:1.4"
    _fails(at, no_image(f"{image}: {image}: not found"), pulled=True)
    mend = lambda: at.push(at.name, "1.4")  # noqa: E731
    return Expect("image-not-found", confidence="confirmed", mend=mend, says=("lifecycle",))


# ---------------------------------------------------------------- secrets, parameters, keys


def _secret_answer(code, message):
    return sdk_v2("Secrets Manager", "GetSecretValue", f"{code}: {message}")


@scenario
def secret_being_deleted(at):
    secret = at.secret()
    if at.broken:
        at.client("secretsmanager").delete_secret(SecretId=secret, RecoveryWindowInDays=7)
    define(at, allow(READ, secret), secrets={"DB": secret})
    answer = "You can't perform this operation on the secret because it was marked for deletion."
    _fails(at, no_secret(secret, _secret_answer("InvalidRequestException", answer)))
    mend = lambda: at.client("secretsmanager").restore_secret(SecretId=secret)  # noqa: E731
    return Expect("secret-not-found", confidence="confirmed", commands="allowed", mend=mend, says=(secret,))


@scenario
def secret_lacks_stage(at):
    secret = at.secret()
    manager = at.client("secretsmanager")

    def stage():
        version = next(iter(manager.describe_secret(SecretId=secret)["VersionIdsToStages"]))
        manager.update_secret_version_stage(SecretId=secret, VersionStage="BLUE", MoveToVersionId=version)

    if at.whole:
        stage()
    define(at, allow(READ, secret), secrets={"DB": f"{secret}::BLUE:"})
    answer = "Secrets Manager can't find the specified secret value for staging label: BLUE"
    _fails(at, no_secret(secret, _secret_answer("ResourceNotFoundException", answer)))
    return Expect("secret-not-found", confidence="confirmed", mend=stage, says=("BLUE",))


@scenario
def secret_lacks_version(at):
    # A version that has lost all of its stages is still there, until AWS removes it.
    secret = at.secret()
    manager = at.client("secretsmanager")
    version = next(iter(manager.describe_secret(SecretId=secret)["VersionIdsToStages"]))
    for _ in range(2):
        manager.put_secret_value(SecretId=secret, SecretString="never-to-be-read")
    asked = version if at.whole else str(uuid.uuid4())
    define(at, allow(READ, secret), secrets={"DB": f"{secret}:::{asked}"})
    answer = f"Secrets Manager can't find the specified secret value for VersionId: {asked}"
    _fails(at, no_secret(secret, _secret_answer("ResourceNotFoundException", answer)))
    return Expect("secret-not-found", confidence="confirmed", says=(asked,))


@scenario
def parameter_in_another_region(at):
    # It is in the task's own Region; the definition names another.
    asked = at.arn("ssm", f"parameter/{at.name}/db-url", region="eu-central-1")
    at.parameter()

    def put():
        there = at.server.client("ssm", "eu-central-1")
        there.put_parameter(Name=f"/{at.name}/db-url", Value="never-to-be-read", Type="String")

    if at.whole:
        put()
    define(at, allow("ssm:GetParameters", asked), secrets={"DB_URL": asked})
    _fails(at, no_parameter(f"invalid ssm parameters: /{at.name}/db-url"))
    return Expect("ssm-not-found", confidence="confirmed", mend=put, says=("eu-central-1",))


@scenario
def key_is_disabled(at):
    key = at.key()
    parameter = at.parameter(key=key)
    if at.broken:
        at.client("kms").disable_key(KeyId=key)
    define(at, allow("ssm:GetParameters", parameter), allow("kms:Decrypt", key), secrets={"DB_URL": parameter})
    _fails(at, no_parameter(sdk_v1(f"InvalidKeyId: {key} is disabled.")))
    mend = lambda: at.client("kms").enable_key(KeyId=key)  # noqa: E731
    return Expect("kms-key-unusable", confidence="confirmed", commands="allowed", mend=mend, says=(key,))


@scenario
def key_is_pending_deletion(at):
    # Secrets Manager names neither the key nor its state.
    key = at.key()
    secret = at.secret(key=key)
    if at.broken:
        at.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    define(at, allow(READ, secret), allow("kms:Decrypt", key), secrets={"DB": secret})
    answer = "Secrets Manager can't decrypt the protected secret text using the provided KMS key."
    _fails(at, no_secret(secret, _secret_answer("DecryptionFailure", answer)))

    def restore():
        at.client("kms").cancel_key_deletion(KeyId=key)
        at.client("kms").enable_key(KeyId=key)

    return Expect("kms-key-unusable", confidence="confirmed", commands="allowed", mend=restore, says=(key,))


# ---------------------------------------------------------------- environment files


def _environment_file(at, status, answer, bucket=True):
    """The file is in the whole place alone; the role may have it."""
    name = f"{at.name}-env"
    arn = f"arn:{at.partition}:s3:::{name}"
    if bucket or at.whole:
        at.bucket(name)

    def put():
        if not bucket and at.broken:
            at.bucket(name)
        at.client("s3").put_object(Bucket=name, Key="production.env", Body=b"MODE=production")

    if at.whole:
        put()
    file = f"{arn}/production.env"
    rights = [allow("s3:GetBucketLocation", arn), allow("s3:GetObject", file)]
    define(at, *rights, environmentFiles=[{"type": "s3", "value": file}])
    error = sdk_v2("S3", "HeadObject", f"HostID: 3Qk0nV1mYyZx, api error {answer}", status=status)
    _fails(
        at,
        f"ResourceInitializationError: failed to download env files: service call has been retried 1 time(s): {error}",
    )
    return Expect("env-file-not-found", confidence="confirmed", mend=put, says=("production.env",))


@scenario
def environment_file_missing(at):
    return _environment_file(at, 404, "NotFound: Not Found")


@scenario
def environment_file_missing_unseen(at):
    # To a role that may not list the bucket S3 says 403 of a file that is not there.
    return _environment_file(at, 403, "Forbidden: Forbidden")


@scenario
def environment_bucket_missing(at):
    return _environment_file(at, 404, "NotFound: Not Found", bucket=False)


# ---------------------------------------------------------------- file systems


@scenario
def file_system_missing(at):
    net = Network(at).sealed().public()
    net.translated()
    system = net.file_system()
    if at.whole:
        net.mount_target(system, "private-a")
    else:
        at.client("efs").delete_file_system(FileSystemId=system)
    net.hosts("private-a")
    mounts(at, system)
    _fails(at, mount_unresolved(at, system))
    # Nor has it a mount target.
    return Expect("efs-not-found", confidence="confirmed", aside=frozenset(["mount-target"]), says=(system,))


@scenario
def access_point_of_another_file_system(at):
    net = Network(at).sealed().public()
    net.translated()
    system, other = net.file_system(), net.file_system()
    for one in (system, other):
        net.mount_target(one, "private-a")
    owner = system if at.whole else other
    made = at.client("efs").create_access_point(ClientToken=uuid.uuid4().hex, FileSystemId=owner)
    net.hosts("private-a")
    mounts(at, system, made["AccessPointId"])
    _fails(
        at,
        "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: b'mount.nfs4: "
        "access denied by server while mounting 127.0.0.1:/' : unsuccessful EFS utils command execution; code: 32",
    )
    return Expect("efs-not-found", confidence="confirmed", says=(made["AccessPointId"],))
