"""VPCs as EC2 has them: the default DHCP options, IPv6-only subnets, addresses, and VPC Block Public Access.

https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html,
https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
"""

import uuid
from ipaddress import ip_network

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_network_interfaces import NetworkInterfaceBackend
from moto.ec2.models.managed_prefixes import ManagedPrefixListBackend
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPCBackend
from moto.ec2.responses import EC2Response

BLOCKED = {}  # Region -> mode of Block Public Access
EXCLUSIONS = {}  # Region -> {exclusion id: exclusion}


def amend():
    VPCBackend.create_vpc = _with_default_options(VPCBackend.create_vpc)
    EC2Response.modify_subnet_attribute = _with_dns64(EC2Response.modify_subnet_attribute)
    Subnet.enable_dns64 = False
    Subnet.available_ip_address_count = _available(Subnet.available_ip_address_count)
    Subnet.ipv6_cidr_block_association_set = property(_ipv6_blocks)
    NetworkInterfaceBackend.create_network_interface = _addressed(NetworkInterfaceBackend.create_network_interface)
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
        if vpc.get_cidr_block_association_set(ipv6=True):
            _let_ipv6_pass(self, vpc.id)
        return vpc

    return create


def _let_ipv6_pass(backend, vpc):
    """The default ACL of a VPC with IPv6 lets that pass too."""
    acls = [acl for acl in list(backend.network_acls.values()) if acl.vpc_id == vpc and acl.default]
    for acl in acls:
        for egress in (True, False):
            for number, action in ((101, "allow"), (32768, "deny")):
                backend.create_network_acl_entry(
                    acl.id, number, "-1", action, egress, None, None, None, None, None, "::/0"
                )


def _with_dns64(modify_subnet_attribute):
    def modify(self):
        value = self._get_param("EnableDns64.Value")
        if value is None:
            return modify_subnet_attribute(self)
        self.ec2_backend.get_subnet(self._get_param("SubnetId")).enable_dns64 = value in (True, "true")
        return ActionResult({"Return": True})

    return modify


def _available(count):
    """A subnet without IPv4 addresses has none to give."""
    return property(lambda subnet: str(count.fget(subnet)) if subnet.cidr_block else "0")


def _ipv6_blocks(subnet):
    return [
        {
            "ipv6CidrBlock": one["ipv6CidrBlock"],
            "associationId": one["associationId"],
            "ipv6CidrBlockState": one["ipv6CidrBlockState"],
        }
        for one in subnet.ipv6_cidr_block_associations.values()
    ]


def _addressed(create_network_interface):
    """An interface has a free address of its subnet, and in an IPv6-only one no IPv4 address."""

    def create(self, subnet, private_ip_address, private_ip_addresses=None, *rest, **more):
        home = self.get_subnet(subnet) if isinstance(subnet, str) else subnet
        if not home.ipv6_native and not private_ip_address and not private_ip_addresses:
            private_ip_address = [home.get_available_subnet_ip(home)]
        interface = create_network_interface(self, home, private_ip_address, private_ip_addresses, *rest, **more)
        if home.ipv6_native:
            block = next(iter(home.ipv6_cidr_block_associations.values()))["ipv6CidrBlock"]
            interface.private_ip_address, interface.private_ip_addresses = None, []
            interface.ipv6_addresses = [str(ip_network(block)[0x1A2B])]
        return interface

    return create


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
