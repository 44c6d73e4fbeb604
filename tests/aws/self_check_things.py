"""Tests of what stands around a task in the test world: that it is as AWS documents where moto 5.2.5 is not.

Each check gets the server and gives a list of problems.
"""

import scenarios
from network import Network
from self_check import _differs, _error, check
from self_check_network import place


@check
def mount_targets_have_groups_and_zones(server):
    at = place(server, "efs")
    net = Network(at).sealed()
    system, efs = net.file_system(), at.client("efs")
    efs.create_mount_target(FileSystemId=system, SubnetId=net.subnets["private-b"])
    target = efs.describe_mount_targets(FileSystemId=system)["MountTargets"][0]
    groups = efs.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])["SecurityGroups"]
    wanted = [{"Name": "vpc-id", "Values": [net.vpc]}, {"Name": "group-name", "Values": ["default"]}]
    default = net.ec2.describe_security_groups(Filters=wanted)["SecurityGroups"][0]["GroupId"]
    codes = [
        _error(efs.describe_file_systems, FileSystemId="fs-0123456789abcdef0"),
        _error(efs.describe_mount_targets, FileSystemId="fs-0123456789abcdef0"),
        _error(efs.describe_access_points, AccessPointId="fsap-0123456789abcdef0"),
    ]
    return (
        _differs(target["AvailabilityZoneName"], "eu-west-1b", "zone")
        + _differs(target["IpAddress"].startswith("10.0.11."), True, "address")
        + _differs(groups, [default], "groups of a target for which nobody named one")
        + _differs(codes, ["FileSystemNotFound", "FileSystemNotFound", "AccessPointNotFound"], "errors")
    )


@check
def secrets_have_versions(server):
    at = place(server, "versions")
    secret, manager = at.secret(), at.client("secretsmanager")
    first = next(iter(manager.describe_secret(SecretId=secret)["VersionIdsToStages"]))
    for _ in range(2):
        manager.put_secret_value(SecretId=secret, SecretString="never-to-be-read")

    def listed(**more):
        return {one["VersionId"] for one in manager.list_secret_version_ids(SecretId=secret, **more)["Versions"]}

    manager.delete_secret(SecretId=at.secret("gone"), RecoveryWindowInDays=7)
    gone = manager.describe_secret(SecretId=f"{at.name}/gone")
    return (
        _differs(first in listed(), False, "a version without a stage is listed")
        + _differs(first in listed(IncludeDeprecated=True), True, "it is there if asked for")
        + _differs("DeletedDate" in gone, True, "the date of the deletion")
    )


@check
def keys_have_states(server):
    at = place(server, "keys")
    kms, states = at.client("kms"), []
    disabled, deleted = at.key(), at.key()
    kms.disable_key(KeyId=disabled)
    kms.schedule_key_deletion(KeyId=deleted, PendingWindowInDays=7)
    states = [kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for key in (disabled, deleted)]
    return _differs(states, ["Disabled", "PendingDeletion"], "states of keys that are named by their ARNs")


@check
def targets_say_why_they_are_unhealthy(server):
    at = place(server, "target")
    scenarios.ALL["target-is-unhealthy"](at)
    elb = at.client("elbv2")
    group = at.client("ecs").describe_services(cluster=at.cluster, services=["web"])["services"][0]["loadBalancers"][0]
    found = elb.describe_target_health(TargetGroupArn=group["targetGroupArn"])["TargetHealthDescriptions"]
    wanted = {"State": "unhealthy", "Reason": "Target.Timeout", "Description": "Request timed out"}
    unknown = _error(elb.describe_target_groups, TargetGroupArns=[group["targetGroupArn"].replace("/check", "/other")])
    return _differs([one["TargetHealth"] for one in found], [wanted], "health") + _differs(
        unknown, "TargetGroupNotFound", "an unknown target group"
    )


@check
def objects_and_registries_answer(server):
    at = place(server, "objects")
    at.bucket(f"{at.name}-env")
    s3, ecr = at.client("s3"), at.client("ecr")
    s3.put_object(Bucket=f"{at.name}-env", Key="production.env", Body=b"MODE=production")
    codes = [
        _error(s3.head_object, Bucket=bucket, Key=key)
        for bucket, key in (
            (f"{at.name}-env", "production.env"),
            (f"{at.name}-env", "other.env"),
            (f"{at.name}-none", "production.env"),
        )
    ]
    at.image()
    images = ecr.batch_get_image(repositoryName=at.name, imageIds=[{"imageTag": "1.4"}, {"imageTag": "1.5"}])
    rules = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
    policy = _error(ecr.get_lifecycle_policy, repositoryName=at.name)
    return (
        _differs(codes, [None, "404", "404"], "errors of HeadObject")
        + _differs([len(images["images"]), len(images["failures"])], [1, 1], "images")
        + _differs(rules, [], "pull-through cache rules")
        + _differs(policy, "LifecyclePolicyNotFoundException", "a lifecycle policy that is not there")
    )


@check
def parameters_come_in_pages_of_the_length_asked_for(server):
    at = place(server, "parameters")
    names = [at.parameter(f"p{n}", kind="String").split(":parameter")[1] for n in range(12)]
    by_name = [{"Key": "Name", "Option": "Equals", "Values": names}]
    ssm = at.client("ssm")
    lengths_asked = ({}, {"MaxResults": 12}, {"MaxResults": 50})
    pages = [ssm.describe_parameters(ParameterFilters=by_name, **asked) for asked in lengths_asked]
    lengths = [(len(page["Parameters"]), "NextToken" in page) for page in pages]
    return _differs(lengths, [(10, True), (12, False), (12, False)], "pages of twelve parameters")
