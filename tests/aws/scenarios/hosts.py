"""Who calls by which interface: EC2 instances call for their tasks, and old platforms of Fargate call by themselves."""

from . import Expect, scenario
from .ways import Network, define, fails_on_its_way
from .words import login_timed_out, timed_out


def _ecr_timed_out(at):
    raw = timed_out(f"api.ecr.{at.region}.amazonaws.com")
    return f"CannotPullECRContainerError: RequestError: send request failed caused by: {raw}"


@scenario
def instance_without_route(at):
    # A bridge task has no interface of its own.
    net = Network(at).sealed().public()
    nat = net.nat("public-a")
    if at.whole:
        net.route("private", NatGatewayId=nat)
    net.instance("private-a")
    define(at, launch_type="EC2")
    at.service("(service web) has started 1 tasks.", running=int(at.ends == "runs"))
    at.fails_to_start("Task failed to start", {"web": _ecr_timed_out(at)}, group="service:web")
    return Expect("registry-network", hop="route", commands="required")


@scenario
def instance_lets_nothing_out(at):
    # In awsvpc mode too the instance pulls: its group counts, not the task's.
    net = Network(at).sealed().public()
    net.translated()
    closed = net.group("instance", egress=None if at.whole else [])
    net.instance("private-a", groups=[closed])
    net.hosts("private-b")
    define(at, launch_type="EC2", network="awsvpc")
    fails_on_its_way(at, "Task failed to start", {"web": _ecr_timed_out(at)})
    return Expect("registry-network", hop="egress", commands="required", says=(closed,))


@scenario
def sealed_task_on_open_instance(at):
    # The task's own subnet leads nowhere, and nothing has to: the instance pulls. The tag is what is missing.
    net = Network(at).public()
    net.subnet("private-a", "private")
    net.subnet("isolated-a")
    net.translated()
    net.instance("private-a")
    net.hosts("isolated-a")
    define(at, launch_type="EC2", network="awsvpc")
    if at.broken:
        at.client("ecr").batch_delete_image(repositoryName=at.name, imageIds=[{"imageTag": "1.4"}])
    reason = "CannotPullImageManifestError: Error response from daemon: manifest unknown: Requested image not found"
    fails_on_its_way(at, "Task failed to start", {"web": reason})
    return Expect("image-not-found", mend=lambda: at.push(at.name, "1.4"))


@scenario
def login_of_an_old_platform(at):
    # Fargate 1.3.0 logs in by an interface of its own, about which the account's network says nothing.
    net = Network(at).sealed()
    net.endpoint("ecr.dkr")
    net.endpoint("logs")
    net.storage("private")
    net.hosts("private-a")
    at.platform = "1.3.0"
    fails_on_its_way(at, login_timed_out(at))
    return Expect("registry-network", confidence="likely")
