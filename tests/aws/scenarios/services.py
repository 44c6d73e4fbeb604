"""What surrounds a service: the agents of its instances, its targets, the role that ECS itself takes."""

from amended.resources import HEALTH
from server import INSTANCES

from . import Expect, scenario
from .ways import Network, define


@scenario
def agent_is_disconnected(at):
    net = Network(at).public()
    arn = net.instance("public-a", connected=at.whole)
    define(at, launch_type="EC2")
    number = arn.split("/")[-1]
    if at.whole:
        at.service("(service web) has reached a steady state.", running=1)
        at.runs(group="service:web")
    else:
        event = (
            "(service web) was unable to place a task because no container instance met all of its requirements. The "
            f'closest matching (container-instance {number}) encountered error "AGENT". For more information, see the '
            "Troubleshooting section of the Amazon ECS Developer Guide."
        )
        at.service(event, event)

    def connect():
        INSTANCES[at.region, at.cluster][arn]["agentConnected"] = True

    arguments = ("--cluster", at.cluster, "--service", "web")
    return Expect(
        "agent-disconnected", confidence="confirmed", arguments=arguments, task=False, mend=connect, says=(number,)
    )


def _balanced(at, net, group):
    """A load balancer that sends what comes in to the target group."""
    elb = at.client("elbv2")
    made = elb.create_load_balancer(
        Name=f"lb-{at.task_id[:8]}",
        Subnets=[net.subnets["public-a"], net.subnets["public-b"]],
        SecurityGroups=[net.open],
    )
    elb.create_listener(
        LoadBalancerArn=made["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )


@scenario
def target_is_unhealthy(at):
    # The stopped task's target is gone; that of the task in its place is as unhealthy.
    net = Network(at).public()
    made = at.client("elbv2").create_target_group(
        Name=at.name[:32].strip("-"),
        Protocol="HTTP",
        Port=8080,
        VpcId=net.vpc,
        TargetType="ip",
    )
    group = made["TargetGroups"][0]["TargetGroupArn"]
    _balanced(at, net, group)
    net.hosts("public-a", public=True)
    next_task = net.interface("public-a", [net.open])["privateIPv4Address"]
    at.client("elbv2").register_targets(TargetGroupArn=group, Targets=[{"Id": next_task, "Port": 8080}])
    if at.broken:
        HEALTH[group, next_task] = ("unhealthy", "Target.Timeout", "Request timed out")
    define(at, portMappings=[{"containerPort": 8080, "protocol": "tcp"}])
    balanced = [{"targetGroupArn": group, "containerName": "web", "containerPort": 8080}]
    deployment = at.service(
        f"(service web) (task {at.task_id}) (port 8080) is unhealthy in (target-group {group}) due to (reason Request "
        "timed out)."
        if at.broken
        else "(service web) has reached a steady state.",
        running=int(at.whole),
        loadBalancers=balanced,
    )
    at.is_stopped(
        f"Task failed ELB health checks in (target-group {group})",
        143,
        grace=2,
        group="service:web",
        startedBy=deployment,
    )
    # Another task's target is why it is said to be still so, and no proof of what befell this one.
    return Expect("elb-healthcheck", state="present", says=("Target.Timeout",))


@scenario
def host_is_terminated(at):
    net = Network(at).public()
    arn = net.instance("public-a")
    define(at, launch_type="EC2")
    machine = INSTANCES[at.region, at.cluster][arn]["ec2InstanceId"]
    if at.broken:
        net.ec2.terminate_instances(InstanceIds=[machine])
        INSTANCES[at.region, at.cluster][arn] |= {"status": "INACTIVE", "agentConnected": False}
    at.is_stopped(f"Host EC2 (instance {machine}) terminated.", 137, grace=0, stop_code="TerminationNotice")
    return Expect("host-terminated", says=(machine,))


@scenario
def target_group_deleted(at):
    # ECS goes on naming it in the service's events.
    net = Network(at).public()
    made = at.client("elbv2").create_target_group(
        Name=f"tg-{at.task_id[:8]}", Protocol="HTTP", Port=8080, VpcId=net.vpc, TargetType="ip"
    )
    group = made["TargetGroups"][0]["TargetGroupArn"]
    net.hosts("public-a", public=True)
    define(at, portMappings=[{"containerPort": 8080, "protocol": "tcp"}])
    balanced = [{"targetGroupArn": group, "containerName": "web", "containerPort": 8080}]
    if at.whole:
        _balanced(at, net, group)
        deployment = at.service("(service web) has reached a steady state.", running=1, loadBalancers=balanced)
        at.runs(group="service:web", startedBy=deployment)
    else:
        at.client("elbv2").delete_target_group(TargetGroupArn=group)
        event = (
            f"(service web) failed to register targets in (target-group {group}) with (error One or more target groups "
            "not found)"
        )
        at.service(event, event, loadBalancers=balanced)
    arguments = ("--cluster", at.cluster, "--service", "web")
    return Expect("target-group-missing", confidence="confirmed", arguments=arguments, task=False, says=(group,))


@scenario
def service_linked_role_missing(at):
    # It is the account's: the whole place makes it for everyone, and is played after the broken one.
    define(at)

    def make():
        try:
            at.client("iam").create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
        except at.client("iam").exceptions.EntityAlreadyExistsException:
            pass

    if at.whole:
        make()
        at.service("(service web) has reached a steady state.", running=1)
        at.runs(group="service:web")
    else:
        event = (
            "(service web) failed to launch a task with (error Unable to assume the service linked role. Please verify "
            "that the ECS service linked role exists.)."
        )
        at.service(event, event)
    arguments = ("--cluster", at.cluster, "--service", "web")
    return Expect(
        "service-assume-role",
        confidence="confirmed",
        arguments=arguments,
        task=False,
        commands="allowed",
        mend=make,
        says=("AWSServiceRoleForECS",),
    )
