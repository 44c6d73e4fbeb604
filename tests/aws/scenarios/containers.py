"""Containers that died or would not start. Knows exit codes, reasons and log lines; no role is at fault here."""

import copy
import uuid
from datetime import timedelta

from server import TASKS

from . import Expect, scenario


def _plain(at, *lines, launch_type="FARGATE"):
    """A task that lacks nothing in the account, and what its container wrote."""
    at.image()
    at.log_group()
    at.define(at.container(), execution=at.execution_role(), launch_type=launch_type)
    if lines and at.broken:
        at.log(*lines)
    elif at.whole:
        at.log("listening on 0.0.0.0:8080")


@scenario
def out_of_memory(at):
    _plain(at, "loading 4000000 rows")
    at.exits(137, reason="OutOfMemoryError: Container killed due to memory usage")
    return Expect("oom-container")


@scenario
def killed_after_stop_timeout(at):
    # 137 without OutOfMemoryError: SIGTERM at stoppingAt, dead 30.4 s later, which is the default stopTimeout.
    _plain(at, "working")
    at.is_stopped(
        "Scaling activity initiated by (deployment ecs-svc/5425103291421839102)", 137, grace=30.4, group="service:web"
    )
    at.service("(service web) has reached a steady state.", running=1)
    return Expect("sigkill-stop-timeout")


@scenario
def killed_after_user_stopped_it(at):
    # The same by a person: that someone stopped the task is not why it was killed.
    _plain(at, "working")
    at.is_stopped("Task stopped by user", 137, grace=30.6, stop_code="UserInitiated")
    return Expect("sigkill-stop-timeout")


@scenario
def exec_format_error(at):
    _plain(at, "exec /usr/local/bin/docker-entrypoint.sh: exec format error")
    at.exits(1)
    return Expect("exec-format-arch")


@scenario
def entry_point_not_found(at):
    _plain(at)
    reason = (
        "CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: "
        "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
        'exec: "/app/start.sh": stat /app/start.sh: no such file or directory: unknown'
    )
    at.fails_to_start("Task failed to start", {"web": reason})
    return Expect("entrypoint-not-found")


@scenario
def entry_point_not_found_on_ec2(at):
    _plain(at, launch_type="EC2")
    reason = (
        "CannotStartContainerError: Error response from daemon: failed to create task for container: failed to create "
        'shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: '
        '"gunicorn": executable file not found in $PATH: unknown'
    )
    at.fails_to_start("Task failed to start", {"web": reason})
    return Expect("entrypoint-not-found")


@scenario
def application_ends_itself(at):
    _plain(at, "INFO reading configuration", "FATAL ledger 17 does not balance, giving up")
    at.exits(3)
    return Expect("app-exit-nonzero")


@scenario
def load_balancer_gives_up(at):
    _plain(at, "listening on 127.0.0.1:8080")
    group = at.arn("elasticloadbalancing", "targetgroup/web/73e2d6bc24d8a067")
    at.is_stopped(f"Task failed ELB health checks in (target-group {group})", 143, grace=2, group="service:web")
    at.service(
        f"(service web) (task {at.task_id}) (port 8080) is unhealthy in (target-group {group}) due to "
        "(reason Health checks failed)."
    )
    return Expect("elb-healthcheck")


@scenario
def waited_for_container_failed(at):
    # The agent makes up 143 for the container that it gave up; the one that is waited for failed, and a side-car too.
    at.image()
    at.log_group()
    waiting = {"dependsOn": [{"containerName": "migrate", "condition": "SUCCESS"}]}
    role = at.execution_role()
    aside = [at.container(name, essential=False) for name in ("migrate", "metrics")]
    at.define(at.container(**waiting), *aside, execution=role, launch_type="EC2")
    if at.whole:
        at.runs()
        return Expect("app-config-missing")
    at.log("INFO connecting", "KeyError: 'DATABASE_URL'", container="migrate")
    at.log("ModuleNotFoundError: No module named 'prometheus_client'", container="metrics")
    at.exits(
        143,
        reason="CannotStartContainerError: dependency graph: failed to resolve container ordering dependency [migrate] "
        "for target [web] as dependency did not exit successfully.",
    )
    for container in at.task()["containers"][1:]:
        container["exitCode"] = 1
    return Expect("app-config-missing", beside=frozenset({"dependency-failed", "app-missing-module"}))


@scenario
def healthy_task_rolled_back(at):
    # ECS says of the task what it says of any scale-in; its deployment failed, and a sibling knows why.
    own, before = "ecs-svc/2222222222222222222", "ecs-svc/1111111111111111111"
    _plain(at, "listening on 0.0.0.0:8080")
    at.is_stopped(
        f"Scaling activity initiated by (deployment {before})", 143, grace=1.2, group="service:web", startedBy=own
    )
    at.service(
        f"(service web) rolling back to deployment {before}.",
        f"(service web) (deployment {own}) deployment failed: tasks failed to start.",
        running=1,
    )
    if at.broken:
        _failed_sibling(at)
    return Expect("deployment-rollback", beside=frozenset({"exec-format-arch"}))


def _failed_sibling(at):
    task = copy.deepcopy(at.task())
    sibling = uuid.uuid4().hex
    task |= {
        "taskArn": task["taskArn"].replace(at.task_id, sibling),
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "stoppedAt": task["stoppedAt"] - timedelta(minutes=2),
    }
    task["containers"][0]["exitCode"] = 1
    TASKS[at.region, at.cluster][task["taskArn"]] = task
    of_task, at.task_id = at.task_id, sibling
    at.log("exec /usr/local/bin/docker-entrypoint.sh: exec format error")
    at.task_id = of_task


@scenario
def healthy_task_replaced(at):
    # The same words, and a deployment that went well.
    _plain(at, "listening on 0.0.0.0:8080")
    at.is_stopped(
        "Scaling activity initiated by (deployment ecs-svc/2222222222222222222)",
        143,
        grace=1.2,
        group="service:web",
        startedBy="ecs-svc/1111111111111111111",
    )
    at.service("(service web) has reached a steady state.", running=1)
    return Expect("scaling-or-deployment", status="benign", exit=0)
