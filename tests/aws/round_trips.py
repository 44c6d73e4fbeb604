"""Bench of the round trips: `python tests/aws/round_trips.py --binary PATH`.

Delays every AWS answer by 800 ms, which dwarfs everything else, and diagnoses a small and a large task: a diagnosis
must cost as many delays as its facts depend on one another, however many containers, secrets and policies there are.
The same, at 400 ms, of a task that lacks a route: the network around it adds facts, and containers add no calls.
Prints what was counted; exit status 1 if a limit is passed.
"""

import argparse
import os
import sys
import time

from binary import Binary
from network import Network
from place import Place, allow, document
from scenarios.words import login_timed_out, secret_denied
from server import Server

DELAY = 0.8
MOST_DELAYS = 6.0
MOST_ROUND_TRIPS = 5
NETWORK_DELAY = 0.4
MOST_NETWORK_DELAYS = 8.0
MOST_NETWORK_ROUND_TRIPS = 7
PARAMETERS = 10
RUNS = 3  # the best counts: a busy machine is not the program's fault


def furnish(server, containers, secrets, policies):
    """A task whose role has `policies` policies, half of them managed, and may not read one of its secrets."""
    at = Place(server, f"bench-{containers}-{secrets}-{policies}")
    at.log_group()
    images = [at.image(f"{at.name}-{n}") for n in range(containers)]
    arns = [at.secret(f"s{n}") for n in range(secrets)]
    pull = at.may_pull(*[at.repository_arn(f"{at.name}-{n}") for n in range(containers)])
    grants = [at.may_log_in(), pull, at.may_log(), *[allow("secretsmanager:GetSecretValue", arn) for arn in arns[1:]]]
    documents = [grants[n::policies] for n in range(policies)]  # every other one managed, the first among them
    role = at.role("execution", managed=[at.policy(f"managed{n}", *grants) for n, grants in enumerate(documents[::2])])
    for n, grants in enumerate(documents[1::2]):
        at.client("iam").put_role_policy(
            RoleName=role.split("/")[-1], PolicyName=f"inline{n}", PolicyDocument=document(*grants)
        )
    share = -(-secrets // containers)
    definitions = [
        at.container(
            f"c{n}",
            image=images[n],
            secrets={f"S{i}": arn for i, arn in enumerate(arns[n * share : (n + 1) * share])},
            memory=50,
        )
        for n in range(containers)
    ]
    at.define(*definitions, execution=role)
    at.fails_to_start(secret_denied(at.session(role), arns[0]), pulled=False)
    return at


def furnish_network(server, containers):
    """A service in a private subnet that lacks its route to the NAT gateway, and needs something of every kind. However
    many containers there are, they need the same."""
    at = Place(server, f"bench-network-{containers}")
    net = Network(at).sealed().public()
    net.nat("public-a")
    net.endpoint("secretsmanager")
    net.storage("private")
    net.hosts("private-a", "private-b")
    system = net.file_system()
    net.mount_target(system, "private-a")
    at.image()
    at.log_group()
    bucket = at.bucket(f"{at.name}-env")
    at.client("s3").put_object(Bucket=f"{at.name}-env", Key="production.env", Body=b"MODE=production")
    secrets = {f"S{n}": at.secret(f"s{n}") for n in range(5)}
    parameters = {f"P{n}": at.parameter(f"p{n}", kind="String") for n in range(PARAMETERS)}
    role = at.execution_role(
        allow("secretsmanager:GetSecretValue", *secrets.values()),
        allow("ssm:GetParameters", *parameters.values()),
        allow("s3:GetObject", f"{bucket}/*"),
        allow("s3:GetBucketLocation", bucket),
    )
    shared = {
        "secrets": secrets | parameters,
        "environmentFiles": [{"type": "s3", "value": f"{bucket}/production.env"}],
        "mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}],
        "memory": 40,
    }
    at.define(
        *[at.container(f"c{n}", image=f"{at.registry()}/{at.name}:1.4", **shared) for n in range(containers)],
        execution=role,
        volumes=[{"name": "data", "efsVolumeConfiguration": {"fileSystemId": system, "transitEncryption": "ENABLED"}}],
    )
    deployment = at.service("(service web) has started 1 tasks.")
    at.fails_to_start(login_timed_out(at), pulled=False, group="service:web", startedBy=deployment)
    return at


def measure(binary, at, cause="secret-permission", delay=DELAY):
    """Delays waited for and round trips reported, at best, and the last run; the first run, which warms moto up, has no
    delay."""
    delays, run = [], binary.diagnose(at.task_arn)
    for _ in range(RUNS):
        visitor = binary.server.visitor()
        visitor.delay = delay
        begin = time.monotonic()
        run = binary.diagnose(at.task_arn, visitor=visitor)
        delays.append((time.monotonic() - begin) / delay)
    if run.exit != 1 or run.first.get("cause") != cause:
        sys.exit(f"error: the bench's task was not diagnosed\n{run}")
    return min(delays), run.report["meta"]["awsRoundTrips"], run


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, help="path of ecs-why")
    options = parser.parse_args()
    if not os.access(options.binary, os.X_OK):
        sys.exit(f"error: no binary to test at {options.binary}")
    server = Server()
    binary = Binary(os.path.abspath(options.binary), server)
    of_rights(binary)
    of_the_network(binary)


def of_rights(binary):
    server, results = binary.server, []
    for containers, secrets, policies in ((1, 1, 1), (10, 20, 6)):
        delays, trips, run = measure(binary, furnish(server, containers, secrets, policies))
        results.append((delays, trips))
        size = f"{containers:2} containers, {secrets:2} secrets, {policies} policies"
        calls = len(run.visitor.calls)
        print(f"{size}: {delays:.2f} delays of {DELAY * 1000:.0f} ms, {trips} round trips, {calls} calls")
    (small_delays, small_trips), (delays, trips) = results
    if max(small_delays, delays) > MOST_DELAYS or max(small_trips, trips) > MOST_ROUND_TRIPS:
        sys.exit(f"error: more than {MOST_DELAYS:.0f} delays or {MOST_ROUND_TRIPS} round trips")
    if trips > small_trips or delays >= small_delays + 1:
        sys.exit("error: the large task costs more round trips than the small one")


def of_the_network(binary):
    runs = []
    for containers in (2, 12):
        at = furnish_network(binary.server, containers)
        delays, trips, run = measure(binary, at, "registry-network", NETWORK_DELAY)
        runs.append((delays, trips, run))
        calls = run.report["meta"]["awsCalls"]
        told = f"{containers:2} containers in a network: {delays:.2f} delays of {NETWORK_DELAY * 1000:.0f} ms"
        print(f"{told}, {trips} round trips, {calls} calls")
    for delays, trips, run in runs:
        if delays > MOST_NETWORK_DELAYS or trips > MOST_NETWORK_ROUND_TRIPS:
            sys.exit(f"error: more than {MOST_NETWORK_DELAYS:.0f} delays or {MOST_NETWORK_ROUND_TRIPS} round trips")
        if not run.first.get("path"):
            sys.exit(f"error: no path is broken\n{run}")
        asked = run.visitor.actions()["ssm:DescribeParameters"]
        if asked != 1:
            sys.exit(f"error: {asked} calls for {PARAMETERS} parameters, of which one takes all")
    few, many = (run.visitor.actions() for _, _, run in runs)
    if few != many:
        sys.exit(f"error: more containers, more calls: {dict(many - few)}, {dict(few - many)}")


if __name__ == "__main__":
    main()
