"""The parts of the policy that `ecs-why policy` prints, each alone in the caller's hands.

Knows which statement grants which part, and that a caller without the first has to bring the task in a file. Whatever
is refused is in the coverage, and nothing is confirmed that only the refused facts could show.
"""

import json
import uuid

import scenarios
from place import Place

from . import case, expect

CORE, NETWORK, RESOURCES = TIERS = ("EcsWhyCore", "EcsWhyNetwork", "EcsWhyResources")

# A set that takes every part: who may, how one gets there, and what is there.
SHOWN = {
    CORE: ["log-stream-denied", "ecr-authorization-missing", "parameter-denied-by-singular-action", "out-of-memory"],
    NETWORK: ["nat-gateway-without-route", "endpoint-is-closed", "group-lets-nothing-out", "file-system-is-closed"],
    RESOURCES: ["image-tag-missing", "secret-being-deleted", "key-is-disabled", "parameter-is-missing"],
}

BY_NETWORK = {
    "registry-network",
    "registry-dns",
    "s3-layer-endpoint",
    "secret-network",
    "env-file-network",
    "log-network",
    "log-destination-unreachable",
    "efs-mount-network",
    "efs-mount-dns",
}
BY_RESOURCES = {
    "image-not-found",
    "repository-not-found",
    "secret-not-found",
    "ssm-not-found",
    "kms-key-unusable",
    "env-file-not-found",
    "efs-not-found",
}
# What only the facts of a part can confirm.
CONFIRMED_BY = {CORE: set(), NETWORK: BY_NETWORK, RESOURCES: BY_RESOURCES}


def _tiers(binary):
    """The actions of each part, by the policy that the binary prints."""
    statements = binary.run("policy").report.get("Statement", [])
    return {one.get("Sid"): set(one["Action"]) for one in statements}


def _furnish(binary, name):
    at = Place(binary.server, f"{name}-{uuid.uuid4().hex[:6]}")
    scenarios.ALL[name](at)
    return at


def _limited(binary, tiers, *granted):
    """A caller who may do what these parts grant, and nothing that only the others do."""
    visitor = binary.server.visitor()
    may = set().union(*(tiers[tier] for tier in granted))
    visitor.refuse = {action: "denied" for action in set().union(*tiers.values()) - may}
    return visitor


def _holds(run, granted, problems):
    """What is true of every diagnosis by a caller who has only these parts."""
    expect(problems, run.exit in (1, 3), f"expected exit 1 or 3, got {run.exit}", run)
    refused = set(run.visitor.refuse) & set(run.visitor.actions())
    for action in sorted(refused):
        expect(problems, "denied" in run.coverage(action), f"{action} denied: not in coverage", run)
    unseen = set().union(*(CONFIRMED_BY[tier] for tier in TIERS if tier not in granted))
    for finding in run.report.get("findings", []):
        seen = finding["confidence"] != "confirmed" or finding["cause"] not in unseen
        expect(problems, seen, f"{finding['cause']} is confirmed by facts that were refused", run)
    if NETWORK not in granted:
        expect(problems, not run.broken_paths, "a path is broken that could not be seen", run)
    return problems + run.always_wrong()


def _first_is_confirmed(binary, granted, names):
    tiers, problems = _tiers(binary), []
    for name in names:
        at = _furnish(binary, name)
        run = binary.diagnose(at.task_arn, visitor=_limited(binary, tiers, *granted))
        problems = _holds(run, granted, problems)
        expect(problems, run.first.get("confidence") == "confirmed", f"{name}: it is not confirmed", run)
    return problems


@case
def policy_has_three_parts(binary):
    tiers = _tiers(binary)
    problems = [] if set(tiers) == set(TIERS) else [f"the policy has the statements {sorted(map(str, tiers))}"]
    for one in tiers:
        for other in tiers:
            shared = tiers[one] & tiers[other] if one != other else ()
            problems += [f"{one} and {other} both grant {sorted(shared)}"] if shared else []
    return problems


@case
def first_part_alone(binary):
    """Every task is diagnosed, and those that lack a right for certain."""
    tiers, problems = _tiers(binary), []
    for name in ["secret-is-denied", *SHOWN[NETWORK], *SHOWN[RESOURCES]]:
        at = _furnish(binary, name)
        run = binary.diagnose(at.task_arn, visitor=_limited(binary, tiers, CORE))
        problems = _holds(run, [CORE], problems)
    return problems


@case
def first_part_confirms_what_rights_are_missing(binary):
    """Where no policy of a resource could grant them: those are of another part."""
    return _first_is_confirmed(binary, [CORE], SHOWN[CORE][:3])


@case
def network_without_resources(binary):
    return _first_is_confirmed(binary, [CORE, NETWORK], SHOWN[NETWORK])


@case
def resources_without_network(binary):
    return _first_is_confirmed(binary, [CORE, RESOURCES], SHOWN[RESOURCES])


def _task_by_file(binary, tier):
    """Without the first part nothing tells the task but a file."""
    tiers, problems = _tiers(binary), []
    for name in [shown for part in SHOWN.values() for shown in part]:
        at = _furnish(binary, name)
        refused = binary.diagnose(at.task_arn, visitor=_limited(binary, tiers, tier))
        named = refused.exit == 2 and "ecs:DescribeTasks" in refused.err
        expect(problems, named, f"{name}: expected exit 2 that names ecs:DescribeTasks", refused)
        text = json.dumps({"tasks": [at.task()], "failures": []}, default=lambda moment: moment.isoformat())
        run = binary.diagnose("--from", "-", stdin=text, visitor=_limited(binary, tiers, tier))
        problems = _holds(run, [tier], problems)
    return problems


@case
def network_alone_and_a_file(binary):
    return _task_by_file(binary, NETWORK)


@case
def resources_alone_and_a_file(binary):
    return _task_by_file(binary, RESOURCES)
