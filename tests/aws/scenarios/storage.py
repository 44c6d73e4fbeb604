"""Volumes, environment files and logs elsewhere that a task cannot reach. Knows EFS's port and S3's way."""

from network import tcp
from place import allow

from . import Expect, scenario
from .ways import Network, define, fails_on_its_way, pulls
from .words import file_unreachable, mount_timed_out, mount_unresolved, timed_out

NFS = 2049


def mounts(at, file_system, access_point=None, **more):
    """A container that mounts the file system at /data."""
    volume = {"fileSystemId": file_system, "transitEncryption": "ENABLED"}
    if access_point:
        volume["authorizationConfig"] = {"accessPointId": access_point, "iam": "DISABLED"}
    define(
        at,
        volumes=[{"name": "data", "efsVolumeConfiguration": volume}],
        mountPoints=[{"sourceVolume": "data", "containerPath": "/data"}],
        **more,
    )


def _translated(at):
    net = Network(at).sealed().public()
    net.translated()
    return net


@scenario
def file_system_is_closed(at):
    net = _translated(at)
    system = net.file_system()
    closed = net.group("nfs", ingress=[tcp(NFS, "10.0.0.0/16")] if at.whole else [tcp(22, "10.0.0.0/16")])
    net.mount_target(system, "private-a", closed)
    net.hosts("private-a")
    mounts(at, system)
    fails_on_its_way(at, mount_timed_out(), pulled=True)
    return Expect("efs-mount-network", hop="ingress", commands="required", says=(closed,))


@scenario
def file_system_not_let_out_to(at):
    # HTTPS is let out, and NFS is not.
    net = _translated(at)
    system = net.file_system()
    net.mount_target(system, "private-a")
    closed = net.group("task", egress=[tcp(), tcp(NFS, "10.0.0.0/16")] if at.whole else [tcp()])
    net.hosts("private-a", groups=[closed])
    mounts(at, system)
    fails_on_its_way(at, mount_timed_out(), pulled=True)
    return Expect("efs-mount-network", hop="egress", commands="required", says=(closed,))


@scenario
def file_system_in_another_zone(at):
    # The name resolves to the mount target in the task's own zone, or not at all.
    net = _translated(at)
    system = net.file_system()
    net.mount_target(system, "private-b")
    if at.whole:
        net.mount_target(system, "private-a")
    net.hosts("private-a")
    mounts(at, system)
    fails_on_its_way(at, mount_unresolved(at, system), pulled=True)
    mend = lambda: net.mount_target(system, "private-a")  # noqa: E731
    return Expect("efs-mount-dns", hop="mount-target", commands="allowed", mend=mend, says=(system,))


@scenario
def environment_file_unreachable(at):
    net = Network(at).sealed().public()
    net.endpoints(without=["s3"])
    net.storage("private" if at.whole else "public")
    net.hosts("private-a")
    bucket = at.bucket(f"{at.name}-env")
    at.client("s3").put_object(Bucket=f"{at.name}-env", Key="production.env", Body=b"MODE=production")
    file = f"{bucket}/production.env"
    rights = [allow("s3:GetBucketLocation", bucket), allow("s3:GetObject", file)]
    define(at, *rights, environmentFiles=[{"type": "s3", "value": file}])
    fails_on_its_way(at, file_unreachable())
    return Expect("env-file-network", hop="route", commands="required")


@scenario
def docker_hub_unreachable(at):
    # Endpoints serve AWS alone.
    net = Network(at).sealed().public()
    net.endpoints()
    nat = net.nat("public-a")
    if at.whole:
        net.route("private", NatGatewayId=nat)
    net.hosts("private-a")
    define(at, image="nginx:1.27")
    raw = timed_out("registry-1.docker.io", "54.83.42.45", call="Head", path="/v2/library/nginx/manifests/1.27")
    pulls(
        at,
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref "
        f"docker.io/library/nginx:1.27: failed to do request: {raw}",
    )
    return Expect("registry-network", hop="route", dialled="54.83.42.45", commands="required")


@scenario
def splunk_unreachable(at):
    net = _translated(at)
    rules = [tcp(), tcp(8088)]
    closed = net.group("task", egress=rules if at.whole else rules[:1])
    net.hosts("private-a", groups=[closed])
    host = "http-inputs-acme.splunkcloud.com"
    token = at.secret("splunk", value="never-to-be-read")
    splunk = {
        "logDriver": "splunk",
        "options": {"splunk-url": f"https://{host}:8088", "splunk-sourcetype": "web"},
        "secretOptions": [{"name": "splunk-token", "valueFrom": token}],
    }
    define(at, allow("secretsmanager:GetSecretValue", token), logConfiguration=splunk)
    raw = timed_out(f"{host}:8088", "3.210.17.9", "Options", "/services/collector/event/1.0", port=8088)
    fails_on_its_way(at, f"ResourceInitializationError: failed to initialize logging driver: {raw}", pulled=True)
    return Expect("log-destination-unreachable", hop="egress", dialled="3.210.17.9", commands="allowed", says=(closed,))
