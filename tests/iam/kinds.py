"""Puts a small case in words without its names, so that cases of one kind read alike."""

import re

from shrink import ROLE
from words import EMPTY, LISTS

LAYERS = {
    "identity_policies": "identity",
    "permission_boundary_policies": "boundary",
    "session_policy": "session",
    "resource_policy": "resource",
    "endpoint_policies": "endpoint",
    "scps": "scp",
    "rcps": "rcp",
}


def kind(case):
    request = case["request"]
    words = [principal(request["principal"])]
    if request["principal"].startswith("arn:") and f":{request['resource_account']}:" not in request["principal"]:
        words.append("across accounts")
    words += ["on * alone"] if request["wildcard_only_action"] else special(request["action"])
    layers = [f"{LAYERS[layer]}: {said(case[layer], request)}" for layer in EMPTY if case[layer]]
    return "; ".join([", ".join(words), *(layers or ["no policies"])])


def special(action):
    """A service whose resources do without the common rule for resource policies."""
    return [service for service in ("kms", "sts", "iam") if action.startswith(f"{service}:")]


def principal(name):
    if name == ROLE:
        return "role"
    forms = {
        ":root": "root",
        "assumed-role/": "session",
        "federated-user/": "federated user",
        ":user/": "user",
        ":role/": "role at a path",
    }
    return next(
        (word for part, word in forms.items() if part in name), "anonymous" if name == "anonymous" else "service"
    )


def said(node, request):
    """A layer: a document, a list of them, or a list of levels."""
    if isinstance(node, list):
        return (
            " + ".join(f"[{said(n, request)}]" if isinstance(n, list) else said(n, request) for n in node) or "nothing"
        )
    statements = node["Statement"] if isinstance(node["Statement"], list) else [node["Statement"]]
    version = "" if node.get("Version") == "2012-10-17" else f"({node.get('Version', 'no version')}) "
    return version + ", ".join(statement(s, request) for s in statements)


def statement(given, request):
    words = [given["Effect"]]
    for element in ("Principal", "NotPrincipal"):
        if element in given:
            words.append(f"{element}={names(given[element], request)}")
    for element in ("Action", "NotAction", "Resource", "NotResource"):
        if element in given and given[element] != "*":
            words.append(
                f"{element}={'|'.join(sorted({pattern(v, request, element) for v in listed(given[element])}))}"
            )
    for operator, keys in given.get("Condition", {}).items():
        words += [f"if {operator}({condition(key, values, request)})" for key, values in keys.items()]
    return " ".join(words)


def listed(value):
    return value if isinstance(value, list) else [value]


def names(given, request):
    if given == "*":
        return "*"
    values = [v for value in given.values() for v in listed(value)]
    return "|".join(sorted({named(v, request["principal"]) for v in values}))


def named(value, asking):
    if value == asking:
        return "itself"
    if re.fullmatch(r"\d{12}|arn:aws:iam::\d{12}:root", value):
        return "its account" if value.split(":")[4 if ":" in value else 0] in asking else "an account"
    return value if value == "*" else principal(value)


def pattern(value, request, element):
    asked = request["action" if element.endswith("Action") else "resource"]
    if value in (asked, "*"):
        return "exact" if value == asked else "*"
    if element.endswith("Action"):
        return "pattern" if wild(value) else "name"
    return resource(value)


def wild(text):
    return "variable" if "${" in text else "wildcard" if "*" in text or "?" in text else None


def resource(value):
    """An ARN by its length, and by where in it there is something to be filled in."""
    parts = re.split(r":(?![^{]*})", value, maxsplit=5)
    if len(parts) < 6:
        return f"{len(parts)} segments" + (f" with {wild(value)}" if wild(value) else "")
    type_of, _, name = re.sub("[:/]", "\0", parts[5], count=1).partition("\0")
    places = {"head": ":".join(parts[:5]), "type" if name else "tail": type_of, "name": name}
    found = [f"{wild(text)} in {place}" for place, text in places.items() if wild(text)]
    return " and ".join(found) or "another"


def condition(key, values, request):
    given = {k.lower(): v for k, v in request["context"].items()}.get(key.lower())
    state = "absent" if given is None else "empty" if not given else "present" if any(given) else "empty string"
    words = ["list" if key.lower() in {k.lower() for k in LISTS} else "single", state]
    words += ["with variable"] if any("${" in str(v) for v in listed(values)) else []
    return " ".join(words)
