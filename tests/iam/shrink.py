"""Makes cases smaller as long as the two evaluators give the same two answers to them.

All cases shrink side by side: a round asks both evaluators once about every smaller form of every case.
"""

import copy
import json

from words import ABROAD, EMPTY, HOME

ROLE = f"arn:aws:iam::{HOME}:role/exec"
PLAIN = {
    "action": "secretsmanager:GetSecretValue",
    "resource": f"arn:aws:secretsmanager:eu-west-1:{HOME}:secret:db-AbCdEf",
    "wildcard_only_action": False,
}
ELEMENTS = ("Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal")


def smaller(case):
    """Every form of a case with one part less, the greatest cuts first."""
    for layer, nothing in EMPTY.items():
        if case[layer]:
            yield {**case, layer: nothing}
    yield from plainer_requests(case)
    for layer in EMPTY:
        for value in smaller_values(case[layer]):
            yield {**case, layer: value}
    yield from smaller_contexts(case)


def plainer_requests(case):
    request = case["request"]
    if ABROAD in json.dumps(case):
        yield json.loads(json.dumps(case).replace(ABROAD, HOME))
    if request["principal"] != ROLE:
        yield {**case, "request": {**request, "principal": ROLE}}
    if request["action"] != PLAIN["action"] and request["resource_account"] == HOME:
        yield {**case, "request": {**request, **PLAIN}}


def smaller_contexts(case):
    request = case["request"]
    for key in request["context"]:
        context = {k: v for k, v in request["context"].items() if k != key}
        multivalued = [k for k in request["multivalued"] if k != key]
        yield {**case, "request": {**request, "context": context, "multivalued": multivalued}}


def smaller_values(node, name=None):
    """Every form of a part of a policy with one thing less in it."""
    if isinstance(node, list):
        yield from smaller_lists(node)
    elif isinstance(node, dict):
        yield from smaller_objects(node)
    elif name in ELEMENTS and isinstance(node, str) and node != "*":
        yield "*"
    elif name == "Version" and node != "2012-10-17":
        yield "2012-10-17"


def smaller_lists(node):
    if len(node) > 1:
        yield from (node[:at] + node[at + 1 :] for at in range(len(node)))
    elif len(node) == 1 and isinstance(node[0], str):
        yield node[0]
    for at, value in enumerate(node):
        yield from (node[:at] + [less] + node[at + 1 :] for less in smaller_values(value))


def smaller_objects(node):
    yield from ({k: v for k, v in node.items() if k != key} for key in droppable(node))
    if "Statement" in node and "Version" not in node:
        yield {"Version": "2012-10-17", **node}
    for key, value in node.items():
        if key in ("Principal", "NotPrincipal") and isinstance(value, dict):
            yield {**node, key: "*"}
        yield from ({**node, key: less} for less in smaller_values(value, key))


def droppable(node):
    """A condition, or one of several operators or keys of it."""
    if "Effect" in node:
        return [key for key in node if key == "Condition"]
    return list(node) if len(node) > 1 and "Statement" not in node else []


def shrink(cases, pairs, both, rounds=60):
    """The smallest forms found that still give these pairs of answers."""
    cases, live = copy.copy(cases), set(range(len(cases)))
    for _ in range(rounds):
        asked = [(at, form) for at in sorted(live) for form in smaller(cases[at])]
        answers = both([form for _, form in asked])
        found = {}
        for (at, form), pair in zip(asked, answers):
            if pair == pairs[at]:
                found.setdefault(at, form)
        for at, form in found.items():
            cases[at] = form
        live = set(found)
        if not live:
            break
    return cases
