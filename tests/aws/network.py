"""The VPC of a scenario: subnets in two zones, route tables, gateways, endpoints, filters, file systems, hosts.

Knows the names that scenarios give (`private-a`, `public-b`) and the few calls of boto3 that make each thing. Gets
orders from a scenario and gives ids. What a task sees of it (its subnets, groups and interface) goes into the place's
task and service.
"""

import uuid

from place import document
from server import INSTANCES

EVERYWHERE = "0.0.0.0/0"
# third octet of the subnet's block by its name
BLOCKS = {"public-a": 0, "public-b": 1, "private-a": 10, "private-b": 11, "isolated-a": 20}


def tcp(port=443, cidr=None, group=None, prefixes=None):
    """A rule of a security group."""
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    if group:
        return rule | {"UserIdGroupPairs": [{"GroupId": group}]}
    if prefixes:
        return rule | {"PrefixListIds": [{"PrefixListId": prefixes}]}
    return rule | {"IpRanges": [{"CidrIp": cidr or EVERYWHERE}]}


def _addresses(interface, region):
    """The details that ECS tells of an interface's addresses; in an IPv6-only subnet it has none of IPv4."""
    if not interface.get("PrivateIpAddress"):
        return {"ipv6Address": interface["Ipv6Addresses"][0]["Ipv6Address"]}
    address = interface["PrivateIpAddress"]
    return {
        "privateDnsName": f"ip-{address.replace('.', '-')}.{region}.compute.internal",
        "privateIPv4Address": address,
    }


class Network:
    def __init__(self, at, hostnames=True, servers=None, ipv6=False):
        self.at = at
        self.ec2 = at.client("ec2")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=ipv6)["Vpc"]["VpcId"]
        self.ec2.modify_vpc_attribute(VpcId=self.vpc, EnableDnsHostnames={"Value": hostnames})
        if servers:
            self.name_servers(servers)
        self.subnets, self.tables, self.gateway = {}, {}, None
        self.open = self.group("open")  # every egress, as AWS makes a group

    # ------------------------------------------------------------ names

    def name_servers(self, servers):
        made = self.ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name-servers", "Values": servers}])
        self.ec2.associate_dhcp_options(DhcpOptionsId=made["DhcpOptions"]["DhcpOptionsId"], VpcId=self.vpc)

    def dns(self, **attributes):
        """`support` and `hostnames`, one call each, as AWS wants it."""
        for name, value in attributes.items():
            self.ec2.modify_vpc_attribute(VpcId=self.vpc, **{f"EnableDns{name.capitalize()}": {"Value": value}})

    # ------------------------------------------------------------ subnets and routes

    def subnet(self, name, table=None):
        """A subnet by its name, which ends in its zone; with a table of its own, of another name, or the main one."""
        zone = f"{self.at.region}{name[-1]}"
        block = f"10.0.{BLOCKS[name]}.0/24"
        made = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=block, AvailabilityZone=zone)
        self.subnets[name] = made["Subnet"]["SubnetId"]
        if table != "main":
            self.associate(name, table or name)
        return self.subnets[name]

    def table(self, name):
        if name not in self.tables:
            made = self.ec2.create_route_table(VpcId=self.vpc)
            self.tables[name] = made["RouteTable"]["RouteTableId"]
        return self.tables[name]

    def main_table(self):
        filters = [{"Name": "vpc-id", "Values": [self.vpc]}, {"Name": "association.main", "Values": ["true"]}]
        return self.ec2.describe_route_tables(Filters=filters)["RouteTables"][0]["RouteTableId"]

    def associate(self, subnet, table):
        self.ec2.associate_route_table(RouteTableId=self.table(table), SubnetId=self.subnets[subnet])

    def route(self, table, to=EVERYWHERE, replace=False, **target):
        """A route of a table to `NatGatewayId=…` or `GatewayId=…`."""
        kind = "DestinationIpv6CidrBlock" if ":" in to else "DestinationCidrBlock"
        call = self.ec2.replace_route if replace else self.ec2.create_route
        call(RouteTableId=self.tables.get(table, table), **{kind: to}, **target)

    def internet(self, *tables):
        """An internet gateway, and a route to it in these tables."""
        if self.gateway is None:
            self.gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
            self.ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        for table in tables:
            self.route(table, GatewayId=self.gateway)

    def nat(self, subnet, kind="public"):
        extra = {"AllocationId": self.ec2.allocate_address(Domain="vpc")["AllocationId"]} if kind == "public" else {}
        made = self.ec2.create_nat_gateway(SubnetId=self.subnets[subnet], ConnectivityType=kind, **extra)
        return made["NatGateway"]["NatGatewayId"]

    # ------------------------------------------------------------ whole shapes

    def sealed(self):
        """Private subnets in two zones, in one table that leads nowhere."""
        self.subnet("private-a", "private")
        self.subnet("private-b", "private")
        return self

    def public(self):
        """Public subnets in two zones."""
        self.subnet("public-a", "public")
        self.subnet("public-b", "public")
        self.internet("public")
        return self

    def translated(self, table="private"):
        """A NAT gateway in a public subnet, and the table's route to it."""
        nat = self.nat("public-a")
        self.route(table, NatGatewayId=nat)
        return nat

    # ------------------------------------------------------------ filters

    def group(self, name, egress=None, ingress=()):
        """A security group; `egress` replaces the rule that AWS makes."""
        made = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
        if egress is not None:
            every = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": EVERYWHERE}]}
            self.ec2.revoke_security_group_egress(GroupId=made, IpPermissions=[every])
        if egress:
            self.ec2.authorize_security_group_egress(GroupId=made, IpPermissions=list(egress))
        if ingress:
            self.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=list(ingress))
        return made

    def prefixes(self, service="s3"):
        name = f"com.amazonaws.{self.at.region}.{service}"
        filters = [{"Name": "prefix-list-name", "Values": [name]}]
        return self.ec2.describe_managed_prefix_lists(Filters=filters)["PrefixLists"][0]["PrefixListId"]

    def acl(self, subnet, *entries):
        """A network ACL of one subnet; an entry is (egress, action, first port, last port, block)."""
        made = self.ec2.create_network_acl(VpcId=self.vpc)["NetworkAcl"]["NetworkAclId"]
        for number, (egress, action, first, last, block) in enumerate(entries, 1):
            self.ec2.create_network_acl_entry(
                NetworkAclId=made,
                RuleNumber=100 * number,
                Protocol="6",
                RuleAction=action,
                Egress=egress,
                CidrBlock=block,
                PortRange={"From": first, "To": last},
            )
        filters = [{"Name": "association.subnet-id", "Values": [self.subnets[subnet]]}]
        found = self.ec2.describe_network_acls(Filters=filters)["NetworkAcls"][0]["Associations"]
        own = next(one for one in found if one["SubnetId"] == self.subnets[subnet])
        self.ec2.replace_network_acl_association(AssociationId=own["NetworkAclAssociationId"], NetworkAclId=made)
        return made

    # ------------------------------------------------------------ endpoints

    def welcoming(self):
        """A group that lets HTTPS in from the VPC."""
        return self.group(f"https-{uuid.uuid4().hex[:6]}", ingress=[tcp(443, "10.0.0.0/16")])

    def endpoint(self, service, subnets=("private-a", "private-b"), group=None, private_dns=True, policy=None):
        extra = {"PolicyDocument": document(*policy)} if policy else {}
        made = self.ec2.create_vpc_endpoint(
            VpcId=self.vpc,
            ServiceName=f"com.amazonaws.{self.at.region}.{service}",
            VpcEndpointType="Interface",
            SubnetIds=[self.subnets[name] for name in subnets],
            SecurityGroupIds=[group or self.welcoming()],
            PrivateDnsEnabled=private_dns,
            **extra,
        )
        return made["VpcEndpoint"]["VpcEndpointId"]

    def address(self, endpoint):
        """Where an interface endpoint answers in its first zone."""
        found = self.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]["NetworkInterfaceIds"]
        interfaces = self.ec2.describe_network_interfaces(NetworkInterfaceIds=found[:1])["NetworkInterfaces"]
        return interfaces[0]["PrivateIpAddress"]

    def storage(self, *tables, policy=None):
        """The gateway endpoint for S3, in these tables."""
        extra = {"PolicyDocument": document(*policy)} if policy else {}
        made = self.ec2.create_vpc_endpoint(
            VpcId=self.vpc,
            ServiceName=f"com.amazonaws.{self.at.region}.s3",
            VpcEndpointType="Gateway",
            RouteTableIds=[self.tables[table] for table in tables],
            **extra,
        )
        return made["VpcEndpoint"]["VpcEndpointId"]

    def endpoints(self, *services, without=()):
        """What a sealed subnet needs to start a task that logs: endpoints for ECR, logs, S3, and more."""
        wanted = ["ecr.api", "ecr.dkr", "logs", *services]
        made = {service: self.endpoint(service) for service in wanted if service not in without}
        if "s3" not in without:
            made["s3"] = self.storage("private")
        return made

    # ------------------------------------------------------------ who calls

    def hosts(self, *subnets, groups=None, public=False):
        """Puts the place's task and service there: the configuration as ECS has it, and the task's interface."""
        at, groups = self.at, groups or [self.open]
        at.awsvpc = {
            "subnets": [self.subnets[name] for name in subnets],
            "securityGroups": groups,
            "assignPublicIp": "ENABLED" if public else "DISABLED",
        }
        at.interface = self.interface(subnets[0], groups, public)
        at.zone = f"{at.region}{subnets[0][-1]}"
        return self

    def interface(self, subnet, groups, public=False):
        made = self.ec2.create_network_interface(SubnetId=self.subnets[subnet], Groups=groups)["NetworkInterface"]
        if public:
            address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
            self.ec2.associate_address(AllocationId=address, NetworkInterfaceId=made["NetworkInterfaceId"])
        return {
            "subnetId": self.subnets[subnet],
            "networkInterfaceId": made["NetworkInterfaceId"],
            "macAddress": made["MacAddress"],
            **_addresses(made, self.at.region),
        }

    def instance(self, subnet, groups=None, connected=True):
        """A container instance of the place's cluster, and the task on it."""
        made = self.ec2.run_instances(
            ImageId="ami-12c6146b",
            MinCount=1,
            MaxCount=1,
            SubnetId=self.subnets[subnet],
            SecurityGroupIds=groups or [self.open],
        )
        instance = made["Instances"][0]["InstanceId"]
        at = self.at
        arn = at.arn("ecs", f"container-instance/{at.cluster}/{uuid.uuid4().hex}")
        INSTANCES.setdefault((at.region, at.cluster), {})[arn] = {
            "containerInstanceArn": arn,
            "ec2InstanceId": instance,
            "status": "ACTIVE",
            "agentConnected": connected,
            "versionInfo": {"agentVersion": "1.105.1", "dockerVersion": "DockerVersion: 25.0.14"},
            "runningTasksCount": 0,
            "pendingTasksCount": 0,
            "registeredResources": [],
            "remainingResources": [],
            "attributes": {"ecs.availability-zone": f"{at.region}{subnet[-1]}"},  # moto makes a list of it
            "attachments": [],
            "tags": [],
        }
        at.container_instance, at.zone = arn, f"{at.region}{subnet[-1]}"
        return arn

    # ------------------------------------------------------------ file systems

    def file_system(self):
        return self.at.client("efs").create_file_system(CreationToken=uuid.uuid4().hex)["FileSystemId"]

    def mount_target(self, file_system, subnet, group=None):
        groups = [group or self.group(f"nfs-{uuid.uuid4().hex[:6]}", ingress=[tcp(2049, "10.0.0.0/16")])]
        made = self.at.client("efs").create_mount_target(
            FileSystemId=file_system, SubnetId=self.subnets[subnet], SecurityGroups=groups
        )
        return made["MountTargetId"]
