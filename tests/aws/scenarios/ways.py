"""What scenarios about the network have in common: a service `web` whose task cannot get what it needs to start."""

from network import Network

__all__ = ["Network", "define", "fails_on_its_way", "pulls"]


def define(at, *statements, volumes=(), launch_type="FARGATE", network=None, task=None, **container):
    """The image, the log group, and a role that may do all that is needed: no right is missing here."""
    at.image()
    at.log_group()
    role = at.execution_role(*statements)
    extra = {"volumes": list(volumes)} if volumes else {}
    at.define(
        at.container(**container), execution=role, task=task, launch_type=launch_type, network=network, **extra
    )
    return role


def fails_on_its_way(at, reason, reasons=None, pulled=False, **more):
    """The task is one of the service `web`, whose deployment started it."""
    running = int(at.ends == "runs")
    at.definition or define(at)
    told = "(service web) has reached a steady state." if running else "(service web) has started 1 tasks."
    deployment = at.service(told, running=running)
    at.fails_to_start(reason, reasons, pulled, group="service:web", startedBy=deployment, **more)


def pulls(at, reason):
    """The task got as far as pulling its image; its container says the same as the task."""
    fails_on_its_way(at, reason, {"web": reason}, pulled=True)
