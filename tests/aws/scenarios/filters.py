"""Security groups and network ACLs on the way, and the VPC's resolver.

Knows that a group is stateful and an ACL is not, and that an S3 gateway endpoint keeps S3's public addresses.
"""

from network import EVERYWHERE, tcp

from . import Expect, scenario
from .ways import Network, fails_on_its_way, pulls
from .words import PUBLIC, STORAGE, layers_timed_out_at_s3, login_timed_out, login_unreachable, unsent

EPHEMERAL = (1024, 65535)


def _translated(at):
    net = Network(at).sealed().public()
    net.translated()
    return net


@scenario
def group_lets_nothing_out(at):
    # As Terraform makes a group: without the rule that the console adds.
    net = _translated(at)
    closed = net.group("task", egress=[tcp()] if at.whole else [])
    net.hosts("private-a", groups=[closed])
    fails_on_its_way(at, login_timed_out(at))
    return Expect("registry-network", hop="egress", dialled=PUBLIC, commands="required", says=(closed,))


@scenario
def group_lets_out_to_the_vpc(at):
    net = _translated(at)
    rules = [tcp(443, "10.0.0.0/16"), tcp(5432, "10.0.0.0/16")]
    closed = net.group("task", egress=[*rules, tcp()] if at.whole else rules)
    net.hosts("private-a", groups=[closed])
    fails_on_its_way(at, login_timed_out(at))
    return Expect("registry-network", hop="egress", dialled=PUBLIC, commands="required", says=(closed,))


@scenario
def group_lacks_prefix_list(at):
    # Interface endpoints are in the VPC; layers are at S3's public addresses, which only the prefix list names.
    net = Network(at).sealed()
    net.endpoints()
    rules = [tcp(443, "10.0.0.0/16")]
    closed = net.group("task", egress=[*rules, tcp(443, prefixes=net.prefixes())] if at.whole else rules)
    net.hosts("private-a", groups=[closed])
    pulls(at, layers_timed_out_at_s3(at))
    return Expect("s3-layer-endpoint", hop="egress", dialled=STORAGE, commands="required", says=(closed,))


def _guarded(at, *entries):
    """Every entry in the whole place, all but the first in the broken one."""
    net = _translated(at)
    made = net.acl("private-a", *(entries if at.whole else entries[1:]))
    net.hosts("private-a")
    return net, made


def _opens(net, acl, egress, first, last):
    return lambda: net.ec2.create_network_acl_entry(
        NetworkAclId=acl,
        RuleNumber=50,
        Protocol="6",
        RuleAction="allow",
        Egress=egress,
        CidrBlock=EVERYWHERE,
        PortRange={"From": first, "To": last},
    )


@scenario
def acl_lets_nothing_out(at):
    net, made = _guarded(at, (True, "allow", 443, 443, EVERYWHERE), (False, "allow", *EPHEMERAL, EVERYWHERE))
    fails_on_its_way(at, login_timed_out(at))
    mend = _opens(net, made, True, 443, 443)
    return Expect("registry-network", hop="acl", commands="allowed", mend=mend, says=(made,))


@scenario
def acl_drops_the_answers(at):
    # As for a server: 443 in. A client's answers come to a port of its own choice.
    net, made = _guarded(
        at,
        (False, "allow", *EPHEMERAL, EVERYWHERE),
        (False, "allow", 443, 443, EVERYWHERE),
        (True, "allow", 443, 443, EVERYWHERE),
    )
    fails_on_its_way(at, login_timed_out(at))
    mend = _opens(net, made, False, *EPHEMERAL)
    return Expect("registry-network", hop="acl", commands="allowed", mend=mend, says=(made,))


@scenario
def acl_of_the_endpoint(at):
    # The endpoint is in a subnet of its own, whose ACL lets in what comes from the other zone alone.
    net = Network(at).sealed()
    net.subnet("isolated-a")
    net.endpoints(without=["ecr.api"])
    made = net.endpoint("ecr.api", subnets=["isolated-a"])
    into = [(False, "allow", 443, 443, "10.0.10.0/24")] if at.whole else []
    acl = net.acl(
        "isolated-a", (False, "allow", 443, 443, "10.0.11.0/24"), (True, "allow", *EPHEMERAL, EVERYWHERE), *into
    )
    net.hosts("private-a")
    fails_on_its_way(at, login_timed_out(at, net.address(made)))
    mend = _opens(net, acl, False, 443, 443)
    return Expect("registry-network", hop="acl", dialled=net.address(made), commands="allowed", mend=mend, says=(acl,))


@scenario
def acl_admits_the_vpc_alone(at):
    # Interface endpoints are inside; by its gateway endpoint S3 keeps its public addresses.
    net = Network(at).sealed()
    net.endpoints()
    inside = "10.0.0.0/16"
    s3 = [(True, "allow", 443, 443, EVERYWHERE), (False, "allow", *EPHEMERAL, EVERYWHERE)] if at.whole else []
    for subnet in ("private-a", "private-b"):
        both = [(egress, "allow", *ports, inside) for egress in (True, False) for ports in ((443, 443), EPHEMERAL)]
        made = net.acl(subnet, *both, *s3)
    net.hosts("private-b")
    pulls(at, layers_timed_out_at_s3(at))
    return Expect("s3-layer-endpoint", hop="acl", dialled=STORAGE, commands="required", says=(made,))


@scenario
def resolver_is_off(at):
    net = _translated(at)
    if at.broken:
        net.dns(hostnames=False)
        net.dns(support=False)
    net.hosts("private-a")
    host = f"api.ecr.{at.region}.amazonaws.com"
    raw = (
        f'Post "https://{host}/": dial tcp: lookup {host} on 10.0.0.2:53: read udp 10.0.10.23:41832->10.0.0.2:53: i/o '
        "timeout"
    )
    fails_on_its_way(at, login_unreachable(unsent("ECR", "GetAuthorizationToken", raw)))
    mend = lambda: net.dns(support=True)  # noqa: E731
    return Expect("registry-dns", hop="dns", commands="allowed", mend=mend, says=(net.vpc,))
