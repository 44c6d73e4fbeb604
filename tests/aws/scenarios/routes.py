"""Subnets from which nothing leads out. Knows what a route table has to say for a call to leave a VPC."""

from . import Expect, scenario
from .ways import Network, define, fails_on_its_way
from .words import PUBLIC, cut_short, login_timed_out, login_unreachable


@scenario
def private_subnet_alone(at):
    # No NAT gateway, no endpoint, no internet gateway: endpoints are the way.
    net = Network(at).sealed()
    if at.whole:
        net.endpoints()
    net.hosts("private-a")
    fails_on_its_way(at, login_timed_out(at))
    return Expect("registry-network", hop="route", dialled=PUBLIC, commands="required")


@scenario
def nat_gateway_without_route(at):
    net = Network(at).sealed().public()
    nat = net.nat("public-a")
    if at.whole:
        net.route("private", NatGatewayId=nat)
    net.hosts("private-a", "private-b")
    fails_on_its_way(at, login_timed_out(at))
    return Expect("registry-network", hop="route", dialled=PUBLIC, commands="required")


@scenario
def service_cannot_place_its_task(at):
    # No task is left, but an event: the service's own configuration says where its tasks are put.
    net = Network(at).sealed().public()
    nat = net.nat("public-a")
    if at.whole:
        net.route("private", NatGatewayId=nat)
    net.hosts("private-a", "private-b")
    define(at)
    if at.ends == "fails":
        event = f"(service web) was unable to place a task. Reason: {login_timed_out(at)}."
        at.service(event, event, "(service web) has reached a steady state.")
    else:
        at.service("(service web) has reached a steady state.", running=1)
        at.runs(group="service:web")
    arguments = ("--cluster", at.cluster, "--service", "web")
    return Expect("registry-network", hop="route", commands="required", arguments=arguments, task=False)


@scenario
def lone_task_without_route(at):
    # Of a task that no service started only the subnet is left. That is enough where nothing leads out of it.
    net = Network(at).sealed().public()
    nat = net.nat("public-a")
    if at.whole:
        net.route("private", NatGatewayId=nat)
    net.hosts("private-a")
    define(at)
    at.keeps_interface = at.whole  # else nobody knows whether its groups let it out, and nothing proves a fix
    at.fails_to_start(login_timed_out(at), pulled=False)
    return Expect("registry-network", hop="route", state="present")


@scenario
def main_table_leads_nowhere(at):
    # The subnet is in no table by name, so the main one counts; the table that leads out is another's.
    net = Network(at).public()
    net.subnet("private-a", "main")
    net.subnet("private-b", "private")
    nat = net.translated()
    if at.whole:
        net.route(net.main_table(), NatGatewayId=nat)
    net.hosts("private-a")
    fails_on_its_way(at, login_timed_out(at))
    mend = lambda: net.route(net.main_table(), NatGatewayId=nat)  # noqa: E731
    return Expect("registry-network", hop="route", commands="allowed", mend=mend)


@scenario
def nat_gateway_deleted(at):
    # Its route stays, as a black hole.
    net = Network(at).sealed().public()
    nat = net.translated()
    if at.broken:
        net.ec2.delete_nat_gateway(NatGatewayId=nat)
    net.hosts("private-a")
    fails_on_its_way(at, login_timed_out(at))
    mend = lambda: net.route("private", replace=True, NatGatewayId=net.nat("public-b"))  # noqa: E731
    return Expect("registry-network", hop="route", commands="allowed", mend=mend)


@scenario
def internet_gateway_detached(at):
    net = Network(at).public()
    if at.broken:
        net.ec2.detach_internet_gateway(InternetGatewayId=net.gateway, VpcId=net.vpc)
    net.hosts("public-a", public=True)
    fails_on_its_way(at, login_timed_out(at))
    mend = lambda: net.ec2.attach_internet_gateway(InternetGatewayId=net.gateway, VpcId=net.vpc)  # noqa: E731
    return Expect("registry-network", hop="route", commands="allowed", mend=mend)


@scenario
def endpoint_in_another_vpc(at):
    # It is the account's, and of no use here.
    net, other = Network(at).sealed(), Network(at).sealed()
    made = net.endpoints("secretsmanager", without=[] if at.whole else ["ecr.api"])
    other.endpoint("ecr.api")
    net.hosts("private-a")
    fails_on_its_way(at, login_timed_out(at, net.address(made["ecr.api"]) if at.whole else PUBLIC))
    return Expect("registry-network", hop="route", commands="required")


@scenario
def ipv6_only_subnet(at):
    # The name has IPv4 addresses alone, and without DNS64 the resolver makes no others of them.
    net = Network(at, ipv6=True).public()
    found = net.ec2.describe_vpcs(VpcIds=[net.vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
    made = net.ec2.create_subnet(
        VpcId=net.vpc,
        Ipv6CidrBlock=found.replace("/56", "/64"),
        Ipv6Native=True,
        AvailabilityZone=f"{at.region}a",
    )
    net.subnets["native-a"] = made["Subnet"]["SubnetId"]
    net.associate("native-a", "native")
    nat = net.nat("public-a")
    net.route("native", to="64:ff9b::/96", NatGatewayId=nat)

    def translate():
        net.ec2.modify_subnet_attribute(SubnetId=net.subnets["native-a"], EnableDns64={"Value": True})

    if at.whole:
        translate()
    net.hosts("native-a")
    define(at)
    fails_on_its_way(at, login_unreachable(cut_short("ECR", "GetAuthorizationToken")))
    return Expect("registry-dns", hop="dns", commands="allowed", mend=translate)
