"""Calls that go to another Region, a service in several subnets, and two faults on one way."""

from network import tcp
from place import allow

from . import Expect, scenario
from .ways import Network, define, fails_on_its_way, pulls
from .words import PUBLIC, log_unreachable, login_timed_out, timed_out

OTHER = "eu-central-1"


def _sealed(at, nat=False):
    """Endpoints for all of this Region's services, and none for another's; with a way out if it is asked for."""
    net = Network(at).sealed().public()
    net.endpoints()
    gateway = net.nat("public-a")
    if nat:
        net.route("private", NatGatewayId=gateway)
    net.hosts("private-a")
    return lambda: net.route("private", NatGatewayId=gateway)


@scenario
def logs_of_another_region(at):
    # An endpoint serves its own Region alone.
    mend = _sealed(at, nat=at.whole)
    at.server.client("logs", OTHER).create_log_group(logGroupName=at.group())
    options = {"awslogs-group": at.group(), "awslogs-region": OTHER, "awslogs-stream-prefix": "app"}
    theirs = at.arn("logs", f"log-group:{at.group()}:*", region=OTHER)
    rights = allow(["logs:CreateLogStream", "logs:PutLogEvents"], theirs)
    define(at, rights, logConfiguration={"logDriver": "awslogs", "options": options})
    fails_on_its_way(at, log_unreachable(), pulled=True)
    return Expect("log-network", hop="route", commands="allowed", mend=mend, says=(f"logs.{OTHER}.amazonaws.com",))


@scenario
def registry_of_another_region(at):
    mend = _sealed(at, nat=at.whole)
    there = at.server.client("ecr", OTHER)
    there.create_repository(repositoryName=at.name)
    at.push(at.name, "1.4", there)
    host = at.registry().replace(at.region, OTHER)
    define(at, at.may_pull(at.arn("ecr", f"repository/{at.name}", region=OTHER)), image=f"{host}/{at.name}:1.4")
    raw = timed_out(host, call="Head", path=f"/v2/{at.name}/manifests/1.4")
    pulls(
        at,
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref "
        f"{host}/{at.name}:1.4: failed to do request: {raw}",
    )
    return Expect("registry-network", hop="route", dialled=PUBLIC, commands="allowed", mend=mend, says=(host,))


@scenario
def one_of_two_subnets(at):
    # Tasks in the other subnet start; this one was put where no route leads out.
    net = Network(at).public()
    net.subnet("private-a", "private-a")
    net.subnet("private-b", "private-b")
    net.translated("private-a")
    nat = net.nat("public-b")
    if at.whole:
        net.route("private-b", NatGatewayId=nat)
    net.hosts("private-b", "private-a")
    fails_on_its_way(at, login_timed_out(at))
    return Expect("registry-network", hop="route", commands="required", says=(net.tables["private-b"],))


@scenario
def two_faults_on_one_way(at):
    # The group lets nothing out, and the table has no route: both have to be mended.
    net = Network(at).sealed().public()
    nat = net.nat("public-a")
    group = net.group("task", egress=[tcp()] if at.whole else [])
    if at.whole:
        net.route("private", NatGatewayId=nat)
    net.hosts("private-a", groups=[group])
    fails_on_its_way(at, login_timed_out(at))

    def mend():
        net.ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[tcp()])
        net.route("private", NatGatewayId=nat)

    return Expect("registry-network", hop="egress", commands="allowed", mend=mend)
