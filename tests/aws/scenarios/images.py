"""Tasks whose image cannot be pulled. Knows what ECR asks of a role: a token on `*`, two actions on the repository."""

from place import allow, deny

from . import Expect, forbidden, lacks, scenario
from .words import EXPLICIT_DENY, denied_v2, no_image, no_registry_login, unauthorized

PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


@scenario
def ecr_authorization_missing(at):
    at.image()
    at.log_group()
    role = at.role("execution", at.may_pull(), at.may_log(), at.whole and at.may_log_in())
    at.define(at.container(), execution=role)
    sentence = unauthorized(at.session(role), "ecr:GetAuthorizationToken", "*")
    at.fails_to_start(no_registry_login(denied_v2("ECR", "GetAuthorizationToken", sentence)), pulled=False)
    broken = lacks("execution", "*", "ecr:GetAuthorizationToken")
    return Expect("ecr-auth-permission", role="execution", broken=broken, layer="identity", commands="required")


@scenario
def ecr_one_repository_denied(at):
    # Fargate does not say which action was denied: only the policies do, and only for the second repository.
    sidecar = f"{at.name}-sidecar"
    image = at.image(sidecar, "7")
    at.image()
    at.log_group()
    role = at.execution_role(at.whole and at.may_pull(at.repository_arn(sidecar)))
    at.define(at.container(), at.container("sidecar", image=image), execution=role)
    reason = no_image(
        f"{image}: pulling from host {at.registry()} failed with status code [manifests 7]: 403 Forbidden"
    )
    at.fails_to_start(reason, {"sidecar": reason})
    broken = lacks("execution", at.repository_arn(sidecar), *PULL)
    return Expect("ecr-pull-permission", role="execution", broken=broken, layer="identity", commands="required")


@scenario
def ecr_denied_explicitly_on_ec2(at):
    at.image()
    at.log_group()
    guardrail = at.policy(
        "guardrail", at.broken and deny("ecr:BatchGetImage", "*", sid="NoPulls"), allow("ec2:DescribeTags", "*")
    )
    role = at.execution_role(managed=[guardrail])
    at.define(at.container(), execution=role, launch_type="EC2")
    image = f"{at.registry()}/{at.name}"
    sentence = unauthorized(at.session(role), "ecr:BatchGetImage", at.repository_arn(), EXPLICIT_DENY)
    reason = (
        "CannotPullContainerError: The task can’t pull the image. Check that the role has the permissions to pull "
        f"images from the registry. Error response from daemon: pull access denied for {image}, repository does not "
        f"exist or may require 'docker login': denied: {sentence}"
    )
    at.fails_to_start("Task failed to start", {"web": reason})
    broken = forbidden("execution", at.repository_arn(), "ecr:BatchGetImage")
    return Expect("ecr-explicit-deny", role="execution", broken=broken, layer="identity", commands="allowed")


@scenario
def ecr_denied_by_repository(at):
    # Everyone is denied every pull and push: the fix spares one role for its pulls, and the rest stays denied. A deny of
    # `ecr:*` would also deny the command that mends it.
    closed = {"Sid": "Frozen", "Effect": "Deny", "Principal": "*", "Action": [*PULL, "ecr:PutImage"]}
    at.image(policy=closed if at.broken else None)
    at.log_group()
    role = at.execution_role()
    at.define(at.container(), execution=role)
    why = "with an explicit deny in a resource-based policy"
    sentence = unauthorized(at.session(role), "ecr:BatchGetImage", at.repository_arn(), why)
    reason = (
        "CannotPullContainerError: Error response from daemon: pull access denied for "
        f"{at.registry()}/{at.name}, repository does not exist or may require 'docker login': denied: {sentence}"
    )
    at.fails_to_start(reason, {"web": reason})
    broken = forbidden("execution", at.repository_arn(), *PULL)
    return Expect("ecr-explicit-deny", role="execution", broken=broken, layer="resource-policy", commands="required")


@scenario
def ecr_instance_role_denied_on_ec2(at):
    # No execution role: the instance's role pulls and logs, and only the denial's session (`i-…`) names it.
    at.image()
    at.log_group()
    role = at.role("instance", at.may_pull(), at.may_log(), at.whole and at.may_log_in(), trust="ec2.amazonaws.com")
    at.define(at.container(), launch_type="EC2")
    sentence = unauthorized(at.session(role, "i-0f4c2b9d7a6e5c318"), "ecr:GetAuthorizationToken", "*")
    reason = f"CannotPullECRContainerError: {denied_v2('ECR', 'GetAuthorizationToken', sentence)}"
    at.fails_to_start("Task failed to start", {"web": reason})
    broken = lacks("instance", "*", "ecr:GetAuthorizationToken")
    return Expect("ecr-auth-permission", role="instance", broken=broken, commands="allowed")


@scenario
def ecr_cross_account_not_admitted(at):
    # The role may; the other account's repository does not admit it, and its policy is not ours to read.
    owner = "210987654321"
    at.log_group()
    repository = at.repository_arn("shared/base", account=owner)
    role = at.role("execution", at.may_log_in(), at.may_pull(repository), at.may_log())
    image = f"{at.registry(owner)}/shared/base"
    at.define(at.container(image=f"{image}:2024.1"), execution=role)
    sentence = unauthorized(
        at.session(role),
        "ecr:BatchGetImage",
        repository,
        "because no resource-based policy allows the ecr:BatchGetImage action",
    )
    reason = (
        "CannotPullContainerError: Error response from daemon: pull access denied for "
        f"{image}, repository does not exist or may require 'docker login': denied: {sentence}"
    )
    at.fails_to_start(reason, {"web": reason})
    return Expect(
        "ecr-repo-policy-cross-account",
        refuse={"ecr:DescribeImages": "denied", "ecr:GetRepositoryPolicy": "denied"},
    )


@scenario
def image_tag_missing(at):
    at.image(tag="1.4" if at.whole else "1.3")
    at.log_group()
    at.define(at.container(), execution=at.execution_role())
    image = f"{at.registry()}/{at.name}:1.4"
    reason = no_image(f"{image}: {image}: not found")
    at.fails_to_start(reason, {"web": reason})
    return Expect("image-not-found", mend=lambda: at.push(at.name, "1.4"))


@scenario
def repository_missing_on_ec2(at):
    if at.whole:
        at.image()
    at.log_group()
    at.define(at.container(), execution=at.execution_role(), launch_type="EC2")
    reason = (
        f"CannotPullImageManifestError: Error response from daemon: name unknown: The repository with name '{at.name}' "
        "does not exist in the registry with id '123456789012'"
    )
    at.fails_to_start("Task failed to start", {"web": reason})
    return Expect("repository-not-found", mend=lambda: at.image())
