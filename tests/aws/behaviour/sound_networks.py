"""Networks that work, in the shapes that people give them: none may raise an alarm, and none confirms a message.

Knows what is unusual in each: tight groups and ACLs, second address blocks, inspection, name servers, two families.
"""

import uuid

from network import EVERYWHERE, Network, tcp
from place import Place
from scenarios.ways import fails_on_its_way
from scenarios.words import PUBLIC, login_timed_out

from . import case, expect

SHAPES = {}


def shape(function):
    """A function that furnishes a network, puts the place there, and gives the address that its calls dial."""
    SHAPES[function.__name__] = function
    return function


@shape
def tight_groups(at):
    """Groups name one another, and S3 by its prefix list; nothing else is let in or out."""
    net = Network(at).sealed()
    task, endpoint = net.group("task", egress=[]), net.group("endpoint", egress=[])
    net.ec2.authorize_security_group_egress(
        GroupId=task, IpPermissions=[tcp(443, group=endpoint), tcp(443, prefixes=net.prefixes())]
    )
    net.ec2.authorize_security_group_ingress(GroupId=endpoint, IpPermissions=[tcp(443, group=task)])
    made = [net.endpoint(service, group=endpoint) for service in ("ecr.api", "ecr.dkr", "logs")]
    net.storage("private")
    net.hosts("private-a", groups=[task])
    return net.address(made[0])


@shape
def tight_acls(at):
    """What a client needs: 443 out, ephemeral ports in; a deny above it for another port."""
    net = Network(at).sealed().public()
    net.translated()
    net.acl(
        "private-a",
        (True, "deny", 25, 25, EVERYWHERE),
        (True, "allow", 443, 443, EVERYWHERE),
        (False, "deny", 22, 22, EVERYWHERE),
        (False, "allow", 1024, 65535, EVERYWHERE),
    )
    net.hosts("private-a")
    return PUBLIC


@shape
def second_address_block(at):
    net = Network(at).public()
    net.ec2.associate_vpc_cidr_block(VpcId=net.vpc, CidrBlock="100.64.0.0/16")
    made = net.ec2.create_subnet(VpcId=net.vpc, CidrBlock="100.64.1.0/24", AvailabilityZone=f"{at.region}a")
    net.subnets["second-a"] = made["Subnet"]["SubnetId"]
    net.associate("second-a", "second")
    net.translated("second")
    net.hosts("second-a")
    return PUBLIC


@shape
def main_table_by_nobody(at):
    net = Network(at).public()
    net.subnet("private-a", "main")
    net.translated(net.main_table())
    net.hosts("private-a")
    return PUBLIC


@shape
def nat_gateway_in_the_other_zone(at):
    net = Network(at).sealed().public()
    net.route("private", NatGatewayId=net.nat("public-b"))
    net.hosts("private-a")
    return PUBLIC


@shape
def resolver_by_its_address(at):
    net = Network(at, servers=["10.0.0.2"]).sealed().public()
    net.translated()
    net.hosts("private-a")
    return PUBLIC


@shape
def halves_of_the_internet(at):
    """Two routes that are more specific than the default, as VPN clients write them."""
    net = Network(at).sealed().public()
    nat = net.nat("public-a")
    for half in ("0.0.0.0/1", "128.0.0.0/1"):
        net.route("private", to=half, NatGatewayId=nat)
    net.hosts("private-a")
    return PUBLIC


@shape
def both_families(at):
    net = Network(at, ipv6=True).public()
    block = net.ec2.describe_vpcs(VpcIds=[net.vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
    net.ec2.associate_subnet_cidr_block(
        SubnetId=net.subnets["public-a"], Ipv6CidrBlock=block.replace("/56", "/64")
    )
    net.route("public", to="::/0", GatewayId=net.gateway)
    net.hosts("public-a", public=True)
    return PUBLIC


@shape
def several_groups(at):
    """Each lets out what the other does not."""
    net = Network(at).sealed().public()
    net.translated()
    groups = [net.group("database", egress=[tcp(5432, "10.0.0.0/16")]), net.group("web", egress=[tcp()])]
    net.hosts("private-a", groups=groups)
    return PUBLIC


@shape
def endpoints_beside_a_nat_gateway(at):
    net = Network(at).sealed().public()
    net.translated()
    made = net.endpoint("ecr.api", subnets=["private-b"])
    net.storage("private", "public")
    net.hosts("private-a")
    return net.address(made)


@shape
def instance_in_a_public_subnet(at):
    """The task's own subnet leads nowhere; by the instance its start gets out."""
    net = Network(at).sealed().public()
    net.translated()
    net.subnet("isolated-a")
    net.instance("private-a")
    net.hosts("isolated-a")
    at.launch_type = "EC2"
    return PUBLIC


def _furnish(binary, name, ends):
    at = Place(binary.server, f"sound-{name}-{uuid.uuid4().hex[:6]}".replace("_", "-"), broken=False, ends=ends)
    address = SHAPES[name](at)
    if at.launch_type == "EC2":
        at.image()
        at.log_group()
        at.define(at.container(), execution=at.execution_role(), launch_type="EC2", network="awsvpc")
    fails_on_its_way(at, login_timed_out(at, address))
    return at


@case
def sound_networks_raise_no_alarm(binary):
    problems = []
    for name in SHAPES:
        at = _furnish(binary, name, "waits")
        run = binary.diagnose(at.task_arn)
        problems += run.always_wrong()
        quiet = (run.exit, run.report.get("status"), run.report.get("findings")) == (0, "not-failed", [])
        expect(problems, quiet, f"{name} raises an alarm", run)
        verdicts = {path["destination"]: path["verdict"] for path in run.report.get("paths", [])}
        expect(problems, set(verdicts.values()) == {"reaches"}, f"{name}: not everything reaches: {verdicts}", run)
    return problems


@case
def sound_networks_confirm_nothing(binary):
    problems = []
    for name in SHAPES:
        at = _furnish(binary, name, "fails")
        run = binary.diagnose(at.task_arn)
        problems += run.always_wrong()
        first = (run.first.get("cause"), run.first.get("confidence"), run.first.get("state"))
        expect(problems, first == ("registry-network", "likely", "resolved"), f"{name}: the first is {first}", run)
        expect(problems, not run.broken_paths, f"{name} has a broken path", run)
    return problems
