"""VPCs as EC2 has them: the default DHCP options, DNS64, and VPC Block Public Access, which moto lacks.

https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html,
https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
"""

import uuid

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models.managed_prefixes import ManagedPrefixListBackend
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPCBackend
from moto.ec2.responses import EC2Response
from moto.ec2.exceptions import EC2ClientError

BLOCKED = {}  # Region -> mode of Block Public Access
EXCLUSIONS = {}  # Region -> {exclusion id: exclusion}


def amend():
    VPCBackend.create_vpc = _with_default_options(VPCBackend.create_vpc)
    EC2Response.modify_subnet_attribute = _with_dns64(EC2Response.modify_subnet_attribute)
    Subnet.enable_dns64 = False
    ManagedPrefixListBackend.get_managed_prefix_list_entries = _entries
    for operation in (_options, _modify_options, _exclusions, _create_exclusion):
        setattr(EC2Response, operation.action, operation)


def _with_default_options(create_vpc):
    """Every VPC has an option set; where nobody made one, it is the Region's, and asks AWS's resolver."""

    def create(self, *arguments, **settings):
        vpc = create_vpc(self, *arguments, **settings)
        default = getattr(self, "default_options", None)
        if default is None:
            domain = f"{self.region_name}.compute.internal"
            default = self.default_options = self.create_dhcp_options(["AmazonProvidedDNS"], [domain])
        vpc.dhcp_options = default
        return vpc

    return create


def _with_dns64(modify_subnet_attribute):
    def modify(self):
        value = self._get_param("EnableDns64.Value")
        if value is None:
            return modify_subnet_attribute(self)
        self.ec2_backend.get_subnet(self._get_param("SubnetId")).enable_dns64 = value in (True, "true")
        return ActionResult({"Return": True})

    return modify


def _entries(self, prefix_list_id):
    if prefix_list_id not in self.managed_prefix_lists:
        raise EC2ClientError(
            "InvalidPrefixListID.NotFound", f"The prefix list ID '{prefix_list_id}' does not exist"
        )
    return self.managed_prefix_lists[prefix_list_id]


# ---------------------------------------------------------------- Block Public Access


def _named(action):
    """moto finds a method by the operation's name in snake case."""

    def mark(function):
        function.action = action
        return function

    return mark


def _mode(self):
    mode = BLOCKED.get(self.region, "off")
    return {
        "AwsAccountId": self.current_account,
        "AwsRegion": self.region,
        "State": "default-state" if mode == "off" else "update-complete",
        "InternetGatewayBlockMode": mode,
        "ExclusionsAllowed": "allowed",
        "ManagedBy": "account",
    }


@_named("describe_vpc_block_public_access_options")
def _options(self):
    return ActionResult({"VpcBlockPublicAccessOptions": _mode(self)})


@_named("modify_vpc_block_public_access_options")
def _modify_options(self):
    BLOCKED[self.region] = self._get_param("InternetGatewayBlockMode")
    return ActionResult({"VpcBlockPublicAccessOptions": _mode(self)})


@_named("describe_vpc_block_public_access_exclusions")
def _exclusions(self):
    return ActionResult({"VpcBlockPublicAccessExclusions": list(EXCLUSIONS.get(self.region, {}).values())})


@_named("create_vpc_block_public_access_exclusion")
def _create_exclusion(self):
    vpc, subnet = self._get_param("VpcId"), self._get_param("SubnetId")
    thing = f"vpc/{self.ec2_backend.get_vpc(vpc).id}" if vpc else f"subnet/{self.ec2_backend.get_subnet(subnet).id}"
    exclusion = {
        "ExclusionId": f"vpcbpa-exclude-{uuid.uuid4().hex[:17]}",
        "InternetGatewayExclusionMode": self._get_param("InternetGatewayExclusionMode"),
        "ResourceArn": f"arn:{self.partition}:ec2:{self.region}:{self.current_account}:{thing}",
        "State": "create-complete",
        "CreationTimestamp": utcnow(),
        "LastUpdateTimestamp": utcnow(),
        "Tags": [],
    }
    EXCLUSIONS.setdefault(self.region, {})[exclusion["ExclusionId"]] = exclusion
    return ActionResult({"VpcBlockPublicAccessExclusion": exclusion})
