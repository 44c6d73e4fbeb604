"""Sealed subnets whose endpoints do not serve a call. Knows which endpoint each part of a task's start takes."""

from place import allow

from . import Expect, lacks, scenario
from .secrets import READ
from .ways import Network, define, fails_on_its_way, pulls
from .words import (
    PUBLIC,
    layers_timed_out,
    log_unreachable,
    login_timed_out,
    manifest_timed_out,
    no_secret,
    denied_v2,
    parameter_unreachable,
    secret_unreachable,
    unauthorized,
)


def _sealed(at, *services, missing=None):
    """Endpoints for everything but one service, in the broken place."""
    net = Network(at).sealed()
    made = net.endpoints(*services, without=[missing] if missing and at.broken else [])
    net.hosts("private-a")
    return net, made


def _dialled(at, net, made, service):
    """A private address where the endpoint is, a public one where it is not."""
    return net.address(made[service]) if service in made else PUBLIC


@scenario
def no_endpoint_for_ecr_login(at):
    net, made = _sealed(at, missing="ecr.api")
    fails_on_its_way(at, login_timed_out(at, _dialled(at, net, made, "ecr.api")))
    return Expect("registry-network", hop="route", commands="required", says=("ecr.api",))


@scenario
def no_endpoint_for_ecr_registry(at):
    net, made = _sealed(at, missing="ecr.dkr")
    pulls(at, manifest_timed_out(at, _dialled(at, net, made, "ecr.dkr")))
    return Expect("registry-network", hop="route", commands="required", says=("ecr.dkr",))


@scenario
def no_endpoint_for_logs(at):
    _sealed(at, missing="logs")
    fails_on_its_way(at, log_unreachable(), pulled=True)
    return Expect("log-network", hop="route", commands="required", says=("logs",))


@scenario
def no_endpoint_for_secrets(at):
    net, made = _sealed(at, "secretsmanager", missing="secretsmanager")
    secret = at.secret()
    define(at, allow(READ, secret), secrets={"DB": secret})
    fails_on_its_way(at, secret_unreachable(at, _dialled(at, net, made, "secretsmanager")))
    return Expect("secret-network", hop="route", commands="required", says=("secretsmanager",))


@scenario
def no_endpoint_for_parameters(at):
    _sealed(at, "ssm", missing="ssm")
    parameter = at.parameter()
    define(at, allow("ssm:GetParameters", parameter), secrets={"DB_URL": parameter})
    fails_on_its_way(at, parameter_unreachable())
    return Expect("secret-network", hop="route", commands="required", says=("ssm",))


@scenario
def endpoint_without_private_names(at):
    net = Network(at).sealed()
    made = net.endpoints(without=["ecr.api"])
    made["ecr.api"] = net.endpoint("ecr.api", private_dns=at.whole)
    net.hosts("private-a")
    fails_on_its_way(at, login_timed_out(at, net.address(made["ecr.api"]) if at.whole else PUBLIC))
    return Expect("registry-network", hop="route", commands="required", says=(made["ecr.api"],))


@scenario
def endpoint_in_the_other_zone(at):
    # A subnet of another zone does as well: what is missing is the endpoint's group.
    net = Network(at).sealed()
    net.endpoints(without=["ecr.api"])
    closed = net.welcoming() if at.whole else net.group("closed")
    made = net.endpoint("ecr.api", subnets=["private-b"], group=closed)
    net.hosts("private-a")
    fails_on_its_way(at, login_timed_out(at, net.address(made)))
    return Expect("registry-network", hop="ingress", dialled=net.address(made), commands="required", says=(closed,))


@scenario
def endpoint_is_closed(at):
    # The NAT gateway does not help: the endpoint has the name.
    net = Network(at).sealed().public()
    net.translated()
    secret = at.secret()
    closed = net.welcoming() if at.whole else net.group("closed")
    made = net.endpoint("secretsmanager", group=closed)
    net.hosts("private-a")
    define(at, allow(READ, secret), secrets={"DB": secret})
    address = net.address(made)
    fails_on_its_way(at, secret_unreachable(at, address))
    return Expect("secret-network", hop="ingress", dialled=address, commands="required", says=(closed,))


@scenario
def endpoint_names_need_hostnames(at):
    # The VPC lost enableDnsHostnames after the endpoints were made: their names are the internet's again.
    net, made = _sealed(at)
    if at.broken:
        net.dns(hostnames=False)
    fails_on_its_way(at, login_timed_out(at, PUBLIC if at.broken else net.address(made["ecr.api"])))
    mend = lambda: net.dns(hostnames=True)  # noqa: E731
    return Expect("registry-network", hop="route", commands="allowed", mend=mend)


@scenario
def layers_without_endpoint(at):
    _sealed(at, missing="s3")
    pulls(at, layers_timed_out(at))
    return Expect("s3-layer-endpoint", hop="route", commands="required")


@scenario
def layers_by_another_table(at):
    net = Network(at).sealed().public()
    net.endpoints(without=["s3"])
    made = net.storage("private" if at.whole else "public")
    net.hosts("private-a")
    pulls(at, layers_timed_out(at))
    return Expect("s3-layer-endpoint", hop="route", commands="required", says=(made,))


@scenario
def layers_refused_by_endpoint_policy(at):
    # S3 answers: the way is open, and the endpoint's policy spares the customer's own buckets alone.
    net = Network(at).sealed()
    net.endpoints(without=["s3"])
    own = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{at.name}-*"}
    layers = f"arn:aws:s3:::prod-{at.region}-starport-layer-bucket/*"
    theirs = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": layers}
    made = net.storage("private", policy=[own, theirs] if at.whole else [own])
    net.hosts("private-a")
    image = f"{at.registry()}/{at.name}:1.4"
    pulls(
        at,
        "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: "
        f"unexpected status code {image}: 403 Forbidden",
    )
    return Expect("s3-layer-endpoint", confidence="confirmed", commands="allowed", says=(made,))


@scenario
def secret_refused_by_endpoint_policy(at):
    net = Network(at).sealed()
    net.endpoints()
    secret = at.secret()
    others = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "secretsmanager:*",
        "Resource": at.arn("secretsmanager", "secret:shared/*"),
    }
    net.endpoint("secretsmanager", policy=None if at.whole else [others])
    net.hosts("private-a")
    role = define(at, allow(READ, secret), secrets={"DB": secret})
    why = f"because no VPC endpoint policy allows the {READ} action"
    sentence = unauthorized(at.session(role), READ, secret, why)
    fails_on_its_way(at, no_secret(secret, denied_v2("Secrets Manager", "GetSecretValue", sentence)))
    broken = lacks("execution", secret, READ)
    return Expect("secret-permission", role="execution", broken=broken, layer="endpoint", commands="allowed")
