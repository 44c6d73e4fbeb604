"""Gateways that do not let a call out: NAT gateways, public addresses, VPC Block Public Access."""

from . import Expect, scenario
from .ways import Network, define, fails_on_its_way
from .words import PUBLIC, login_timed_out


@scenario
def nat_gateway_in_private_subnet(at):
    # A public NAT gateway reaches the internet by its own subnet's route, and this subnet has none.
    net = Network(at).sealed().public()
    net.subnet("isolated-a")
    nat = net.nat("isolated-a")
    net.route("private", NatGatewayId=nat)
    if at.whole:
        net.internet("isolated-a")
    net.hosts("private-a")
    fails_on_its_way(at, login_timed_out(at))
    mend = lambda: net.internet("isolated-a")  # noqa: E731
    return Expect("registry-network", hop="nat", commands="allowed", mend=mend)


@scenario
def nat_gateway_failed(at):
    # It was made before the VPC had an internet gateway.
    net = Network(at).sealed()
    net.subnet("public-a", "public")
    if at.whole:
        net.internet("public")
    nat = net.nat("public-a")
    if at.broken:
        net.internet("public")
    net.route("private", NatGatewayId=nat)
    net.hosts("private-a")
    fails_on_its_way(at, login_timed_out(at))
    mend = lambda: net.route("private", replace=True, NatGatewayId=net.nat("public-a"))  # noqa: E731
    return Expect("registry-network", hop="nat", commands="allowed", mend=mend)


@scenario
def nat_gateway_is_private(at):
    net = Network(at).sealed().public()
    nat = net.nat("public-a", "public" if at.whole else "private")
    net.route("private", NatGatewayId=nat)
    net.hosts("private-a")
    fails_on_its_way(at, login_timed_out(at))
    mend = lambda: net.route("private", replace=True, NatGatewayId=net.nat("public-b"))  # noqa: E731
    return Expect("registry-network", hop="nat", commands="allowed", mend=mend)


@scenario
def public_subnet_without_address(at):
    # The interface is gone with the task; the service's configuration says what it had.
    net = Network(at).public()
    net.hosts("public-a", "public-b", public=at.whole)
    fails_on_its_way(at, login_timed_out(at))
    return Expect("registry-network", hop="public-address", dialled=PUBLIC, commands="required")


@scenario
def task_without_address(at):
    # A task of nobody's service, whose interface is still there: it says by itself that it has no public address.
    net = Network(at).public()
    net.hosts("public-a", public=at.whole)
    define(at)
    at.keeps_interface = True
    at.fails_to_start(login_timed_out(at), pulled=False, lastStatus="DEPROVISIONING")
    return Expect("registry-network", hop="public-address")


@scenario
def lone_task_in_public_subnet(at):
    # Whether it had a public address went with its interface, and no service tells.
    net = Network(at).public()
    net.hosts("public-a")
    define(at)
    at.fails_to_start(login_timed_out(at), pulled=False)
    return Expect("registry-network", confidence="likely", state="unknown")


@scenario
def public_access_is_blocked(at):
    # Played in a Region of its own: the mode is the Region's, and the whole place is excluded from it.
    net = Network(at).public()
    net.ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-bidirectional")

    def exclude():
        net.ec2.create_vpc_block_public_access_exclusion(
            VpcId=net.vpc, InternetGatewayExclusionMode="allow-bidirectional"
        )

    if at.whole:
        exclude()
    net.hosts("public-a", public=True)
    fails_on_its_way(at, login_timed_out(at))
    return Expect("registry-network", hop="block-public-access", commands="allowed", mend=exclude)
