"""File systems, secrets, registries and target groups, where moto says less than AWS.

A mount target's groups default to the VPC's; a secret is found by its ARN, with deprecated versions on request; a
target's health has a state and a reason; a registry has pull-through cache rules; a key's state is changed by its ARN
too; the service-linked role of ECS has its name.
https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html,
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html
"""

import json

from moto.core.responses import ActionResult
from moto.ecr.responses import ECRResponse
from moto.efs.models import EFSBackend
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus
from moto.iam import models as iam
from moto.kms.models import KmsBackend
from moto.secretsmanager.exceptions import SecretNotFoundException
from moto.secretsmanager.responses import SecretsManagerResponse

HEALTH = {}  # (target group ARN, target id) -> (state, reason, description)
CACHE_RULES = {}  # Region -> pull-through cache rules


def amend():
    EFSBackend.create_mount_target = _with_groups(EFSBackend.create_mount_target)
    SecretsManagerResponse.list_secret_version_ids = _secret_versions
    ELBv2Backend.describe_target_health = _with_reasons(ELBv2Backend.describe_target_health)
    ECRResponse.describe_pull_through_cache_rules = _cache_rules
    iam.SERVICE_NAME_CONVERSION["ecs"] = "ECS"
    for operation in ("disable_key", "enable_key", "cancel_key_deletion", "schedule_key_deletion"):
        setattr(KmsBackend, operation, _by_arn(getattr(KmsBackend, operation)))


def _by_arn(operation):
    def operate(self, key_id, *arguments):
        return operation(self, self.any_id_to_key_id(key_id), *arguments)

    return operate


def _with_groups(create_mount_target):
    def create(self, file_system_id, subnet_id, ip_address=None, security_groups=None):
        vpc = self.ec2_backend.get_subnet(subnet_id).vpc_id
        groups = security_groups or [self.ec2_backend.get_default_security_group(vpc).id]
        return create_mount_target(self, file_system_id, subnet_id, ip_address, groups)

    return create


def _secret_versions(self):
    """moto knows neither ARNs here nor `IncludeDeprecated`: versions without a stage are left out unless asked for."""
    name = self._get_param("SecretId")
    secret = self.backend.secrets.get(name)
    if secret is None:
        raise SecretNotFoundException()
    deprecated = self._get_param("IncludeDeprecated", False)
    versions = [
        {"VersionId": version, "VersionStages": found["version_stages"], "CreatedDate": found["createdate"]}
        for version, found in secret.versions.items()
        if found["version_stages"] or deprecated
    ]
    return json.dumps({"ARN": secret.arn, "Name": secret.name, "Versions": versions})


def _with_reasons(describe_target_health):
    def describe(self, target_group_arn, targets):
        found = describe_target_health(self, target_group_arn, targets)
        return [_told(target_group_arn, one) for one in found]

    return describe


def _told(group, health):
    told = HEALTH.get((group, health.instance_id))
    if told is None:
        return health
    return FakeHealthStatus(health.instance_id, health.port, health.health_check_port, *told)


def _cache_rules(self):
    return ActionResult({"pullThroughCacheRules": CACHE_RULES.get(self.region, [])})
