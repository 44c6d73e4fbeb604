"""Bench of the round trips: `python tests/aws/round_trips.py --binary PATH`.

Delays every AWS answer by 800 ms, which dwarfs everything else, and diagnoses a small and a large task: a diagnosis
must cost as many delays as its facts depend on one another, however many containers, secrets and policies there are.
Prints what was counted; exit status 1 if a limit is passed.
"""

import argparse
import os
import sys
import time

from binary import Binary
from place import Place, allow, document
from scenarios.words import secret_denied
from server import Server

DELAY = 0.8
MOST_DELAYS = 6.0
MOST_ROUND_TRIPS = 5
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


def measure(binary, at):
    """Delays waited for and round trips reported, at best; the first run, which warms moto up, has no delay."""
    delays, run = [], binary.diagnose(at.task_arn)
    for _ in range(RUNS):
        visitor = binary.server.visitor()
        visitor.delay = DELAY
        begin = time.monotonic()
        run = binary.diagnose(at.task_arn, visitor=visitor)
        delays.append((time.monotonic() - begin) / DELAY)
    if run.exit != 1 or run.first.get("cause") != "secret-permission":
        sys.exit(f"error: the bench's task was not diagnosed\n{run}")
    return min(delays), run.report["meta"]["awsRoundTrips"], len(run.visitor.calls)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, help="path of ecs-why")
    options = parser.parse_args()
    if not os.access(options.binary, os.X_OK):
        sys.exit(f"error: no binary to test at {options.binary}")
    server = Server()
    binary = Binary(os.path.abspath(options.binary), server)
    results = []
    for containers, secrets, policies in ((1, 1, 1), (10, 20, 6)):
        delays, trips, calls = measure(binary, furnish(server, containers, secrets, policies))
        results.append((delays, trips))
        size = f"{containers:2} containers, {secrets:2} secrets, {policies} policies"
        print(f"{size}: {delays:.2f} delays of {DELAY * 1000:.0f} ms, {trips} round trips, {calls} calls")
    (small_delays, small_trips), (delays, trips) = results
    if max(small_delays, delays) > MOST_DELAYS or max(small_trips, trips) > MOST_ROUND_TRIPS:
        sys.exit(f"error: more than {MOST_DELAYS:.0f} delays or {MOST_ROUND_TRIPS} round trips")
    if trips > small_trips or delays >= small_delays + 1:
        sys.exit("error: the large task costs more round trips than the small one")


if __name__ == "__main__":
    main()
