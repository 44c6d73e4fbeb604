"""Where the VPC's facts end, and where the network is not to blame: nothing is confirmed that nobody can see."""

from place import allow

from . import Expect, lacks, scenario
from .secrets import READ
from .ways import Network, define, fails_on_its_way
from .words import login_unreachable, secret_denied, secret_unreachable, unsent


@scenario
def name_servers_of_ones_own(at):
    # Nobody but they knows what they answer: the message stands alone.
    net = Network(at, servers=["10.9.0.2", "10.9.0.3"]).sealed().public()
    net.translated()
    net.hosts("private-a")
    host = f"api.ecr.{at.region}.amazonaws.com"
    raw = f'Post "https://{host}/": dial tcp: lookup {host} on 10.9.0.2:53: no such host'
    fails_on_its_way(at, login_unreachable(unsent("ECR", "GetAuthorizationToken", raw)))
    return Expect("registry-dns", confidence="likely")


@scenario
def endpoint_behind_a_transit_gateway(at):
    # One VPC has the endpoints of all, and a private hosted zone points to it: the way goes on out of sight.
    net = Network(at).sealed()
    net.endpoints()
    hub = net.ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    net.route("private", to="10.200.0.0/16", TransitGatewayId=hub)
    at.client("route53").create_hosted_zone(
        Name=f"secretsmanager.{at.region}.amazonaws.com",
        CallerReference=at.name,
        VPC={"VPCRegion": at.region, "VPCId": net.vpc},
        HostedZoneConfig={"PrivateZone": True, "Comment": "of the hub"},
    )
    secret = at.secret()
    net.hosts("private-a")
    define(at, allow(READ, secret), secrets={"DB": secret})
    fails_on_its_way(at, secret_unreachable(at, "10.200.3.7"))
    return Expect("secret-network", confidence="likely")


@scenario
def denied_on_a_way_that_is_open(at):
    # Secrets Manager answered, so that its way is open. That of the registry is not, which did not matter yet.
    net = Network(at).sealed()
    net.endpoints("secretsmanager", without=[] if at.whole else ["ecr.dkr"])
    net.hosts("private-a")
    secret = at.secret()
    role = define(at, at.whole and allow(READ, secret), secrets={"DB": secret})
    fails_on_its_way(at, secret_denied(at.session(role), secret))
    broken = lacks("execution", secret, READ)
    return Expect(
        "secret-permission", role="execution", broken=broken, commands="required", aside=frozenset(["route"])
    )
