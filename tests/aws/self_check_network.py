"""Tests of the test world's network: that it is as AWS documents where moto 5.2.5 by itself is not.

Each check gets the server and gives a list of problems.
"""

import uuid

import boto3
from gate import SECRET_KEY
from network import EVERYWHERE, Network, tcp
from place import Place
from self_check import _differs, _error, check


def place(server, what, region="eu-west-1"):
    return Place(server, f"check-{what}-{uuid.uuid4().hex[:6]}", region=region)


def _routes(net, table):
    found = net.ec2.describe_route_tables(RouteTableIds=[net.tables[table]])["RouteTables"][0]["Routes"]
    return {
        one.get("DestinationCidrBlock") or one.get("DestinationPrefixListId"): (
            one.get("NatGatewayId") or one.get("GatewayId"),
            one["State"],
        )
        for one in found
    }


@check
def vpcs_ask_the_resolver_of_aws(server):
    net = Network(place(server, "dns"))
    options = net.ec2.describe_vpcs(VpcIds=[net.vpc])["Vpcs"][0]["DhcpOptionsId"]
    found = net.ec2.describe_dhcp_options(DhcpOptionsIds=[options])["DhcpOptions"][0]["DhcpConfigurations"]
    servers = {one["Key"]: [value["Value"] for value in one["Values"]] for one in found}
    net.dns(support=False)
    told = net.ec2.describe_vpc_attribute(VpcId=net.vpc, Attribute="enableDnsSupport")["EnableDnsSupport"]["Value"]
    return _differs(servers.get("domain-name-servers"), ["AmazonProvidedDNS"], "name servers") + _differs(
        told, False, "enableDnsSupport"
    )


@check
def gateway_endpoints_make_routes(server):
    """https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html#gateway-endpoint-routing"""
    net = Network(place(server, "gateway")).sealed().public()
    made = net.storage("public")
    before = _routes(net, "private").get(net.prefixes())
    net.ec2.modify_vpc_endpoint(
        VpcEndpointId=made, AddRouteTableIds=[net.tables["private"]], RemoveRouteTableIds=[net.tables["public"]]
    )
    entries = net.ec2.get_managed_prefix_list_entries(PrefixListId=net.prefixes())["Entries"]
    return (
        _differs(before, None, "route of a table that was not named")
        + _differs(_routes(net, "private").get(net.prefixes()), (made, "active"), "route of the table that was added")
        + _differs(_routes(net, "public").get(net.prefixes()), None, "route of the table that was removed")
        + _differs(bool(entries), True, "entries of AWS's prefix list")
    )


@check
def interface_endpoints_stand_in_their_subnets(server):
    """Interfaces with addresses of the subnets and the endpoint's groups; names; two of a kind are refused."""
    net = Network(place(server, "interface")).sealed()
    group = net.welcoming()
    made = net.endpoint("ecr.dkr", group=group)
    found = net.ec2.describe_vpc_endpoints(VpcEndpointIds=[made])["VpcEndpoints"][0]
    cards = net.ec2.describe_network_interfaces(NetworkInterfaceIds=found["NetworkInterfaceIds"])["NetworkInterfaces"]
    names = [entry["DnsName"] for entry in found["DnsEntries"]]
    by_address = [
        {"Name": "vpc-id", "Values": [net.vpc]},
        {"Name": "addresses.private-ip-address", "Values": [net.address(made)]},
    ]
    same = net.ec2.describe_network_interfaces(Filters=by_address)["NetworkInterfaces"]
    code = _error(
        net.ec2.create_vpc_endpoint,
        VpcId=net.vpc,
        ServiceName=found["ServiceName"],
        VpcEndpointType="Interface",
        SubnetIds=[net.subnets["private-a"]],
    )
    blocks = {card["PrivateIpAddress"].rsplit(".", 1)[0] for card in cards}
    return (
        _differs(blocks, {"10.0.10", "10.0.11"}, "addresses of the endpoint")
        + _differs({one["GroupId"] for card in cards for one in card["Groups"]}, {group}, "groups of its interfaces")
        + _differs("*.dkr.ecr.eu-west-1.amazonaws.com" in names, True, "private name")
        + _differs(len(same), 1, "interfaces with its address")
        + _differs(code, "InvalidParameter", "a second endpoint with the same names")
    )


@check
def private_names_can_be_switched(server):
    net = Network(place(server, "names"), hostnames=False).sealed()
    made = net.endpoint("logs", private_dns=False)

    def switch():
        return _error(net.ec2.modify_vpc_endpoint, VpcEndpointId=made, PrivateDnsEnabled=True)

    refused = switch()
    net.dns(hostnames=True)
    done = switch()
    found = net.ec2.describe_vpc_endpoints(VpcEndpointIds=[made])["VpcEndpoints"][0]
    names = [entry["DnsName"] for entry in found["DnsEntries"]]
    return (
        _differs((refused, done), ("InvalidParameter", None), "errors without and with host names")
        + _differs(found["PrivateDnsEnabled"], True, "private DNS")
        + _differs("logs.eu-west-1.amazonaws.com" in names, True, "private name")
    )


@check
def routes_to_what_is_gone_are_black_holes(server):
    net = Network(place(server, "blackhole")).sealed().public()
    nat = net.translated()
    found = net.ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]
    before = _routes(net, "private")[EVERYWHERE]
    net.ec2.delete_nat_gateway(NatGatewayId=nat)
    net.ec2.detach_internet_gateway(InternetGatewayId=net.gateway, VpcId=net.vpc)
    state = net.ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["State"]
    address = found["NatGatewayAddresses"][0]
    return (
        _differs((found["State"], found["ConnectivityType"]), ("available", "public"), "NAT gateway")
        + _differs(address["PrivateIp"].startswith("10.0.0."), True, f"its address {address}")
        + _differs(bool(address.get("PublicIp")), True, "its public address")
        + _differs(before, (nat, "active"), "route before")
        + _differs(_routes(net, "private")[EVERYWHERE], (nat, "blackhole"), "route to a deleted NAT gateway")
        + _differs(state, "deleted", "the NAT gateway")
        + _differs(_routes(net, "public")[EVERYWHERE], (net.gateway, "blackhole"), "route to a detached gateway")
    )


@check
def nat_gateways_need_an_internet_gateway(server):
    net = Network(place(server, "nat")).sealed()
    found = net.ec2.describe_nat_gateways(NatGatewayIds=[net.nat("private-a")])["NatGateways"][0]
    return _differs((found["State"], found.get("FailureCode")), ("failed", "Gateway.NotAttached"), "state")


@check
def groups_let_everything_out_at_first(server):
    net = Network(place(server, "group"))
    closed = net.group("closed", egress=[tcp(443, prefixes=net.prefixes())])
    groups = net.ec2.describe_security_groups(GroupIds=[net.open, closed])["SecurityGroups"]
    rules = {one["GroupId"]: one["IpPermissionsEgress"] for one in groups}
    prefixes = [one["PrefixListIds"] for one in rules[closed]]
    return _differs([one["IpProtocol"] for one in rules[net.open]], ["-1"], "rules out of a new group") + _differs(
        prefixes, [[{"PrefixListId": net.prefixes()}]], "prefix list of a rule"
    )


@check
def block_public_access_has_modes_and_exclusions(server):
    net = Network(place(server, "bpa", region="ap-southeast-2"))
    ec2 = net.ec2

    def mode():
        return ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]["InternetGatewayBlockMode"]

    before = mode()
    ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-bidirectional")
    ec2.create_vpc_block_public_access_exclusion(VpcId=net.vpc, InternetGatewayExclusionMode="allow-egress")
    found = ec2.describe_vpc_block_public_access_exclusions()["VpcBlockPublicAccessExclusions"][0]
    return (
        _differs((before, mode()), ("off", "block-bidirectional"), "modes")
        + _differs(found["ResourceArn"].endswith(f"vpc/{net.vpc}"), True, "what is excluded")
        + _differs(found["State"], "create-complete", "state")
        + _differs(found["InternetGatewayExclusionMode"], "allow-egress", "mode of the exclusion")
    )


@check
def ipv6_only_subnets_have_no_ipv4(server):
    net = Network(place(server, "ipv6"), ipv6=True)
    block = net.ec2.describe_vpcs(VpcIds=[net.vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
    made = net.ec2.create_subnet(
        VpcId=net.vpc, Ipv6CidrBlock=block.replace("/56", "/64"), Ipv6Native=True, AvailabilityZone="eu-west-1a"
    )["Subnet"]
    net.subnets["native"] = made["SubnetId"]
    net.ec2.modify_subnet_attribute(SubnetId=made["SubnetId"], EnableDns64={"Value": True})
    found = net.ec2.describe_subnets(SubnetIds=[made["SubnetId"]])["Subnets"][0]
    blocks = [one["Ipv6CidrBlockState"]["State"] for one in found["Ipv6CidrBlockAssociationSet"]]
    acl = net.ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [net.vpc]}])["NetworkAcls"][0]
    passing = {entry.get("Ipv6CidrBlock") for entry in acl["Entries"] if entry["RuleAction"] == "allow"}
    return (
        _differs((found["EnableDns64"], found["AvailableIpAddressCount"]), (True, 0), "DNS64 and IPv4 addresses")
        + _differs(blocks, ["associated"], "state of its block")
        + _differs("::/0" in passing, True, "IPv6 in the default ACL")
        + _differs("privateIPv4Address" in net.interface("native", [net.open]), False, "an IPv4 address")
    )


@check
def services_get_new_deployments(server):
    at = place(server, "update")
    Network(at).public().hosts("public-a")
    at.define(at.container(), execution=at.execution_role())
    at.service("(service web) has started 1 tasks.")
    wanted = at.awsvpc | {"assignPublicIp": "ENABLED"}
    ecs = at.client("ecs")
    ecs.update_service(cluster=at.cluster, service="web", networkConfiguration={"awsvpcConfiguration": wanted})
    found = ecs.describe_services(cluster=at.cluster, services=["web"])["services"][0]
    public = [one["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] for one in found["deployments"]]
    unknown = _error(ecs.update_service, cluster=at.cluster, service="other")
    return (
        _differs(found["networkConfiguration"]["awsvpcConfiguration"], wanted, "configuration")
        + _differs([one["status"] for one in found["deployments"]], ["PRIMARY", "ACTIVE"], "deployments")
        + _differs(public, ["ENABLED", "DISABLED"], "configurations of the deployments")
        + _differs(unknown, "ServiceNotFoundException", "an unknown service")
    )


@check
def interfaces_go_with_their_tasks(server):
    codes = []
    for keeps in (False, True):
        at = place(server, "interface")
        net = Network(at).public().hosts("public-a")
        at.define(at.container(), execution=at.execution_role())
        at.keeps_interface = keeps
        at.fails_to_start("ResourceInitializationError: …", pulled=False)
        details = {one["name"]: one["value"] for one in at.task()["attachments"][0]["details"]}
        asked = [details["networkInterfaceId"]]
        codes.append(_error(net.ec2.describe_network_interfaces, NetworkInterfaceIds=asked))
    return _differs(codes, ["InvalidNetworkInterfaceID.NotFound", None], "errors") + _differs(
        details["subnetId"], net.subnets["public-a"], "the task's subnet"
    )


@check
def instances_are_of_the_cluster(server):
    at = place(server, "instance")
    net = Network(at).public()
    arn = net.instance("public-a", connected=False)
    found = at.client("ecs").describe_container_instances(cluster=at.cluster, containerInstances=[arn])
    told = found["containerInstances"][0]
    machine = net.ec2.describe_instances(InstanceIds=[told["ec2InstanceId"]])["Reservations"][0]["Instances"][0]
    card = machine["NetworkInterfaces"][0]
    return (
        _differs(told["agentConnected"], False, "agent")
        + _differs((card["SubnetId"], card["Attachment"]["DeviceIndex"]), (net.subnets["public-a"], 0), "interface")
        + _differs([one["GroupId"] for one in card["Groups"]], [net.open], "its groups")
    )


@check
def hosted_zones_are_listed_by_vpc(server):
    at = place(server, "zones")
    net = Network(at)
    route53 = at.client("route53")
    made = {"VPCRegion": at.region, "VPCId": net.vpc}
    private = {"PrivateZone": True, "Comment": ""}
    route53.create_hosted_zone(Name="internal.example", CallerReference=at.name, VPC=made, HostedZoneConfig=private)
    found = route53.list_hosted_zones_by_vpc(VPCId=net.vpc, VPCRegion=at.region)["HostedZoneSummaries"]
    return _differs([one["Name"].rstrip(".") for one in found], ["internal.example"], "zones")


@check
def refusals_have_the_form_of_their_service(server):
    visitor = server.visitor()
    visitor.refuse = {"*": "denied"}
    calls = {
        "ec2": ("describe_vpcs", {}),
        "efs": ("describe_mount_targets", {"FileSystemId": "fs-0123456789abcdef0"}),
        "elbv2": ("describe_target_groups", {}),
        "route53": ("list_hosted_zones_by_vpc", {"VPCId": "vpc-1", "VPCRegion": "eu-west-1"}),
        "s3": ("head_object", {"Bucket": "some-bucket", "Key": "production.env"}),
    }
    codes = {}
    for service, (name, parameters) in calls.items():
        keys = {"aws_access_key_id": visitor.access_key, "aws_secret_access_key": SECRET_KEY}
        client = boto3.client(service, region_name="eu-west-1", endpoint_url=server.url, **keys)
        codes[service] = _error(getattr(client, name), **parameters)
    wanted = {
        "ec2": "UnauthorizedOperation",
        "efs": "AccessDeniedException",
        "elbv2": "AccessDenied",
        "route53": "AccessDenied",
        "s3": "403",
    }
    actions = {
        "ec2:DescribeVpcs",
        "elasticfilesystem:DescribeMountTargets",
        "elasticloadbalancing:DescribeTargetGroups",
        "route53:ListHostedZonesByVPC",
        "s3:GetObject",
    }
    return _differs(codes, wanted, "codes") + _differs(set(visitor.actions()), actions, "names of the calls")
